"""The page for whoever puts proxies in front: what came through, and who said so."""

from collections.abc import Mapping

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

pytestmark = pytest.mark.django_db

PAGE = "admin:axes_accessattempt_this_request"


def shown(client: Client, headers: Mapping[str, str]) -> str:
    return client.get(reverse(PAGE), headers=headers).content.decode()


def test_an_administrator_sees_scheme_host_and_client_with_the_headers_that_said_so(
    admin_client: Client, settings: Settings
) -> None:
    settings.PROXY_COUNT, settings.SITE_URL = 1, "https://testserver"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    page = shown(admin_client, {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"})

    assert "said by X-Forwarded-Proto: https" in page
    assert "<strong>198.51.100.7</strong>" in page and "said by X-Forwarded-For: 198.51.100.7, 1 from its end" in page
    assert 'role="alert"' not in page


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "http"}, "SITE_URL says https"),
        ({"X-Forwarded-Proto": "https"}, "all who come this way share one address"),
        ({"X-Forwarded-For": "198.51.100.7", "Host": "localhost"}, "links in messages lead there"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    headers: dict[str, str], sentence: str, admin_client: Client, settings: Settings
) -> None:
    settings.PROXY_COUNT, settings.SITE_URL = 1, "https://testserver"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    assert sentence in shown(admin_client, headers)


def test_somebody_without_the_right_to_see_sign_ins_is_refused(client: Client, django_user_model: type) -> None:
    client.force_login(django_user_model.objects.create_user("viewer", is_staff=True))  # type: ignore[attr-defined]

    assert client.get(reverse(PAGE)).status_code == 403
