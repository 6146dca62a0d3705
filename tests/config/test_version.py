"""Which Tealgate it is: written in one place, and told by all that ships."""

import re
import subprocess
import sys
import tomllib

import pytest
from django.test import Client

from config import __version__
from tests.stack_database import ROOT

DOCKERFILES = ("Dockerfile", "nginx/Dockerfile")


def sections() -> list[str]:
    """The changelog's headings, newest first."""
    return re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_project_has_no_version_of_its_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "config.__version__"}


@pytest.mark.parametrize("name", DOCKERFILES)
def test_the_images_are_labelled_with_it(name: str) -> None:
    labels = dict(re.findall(r'(org\.opencontainers\.image\.\w+)="([^"]*)"', (ROOT / name).read_text()))

    assert labels["org.opencontainers.image.version"] == __version__
    assert {"org.opencontainers.image.title", "org.opencontainers.image.licenses"} < set(labels)


def test_the_changelog_has_it_below_what_is_to_come() -> None:
    to_come, newest, *_ = sections()

    assert to_come == "Unreleased"
    assert re.fullmatch(re.escape(__version__) + r" – \d{4}-\d{2}-\d{2}", newest)


def test_a_load_balancer_and_people_are_told_it_by_the_health_check(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.content, answer.headers["Tealgate-Version"]) == (b"ok\n", __version__)


def test_manage_py_tells_it() -> None:
    told = subprocess.check_output([sys.executable, "manage.py", "--version"], cwd=ROOT, text=True)

    assert told.startswith(f"Tealgate {__version__}, with Django 5.")
