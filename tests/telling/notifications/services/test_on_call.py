"""PagerDuty and Opsgenie, as receivers on loopback: one incident for one trouble, found again by its key."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import Sent, adapter_of
from tests.outbound.web_server import Web, serving
from tests.telling.notifications.services.outgoing import FAILED, outgoing

KEY = "tealgate.example.com/rollback:deployment:7"
PATH = "/v2/enqueue"
ALERT = f"/v2/alerts/{quote(KEY, safe='')}"


@pytest.fixture
def web() -> Iterator[Web]:
    took: tuple[int, dict[str, str], bytes] = (202, {}, b'{"status":"success"}')
    paths = (PATH, "/v2/alerts", f"{ALERT}/close?identifierType=alias", f"{ALERT}/notes?identifierType=alias")
    with serving(Web(answers=dict.fromkeys(paths, took))) as found:
        yield found


def paged(web: Web, **changes: Any) -> Sent:
    return adapter_of("pagerduty").send(outgoing(f"pagerduty://r0utingkey/?endpoint={web.url}{PATH}", **changes))


def alerted(web: Web, **changes: Any) -> Sent:
    return adapter_of("opsgenie").send(outgoing(f"opsgenie://an-api-key/?endpoint={web.url}/v2/alerts", **changes))


def events(web: Web) -> list[dict[str, Any]]:
    return [json.loads(body) for _, _, body in web.seen]


def test_pagerduty_opens_one_incident_with_all_that_is_known(web: Web) -> None:
    sent = paged(web)

    assert sent.ok and sent.reference == {"dedup_key": KEY}
    [event] = events(web)
    assert (event["routing_key"], event["event_action"], event["dedup_key"]) == ("r0utingkey", "trigger", KEY)
    assert event["payload"]["summary"] == FAILED.subject
    assert (event["payload"]["severity"], event["payload"]["class"]) == ("critical", "rollback_failed")
    assert "Traffic is on both sides." in event["payload"]["custom_details"]["text"]
    assert event["payload"]["custom_details"]["Environment"] == "shop/production"
    assert event["links"] == [
        {"href": "https://tealgate.example.com/deployments/deployment/7/change/", "text": "Open the deployment"}
    ]


def test_pagerduty_hears_by_the_same_key_that_somebody_is_at_it_and_that_it_is_over(web: Web) -> None:
    opened = paged(web).reference
    paged(web, does=Does.UPDATE, reference=opened, content=replace(FAILED, tone="plain"))
    paged(web, does=Does.UPDATE, reference=opened)
    paged(web, does=Does.RESOLVE, reference=opened, content=replace(FAILED, tone="good"))

    assert [event["event_action"] for event in events(web)] == ["trigger", "acknowledge", "trigger", "resolve"]
    assert {event["dedup_key"] for event in events(web)} == {KEY}


@pytest.mark.parametrize("kind", [Kind.LIVE, Kind.TURNED_BACK, Kind.STUCK])
def test_an_incident_is_over_by_whatever_mends_it(web: Web, kind: Kind) -> None:
    opened = paged(web).reference

    assert paged(web, does=Does.RESOLVE, kind=kind, reference=opened).ok
    assert events(web)[1]["event_action"] == "resolve"


def test_opsgenie_opens_one_alert_notes_what_happens_and_closes_it(web: Web) -> None:
    opened = alerted(web).reference
    alerted(web, does=Does.UPDATE, reference=opened)
    alerted(web, does=Does.RESOLVE, reference=opened)

    paths = [path for path, _, _ in web.seen]
    assert paths == ["/v2/alerts", f"{ALERT}/notes?identifierType=alias", f"{ALERT}/close?identifierType=alias"]
    assert all(headers["authorization"] == "GenieKey an-api-key" for _, headers, _ in web.seen)
    told = events(web)[0]
    assert (told["message"], told["alias"], told["priority"]) == (FAILED.subject, KEY, "P1")
    assert "AWS answered ModifyRule" in told["description"] and events(web)[2]["note"].startswith(FAILED.subject)


@pytest.mark.parametrize("send", [paged, alerted])
@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.LIVE},
        {"kind": Kind.GATE_WAITS},
        {"kind": Kind.DATABASE_REFUSED, "content": replace(FAILED, tone="good")},
        {"does": Does.UPDATE},
    ],
    ids=["live", "a gate", "over already", "an update of none"],
)
def test_nobody_is_woken_up_by_what_is_no_trouble(web: Web, send: Any, changes: dict[str, Any]) -> None:
    sent = send(web, **changes)

    assert sent.dropped and not web.seen


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.is_operators])
def test_operators_are_paged(web: Web, kind: Kind) -> None:
    assert paged(web, kind=kind).ok and len(web.seen) == 1


def test_a_test_wakes_nobody_for_long(web: Web) -> None:
    paged(web, kind=Kind.TEST)
    alerted(web, kind=Kind.TEST)

    paths = [path for path, _, _ in web.seen]
    assert [event.get("event_action") for event in events(web)[:2]] == ["trigger", "resolve"]
    assert paths[2:] == ["/v2/alerts", f"{ALERT}/close?identifierType=alias"]


@pytest.mark.parametrize("send", [paged, alerted])
def test_a_service_that_asks_for_a_pause_is_given_it(web: Web, send: Any) -> None:
    web.answers[PATH] = web.answers["/v2/alerts"] = (429, {"Retry-After": "30"}, b"{}")

    sent = send(web)

    assert not sent.ok and sent.retry_after == 30 and not sent.gone


@pytest.mark.parametrize("send", [paged, alerted])
def test_a_key_that_is_not_valid_any_more_ends_the_address_and_is_not_said(web: Web, send: Any) -> None:
    web.answers[PATH] = web.answers["/v2/alerts"] = (403, {}, b'{"message": "no such key an-api-key r0utingkey"}')

    sent = send(web)

    assert sent.gone and "HTTP 403" in sent.said and "key is not valid" in sent.said
    assert "an-api-key" not in sent.said and "r0utingkey" not in sent.said


@pytest.mark.parametrize("send", [paged, alerted])
def test_a_private_address_is_not_gone_to_unless_it_is_meant(web: Web, send: Any) -> None:
    sent = send(web, is_internal=False)

    assert not sent.ok and "private address" in sent.said and not web.seen


def test_another_tealgate_at_the_same_service_has_other_keys(web: Web) -> None:
    paged(web)
    paged(web, site_url="https://other.example.com")

    assert len({event["dedup_key"] for event in events(web)}) == 2
