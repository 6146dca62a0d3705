import json
import os
import subprocess
import sys
from pathlib import Path

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

    def ask(self, code: str) -> object:
        """What a program prints in the project's shell, as JSON."""
        return json.loads(self.run("manage.py", "shell", "--verbosity", "0", "-c", f"import json\n{code}"))
