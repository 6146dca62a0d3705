#!/usr/bin/env python
import gc
import os
import sys

import django

from config import __version__


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    if sys.argv[1:] == ["--version"]:  # Django would tell its own
        print(f"Tealgate {__version__}, with Django {django.__version__}")
        return
    gc.disable()  # until `deployments.apps`: what is imported stays, and looking through it takes a fifth of the start
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
