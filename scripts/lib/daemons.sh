# Processes that outlive the script: pid files, ports, starting, waiting, ending. Sourced by scripts/services.
#
# Needs: $state, the folder of pid files, ports and logs. A pid file holds the pid and the time at which the process
# began, so that after a reboot nobody else's process is taken for ours.

fail() {
    echo "services: $*" >&2
    exit 1
}

# find_program NAME: its path; Debian keeps several of them out of PATH.
find_program() {
    local path
    case $1 in
    initdb | postgres | psql)
        path=$(printf '%s\n' /usr/lib/postgresql/*/bin/"$1" | sort -V | tail -n 1)
        ;;
    rabbitmq-server)
        # The one in /usr/sbin insists on the system's user, folders and configuration.
        path=$(printf '%s\n' /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/"$1" | sort -V | tail -n 1)
        ;;
    *) path= ;;
    esac
    if [ -x "$path" ]; then echo "$path"; else command -v "$1"; fi
}

# launch NAME COMMAND...: in the background, free of this terminal, with its output in a log.
launch() {
    local name=$1 pid
    shift
    setsid "$@" </dev/null >>"$state/$name.log" 2>&1 9>&- &
    pid=$!
    # The shell that becomes the process may take a moment to be there.
    echo "$pid $(begin_time "$pid")" >"$state/$name.pid"
    disown "$pid"
}

# begin_time PID: when the process began, in the kernel's ticks; nothing when there is none.
begin_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    # The name, in brackets, may hold spaces: count from behind it. A process that has ended but was not waited for does
    # not count.
    stat=${stat##*) }
    # shellcheck disable=SC2086 # split on purpose
    set -- $stat
    [ "$1" = Z ] || echo "${20}"
}

daemon_pid() {
    local pid
    read -r pid _ <"$state/$1.pid" && echo "$pid"
}

running() {
    local pid began
    [ -f "$state/$1.pid" ] || return 1
    read -r pid began <"$state/$1.pid" || return 1
    [ -n "$began" ] && [ "$(begin_time "$pid")" = "$began" ]
}

signal_daemon() {
    if running "$1"; then kill -s "$2" "$(daemon_pid "$1")"; fi
}

# await_end NAME: until the process is gone; after a minute it is killed.
await_end() {
    local deadline=$((SECONDS + 60))
    while running "$1"; do
        if ((SECONDS > deadline)); then
            echo "services: $1 does not end, killing it" >&2
            signal_daemon "$1" KILL
        fi
        pause
    done
    rm -f "$state/$1.pid"
    if [ "$1" = rabbitmq ] && [ -f "$state/epmd.pid" ]; then
        signal_daemon epmd TERM
        await_end epmd
    fi
}

# await NAME: until the server does what a client asks; shows its log when it does not get there.
await() {
    local deadline=$((SECONDS + 120))
    until "ready_$1"; do
        if ! running "$1" || ((SECONDS > deadline)); then
            tail -n 20 "$state/$1.log" >&2
            fail "$1 did not start; the end of $state/$1.log is above"
        fi
        pause
    done
}

# A tenth of a second, without a process.
pause() {
    read -rt 0.1 <> <(:) || :
}

# port_of NAME: the port chosen for it.
port_of() {
    sed -n "s/^$1=//p" "$state/ports"
}

# claim_ports SERVICE: keeps the ports chosen at an earlier start, or chooses when there are none or somebody took them.
# They lie below those that the kernel gives to outgoing connections, so that a restart finds them free.
claim_ports() {
    local names=("$1")
    [ "$1" != rabbitmq ] || names=(rabbitmq rabbitmq_distribution epmd)
    python3 - "$state/ports" "${names[@]}" <<'PY'
import os, random, socket, sys

path, names = sys.argv[1], sys.argv[2:]
ports = {}
if os.path.exists(path):
    with open(path) as file:
        ports = {name: int(port) for name, port in (line.split("=") for line in file)}


def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


for name in names:
    while name not in ports or not free(ports[name]):
        if name in ports:
            print(f"services: port {ports[name]} was taken by somebody else, {name} gets another", file=sys.stderr)
        candidate = random.randrange(16000, 25000)
        if candidate not in ports.values() and free(candidate):
            ports[name] = candidate

with open(f"{path}.part", "w") as file:
    file.writelines(f"{name}={port}\n" for name, port in ports.items())
os.replace(f"{path}.part", path)
PY
}
