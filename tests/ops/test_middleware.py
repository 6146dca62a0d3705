import pytest
from django.contrib.auth.models import User
from django.test import Client
from structlog.testing import capture_logs

from tests.outages import away

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


def test_a_page_says_that_the_database_is_away_and_the_log_has_a_line(client: Client, requester: User) -> None:
    client.force_login(requester)

    with away(lambda: True), capture_logs() as told:
        answer = client.get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "database does not answer" in answer.content.decode()
    assert [line["event"] for line in told] == ["the database does not answer", "request"]
    assert client.get("/").status_code == 200


def test_so_does_a_form_that_was_sent_meanwhile(client: Client, requester: User) -> None:
    with away(lambda: True):
        answer = client.post("/login/", {"username": "requester", "password": "any"})

    assert answer.status_code == 503
