import socket
from collections.abc import Iterator

import pytest

from deployments.outbound.smoke import SmokeCheck, SmokeResult, run
from tests.outbound.web_server import Web, serving


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(Web()) as web:
        web.answers["/health"] = (200, {}, "all good: café".encode())
        yield web


def one(web: Web, **check: object) -> SmokeResult:
    (result,) = run(web.url, [SmokeCheck(**check)])  # type: ignore[arg-type]
    return result


def test_an_expected_answer_passes(web: Web) -> None:
    result = one(web, path="/health", contains="café", headers={"X-Probe": "1"})

    assert (result.ok, result.status) == (True, 200)
    assert web.seen[0][1]["x-probe"] == "1"


def test_another_status_fails_and_says_both(web: Web) -> None:
    web.answers["/health"] = (500, {}, b"")

    assert one(web, path="/health").sentence == "GET /health answered 500, expected 200."


def test_a_missing_text_fails_and_names_it(web: Web) -> None:
    result = one(web, path="/health", contains="version 2")

    assert not result.ok
    assert result.sentence == "GET /health answered 200, but without the text “version 2”."


def test_a_redirect_can_be_expected(web: Web) -> None:
    web.answers["/old"] = (301, {"Location": "/health"}, b"")

    assert one(web, path="/old", expected_status=301).ok
    assert "a redirect to /health" in one(web, path="/old").sentence


def test_where_a_redirect_leads_is_told_without_what_it_carries(web: Web) -> None:
    web.answers["/"] = (302, {"Location": "/sign-in?state=secret#more"}, b"")

    assert one(web, path="/").sentence == "GET / answered 302 (a redirect to /sign-in), expected 200."


def test_a_redirect_is_followed_only_when_asked(web: Web) -> None:
    web.answers["/old"] = (301, {"Location": "/health"}, b"")

    assert one(web, path="/old", contains="all good", follow_redirects=True).ok


def test_no_answer_in_time_is_a_result(web: Web) -> None:
    result = one(web, path="/silence", timeout_seconds=0.2)

    assert (result.ok, result.status) == (False, None)
    assert "did not answer within 0.2 s" in result.sentence


def test_nobody_listening_is_a_result() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        (result,) = run(f"http://127.0.0.1:{unused.getsockname()[1]}", [SmokeCheck(path="/")])

    assert not result.ok
    assert "could not be reached" in result.sentence


def test_a_huge_body_is_a_result(web: Web) -> None:
    web.answers["/huge"] = (200, {}, b" " * (1024 * 1024 + 1))

    assert "sent more than 1024 KiB" in one(web, path="/huge").sentence


@pytest.mark.parametrize("base", ["", "ftp://127.0.0.1", "http://", "http://[", "not an address"])
def test_a_base_address_that_makes_no_sense_is_a_result(base: str) -> None:
    (result,) = run(base, [SmokeCheck(path="/")])

    assert not result.ok


def test_a_header_that_cannot_be_sent_is_a_result(web: Web) -> None:
    assert "could not be tried" in one(web, path="/health", headers={"X-Probe": "\ud800"}).sentence


def test_a_body_that_cannot_be_unpacked_is_a_result(web: Web) -> None:
    web.answers["/packed"] = (200, {"Content-Encoding": "gzip"}, b"not gzip")

    result = one(web, path="/packed", headers={"Accept-Encoding": "gzip"})

    assert "gave no proper HTTP answer" in result.sentence


def test_results_come_in_the_order_of_the_checks(web: Web) -> None:
    results = run(web.url, [SmokeCheck(path="/health", contains=text) for text in ("good", "bad", "all")])

    assert [result.ok for result in results] == [True, False, True]


def test_no_checks_have_no_results() -> None:
    assert run("http://127.0.0.1", []) == ()


def test_all_checks_together_end_in_time(web: Web) -> None:
    """However many there are and however long each may take: a worker waits for them."""
    checks = [SmokeCheck(path="/silence", timeout_seconds=30) for _ in range(9)]

    results = run(web.url, checks, seconds=0.3)

    assert {result.ok for result in results} == {False}
    assert "did not answer within 0.3 s" in results[0].sentence
    assert results[-1].sentence == "GET /silence was not tried: the checks before it took all the time."


def test_an_application_that_wants_https_says_which_header_to_set(web: Web) -> None:
    """As Django's SECURE_SSL_REDIRECT does, at a test listener of plain HTTP beside an HTTPS production."""
    web.answers["/"] = (301, {"Location": "https://shop.example.com/?next=1"}, b"")
    plain, forwarded = one(web, path="/"), one(web, path="/", headers={"x-forwarded-proto": "https"})

    assert plain.sentence == (
        "GET / answered 301 (a redirect to https://shop.example.com/), expected 200. It takes the check for plain "
        "HTTP, and production is HTTPS: give the check the header X-Forwarded-Proto: https. An Application Load "
        "Balancer puts its listener's own protocol there: behind one, give the test listener HTTPS, or check a path "
        "that is not redirected."
    )
    assert "X-Forwarded-Proto: https was sent, and did not get there or is not believed" in forwarded.sentence


def test_an_application_that_knows_its_names_says_which_header_to_set(web: Web) -> None:
    web.answers["/"] = (400, {}, b"")

    assert "(Django's ALLOWED_HOSTS): give the check the header Host" in one(web, path="/").sentence
    assert one(web, path="/", headers={"Host": "shop.example.com"}).sentence == "GET / answered 400, expected 200."
