"""From the last release to today's: every row is kept and read, and nothing of the log is altered by it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack_database import ROOT, database
from tests.upgrade import old_release

RELEASES = sorted(old_release.MIGRATIONS)
#: What the upgrade itself tells: of each role's new rights, in the chain of people.
TOLD = {"deployments.Event": 4, "deployments.EventChain": 1}


class Upgraded:
    """An installation whose database was made by an earlier release."""

    def __init__(self, release: str, home: Path) -> None:
        self.database = database(home)
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.database.url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        }
        self.run("-m", "tests.upgrade.old_release", release)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, code: str) -> object:
        """What a program prints in the project's shell, as JSON."""
        return json.loads(self.run("manage.py", "shell", "--verbosity", "0", "-c", f"import json\n{code}"))


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def upgraded(release: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    made = Upgraded(release, tmp_path_factory.mktemp("upgrade"))
    yield made
    made.database.drop()


def test_every_row_is_still_there(upgraded: Upgraded, release: str) -> None:
    counted = upgraded.ask(
        "from django.apps import apps\n"
        "print(json.dumps({m._meta.label: m._default_manager.count() for m in apps.get_models(True)}))"
    )

    kept = {label: len(rows) for label, rows in old_release.rows(release).items()}
    assert isinstance(counted, dict)
    assert {label: counted[label] - TOLD.get(label, 0) for label in kept} == kept


def test_the_log_is_as_it_was_written(upgraded: Upgraded) -> None:
    assert "186 events in 12 chains: all intact." in upgraded.run("manage.py", "verify_events")
    told = upgraded.ask(
        "from deployments.record.models import Event\n"
        "print(json.dumps([*Event.objects.filter(chain__name='people').values_list('kind', flat=True)]))"
    )
    assert told == ["group.completed"] * TOLD["deployments.Event"]


def test_every_deployment_is_read_and_shown(upgraded: Upgraded) -> None:
    """What an engine would decide on, and the page; of those under way too."""
    answers = upgraded.ask(
        "from django.contrib.auth.models import User\n"
        "from django.test import Client\n"
        "from deployments.delivery.engine import snapshots\n"
        "from deployments.delivery.models import Deployment\n"
        "client = Client(HTTP_HOST='testserver')\n"
        "client.force_login(User.objects.get(username='viewer'))\n"
        "taken = [snapshots.take(each).step.stage for each in Deployment.objects.all() if not each.is_terminal]\n"
        "pages = {each.pk: client.get(f'/deployments/deployment/{each.pk}/change/').status_code"
        " for each in Deployment.objects.all()}\n"
        "board = client.get('/').status_code\n"
        "print(json.dumps({'taken': len(taken), 'pages': pages, 'board': board}))"
    )

    assert answers == {"taken": 3, "pages": {str(pk): 200 for pk in range(1, 12)}, "board": 200}
