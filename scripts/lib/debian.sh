# Debian packages. Sourced by scripts/setup.

# install_debian_packages "NAME NAME...": those that are not installed. Services that they bring are not started.
install_debian_packages() {
    local name missing=()
    command -v dpkg-query >/dev/null || fail "this is no Debian: install by other means what stands for: $1"
    for name in $1; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            fail "these Debian packages are missing; as root run: apt-get install --no-install-recommends ${missing[*]}"
        fi
        as_root=(sudo)
    fi
    say "installing Debian packages: ${missing[*]}"
    "${as_root[@]}" bash "$root/scripts/lib/apt-install" "${missing[@]}" 9>&- ||
        fail "apt-get could not install ${missing[*]}; the reason is above"
}
