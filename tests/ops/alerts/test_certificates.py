"""The certificate of our own address, by a real handshake on loopback."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.utils.timezone import now
from pytest_django import Settings

from deployments.catalog.models import Environment
from deployments.ops.alerts import certificates, conditions
from deployments.ops.models import Certificate
from tests.certificates import issue
from tests.delivery.engine.world import make_world
from tests.outbound.rude_server import behaving

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment() -> Environment:
    return make_world(test_url="").environment


@contextmanager
def shown(tmp_path: Path) -> Iterator[tuple[str, datetime]]:
    """A server's URL, and until when its certificate is good."""
    pem = issue("tealgate.example.com")
    (tmp_path / "both").write_bytes(pem.certificate + pem.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both")

    def shake(connection: socket.socket, over: threading.Event) -> None:
        context.wrap_socket(connection, server_side=True).close()

    with behaving(shake) as url:
        yield url.replace("http:", "https:"), x509.load_pem_x509_certificate(pem.certificate).not_valid_after_utc


def test_its_end_is_seen_by_a_handshake_and_not_asked_for_again_soon(settings: Settings, tmp_path: Path) -> None:
    with shown(tmp_path) as (settings.SITE_URL, ends_at):
        assert certificates.is_due(now())
        certificates.look(now())

    assert Certificate.objects.get().ends_at == ends_at
    assert not certificates.is_due(now())


def test_those_that_environments_name_are_seen_once_a_day(
    settings: Settings, tmp_path: Path, environment: Environment
) -> None:
    settings.SITE_URL = "http://tealgate.internal"
    with shown(tmp_path) as (url, ends_at):
        Environment.objects.update(production_url=url, test_url="http://shop.example.com")
        environment.webhooks.create(url=f"{url}/hooks/secret")
        first = now()
        assert certificates.is_due(first)
        certificates.look(first)
        ended = Certificate.objects.get()
        (found,) = conditions.certificates(ends_at - timedelta(days=2))

    assert (ended.host, ended.ends_at) == (url.removeprefix("https://"), ends_at)
    assert found.about == ended.host and f"{ended.host}, named by {environment}, ends on" in found.said
    assert "secret" not in found.said
    assert [certificates.is_due(first + timedelta(hours=hours)) for hours in (23, 24)] == [False, True]


@pytest.mark.parametrize("url", ["https://", "https://[::1", "https://host:port/", "http://shop.example.com", ""])
def test_what_is_no_address_of_tls_is_left_alone(settings: Settings, environment: Environment, url: str) -> None:
    settings.SITE_URL = "http://tealgate.internal"
    Environment.objects.update(production_url=url, test_url="")

    assert certificates.named() == {}


def test_of_a_retired_environment_nothing_is_looked_at_any_more(settings: Settings, environment: Environment) -> None:
    settings.SITE_URL = "https://127.0.0.1:1"
    Environment.objects.update(production_url="https://127.0.0.1:2", retired_at=now())
    Certificate.objects.create(host="127.0.0.1:2", looked_at=now())

    certificates.look(now())

    assert [each.host for each in Certificate.objects.all()] == ["127.0.0.1:1"]


def test_one_that_hangs_keeps_the_worker_for_a_few_seconds_only(
    settings: Settings, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SITE_URL = "http://tealgate.internal"
    monkeypatch.setattr(certificates, "LONGEST", 0.0)
    Environment.objects.update(production_url="https://127.0.0.1:1", test_url="https://127.0.0.1:2")

    for left in (1, 0):
        certificates.look(now())
        assert len(certificates.named()) - Certificate.objects.count() == left


def test_metadata_addresses_are_not_gone_to(settings: Settings, environment: Environment) -> None:
    settings.SITE_URL = "http://tealgate.internal"
    Environment.objects.update(production_url="https://169.254.169.254")

    certificates.look(now())

    assert "Tealgate does not go there" in Certificate.objects.get().said


def test_one_that_cannot_be_seen_is_said_and_keeps_what_was_known(settings: Settings) -> None:
    settings.SITE_URL = "https://127.0.0.1:1"
    Certificate.objects.create(host="127.0.0.1:1", ends_at=now(), looked_at=now() - timedelta(hours=6))

    certificates.look(now())

    seen = Certificate.objects.get()
    assert seen.ends_at and "127.0.0.1:1 showed no certificate" in seen.said


def test_plain_http_has_none(settings: Settings) -> None:
    settings.SITE_URL = "http://tealgate.internal"

    assert not certificates.is_due(now())
