#!/bin/sh
# Makes what compose.yaml needs: .secrets/compose/ with one file for each secret, and .env with the host's name.
# What exists is kept, so that it may be run again, with another host too: then .env names that one, and a certificate
# that was made here is made anew. TLS files are to be replaced by those of your certificate authority.
#
#   secret_key           signs sessions and tasks. Issued by: this script.
#   database_password    PostgreSQL's. Issued by: this script. database_url holds it once more.
#   tls_certificate, tls_key   PEM. Issued by: your certificate authority; until then self-signed, for a year.
set -eu
# Browsers send names in small letters, and forms are taken from exactly that address.
host="$(printf '%s' "${1:-}" | tr 'A-Z' 'a-z')"
address="${host#\[}"
address="${address%\]}"
case "$host" in
    \[*:*\]) case "$address" in *[!0-9a-f:.]*) host='' ;; esac; kind=IP ;;
    '' | *[!a-z0-9.-]*) host='' ;;
    *[!0-9.]*) kind=DNS ;;
    *) kind=IP ;;
esac
if [ -z "$host" ]; then
    echo "Usage: $0 HOST, the host name or address that people will type, IPv6 in brackets. Examples: tealgate.example.com, 10.0.0.5" >&2
    exit 64
fi
cd "$(dirname "$0")/.."
umask 077
mkdir -p .secrets/compose
cd .secrets/compose

make() { # NAME: from standard input, unless it exists
    if [ -s "$1" ]; then cat >/dev/null; else cat >"$1" && echo "made .secrets/compose/$1"; fi
}

openssl rand -base64 48 | make secret_key
openssl rand -hex 24 | make database_password
printf 'postgres://tealgate:%s@postgres:5432/tealgate\n' "$(cat database_password)" | make database_url

maker="made by compose.sh"
about() { openssl x509 -in tls_certificate -noout "$@"; }
is_for_host() {
    case "$kind" in
        IP) about -checkip "$address" ;;
        DNS) about -checkhost "$host" ;;
    esac | grep -q 'does match'
}
if [ -s tls_certificate ] && ! is_for_host; then
    if about -subject | grep -q "$maker"; then
        rm tls_certificate
    else
        echo ".secrets/compose/tls_certificate is not for $host: replace it and tls_key, or remove both and run this again."
    fi
fi
if [ ! -s tls_certificate ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/O=Tealgate/CN=$maker" \
        -addext "subjectAltName=$kind:$address" -keyout tls_key -out tls_certificate 2>/dev/null
    echo "made .secrets/compose/tls_certificate and tls_key for $host: self-signed, to be replaced"
fi
# The folder is closed to others; the users inside of the containers have other numbers and read single files.
chmod 644 secret_key database_password database_url tls_certificate tls_key
cd ../..

line="TEALGATE_HOST=$host"
if ! grep -qxF "$line" .env 2>/dev/null; then
    { grep -v '^TEALGATE_HOST=' .env 2>/dev/null || true; echo "$line"; } >.env.new
    mv .env.new .env
    echo "wrote $line to .env"
fi
echo "Now: docker compose up --build --detach --wait"
