"""Redirects of a release that is tried, which are followed at the test address and nowhere else."""

from collections.abc import Iterator

import pytest

from deployments.outbound.smoke import SmokeCheck, SmokeResult, run
from tests.outbound.web_server import Web, serving

AS_PRODUCTION = {"Host": "shop.example.com", "X-Forwarded-Proto": "https"}


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(Web()) as web:
        web.answers["/sign-in?next=/"] = (200, {}, b"Welcome")
        yield web


def followed(web: Web, location: str, **headers: str) -> SmokeResult:
    web.answers["/"] = (302, {"Location": location}, b"")
    (result,) = run(web.url, [SmokeCheck(path="/", contains="Welcome", follow_redirects=True, headers=headers)])
    return result


def port(web: Web) -> str:
    return web.url.rpartition(":")[2]


@pytest.mark.parametrize(
    "location",
    [
        "/sign-in?next=/",
        "sign-in?next=/#top",
        "https://shop.example.com/sign-in?next=/",
        # As a load balancer tells it: with the port of its own listener.
        "http://shop.example.com:{port}/sign-in?next=/",
        "http://127.0.0.1:{port}/sign-in?next=/",
    ],
)
def test_a_redirect_to_a_name_of_its_own_is_followed_at_the_test_address(web: Web, location: str) -> None:
    result = followed(web, location.format(port=port(web)), **AS_PRODUCTION)

    assert result.ok, result.sentence
    assert [headers["host"] for _, headers, _ in web.seen] == ["shop.example.com"] * 2
    assert web.seen[1][1]["x-forwarded-proto"] == "https"


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/",
        "http://localhost:{port}/sign-in?next=/",
        "http://127.0.0.1:1/sign-in?next=/",
        "http://someone@127.0.0.1:{port}/sign-in?next=/",
        "//other.example/sign-in?next=/",
        "http://[/",
        "ftp://127.0.0.1/",
    ],
)
def test_a_redirect_to_anywhere_else_is_not_followed(web: Web, location: str) -> None:
    result = followed(web, location.format(port=port(web)))

    assert (result.ok, result.status, len(web.seen)) == (False, 302, 1)
    assert "leads away from the test address, to where another release may answer, and was not followed" in (
        result.sentence
    )


def test_a_redirect_to_production_is_not_followed(web: Web) -> None:
    """Without a header that says so, HTTPS is another listener: the live release's."""
    result = followed(web, "https://shop.example.com/", Host="shop.example.com")

    assert (result.status, len(web.seen)) == (302, 1)
    assert "(a redirect to https://shop.example.com/), expected 200. It takes the check for plain HTTP" in (
        result.sentence
    )


def test_a_redirect_back_to_where_it_came_from_is_the_answer(web: Web) -> None:
    web.answers["/back"] = (302, {"Location": "/"}, b"")

    assert (followed(web, "/back").status, len(web.seen)) == (302, 2)


def test_redirects_without_an_end_are_given_up(web: Web) -> None:
    web.answers |= {f"/{n}": (302, {"Location": f"/{n + 1}"}, b"") for n in range(9)}

    result = followed(web, "/0")

    assert (result.status, len(web.seen)) == (None, 6)
    assert "redirects more than 5 times" in result.sentence
