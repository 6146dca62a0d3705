"""The cast and the clock. Everything else lives beside the tests that use it."""

import gc
import os
import sqlite3
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.template import Context, Template
from django.test.utils import instrumented_test_render  # type: ignore[attr-defined]
from django.utils.safestring import SafeString
from pytest_django import DjangoDbBlocker

from deployments import clock
from deployments.aws import credentials_seen, role_arns
from deployments.ops import aws_calls
from deployments.people import roles
from tests import workers
from tests.delivery.engine.world import World, make_environment, make_release
from tests.stack_database import keep_tables, made_tables

#: With this set, a test that would be skipped because a program is missing fails instead.
REQUIRE_ALL = os.environ.get("TEALGATE_REQUIRE_ALL") == "1"
#: Folders whose files share what takes long to start.
TOGETHER = ("tests/browser/", "tests/preflight/sandboxed/")
#: Half a minute and more each. A worker ends with whatever it took, so nobody may take one of them last.
LONG = (
    "tests/bench/test_tiny.py",
    "tests/flows/test_code_deploy.py",
    "tests/flows/test_database_away.py",
    "tests/flows/test_ecs_native.py",
    "tests/flows/test_neighbours_pair.py",
    "tests/flows/test_restored.py",
    "tests/flows/test_rolling.py",
    "tests/flows/test_scale_out.py",
    "tests/flows/test_self_deploy.py",
    "tests/recipes/test_recipes.py",
)
#: Twenty seconds of a processor and more each, those of the last one four minutes: the first worker begins with it.
COMPUTES = (
    "tests/admin/addresses/",
    "tests/config/test_pgbouncer.py",
    "tests/upgrade/test_upgrade.py",
    "tests/admin/addresses/test_hostile_requests.py",
    "tests/delivery/engine/test_crashes.py",
    "tests/admin/addresses/test_every_role.py",
    "tests/admin/addresses/test_seen.py",
)


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
    """What takes longest comes first, so that several workers end at the same time: short tests fill up the rest."""
    items.sort(key=lambda item: (*_waits(item), _computes(item)))


def _waits(item: pytest.Item) -> tuple[bool, bool, bool]:
    folder, story = item.nodeid.startswith(TOGETHER), item.get_closest_marker("flow")
    return not folder, not story, not item.nodeid.startswith(LONG)


def _computes(item: pytest.Item) -> int:
    return max((place for place, name in enumerate(COMPUTES, 1) if item.nodeid.startswith(name)), default=0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    workers.fork_workers(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile` gives a worker one file after the other, and here one such folder.

    The first worker begins at the other end: stories wait most of the time, and while the others do, it computes.
    """
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder = next((folder for folder in TOGETHER if nodeid.startswith(folder)), "")
            return folder or str(super()._split_scope(nodeid))

        def _assign_work_unit(self, node: Any) -> None:
            if node.gateway.id == "gw0":
                self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
            super()._assign_work_unit(node)

    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported here stays, so nobody looks through half a million objects for garbage, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(10_000, 20, 20)


@pytest.fixture(autouse=True)
def nothing_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier test asked AWS in this process, and AWS's time in the answer, would be written by this one."""
    monkeypatch.setattr(aws_calls, "_counts", Counter())
    monkeypatch.setattr(credentials_seen, "_seen", {})
    monkeypatch.setattr(credentials_seen, "_listens", False)
    monkeypatch.setattr(clock, "_ahead_of_aws", None)


@pytest.fixture
def only_tealgates_roles() -> Iterator[None]:
    """The list of roles that may be assumed is what a team starts with, not all roles as elsewhere in the tests."""
    role_arns.allow(["arn:*:iam::*:role/tealgate-*"])
    yield
    role_arns.allow(settings.AWS_ROLE_ARNS)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> Iterator[bool]:
    """A test database in memory begins with the tables that another or a stack made: nothing is left to migrate."""
    made = made_tables()
    if connection.vendor != "sqlite" or not made.exists():
        yield django_db_keepdb
        return
    name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
    with closing(sqlite3.connect(name, uri=True)) as memory, closing(sqlite3.connect(made)) as tables:
        tables.backup(memory)
        yield True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The roles are there from the beginning, as after an installation."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite" and not made_tables().exists():
            keep_tables(connection.connection)
        roles.ensure_roles()


@pytest.fixture(scope="session", autouse=True)
def only_whole_pages_are_looked_into(django_test_environment: None) -> Iterator[None]:
    """Django's test client copies the context of each template for `response.context`: of hundreds in a page."""

    def render(template: Template, context: Context) -> SafeString:
        whole = context.template is template
        return instrumented_test_render(template, context) if whole else template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


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
    person = User.objects.create_user(name, f"{name}@example.com", "correct horse", is_staff=True)
    person.groups.add(group_of(role))
    return person


def group_of(role: str) -> Group:
    """Made with the database; tests that commit are cleaned up after by emptying all tables."""
    try:
        return Group.objects.get(name=role)
    except Group.DoesNotExist:
        roles.ensure_roles()
        return Group.objects.get(name=role)


@pytest.fixture
def shop(requester: User, approver: User) -> World:
    """Production of the shop with a release to deploy; nothing is under way."""
    environment = make_environment()
    return World(
        environment=environment,
        release=make_release(environment.application),
        requester=requester,
        approver=approver,
    )


@pytest.fixture
def administrator(db: None) -> User:
    person = User.objects.create_user("administrator", is_staff=True)
    person.groups.add(group_of(roles.ADMINISTRATORS))
    return person


@pytest.fixture
def second_approver(approver: User) -> User:
    person = User.objects.create_user("second_approver")
    person.groups.set(approver.groups.all())
    return person
