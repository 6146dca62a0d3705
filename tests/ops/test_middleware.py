import pytest
from django.contrib.auth.models import User
from django.test import Client
from structlog.testing import capture_logs

pytestmark = pytest.mark.django_db


def test_a_request_is_told_in_one_line_with_the_person(client: Client, requester: User) -> None:
    client.force_login(requester)

    with capture_logs() as told:
        client.get("/")

    (line,) = [line for line in told if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"], line["person"]) == ("GET", "/", 200, "requester")


def test_a_request_keeps_the_id_that_the_proxy_gave_it(client: Client) -> None:
    answer = client.get("/login/", headers={"x-request-id": "Root=1-67891233-abcdef012345678912345678"})

    assert answer.headers["X-Request-ID"] == "Root=1-67891233-abcdef012345678912345678"


@pytest.mark.parametrize("forged", ["", "short", "two\twords and more", "x" * 200])
def test_a_request_without_a_usable_id_gets_one(forged: str, client: Client) -> None:
    answer = client.get("/login/", headers={"x-request-id": forged})

    assert len(answer.headers["X-Request-ID"]) == 32
