# The private RabbitMQ: its own name server (epmd), cookie, home and configuration. Sourced by scripts/services.

begin_rabbitmq() {
    local home=$state/rabbitmq epmd_port
    epmd_port=$(port_of epmd)
    mkdir -p "$home/home" "$home/log"
    chmod 700 "$home"
    (
        umask 077
        if [ ! -f "$home/home/.erlang.cookie" ]; then
            printf '%s' "$broker_cookie" >"$home/home/.erlang.cookie"
            chmod 400 "$home/home/.erlang.cookie"
        fi
        rabbitmq_configuration >"$home/rabbitmq.conf"
        echo "[]." >"$home/enabled_plugins"
        : >"$home/rabbitmq-env.conf"
    )
    running epmd || ERL_EPMD_ADDRESS=127.0.0.1 launch epmd "$(find_program epmd)" -port "$epmd_port"
    # Set, the start script becomes the server instead of watching over it, so that the pid is the server's.
    # The flags after +sbw keep idle schedulers from spinning, which costs a small machine dearly.
    launch rabbitmq env \
        RUNNING_UNDER_SYSTEMD=true \
        HOME="$home/home" \
        ERL_EPMD_ADDRESS=127.0.0.1 \
        ERL_EPMD_PORT="$epmd_port" \
        RABBITMQ_CONF_ENV_FILE="$home/rabbitmq-env.conf" \
        RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" \
        RABBITMQ_ADVANCED_CONFIG_FILE="$home/advanced.config" \
        RABBITMQ_GENERATED_CONFIG_DIR="$home/generated" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" \
        RABBITMQ_MNESIA_BASE="$home/mnesia" \
        RABBITMQ_LOG_BASE="$home/log" \
        RABBITMQ_PID_FILE="$home/server.pid" \
        RABBITMQ_NODENAME=rollcall@localhost \
        RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
        RABBITMQ_NODE_PORT="$(port_of rabbitmq)" \
        RABBITMQ_DIST_PORT="$(port_of rabbitmq_distribution)" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none" \
        "$(find_program rabbitmq-server)"
}

rabbitmq_configuration() {
    cat <<CONF
listeners.tcp.1 = 127.0.0.1:$(port_of rabbitmq)
default_user = rollcall
default_pass = $broker_password
disk_free_limit.absolute = 64MB
log.console = false
log.file.level = warning
CONF
}

# The port opens before users are there: ready is when a client's log-in is answered with an open connection.
ready_rabbitmq() {
    BROKER_PASSWORD=$broker_password python3 - "$(port_of rabbitmq)" <<'PY' 2>/dev/null
import os, socket, struct, sys


def short(text):
    return bytes([len(text)]) + text


def long(text):
    return struct.pack(">I", len(text)) + text


def send(method, arguments):
    payload = struct.pack(">HH", 10, method) + arguments
    connection.sendall(struct.pack(">BHI", 1, 0, len(payload)) + payload + b"\xce")


def expect(method):
    header = stream.read(7)
    payload = stream.read(struct.unpack(">BHI", header)[2] + 1)
    if struct.unpack(">HH", payload[:4]) != (10, method):
        sys.exit(1)
    return payload[4:]


connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
stream = connection.makefile("rb")
connection.sendall(b"AMQP\x00\x00\x09\x01")
expect(10)
credentials = b"\x00rollcall\x00" + os.environ["BROKER_PASSWORD"].encode()
send(11, long(b"") + short(b"PLAIN") + long(credentials) + short(b"en_US"))
limits = expect(30)[:8]
send(31, limits)
send(40, short(b"/") + short(b"") + b"\x00")
expect(41)
send(50, struct.pack(">H", 200) + short(b"") + struct.pack(">HH", 0, 0))
expect(51)
PY
}
