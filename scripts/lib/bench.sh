# A private system that is measured. Sourced by scripts/bench-latency, bench-convergence and bench-load.

# start_bench NAME WORKERS: builds all, and starts the system with so many workers. Sets $bin and $system, the arguments
# that say to a measuring client where it is; see system.sh for the others. Everything stops when the script ends.
start_bench() {
    local name=$1 workers=$2
    root=$PWD
    scripts/setup
    eval "$(scripts/setup --env)"
    bin=$CARGO_TARGET_DIR/release
    cargo build --release --locked --bins
    scripts/services start
    run=$(scripts/services dir)/$name
    mkdir -p "$run"
    set -a
    eval "$(scripts/services env)"
    set +a
    . scripts/lib/system.sh
    trap 'stop_system; scripts/services stop' EXIT
    "$bin/rollcall" migrate
    create_admin
    start_system "$workers"
    system=(--gateway "$gateway" --email "$admin" --password-file "$password_file" --pictures "$root/weights/cache/pictures")
}
