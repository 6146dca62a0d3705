import json
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.stack_database import ROOT, database


class Upgraded:
    """An installation whose database was made by an earlier version."""

    def __init__(self, version: str, home: Path) -> None:
        self.database = database(home)
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.database.url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        }
        self.run("-m", "tests.upgrade.old_release", version)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @cached_property
    def seen(self) -> dict[str, Any]:
        """What `look.py` sees, looked at once."""
        found: dict[str, Any] = json.loads(self.run("-m", "tests.upgrade.look"))
        return found
