import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.security import client_address


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
