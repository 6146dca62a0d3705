"""What comes of a message to a service that apprise knows, by a real request to somebody on loopback."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from deployments.outbound.messaging import looking, places
from deployments.outbound.messaging.posting import Letter, Posted, blotted, post
from tests.outbound.rude_server import behaving, saying
from tests.outbound.web_server import Web, serving

LETTER = Letter(title="Waits for you: shop 2", written=lambda form, most: f"as {form}")


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(Web()) as web:
        yield web


def json_url(web: Web, path: str = "hook") -> str:
    return f"{web.url.replace('http://', 'json://')}/{path}"


def sent_to(url: str, *, public: bool = False, seconds: float = 5) -> Posted:
    return post(url, LETTER, site_url="https://tealgate.example.com", public=public, seconds=seconds)


def test_a_message_arrives_in_one_request_by_our_name(web: Web) -> None:
    web.answers["/hook"] = (200, {}, b"ok")

    posted = sent_to(json_url(web))

    ((_, headers, body),) = web.seen
    said: dict[str, Any] = json.loads(body)
    assert (posted.ok, posted.said) == (True, f"{web.url[7:]} took it with HTTP 200.")
    assert (said["title"], said["message"], headers["user-agent"]) == (LETTER.title, "as markdown", "Tealgate")


def test_a_long_message_is_cut_and_not_sent_in_parts(web: Web) -> None:
    web.answers["/hook"] = (200, {}, b"{}")
    long = Letter(title="t", written=lambda form, most: "word " * most)

    posted = post(json_url(web), long, site_url="", public=False, seconds=5)

    assert (posted.ok, len(web.seen)) == (True, 1)


def test_a_pause_that_is_asked_for_is_kept_with_what_was_said(web: Web) -> None:
    web.answers["/hook"] = (429, {"Retry-After": "77"}, b'{"message": "You are too fast"}')

    posted = sent_to(json_url(web))

    assert (posted.ok, posted.status, posted.retry_after) == (False, 429, "77")
    assert posted.said.endswith("answered HTTP 429: You are too fast.")


def test_a_pause_that_telegram_asks_for_stands_in_its_json() -> None:
    from deployments.outbound.messaging.posting import _asked_in

    assert _asked_in(b'{"ok": false, "parameters": {"retry_after": 35}}') == "35"
    assert _asked_in(b'{"retry_after": 0.3}') == "1"
    assert [_asked_in(body) for body in (b"[]", b"x", b'{"parameters": 3}')] == ["", "", ""]


def test_200_with_an_error_in_it_is_an_error_and_said(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's API answers so where a bot may not write."""
    from apprise.plugins.slack import NotifySlack

    monkeypatch.setattr(NotifySlack, "api_url", f"{web.url}/{{}}")
    for path in ("/chat.postMessage", "/conversations.join"):
        web.answers[path] = (200, {"Content-Type": "application/json"}, b'{"ok": false, "error": "not_in_channel"}')

    posted = sent_to("slack://xoxb-1-2-abc/C0123456789")

    assert posted.ok is False
    assert posted.said.endswith("answered HTTP 200, and that it did not take it: not_in_channel.")


def test_an_answer_that_repeats_the_token_is_kept_without_it(web: Web) -> None:
    web.answers["/s3cr3t-token"] = (403, {}, b'{"error": "s3cr3t-token is revoked"}')

    assert sent_to(json_url(web, "s3cr3t-token")).said.endswith("answered HTTP 403: […] is revoked.")


def test_a_redirect_is_not_followed(web: Web) -> None:
    web.answers["/hook"] = (302, {"Location": f"{web.url}/elsewhere"}, b"")

    posted = sent_to(json_url(web))

    assert (posted.ok, [path for path, _, _ in web.seen]) == (False, ["/hook"])
    assert "No redirect is followed" in posted.said


def test_a_redirect_is_not_followed_by_a_library_that_would(web: Web) -> None:
    import requests

    from deployments.outbound.messaging import door

    web.answers["/hook"] = (307, {"Location": f"{web.url}/elsewhere"}, b"")
    with door.exchange(public=False, seconds=5):
        assert requests.post(f"{web.url}/hook", timeout=5).status_code == 307

    assert [path for path, _, _ in web.seen] == ["/hook"]


def test_a_private_address_is_asked_nothing_unless_it_is_meant(web: Web) -> None:
    web.answers["/hook"] = (200, {}, b"")

    posted = sent_to(json_url(web), public=True)

    assert (posted.ok, web.seen) == (False, [])
    assert "say that it is inside your network" in posted.said


def test_one_that_hangs_is_left_in_time_and_may_have_taken_it(web: Web) -> None:
    posted = sent_to(json_url(web), seconds=0.3)

    assert (posted.ok, posted.maybe) == (False, True)
    assert "did not answer within" in posted.said


def test_what_is_no_http_is_said_without_the_address(web: Web) -> None:
    with behaving(saying(b"220 mail.example.com ESMTP\r\n")) as url:
        posted = sent_to(f"{url.replace('http://', 'json://')}/s3cr3t-token")

    assert (posted.ok, "s3cr3t" in posted.said) == (False, False)
    assert "gave no proper HTTP answer" in posted.said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("slack://onlyone", "does not understand"),
        ("nosuch://thing/", "does not understand"),
        ("json://", "does not understand"),
        ("syslog://", "only to services that are asked by HTTP"),
        (f"nostr://{'1' * 64}@relay.example.com", ""),
        ("rsyslog://logs.example.com", "only to services that are asked by HTTP"),
        ("tgram://123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI/1/2", "It names 2 places"),
        ("jsons://hooks.example.com/?verify=no", "verify"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=/etc/passwd", "names a file"),
        ("fcm://project@key/device?keyfile=/etc/passwd", ""),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_in_words(url: str, said: str) -> None:
    refusal = places.found(url).refusal

    assert refusal and said in refusal
    assert url not in refusal and "passwd" not in refusal


def test_who_asks_in_a_process_of_its_own_hears_what_it_is() -> None:
    pasted = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"

    found = looking._looked(pasted)

    assert (found.service, found.refusal) == ("Slack", "")
    assert found.url.startswith("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")


def test_somebody_else_s_request_goes_its_own_way_in_a_process_that_sends(web: Web) -> None:
    import requests

    web.answers["/hook"] = web.answers["/other"] = (200, {}, b"hers")
    sent_to(json_url(web))

    assert requests.get(f"{web.url}/other", timeout=5).text == "hers"


def test_what_an_error_names_stays_readable_but_for_what_could_be_a_token() -> None:
    said = "Not delivered: The name discord.com could not be resolved for T0KENT0KEN."

    assert blotted(said, "discord://4711/T0KENT0KEN/") == said.replace("T0KENT0KEN", "[…]")


def test_a_token_that_stands_where_others_have_a_host_is_blotted_as_well() -> None:
    said = "ntfy.example.com says that k3v9q7token is revoked."

    assert blotted(said, "pbul://k3v9q7token/", {"api.pushbullet.com"}) == said.replace("k3v9q7token", "[…]")
    assert blotted(said, "ntfys://ntfy.example.com/k3v9q7token/", {"ntfy.example.com"}).startswith("ntfy.example.com ")


def test_a_session_that_was_there_before_goes_out_by_the_same_door(web: Web) -> None:
    """With whatever adapter its library gave it."""
    import requests

    from deployments.outbound.messaging import door

    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter())
    with door.exchange(public=True, seconds=2) as opened, pytest.raises(requests.ConnectionError):
        session.get(f"{web.url}/hook")

    assert (web.seen, str(opened.trouble).startswith("127.0.0.1 is at")) == ([], True)
