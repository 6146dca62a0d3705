"""From each version to today's: every row is kept and read, and nothing of the log is altered by it."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.upgrade import kept
from tests.upgrade.upgraded import Upgraded

VERSIONS = kept.versions()
#: What the upgrade itself tells: of each role's new rights, in the chain of people.
TOLD = {"deployments.Event": 4, "deployments.EventChain": 1}


@pytest.fixture(scope="module")
def installations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Upgraded]]:
    """By version, each made once, in whatever order tests ask for them."""
    made = functools.cache(lambda version: Upgraded(version, tmp_path_factory.mktemp("upgrade")))
    asked_for = set()

    def get(version: str) -> Upgraded:
        asked_for.add(version)
        return made(version)

    yield get
    for version in asked_for:
        made(version).database.drop()


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def upgraded(installations: Callable[[str], Upgraded], version: str) -> Upgraded:
    return installations(version)


def rows(version: str, model: str) -> list[dict[str, Any]]:
    return kept.read(version).rows[f"deployments.{model}"]


def under_way(version: str) -> list[dict[str, Any]]:
    return [row for row in rows(version, "Deployment") if row["finished_at"] is None]


def test_every_row_is_still_there(upgraded: Upgraded, version: str) -> None:
    expected = {label: len(written) for label, written in kept.read(version).rows.items()}

    assert {label: upgraded.seen["rows"][label] - TOLD.get(label, 0) for label in expected} == expected
    assert upgraded.seen["registered at"] == [row["created_at"] for row in rows(version, "Release")]


def test_the_log_is_as_it_was_written(upgraded: Upgraded, version: str) -> None:
    events, chains = len(rows(version, "Event")) + TOLD["deployments.Event"], len(rows(version, "EventChain")) + 1

    assert f"{events} events in {chains} chains: all intact." in upgraded.seen["verified"]
    assert upgraded.seen["told of people"] == ["group.completed"] * TOLD["deployments.Event"]


def test_every_deployment_is_read_and_shown(upgraded: Upgraded, version: str) -> None:
    """What an engine would decide on, and the page; of those under way too."""
    assert len(upgraded.seen["decided on"]) == len(under_way(version)) > 2
    assert upgraded.seen["pages"] == {str(row["id"]): 200 for row in rows(version, "Deployment")}
    assert len(upgraded.seen["pages"]) > 10
    assert upgraded.seen["board"] == 200


@pytest.mark.parametrize("version", [each for each in VERSIONS if each != "0.1.0"])
def test_of_every_controller_a_deployment_was_under_way(version: str) -> None:
    controllers = {row["plan"]["controller"] for row in under_way(version)}

    assert controllers >= {"SERVICE_PAIR", "ROLLING", "ECS", "CODE_DEPLOY", "EXPRESS_MODE"}


@pytest.mark.parametrize("version", VERSIONS[-1:], indirect=True)
def test_the_version_before_reads_its_rows_in_the_new_tables_and_could_write_them_there(
    upgraded: Upgraded, version: str
) -> None:
    """With what a migration does not say by itself: constraints, and what the database takes."""
    read = int(upgraded.run("-m", "tests.upgrade.old_release", version, "--beside"))

    assert read == sum(map(len, kept.read(version).rows.values()))
