"""The cast and the clock. Everything else lives beside the tests that use it."""

import os
from collections import Counter
from collections.abc import Generator
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, User

from deployments.observability import calls
from deployments.services import roles

#: With this set, a test that would be skipped because a program is missing fails instead.
REQUIRE_ALL = os.environ.get("TEALGATE_REQUIRE_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here: {report.longreprtext}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories come first, so that several workers end at the same time: short tests fill up what is left."""
    items.sort(key=lambda item: not (item.get_closest_marker("flow") or item.get_closest_marker("browser")))


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls to AWS that an earlier test made in this process would be written by this one."""
    monkeypatch.setattr(calls, "_counts", Counter())


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def requester(db: None) -> User:
    """A release manager: may ask for deployments, stop and roll back."""
    return _person("requester", roles.MANAGERS)


@pytest.fixture
def approver(db: None) -> User:
    """May decide at gates."""
    return _person("approver", roles.APPROVERS)


@pytest.fixture
def outsider(db: None) -> User:
    """May look and nothing else."""
    return _person("outsider", roles.VIEWERS)


def _person(name: str, role: str) -> User:
    roles.ensure_roles()
    person = User.objects.create_user(name, f"{name}@example.com", "correct horse", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return person
