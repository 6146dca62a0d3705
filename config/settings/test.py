"""For the tests. Only DATABASE_URL is taken from the environment, so that the suite can run on PostgreSQL."""

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, INSTALLED_APPS, Q_CLUSTER, read
from deployments import logs

# Tests hold connections in many threads, and end with them.
DATABASES["default"].update(CONNECTIONS=0, CONN_MAX_AGE=600)

SECRET_KEY = "test-only"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = []
SITE_URL = "http://testserver"
TIME_ZONE = "UTC"
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]  # for manage.py seed_demo
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
REGISTRY_SECRETS = {}
WEBHOOK_SECRETS = {}
SEALING_KEYS = []
MAIL_URL, MAIL_FROM = "", ""
METRICS_TOKEN = ""
Q_CLUSTER = {key: value for key, value in Q_CLUSTER.items() if key not in ("redis", "sqs")} | {
    "name": "tealgate-test",
    "orm": "default",
}
EVENTS_QUEUE = None
OUTBOX_RECEIVERS = []  # a test that has one names it
AWS_ROLE_ARNS = ["arn:*:iam::*:role/*"]
LOGGING = logs.configure(form="text", level="WARNING")

read.finish()
