"""What `collectstatic` makes, for the programs that take it from there."""

from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

#: As production's, but for compressing each file, which takes ten times as long.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}


def collect(root: Path) -> Path:
    """Into `root`, which is STATIC_ROOT then."""
    with override_settings(STATIC_ROOT=root, STORAGES=STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root
