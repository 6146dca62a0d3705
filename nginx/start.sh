#!/bin/sh
# Writes what depends on the place to /tmp/nginx and becomes nginx, which SIGHUP reloads and SIGQUIT drains.
#
#   WEB_ADDRESS       where gunicorn listens: 127.0.0.1:8000, or unix:/run/tealgate/web.sock
#   HEALTH_ADDRESS    where it answers /healthz beside its pages: 127.0.0.1:8001; asked at WEB_ADDRESS if nobody is there
#   SUB_PATH          below which Tealgate is, such as /tealgate, where it shares a host; SITE_URL has it too
#   NGINX_PORT        plain HTTP, 8080
#   NGINX_TLS_PORT    HTTPS, 8443, when there is a certificate
#   TLS_CERTIFICATE_FILE, TLS_KEY_FILE    PEM files; without them nginx speaks plain HTTP only
#   TRUSTED_PROXIES   addresses or networks of the load balancer in front, separated by spaces or commas;
#                     only these are believed about the client's address and scheme
#   NGINX_WORKERS     processes, 2
set -eu

export WEB_ADDRESS="${WEB_ADDRESS:-127.0.0.1:8000}"
export HEALTH_ADDRESS="${HEALTH_ADDRESS:-127.0.0.1:8001}"
port="${NGINX_PORT:-8080}"
tls_port="${NGINX_TLS_PORT:-8443}"
certificate="${TLS_CERTIFICATE_FILE:-}"
key="${TLS_KEY_FILE:-}"
proxies="$(printf '%s' "${TRUSTED_PROXIES:-}" | tr ',' ' ')"
here=/tmp/nginx

refuse() {
    printf 'nginx cannot start: %s\n' "$*" >&2
    exit 78
}

is_number() { case "$1" in '' | *[!0-9]*) return 1 ;; esac; }

is_number "$port" || refuse "NGINX_PORT is no number. Set it to a port above 1023. Example: 8080"
is_number "$tls_port" || refuse "NGINX_TLS_PORT is no number. Set it to a port above 1023. Example: 8443"
is_number "${NGINX_WORKERS:-2}" || refuse "NGINX_WORKERS is no number. Set it to how many cores there are. Example: 2"
case "$WEB_ADDRESS" in
    *[!]A-Za-z0-9.:/_[-]*) refuse "WEB_ADDRESS is no address. Example: 127.0.0.1:8000" ;;
esac
case "$HEALTH_ADDRESS" in
    *[!]A-Za-z0-9.:/_[-]*) refuse "HEALTH_ADDRESS is no address. Example: 127.0.0.1:8001" ;;
esac
sub_path="${SUB_PATH:-}"
case "$sub_path" in
    '') ;;
    */ | *[!A-Za-z0-9._~/-]* | *//*) refuse "SUB_PATH is no path. Set it to one that begins with a slash and ends without. Example: /tealgate" ;;
    /*) ;;
    *) refuse "SUB_PATH is no path. Set it to one that begins with a slash and ends without. Example: /tealgate" ;;
esac
for file in "$certificate" "$key"; do
    [ -z "$file" ] || [ -r "$file" ] || refuse "$file cannot be read. Let it be readable by user $(id -u)."
done
[ -z "$certificate" ] && [ -n "$key" ] && refuse "TLS_CERTIFICATE_FILE is not set. Set it to the certificate of TLS_KEY_FILE."
[ -n "$certificate" ] && [ -z "$key" ] && refuse "TLS_KEY_FILE is not set. Set it to the key of TLS_CERTIFICATE_FILE."

mkdir -p "$here"
: >"$here/real_ip.conf"
: >"$here/trusted.conf"
for proxy in $proxies; do
    case "$proxy" in
        *[!0-9A-Fa-f.:/]*) refuse "TRUSTED_PROXIES has '$proxy'. Set it to addresses or networks. Example: 10.0.0.0/16" ;;
    esac
    case "$proxy" in
        */0 | */0?) [ "${proxy##*/}" -ne 0 ] || refuse "TRUSTED_PROXIES has '$proxy', which is everybody. Name the load balancer's networks. Example: 10.0.0.0/16" ;;
    esac
    echo "set_real_ip_from $proxy;" >>"$here/real_ip.conf"
    echo "$proxy 1;" >>"$here/trusted.conf"
done
printf 'real_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n' >>"$here/real_ip.conf"
[ -n "$proxies" ] || echo "TRUSTED_PROXIES is empty: no load balancer is believed about clients and HTTPS." >&2

# listen PORT [WORDS]: on IPv4, and on IPv6 where there is one.
listen() {
    echo "listen $*;"
    [ ! -s /proc/net/if_inet6 ] || echo "listen [::]:$*;"
}
{
    listen "$port" default_server
    if [ -n "$certificate" ]; then
        listen "$tls_port" ssl default_server
        printf 'ssl_certificate %s;\nssl_certificate_key %s;\n' "$certificate" "$key"
        printf 'ssl_protocols TLSv1.2 TLSv1.3;\nssl_session_cache shared:tls:2m;\nssl_session_tickets off;\n'
    fi
} >"$here/listen.conf"
{
    if [ -n "$sub_path" ]; then
        printf 'location = %s { return 308 %s/; }\n' "$sub_path" "$sub_path"
        printf 'location / { return 404; }\n'
        printf 'location %s/ {\n    rewrite ^%s(/.*)$ $1 break;\n' "$sub_path" "$sub_path"
    else
        printf 'location / {\n'
    fi
    printf '    limit_req zone=requests burst=200 nodelay;\n    proxy_pass http://web;\n}\n'
} >"$here/pages.conf"
echo "worker_processes ${NGINX_WORKERS:-2};" >"$here/workers.conf"
envsubst '$WEB_ADDRESS $HEALTH_ADDRESS' </etc/nginx/tealgate/app.conf.template >"$here/app.conf"

exec nginx -c /etc/nginx/tealgate/nginx.conf -g 'daemon off;'
