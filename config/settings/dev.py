"""For working on Tealgate itself."""

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, LOG_LEVEL, read
from deployments import logs

DEBUG = True
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]  # for manage.py seed_demo
#: Signs sessions and tasks.
SECRET_KEY = read.text("SECRET_KEY", "dev-only", example="anything")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

#: One JSON object a line, or lines for people.
LOG_FORMAT = read.choice("LOG_FORMAT", "text", ("json", "text"))
LOGGING = logs.configure(form=LOG_FORMAT, level=LOG_LEVEL, secrets=read.secrets)

read.finish()
