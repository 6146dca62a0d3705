import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.forkserver import TEALGATE, forkserver
from tests.stack_database import database


class Upgraded:
    """An installation whose database was made by an earlier version."""

    def __init__(self, version: str, home: Path) -> None:
        self.database, self.log = database(home), home / "log"
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.database.url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        }
        self.run("-m", "tests.upgrade.old_release", version)

    def run(self, *words: str) -> str:
        """What it printed; it begins with what is imported already."""
        with self.log.open("ab") as log:
            process = forkserver(*TEALGATE).start(words, self.environment, log, talks=True)
        assert process.stdin is not None and process.stdout is not None
        with process.stdin, process.stdout:
            printed = process.stdout.read().decode()
        assert process.wait() == 0, self.log.read_text()
        return printed

    @cached_property
    def seen(self) -> dict[str, Any]:
        """What `look.py` sees, looked at once."""
        found: dict[str, Any] = json.loads(self.run("-m", "tests.upgrade.look"))
        return found
