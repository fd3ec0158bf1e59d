# Passwords and keys of the private servers, made at the first start. Sourced by scripts/services.

# load_secrets: sets $database_owner_password, $database_password, $broker_password, $redis_password, $broker_cookie,
# $jwt_secret, $template_key and $signing_key.
load_secrets() {
    local file=$state/secrets
    database_owner_password='' database_password='' broker_password='' redis_password='' broker_cookie=''
    jwt_secret='' template_key='' signing_key=''
    if [ ! -f "$file" ]; then
        (umask 077 && make_secrets >"$file.part")
        mv "$file.part" "$file"
    fi
    # shellcheck source=/dev/null
    . "$file"
    # Made before there were receipts.
    if [ -z "$signing_key" ]; then
        signing_key=$(python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')
        echo "signing_key=$signing_key" >>"$file"
    fi
}

make_secrets() {
    python3 - <<'PY'
import base64, secrets

for name in ("database_owner_password", "database_password", "broker_password", "redis_password", "broker_cookie"):
    print(f"{name}={secrets.token_hex(24)}")
print(f"jwt_secret={secrets.token_hex(32)}")
print(f"template_key={base64.b64encode(secrets.token_bytes(32)).decode()}")
print(f"signing_key={base64.b64encode(secrets.token_bytes(32)).decode()}")
PY
}
