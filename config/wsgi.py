import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
application = get_wsgi_application()

# Now, and not at the first request: gunicorn's processes share what was there before they were forked.
import_module(settings.ROOT_URLCONF)
gc.freeze()
