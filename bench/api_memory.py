"""What the API adds to a web process by being imported."""

import os
import subprocess
import sys

from bench.measuring import ROOT, Table

#: What config/urls.py imports besides, then the API with its schemas, then its description.
STEPS = """
import gc, os
def resident():
    gc.collect()
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
import django
django.setup()
from django.contrib import admin
admin.autodiscover()
from config import sign_in
from deployments.ops import metrics, readiness
without = resident()
from deployments.api import door
door.api.urls
imported = resident()
door.api.get_openapi_schema()
print(without, imported, resident())
"""


def measure() -> Table:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", STEPS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    without, imported, described = (float(each) for each in done.stdout.split())
    return Table(
        ("memory of a web process, MiB", "resident", "more"),
        [
            ("pages alone", round(without, 1), ""),
            ("with the API", round(imported, 1), round(imported - without, 1)),
            ("once its description was asked for", round(described, 1), round(described - imported, 1)),
        ],
    )
