"""Terraform, a copy of our tree, and an empty account in the sandbox."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployments.aws import sessions
from sandbox.server import Sandbox
from tests.infra.terraform import TREE, Terraform, configuration, program

SCALE = 60
#: Listener ports of the examples, anywhere on this machine.
PORTS = dict.fromkeys((80, 443, 8080), 0)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A long test and one without Terraform by turns, given out by twos: all the long ones begin at once.

    What Terraform only plans fills up the rest.
    """
    by_name = sorted(items, key=lambda item: ("terraform" in getattr(item, "fixturenames", ()), item.nodeid))
    long = [item for item in by_name if "account" in getattr(item, "fixturenames", ())]
    short = [item for item in by_name if item not in long]
    turns = [item for pair in zip(long, short, strict=False) for item in pair]
    items[:] = [*turns, *long[len(short) :], *short[len(long) :]]


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    program()
    copy = tmp_path / "terraform"
    shutil.copytree(TREE, copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars*"))
    # The modules of a neighbouring folder read the policies in infra/iam.
    if (TREE.parent / "iam").is_dir():
        shutil.copytree(TREE.parent / "iam", tmp_path / "iam")
    return Terraform(copy, configuration(tmp_path))


@pytest.fixture
def account() -> Iterator[Sandbox]:
    """An AWS account in which there is nothing yet, and whose roles may do what their policies allow."""
    with Sandbox(scale=SCALE, listener_ports=PORTS, world=False, enforce_iam=True) as running:
        yield running


@pytest.fixture
def connected(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Tealgate, in this process, talks to that account."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "infra")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "infra")
    monkeypatch.setattr(sessions, "_gateways", {})
