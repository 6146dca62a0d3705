"""Smoke checks are sent somewhere, and preflight says whether that has an address where Tealgate looks."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from deployments.preflight import smoke_address
from deployments.preflight.report import Level, Result
from deployments.smoke_spec import SmokeSpec
from tests.fakes.name_server import NameServer
from tests.preflight.world import healthy_account, look, ok, settings, warning

URL = "https://test.shop.example"
CHECKS: dict[str, Any] = {"smoke_checks": (SmokeSpec(path="/health"),)}
KNOWN = {"test.shop.example": ("203.0.113.7", "203.0.113.8")}


def asked(url: str) -> Result:
    (found,) = smoke_address.check(settings(**CHECKS, test_url=url))
    return found


def test_an_address_that_is_known_is_fine_and_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    names = NameServer(KNOWN).instead_of(monkeypatch)

    report = look(healthy_account(), **CHECKS, test_url=URL)

    assert ok(report, "smoke-checks") == f"Smoke checks are sent to {URL}: GET /health has to answer 200."
    assert names.asked == ["test.shop.example"]


def test_a_name_that_nobody_knows_is_a_warning_and_blocks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    NameServer({}).instead_of(monkeypatch)

    report = look(healthy_account(), **CHECKS, test_url=URL)

    assert report.passed
    assert warning(report, "smoke-checks").startswith("The name test.shop.example could not be resolved.")
    (found,) = report.of(Level.WARNING)
    assert "add its name to DNS" in found.fix
    assert "only the DNS of a VPC knows the name" in found.fix


def test_without_smoke_checks_no_name_server_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    names = NameServer(KNOWN).instead_of(monkeypatch)

    look(healthy_account(), test_url=URL)

    assert names.asked == []


@pytest.mark.parametrize(
    ("url", "level", "words"),
    [
        ("http://TEST.shop.example.:8080/", Level.OK, "are sent to"),
        ("http://10.1.2.3:8080", Level.OK, "are sent to"),
        ("http://[2001:db8::1]/", Level.OK, "IPv6 addresses only, so Tealgate's worker needs IPv6"),
        ("http://six.example", Level.OK, "IPv6 addresses only"),
        ("http://both.example", Level.OK, "has to answer 200."),
        ("http://pr-7.preview.example", Level.OK, "are sent to"),
        ("http://a.pr-7.preview.example", Level.WARNING, "a.pr-7.preview.example could not be resolved."),
        ("http://bücher.example", Level.OK, "are sent to http://bücher.example"),
        ("http://möbel.example", Level.WARNING, "xn--mbel-5qa.example could not be resolved."),
        ("http://metadata.example", Level.WARNING, "a link-local or metadata address"),
        (f"http://{'a' * 70}.example", Level.WARNING, "could not be resolved."),
        ("http:///health", Level.WARNING, "starts with http:// or https:// and a host"),
    ],
)
def test_what_is_said_of_a_test_url(monkeypatch: pytest.MonkeyPatch, url: str, level: Level, words: str) -> None:
    names = {
        **KNOWN,
        "six.example": ("2001:db8::7",),
        "both.example": ("2001:db8::7", "203.0.113.7"),
        "*.preview.example": ("203.0.113.9",),
        "xn--bcher-kva.example": ("203.0.113.10",),
        "metadata.example": ("169.254.169.254",),
    }
    NameServer(names).instead_of(monkeypatch)

    found = asked(url)

    assert (found.level, words in found.seen) == (level, True), found.seen


def test_name_servers_that_are_away_are_told_apart_from_a_name_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    NameServer(KNOWN, is_away=True).instead_of(monkeypatch)

    assert "could not be resolved: no name server answered." in asked(URL).seen


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server that keeps whoever asks waiting until the test is over."""
    over = threading.Event()

    def answer(*_: Any, **__: Any) -> list[Any]:
        over.wait(10)
        return []

    monkeypatch.setattr("socket.getaddrinfo", answer)
    yield
    over.set()


@pytest.mark.usefixtures("silent")
def test_nobody_waits_for_a_name_server_that_says_nothing() -> None:
    (found,) = smoke_address.check(settings(**CHECKS, test_url=URL), seconds=0.05)

    assert found.level == Level.WARNING
    assert found.seen.startswith("The name test.shop.example was not resolved in time.")
