"""What pages are made of: whether it was collected, and what is answered for a file of another version."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client
from pytest_django import Settings

from deployments.ops import collected, readiness, system_checks
from tests.config.test_start import GOOD, ROOT
from tests.static_files import STORAGES

WEB = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.conf.py", "config.wsgi"]
STYLE = "tealgate/base.css"


class Answer(NamedTuple):
    status: int
    kept: str
    kind: str
    text: str


Asking = Callable[[str], Answer]


def asking() -> Asking:
    client = Client()  # by the middleware as settings have it now

    def ask(path: str) -> Answer:
        response = client.get(path)
        said = b"".join(response).decode()
        return Answer(response.status_code, response.get("Cache-Control", ""), response.get("Content-Type", ""), said)

    return ask


@pytest.fixture
def serve_from(settings: Settings) -> Callable[[Path], None]:
    """As production's settings have it."""

    def told(root: Path) -> None:
        settings.STATIC_ROOT, settings.STORAGES = root, STORAGES
        settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False

    return told


@pytest.fixture
def ask(serve_from: Callable[[Path], None], static_root: Path) -> Asking:
    serve_from(static_root)
    return asking()


def test_files_that_were_never_collected_are_told_with_the_command(
    serve_from: Callable[[Path], None], tmp_path: Path
) -> None:
    serve_from(tmp_path)

    (found,) = system_checks.static_files(None)

    assert found.id == "tealgate.E006"
    assert found.msg == f"STATIC_ROOT ({tmp_path}) has none of the files that pages name."
    assert "manage.py collectstatic" in str(found.hint)
    assert "collectstatic" in readiness.Look()._static_files()


def test_collected_files_are_in_order(serve_from: Callable[[Path], None], static_root: Path) -> None:
    serve_from(static_root)

    assert (system_checks.static_files(None), readiness.Look()._static_files()) == ([], "ok")


def test_files_of_another_version_are_told_by_name(
    serve_from: Callable[[Path], None], static_root: Path, tmp_path: Path
) -> None:
    before = shutil.copytree(static_root, tmp_path / "before")
    (before / STYLE).write_text("/* as it was */")
    serve_from(before)
    assert re.fullmatch(
        rf"has the files of another version: 1 of \d+ are not this one's, such as {STYLE}", collected.trouble()
    )

    manifest = json.loads((before / "staticfiles.json").read_text())
    del manifest["paths"]["tealgate/live.js"]
    (before / "staticfiles.json").write_text(json.dumps(manifest))
    serve_from(tmp_path)
    serve_from(before)
    assert collected.trouble().endswith("such as tealgate/live.js")


def test_where_files_are_taken_from_where_they_lie_nothing_has_to_be_collected() -> None:
    assert collected.trouble() == ""


def test_web_does_not_start_without_and_check_says_the_same(tmp_path: Path) -> None:
    environment = {**GOOD, "STATIC_ROOT": str(tmp_path)}
    manage = [sys.executable, "manage.py", "check", "--deploy"]

    started, checked = (
        subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
        for command in (WEB, manage)
    )

    wrong = f"STATIC_ROOT ({tmp_path}) has none of the files that pages name"
    assert (started.returncode, checked.returncode) == (78, 1)
    assert wrong in started.stderr and wrong in checked.stderr
    assert "Run manage.py collectstatic" in started.stderr and "Run manage.py collectstatic" in checked.stderr


def test_readyz_says_that_they_are_missing(
    serve_from: Callable[[Path], None], tmp_path: Path, transactional_db: None, client: Client
) -> None:
    serve_from(tmp_path)

    answer = readiness.answer(readiness.Probe(readiness.Look()))

    assert answer.status_code == 503
    assert "manage.py collectstatic" in json.loads(answer.content)["static_files"]


def test_a_file_that_this_version_has_is_kept_for_ever(ask: Asking) -> None:
    answer = ask(staticfiles_storage.url(STYLE))

    assert (answer.status, answer.kept) == (200, "max-age=315360000, public, immutable")


@pytest.mark.parametrize("kind", [STYLE, "tealgate/logo.svg", "unfold/js/app.js"])
def test_a_page_of_another_version_finds_its_files_and_keeps_none_of_them(
    ask: Asking, kind: str, static_root: Path
) -> None:
    name, dot, ending = kind.rpartition(".")

    answer = ask(f"/static/{name}.0123456789ab{dot}{ending}")

    assert (answer.status, answer.kept) == (200, "no-store")
    assert answer.text == (static_root / kind).read_text()


@pytest.mark.parametrize("path", ["/static/tealgate/gone.0123456789ab.css", "/static/tealgate/gone.css", "/static/"])
def test_a_file_that_no_version_has_is_not_found_and_nobody_keeps_that(ask: Asking, path: str) -> None:
    answer = ask(path)

    assert (answer.status, answer.kept) == (404, "no-store")
    assert answer.kind == "text/plain"


def test_all_else_is_left_to_the_pages(db: None) -> None:
    answer = Client().get("/staticky.0123456789ab.css")

    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/staticky.0123456789ab.css")


def test_below_a_path_of_a_shared_host_it_is_the_same(
    settings: Settings, static_root: Path, serve_from: Callable[[Path], None]
) -> None:
    serve_from(static_root)
    settings.FORCE_SCRIPT_NAME, settings.STATIC_URL = "/tools/tealgate", "/tools/tealgate/static/"

    answer = asking()("/static/tealgate/base.0123456789ab.css")

    assert (answer.status, answer.kept) == (200, "no-store")
