"""Settings that every way of running shares. Everything that differs comes from the environment.

A module that builds on this one reads its own settings and then calls `read.finish()`, which ends start-up
with a sentence for each setting that is missing or malformed.
"""

import os
from pathlib import Path

from config import __version__
from config.settings.connections import over_the_network
from config.settings.keys import registry_secrets, sealing_keys, webhook_secrets
from config.settings.look import LOADERS, LOGIN_REDIRECT_URL, LOGIN_URL, STATICFILES_DIRS, UNFOLD  # noqa: F401 - settings
from config.settings.mail import mail_server
from config.settings.passwords import rotating
from config.settings.queue import events_queue, queue_settings
from config.settings.reading import Reader
from config.settings.teams import teams
from deployments import logs

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# .secrets/production.env for config.settings.production and so on.
read = Reader.from_environment(
    BASE_DIR / ".secrets" / f"{os.environ.get('DJANGO_SETTINGS_MODULE', '').rpartition('.')[2]}.env"
)

VERSION = __version__
DEBUG = False
DEMO = False
# Of the demo: (name, what they do) of who can sign in, by which password
DEMO_PEOPLE: tuple[tuple[str, str], ...] = ()
DEMO_PASSWORD = ""
# Whether people reach it without HTTPS, which every page says then
PLAIN_HTTP = False
ALLOWED_HOSTS: list[str] = []
SITE_URL = read.address("SITE_URL", "http://localhost:8000")

# What /healthz says of itself, beside that it answers.
HEALTH_HEADERS = {"Tealgate-Version": VERSION}

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.simple_history",
    # config.urls looks for the pages, so that a worker, which has none, does not hold them.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "axes",
    "django_q",
    "deployments",
    # Behind, because of two commands of one name the one of the app in front is run, and ours tell the log.
    "django.contrib.auth",
]

MIDDLEWARE = [
    # First, so that a load balancer's health check needs neither the right host name nor HTTPS.
    "config.hosts.health_check",
    "deployments.ops.request_log.request_log",
    "config.language.reader_language",
    "deployments.api.head.head",
    "deployments.api.problems_only.problems_only",
    "deployments.ops.away_page.AwayPage",
    "django.middleware.security.SecurityMiddleware",
    "config.security.content_security_policy",
    "config.security.no_null_characters",
    "config.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.signed_out.not_done",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]

# Ten wrong passwords for one name from one address close the door for a quarter of an hour. So do thirty from one
# address, which an office may share, and twenty for one name from addresses where it never signed in.
AXES_HANDLER = "config.sign_in.Handler"
AXES_FAILURE_LIMIT = 10
SIGN_IN_FAILURES_BY_ADDRESS = 30
SIGN_IN_FAILURES_BY_NAME = 20
AXES_COOLOFF_TIME = 0.25
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "deployments.ops.client_address.client_network"
AXES_COOLOFF_MESSAGE = (
    "Too many wrong passwords. Try again in a quarter of an hour; an administrator opens the door at once by deleting "
    "what stands under Sign-in attempts."
)
# Kept out of what is recorded of an attempt.
AXES_SENSITIVE_PARAMETERS = [
    "username", "ip_address", "old_password", "new_password1", "new_password2", "csrfmiddlewaretoken",
]  # fmt: skip
AXES_VERBOSE = False
#: How many proxies stand in front; each appends the address it saw to X-Forwarded-For.
PROXY_COUNT = 0

CSRF_FAILURE_VIEW = "config.security.csrf_failure"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": LOADERS,
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

#: Where everything is kept. SQLite suits one host, PostgreSQL a team.
#: Default: `sqlite:///db.sqlite3`, beside `manage.py`
DATABASES = {"default": read.database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
#: User and password of PostgreSQL, for an address without them, in RDS's own form. An ARN of Secrets Manager, or
#: the file that `DATABASE_SECRET_FILE` names, is read again when the database refuses the password: rotate it freely.
DATABASE_SECRET = read.secret(
    "DATABASE_SECRET", "", example="arn:aws:secretsmanager:eu-central-1:123456789012:secret:tealgate-db"
)
rotating(read, DATABASES["default"], DATABASE_SECRET)
# Tasks ask the queue ten times a second.
DATABASES["default"].update(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes the write lock at once instead of failing half way.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    )
else:
    over_the_network(read, DATABASES["default"])

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
# Each room has a catalog of its own.
LOCALE_PATHS = [
    *sorted(str(path) for path in (BASE_DIR / "deployments").glob("*/locale")),
    *(str(BASE_DIR / folder / "locale") for folder in ("deployments", "config", "templates")),
]
MESSAGE_STORAGE = "deployments.admin.spoken.Answers"
#: For dates outside of the browser; pages show the reader's own time.
TIME_ZONE = read.time_zone("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

_ROLES = "arn:aws:iam::*:role/tealgate-*,arn:aws:iam::123456789012:role/deployer"

Q_CLUSTER = queue_settings(read)
#: Where AWS tells of alarms and tasks, as (region, name); None: AWS is asked.
EVENTS_QUEUE = events_queue(read)

#: The roles that environments may name; * stands for anything but a colon.
AWS_ROLE_ARNS = read.words("AWS_ROLE_ARNS", ["arn:*:iam::*:role/tealgate-*"], example=_ROLES)
for _pattern in AWS_ROLE_ARNS:
    if not _pattern.startswith("arn:"):
        read.complain("AWS_ROLE_ARNS", f"has {_pattern!r}", "Each one is the ARN of a role, with * for parts.", _ROLES)

#: How long one claim of a deployment lasts; longer than any task that holds one may run.
LEASE_SECONDS = 90
#: The heartbeat task ends by itself after the first (schedules are only looked at every 30 s, so one comes
#: every 60 to 90 s); django-q2 ends it after the second.
HEARTBEAT_RUN_SECONDS = 120
HEARTBEAT_TIMEOUT_SECONDS = 150

#: How often the worker looks at environments that nobody deploys to, to tell what others have put there, in seconds;
#: 0 = never. Those of one cluster are asked about together.
IDLE_LOOK_SECONDS = read.number("IDLE_LOOK_SECONDS", 600, highest=86_400)

#: What each deployment that is asked for has to pass, in this order; deployments/delivery/admission.py tells how to
#: write another one.
ADMISSION_RULES = [
    "deployments.delivery.admission.may_deploy",
    "deployments.delivery.admission.may_begin_so",
    "deployments.delivery.admission.same_application",
    "deployments.delivery.admission.unlocked",
    "deployments.delivery.admission.not_busy",
    "deployments.delivery.admission.not_moving",
    "deployments.delivery.admission.alone_on_aws",
    "deployments.delivery.admission.gates_can_open",
]
#: Who is handed each event after it was written; deployments/record/outbox.py tells how to write one.
OUTBOX_RECEIVERS = [
    "deployments.telling.forge.receiving.receive",
    "deployments.telling.webhooks.filling.receive",
    "deployments.telling.notifications.receiving.receive",
]

#: Minutes after which those who have not decided at a gate are told that it still waits; 0 = never. An
#: environment may say otherwise.
REMIND_AFTER_MINUTES = read.number("REMIND_AFTER_MINUTES", 60, highest=10_080)
#: Minutes before a gate's time is over at which they are told so; 0 = never. Of a short gate it is the last quarter.
#: An environment may say otherwise.
REMIND_BEFORE_MINUTES = read.number("REMIND_BEFORE_MINUTES", 15, highest=1_440)

REGISTRY_SECRETS, WEBHOOK_SECRETS = registry_secrets(read), webhook_secrets(read)
SEALING_KEYS = sealing_keys(read)
MAIL_URL, MAIL_FROM = mail_server(read)
TEAMS_ISSUER, TEAMS_KEYS_URL, TEAMS_LOGIN_URL, TEAMS_HOSTS = teams(read)
#: Bearer token for `/metrics`; without one only the machine itself may read it.
METRICS_TOKEN = read.secret(
    "METRICS_TOKEN", "", at_least=16, fix="Use at least 16 random characters.",
    example="the output of: openssl rand -hex 32",
)  # fmt: skip

#: Issuers of ID tokens that are asked without TLS, each as its trust names it, to try things out on one machine:
#: whoever is between here and there can make tokens of theirs.
OIDC_PLAIN_ISSUERS = read.words("OIDC_PLAIN_ISSUERS", [], example="http://127.0.0.1:8080")

#: How many clients of the API may wait for a deployment at once in one web process (`?wait=`). They are
#: beside its `WEB_THREADS`, without a connection to the database; more are answered at once, and ask again.
API_WAITING = read.number("API_WAITING", 200, lowest=0, highest=500)

#: How long somebody who signs in at a terminal (`tealgate login`) stays so, in hours.
TERMINAL_HOURS = read.number("TERMINAL_HOURS", 12, lowest=1, highest=720)

#: One JSON object a line, or lines for people.
LOG_FORMAT = read.choice("LOG_FORMAT", "json", ("json", "text"))
#: What is not logged below.
LOG_LEVEL = read.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logs.configure(form=LOG_FORMAT, level=LOG_LEVEL, secrets=read.secrets)
