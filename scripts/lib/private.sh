# A system of its own that browsers look at: a database and a namespace nobody else has, so that it may run beside others.
# Sourced by scripts/panel-tests and scripts/screenshots.

# begin_private NAME BIN WORKERS: starts it with the binaries in the folder BIN; everything ends, and the database goes,
# when the script does. Sets $run, a new folder for what is left behind, and the environment that web/e2e reads.
begin_private() {
    local name=$1
    bin=$2
    [ -f web/dist/index.html ] || {
        echo "$name: the panel is not built: scripts/setup" >&2
        exit 1
    }
    run=$(scripts/services dir)/$name
    rm -rf "$run"
    mkdir -p "$run"
    set -a
    eval "$(scripts/services env)"
    set +a
    . scripts/lib/system.sh
    server=${ROLLCALL_DATABASE__URL%/*}
    own=${name//-/_}_$$
    psql=$(printf '%s\n' /usr/lib/postgresql/*/bin/psql | sort -V | tail -n 1)
    trap end_private EXIT
    private_sql "CREATE DATABASE $own"
    export ROLLCALL_DATABASE__URL=$server/$own ROLLCALL_DEPLOYMENT__NAMESPACE=$own
    export ROLLCALL_BROKER__QUEUE_EXPIRES_MS=600000 ROLLCALL_PANEL__FOLDER=$root/web/dist
    "$bin/rollcall" migrate
    create_admin
    start_system "$3"
    export ROLLCALL_GATEWAY=$gateway ROLLCALL_ADMIN=$admin ROLLCALL_ADMIN_PASSWORD_FILE=$password_file
    export ROLLCALL_PICTURES=$run ROLLCALL_PSQL=$psql
}

end_private() {
    stop_system
    private_sql "DROP DATABASE IF EXISTS $own WITH (FORCE)"
}

private_sql() {
    "$psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$server/postgres" <<<"$1"
}
