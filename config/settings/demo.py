"""For `make demo`: everything on this machine, nothing to configure. The launcher in demo/ sets the variables."""

from config.demo_people import PASSWORD, PEOPLE
from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, LOG_LEVEL, read
from deployments import logs

DEMO = True
DEMO_PEOPLE, DEMO_PASSWORD = PEOPLE, PASSWORD
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]  # for manage.py seed_demo, and its pages
ROOT_URLCONF = "demo.urls"
SECRET_KEY = read.secret("SECRET_KEY", fix="Start the demo with `make demo`, which makes one.", example="make demo")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
AUTH_PASSWORD_VALIDATORS = []  # the demo's people have a password that everybody knows

# No collectstatic: files are served from where they lie.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True

LOGGING = logs.configure(form="text", level=LOG_LEVEL, secrets=read.secrets)

read.finish()
