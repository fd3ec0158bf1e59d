# The panel: packages of npm, and the build. Sourced by scripts/setup.

# Node.js that can build it; Debian's own may be too old, so it is not installed from there.
require_node() {
    local version
    version=$(node --version 2>/dev/null || :)
    version=${version#v}
    [ "${version%%.*}" -ge "$needed_node" ] 2>/dev/null ||
        fail "Node.js $needed_node or newer is needed to build the panel, ${version:-none} is there: install it (nodejs.org," \
            "or your distribution), or leave the panel out with --no-panel"
    command -v npm >/dev/null || fail "npm is needed to build the panel: install it beside Node.js, or use --no-panel"
}

# build_panel BUNDLE: into web/dist, unless that is newer than everything it is made of. What npm fetches is kept in
# CACHE/packages/npm; an offline bundle that has such a folder is all that is asked.
build_panel() {
    local web=$root/web fetch=(--cache "$packages/npm" --prefer-offline)
    [ -z "$1" ] || [ ! -d "$1/npm" ] || fetch=(--cache "$1/npm" --offline)
    # A link leads to somebody else's, who looks after them.
    if [ ! -L "$web/node_modules" ] && [ ! "$web/node_modules/.package-lock.json" -nt "$web/package-lock.json" ]; then
        say "fetching the panel's packages"
        (cd "$web" && npm ci --no-audit --no-fund --loglevel=error "${fetch[@]}") >&2 9>&- ||
            fail "npm could not install the panel's packages, see above"
    fi
    if [ -n "$(panel_sources_since "$web/dist/index.html")" ]; then
        say "building the panel"
        (cd "$web" && npm run --silent build) >&2 9>&- || fail "the panel could not be built, see above"
    fi
}

# panel_sources_since FILE: one of the sources that is newer, or `all` where there is no such file.
panel_sources_since() {
    [ -f "$1" ] || {
        echo all
        return
    }
    find "$root/web" -mindepth 1 \( -name node_modules -o -name dist -o -name e2e \) -prune -o -newer "$1" -print -quit
}
