"""For a team: behind a proxy that ends TLS, with every secret from the environment or from files."""

from pathlib import Path
from urllib.parse import urlsplit

from config import hosts
from config.settings import judging, sqlite
from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR, DATABASES, LOG_FORMAT, LOG_LEVEL, read
from deployments import logs

_HOSTS = "tealgate.example.com"

_SHORTEST_KEY = 50
#: Signs sessions and tasks: the same for web and worker. A new one signs everybody out.
SECRET_KEY = read.secret(
    "SECRET_KEY",
    at_least=_SHORTEST_KEY,
    fix="Set it, or SECRET_KEY_FILE, to at least 50 random characters, the same for web and worker.",
    example="the output of: openssl rand -base64 48",
)
#: Other keys whose signatures are taken too, while a new one is brought in: docs/operations.md says in which order.
_others = read.secret("SECRET_KEY_FALLBACKS", "", example="the key before")
SECRET_KEY_FALLBACKS = [key.strip() for key in _others.split(",") if key.strip()]
read.secrets.update(SECRET_KEY_FALLBACKS)
for _key in SECRET_KEY_FALLBACKS:
    if len(_key) < _SHORTEST_KEY:
        read.complain(
            "SECRET_KEY_FALLBACKS", f"has a key of {len(_key)} characters", "Separate keys by commas.", "two keys"
        )
#: Host names that people type; a task's own addresses on AWS are added.
ALLOWED_HOSTS = read.words("ALLOWED_HOSTS", fix="Set it to the host names that people type.", example=_HOSTS)
judging.host_names(read, "ALLOWED_HOSTS", ALLOWED_HOSTS)
#: The address in links, with the path below which Tealgate is, if it has no host of its own. `http://` is for a private
#: network: cookies come without HTTPS, nobody is sent there, and every page says that it is not encrypted.
#: Default: `https://` and the first host
SITE_URL = read.address("SITE_URL", f"https://{ALLOWED_HOSTS[0].lstrip('.') if ALLOWED_HOSTS else _HOSTS}")
# A load balancer calls a task by its address; /healthz answers anyway, /readyz by these.
ALLOWED_HOSTS += hosts.own_hosts()
_ORIGIN = SITE_URL.removesuffix(urlsplit(SITE_URL).path)
#: Addresses that forms may be sent from. Default: `SITE_URL` without its path
CSRF_TRUSTED_ORIGINS = read.words("CSRF_TRUSTED_ORIGINS", [_ORIGIN], example=f"https://{_HOSTS}")
judging.origins(read, "CSRF_TRUSTED_ORIGINS", CSRF_TRUSTED_ORIGINS)
_SITE = urlsplit(SITE_URL)
if _SITE.path:
    # The proxy in front takes the path away: nginx's SUB_PATH.
    FORCE_SCRIPT_NAME = SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = _SITE.path
    STATIC_URL = f"{_SITE.path}/static/"
_IS_HTTPS = SITE_URL.startswith("https://")
PLAIN_HTTP = not _IS_HTTPS
if "DATABASE_URL" not in read.names and "DATABASE_URL_FILE" not in read.names:
    read.complain(
        "DATABASE_URL",
        "is not set",
        "Name the database; for one host a file will do: sqlite:////var/lib/tealgate/db.sqlite3.",
        "postgres://tealgate:password@db.example.com:5432/tealgate",
    )
else:
    sqlite.on_this_machine(read, DATABASES["default"])

# gunicorn never speaks TLS itself: without a proxy in front there is nothing to redirect to.
#: Proxies in front that set `X-Forwarded-For` and `X-Forwarded-Proto`; 0 for none.
PROXY_COUNT = read.number("PROXY_COUNT", 1, highest=5)
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
#: Send `http://` to `https://`. Default: whether `SITE_URL` is HTTPS
SECURE_SSL_REDIRECT = read.yes_or_no("SECURE_SSL_REDIRECT", _IS_HTTPS)
if SECURE_SSL_REDIRECT and not _IS_HTTPS:
    read.complain(
        "SECURE_SSL_REDIRECT",
        "sends everybody to HTTPS, where SITE_URL says that there is none",
        "Set it to false, or SITE_URL to an https:// address.",
        "false",
    )
SECURE_REDIRECT_EXEMPT = [r"(^|/)metrics$", r"(^|/)readyz$"]  # asked within the private network
#: How long browsers insist on HTTPS, in seconds. Default: 31536000, a year; 0 without HTTPS
SECURE_HSTS_SECONDS = read.number("SECURE_HSTS_SECONDS", 31_536_000 if _IS_HTTPS else 0, highest=63_072_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
# Browsers drop a Secure cookie that comes over plain HTTP, and nobody could sign in.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _IS_HTTPS
SESSION_COOKIE_AGE = 12 * 3600  # a working day

#: Where `collectstatic` puts what pages are made of, and web takes it from. Default: `staticfiles`, beside `manage.py`
STATIC_ROOT = Path(read.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"), example="/var/lib/tealgate/static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

judging.misspelt(read, read.names)
LOGGING = logs.configure(form=LOG_FORMAT, level=LOG_LEVEL, secrets=read.secrets)

read.finish()
