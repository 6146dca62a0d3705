#!/bin/sh
# Makes what compose.yaml needs: .secrets/compose/ with one file for each secret, and .env with the host's name.
# What exists is kept, so that it may be run again; TLS files are to be replaced by those of your certificate authority.
#
#   secret_key           signs sessions and tasks. Issued by: this script.
#   database_password    PostgreSQL's. Issued by: this script. database_url holds it once more.
#   tls_certificate, tls_key   PEM. Issued by: your certificate authority; until then self-signed, for a year.
set -eu
host="${1:-}"
case "$host" in
    '' | *[!A-Za-z0-9.-]*)
        echo "Usage: $0 HOST, the host name that people will type. Example: tealgate.example.com" >&2
        exit 64
        ;;
esac
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
if [ ! -s tls_certificate ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
        -keyout tls_key -out tls_certificate 2>/dev/null
    echo "made .secrets/compose/tls_certificate and tls_key: self-signed, to be replaced"
fi
# The folder is closed to others; the users inside of the containers have other numbers and read single files.
chmod 644 secret_key database_password database_url tls_certificate tls_key
cd ../..
[ -s .env ] || echo "TEALGATE_HOST=$host" >.env
echo "Now: docker compose up --build --detach --wait"
