import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error
from pytest_django import Settings

from deployments.ops.client_address import client_address


def test_pages_say_what_browsers_may_load(client: Client, db: None) -> None:
    policy = client.get("/login/").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.7", "10.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.66, 198.51.100.7", "198.51.100.7"),
        (2, "198.51.100.7, 10.0.0.9", "198.51.100.7"),
        (2, "198.51.100.7", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_an_address_that_a_client_made_up_is_not_believed(
    proxies: int, forwarded: str, expected: str, settings: Settings, rf: RequestFactory
) -> None:
    settings.PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert client_address(rf.get("/", REMOTE_ADDR="10.0.0.1", headers=headers)) == expected


def test_a_form_from_an_address_that_is_not_known_is_told_the_address_and_the_setting(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")

    answer = client.post("/login/", headers={"Origin": "https://gate.example.org"})

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "It was sent from https://gate.example.org" in page and "CSRF_TRUSTED_ORIGINS" in page


def test_a_form_that_is_out_of_date_is_told_so(db: None) -> None:
    page = Client(enforce_csrf_checks=True).post("/login/").content.decode()

    assert "This form is out of date" in page and "CSRF_TRUSTED_ORIGINS" not in page


WARNING = "This page is not encrypted: whoever is on the way can read it, and your password, and act as you."


def test_plain_http_says_so_before_a_password_is_typed(client: Client, db: None, settings: Settings) -> None:
    settings.PLAIN_HTTP = True

    assert WARNING in client.get("/login/").content.decode()


@pytest.mark.parametrize("path", ["/", "/deployments/deployment/", "/password_change/", "/deployments/no-such-page/"])
def test_plain_http_says_so_on_every_page(path: str, admin_client: Client, settings: Settings) -> None:
    settings.PLAIN_HTTP = True
    assert WARNING in admin_client.get(path).content.decode()

    settings.PLAIN_HTTP = False
    assert "not encrypted" not in admin_client.get(path).content.decode()


def test_plain_http_says_so_to_who_signs_out(admin_client: Client, settings: Settings) -> None:
    settings.PLAIN_HTTP = True

    assert WARNING in admin_client.post("/logout/").content.decode()


def test_plain_http_says_so_when_the_server_fails(rf: RequestFactory, settings: Settings) -> None:
    settings.PLAIN_HTTP = True

    assert WARNING in server_error(rf.get("/")).content.decode()
