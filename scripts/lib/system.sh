# Starts and stops the processes of one Rollcall on this machine. Sourced by scripts/demo and scripts/lib/bench.sh.
#
# Needs: $root (the checkout), $bin (folder of the binaries), $run (folder for logs and secrets), and the
# environment of `scripts/services env`.

pids=()

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start NAME COMMAND...: runs it in the background with its log in $run/log/NAME.log.
start() {
    local name=$1
    shift
    "$@" >"$run/log/$name.log" 2>&1 &
    pids+=($!)
    echo "  $name (pid $!, log $run/log/$name.log)"
}

# wait_ready NAME URL: until the process says that it is ready; shows its log when it does not get there.
wait_ready() {
    local name=$1 url=$2 deadline=$((SECONDS + 90))
    until python3 - "$url" <<'PY' 2>/dev/null; do
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=5).read()
PY
        if ((SECONDS > deadline)); then
            echo "$name did not become ready at $url; the end of its log:" >&2
            tail -n 20 "$run/log/$name.log" >&2
            return 1
        fi
        read -rt 0.2 <> <(:) || :
    done
}

# start_system WORKERS: gateway, workers and scheduler; sets $gateway to the gateway's address.
start_system() {
    local workers=$1 port worker
    local threads=$(($(nproc) / workers))
    mkdir -p "$run/log" "$run/snapshots"
    export ROLLCALL_VISION__WEIGHTS="$root/weights" ROLLCALL_INDEX__SNAPSHOTS="$run/snapshots"
    # Threads that share an operation stop spinning for each other soon (docs/OPERATIONS.md).
    export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-20000}
    port=$(free_port)
    gateway="http://127.0.0.1:$port"
    ROLLCALL_HTTP__BIND="127.0.0.1:$port" start gateway "$bin/gateway"
    wait_ready gateway "$gateway/readyz"
    for worker in $(seq "$workers"); do
        port=$(free_port)
        ROLLCALL_HEALTH__BIND="127.0.0.1:$port" ROLLCALL_VISION__THREADS=$((threads > 0 ? threads : 1)) \
            start "worker-$worker" "$bin/worker"
        wait_ready "worker-$worker" "http://127.0.0.1:$port/readyz"
    done
    port=$(free_port)
    ROLLCALL_HEALTH__BIND="127.0.0.1:$port" start scheduler "$bin/scheduler"
    wait_ready scheduler "http://127.0.0.1:$port/readyz"
}

# create_admin: makes an administrator of the installation; sets $admin and $password_file.
create_admin() {
    admin="admin-$(date -u +%Y%m%d-%H%M%S)@demo.example"
    password_file="$run/admin.password"
    (umask 077 && python3 -c 'import secrets; print(secrets.token_urlsafe(18))' >"$password_file")
    "$bin/rollcall" create-admin --email "$admin" <"$password_file"
}

stop_system() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || :; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || :; done
    pids=()
}
