"""The certificate of our own address, by a real handshake on loopback."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from django.utils.timezone import now
from pytest_django import Settings

from deployments.ops.alerts import certificates
from deployments.ops.models import Certificate
from tests.certificates import issue
from tests.outbound.rude_server import behaving

pytestmark = pytest.mark.django_db


def test_its_end_is_seen_by_a_handshake_and_not_asked_for_again_soon(settings: Settings, tmp_path: Path) -> None:
    pem = issue("tealgate.example.com")
    (tmp_path / "both").write_bytes(pem.certificate + pem.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both")

    def shake(connection: socket.socket, over: threading.Event) -> None:
        context.wrap_socket(connection, server_side=True).close()

    with behaving(shake) as url:
        settings.SITE_URL = url.replace("http:", "https:")
        assert certificates.is_due(now())
        certificates.look(now())

    seen = Certificate.objects.get()
    assert seen.ends_at == x509.load_pem_x509_certificate(pem.certificate).not_valid_after_utc
    assert not certificates.is_due(now())


def test_one_that_cannot_be_seen_is_said_and_keeps_what_was_known(settings: Settings) -> None:
    settings.SITE_URL = "https://127.0.0.1:1"
    Certificate.objects.create(host="127.0.0.1:1", ends_at=now(), looked_at=now())

    certificates.look(now())

    seen = Certificate.objects.get()
    assert seen.ends_at and "127.0.0.1:1 showed no certificate" in seen.said


def test_plain_http_has_none(settings: Settings) -> None:
    settings.SITE_URL = "http://tealgate.internal"

    assert not certificates.is_due(now())
