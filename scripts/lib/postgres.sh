# The private Postgres: TCP on loopback only, a password for everybody. Sourced by scripts/services.
#
# The role `rollcall` owns the database `rollcall` and may create others (the tests do).

begin_postgres() {
    if [ ! -d "$state/postgres/data" ]; then create_cluster; fi
    # Resolved: where a link leads elsewhere, the server cannot follow it.
    local data
    data=$(realpath "$state/postgres")/data
    await_last_postmaster "$data/postmaster.pid"
    local options=(
        -D "$data" -p "$(port_of postgres)"
        -c listen_addresses=127.0.0.1
        # No socket: its path would have to fit in 107 bytes.
        -c unix_socket_directories=
        -c max_connections=300
        -c log_min_messages=warning
        -c log_checkpoints=off
    )
    if [ "$(cat "$state/fast")" = yes ]; then
        options+=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
    fi
    as_postgres launch postgres "$(find_program postgres)" "${options[@]}"
}

# await_last_postmaster FILE: a server that was killed leaves its pid there, and the next one refuses to start for as long
# as that process is in the process table, though it be dead. Not for ever: after a reboot the pid may be somebody else's.
await_last_postmaster() {
    local deadline=$((SECONDS + 10)) pid=''
    if [ -f "$1" ]; then read -r pid <"$1"; fi
    while [ -n "$pid" ] && [ -d "/proc/$pid" ] && ((SECONDS < deadline)); do pause; done
}

# Whole or not at all: an interrupted one is begun again.
create_cluster() {
    local home=$state/postgres password
    if [ ! -e "$home" ]; then
        if [ "$(id -u)" != 0 ]; then
            mkdir -p "$home"
        elif mkdir "$home" && chown postgres "$home" && as_postgres test -x "$home"; then
            :
        else
            rmdir "$home"
            local elsewhere
            elsewhere=$(postgres_elsewhere)
            mkdir -p "$elsewhere"
            chown postgres "$elsewhere"
            ln -s "$elsewhere" "$home"
            echo "the user postgres cannot reach $run: the data of Postgres goes to $elsewhere"
        fi
        chmod 700 "$home/"
    fi
    home=$(realpath "$home")
    rm -rf "$home/data.part"
    password=$home/owner.password
    (umask 077 && printf '%s\n' "$database_owner_password" >"$password")
    [ "$(id -u)" != 0 ] || chown postgres "$password"
    as_postgres "$(find_program initdb)" --pgdata="$home/data.part" --username=owner --pwfile="$password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-instructions >>"$state/postgres.log" 2>&1 ||
        fail "initdb failed, see $state/postgres.log"
    rm "$password"
    mv "$home/data.part" "$home/data"
}

postgres_elsewhere() {
    echo "/var/lib/rollcall/postgres-$(printf '%s' "$run" | sha256sum | cut -c1-12)"
}

# as_postgres [launch NAME] COMMAND...: as root, with the rights of the user postgres (the server refuses root's).
as_postgres() {
    local prefix=()
    if [ "$1" = launch ]; then
        prefix=(launch "$2")
        shift 2
    fi
    if [ "$(id -u)" = 0 ]; then
        prefix+=(setpriv --reuid=postgres --regid=postgres --init-groups)
    fi
    (cd / && "${prefix[@]}" "$@")
}

ready_postgres() {
    ask_postgres "SELECT 1" >/dev/null 2>&1 && ensure_role
}

ensure_role() {
    local databases
    databases=$(ask_postgres "SELECT count(*) FROM pg_database WHERE datname = 'rollcall'") || return 1
    [ "$databases" = 0 ] || return 0
    ask_postgres "DO \$\$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rollcall') THEN
            CREATE ROLE rollcall LOGIN CREATEDB PASSWORD '$database_password';
        END IF;
    END \$\$" && ask_postgres "CREATE DATABASE rollcall OWNER rollcall"
}

# The statement goes through standard input: arguments are everybody's to read.
ask_postgres() {
    PGPASSWORD=$database_owner_password PGCONNECT_TIMEOUT=5 "$(find_program psql)" --no-psqlrc --quiet --tuples-only \
        --no-align --set ON_ERROR_STOP=1 -h 127.0.0.1 -p "$(port_of postgres)" -U owner -d postgres <<<"$1"
}
