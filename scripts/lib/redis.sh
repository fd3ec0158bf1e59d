# The private Redis. Sourced by scripts/services.

begin_redis() {
    local home=$state/redis
    mkdir -p "$home"
    chmod 700 "$home"
    (
        umask 077
        cat >"$home/redis.conf" <<CONF
bind 127.0.0.1
port $(port_of redis)
requirepass $redis_password
dir $home
daemonize no
loglevel warning
save 900 1
CONF
    )
    launch redis "$(find_program redis-server)" "$home/redis.conf"
}

ready_redis() {
    REDIS_PASSWORD=$redis_password python3 - "$(port_of redis)" <<'PY' 2>/dev/null
import os, socket, sys

connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
connection.sendall(f"AUTH {os.environ['REDIS_PASSWORD']}\r\nPING\r\n".encode())
answers = connection.makefile("rb")
sys.exit(answers.readline() + answers.readline() != b"+OK\r\n+PONG\r\n")
PY
}
