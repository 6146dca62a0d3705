"""Whatever is sent to whatever call: it is answered as the description says, or refused in words. Nothing breaks.

Other types and lengths than described are tried by tests/contract. Here is what parsers, headers and databases, of both
kinds, stumble over.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import ECR, Given
from tests.api.description import Call, Shop, calls, shop_at_gate
from tests.delivery.engine.world import World
from tests.fakes.aws import FakeGateway

TEXTS = (
    "²", "٣", "9" * 30, "1e9", "1_0", "\0", "a\0b", " ", "%00", "../../x", "😀", "NaN", "2026-13-45", "x" * 3000, "a/b",
    ".", "..", "\r\nX: y", "\u202e",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    "²", "٣", "1_0", "\0", "a\0b", "\ud800", "x" * 3000, 2**63, 10**400, float("nan"), float("inf"), ["\ud800"],
    {"": ""}, {"\ud800": "x"}, {"x": "\udfff"}, {"\0": "x"}, {"x": "\0"}, {str(each): "x" for each in range(60)},
)  # fmt: skip


def deep(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def defined(value: str) -> bytes:
    container = {"name": "web", "image": f"{ECR}:1.4", "environment": [{"name": "A", "value": "@"}]}
    document = json.dumps({"family": "shop", "containerDefinitions": [container]}).replace("@", value)
    return json.dumps({"version": "8.8", "task_definition": document}).encode()


RAW = (
    b"", b"{", b"null", b"[]", b'"x"', b"1", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"\\ud800": 1}', b"--x\r\nbroken",
    b'{"minutes": 1' + b"0" * 5000 + b"}", b'{"reason": "\xff"}', b'{"reason": "\\ud800"}', b'{"a": 1, "a": 2}',
    deep(500), deep(100_000), b"[" * 100_000, b"a=b&c=%00", defined("\\u0000"), defined("\\ud800"),
    json.dumps({"version": "1", "task_definition": deep(700).decode()}).encode(),
)  # fmt: skip
#: Some pass the parser and break what comes after it.
DEEP = tuple(b'{"version": "1", "task_definition": ' + deep(levels) + b"}" for levels in (90, *range(860, 960, 10)))
KINDS = (
    "application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain; charset=x",
    "multipart/form-data", "",
)  # fmt: skip
KEYS = ("\0", "a\0b", " ", "é", "\xff", "x" * 201, "'", '"', "a,b", "😀", "k" * 200)


@pytest.fixture
def chance() -> random.Random:
    """The same each time."""
    return random.Random(26)  # noqa: S311 - nobody has to guess


@pytest.fixture
def shop(aws: World, ecr: FakeGateway) -> Shop:
    return shop_at_gate(aws)


@pytest.fixture
def client(given: Given) -> Client:
    """With every scope, and never too fast."""
    return Client(headers={"Authorization": f"Bearer {given().secret}"}, raise_request_exception=False)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.ops.rate.BY_TOKEN.wait", lambda name: 0)
    monkeypatch.setattr("deployments.ops.rate.AWS_READERS.wait", lambda name: 0)


def addresses(call: Call, shop: Shop, chance: random.Random) -> Iterator[str]:
    """Good ones, and those with something else in one place."""
    for where, name in call.taken:
        for text in chance.sample(TEXTS, 5):
            if where == "path":
                yield call.address(shop, None, **{name: text or " "})
            elif where == "query" and name != "wait":
                yield call.address(shop, {"version": "1.1.0", name: text})
    yield call.address(shop, {"wait": "61", "unknown": "x"})
    yield call.address(shop) + "&q=%ff%00"


def bodies(call: Call, chance: random.Random) -> Iterator[Any]:
    if call.body is not None:
        yield from RAW
        yield from DEEP if "task_definition" in call.fields else ()
        for name in call.fields:
            yield from ({**call.body, name: value} for value in chance.sample(VALUES, 6))
        yield from ({**call.body, name: 1} for name in ("unknown", "\ud800", "\0", ""))


def wrong(call: Call, answer: Any, what: object) -> str:
    said = "broke" if answer.status_code >= 500 and answer.status_code != 502 else call.untrue(answer)
    return f"{call} {str(what)[:120]!r}: {answer.status_code} {said}" if said else ""


def test_every_call_is_answered_as_described(shop: Shop, client: Client) -> None:
    found = [wrong(call, call.sent(client, call.address(shop)), "good") for call in calls()]

    assert list(filter(None, found)) == []


def test_no_call_breaks_by_its_address(shop: Shop, client: Client, chance: random.Random) -> None:
    found = [
        wrong(call, call.sent(client, address), address)
        for call in calls()
        for address in addresses(call, shop, chance)
    ]

    assert list(filter(None, found)) == []


def test_no_call_breaks_by_its_body(shop: Shop, client: Client, chance: random.Random) -> None:
    found = [
        wrong(call, call.sent(client, call.address(shop), body), body)
        for call in calls()
        for body in bodies(call, chance)
    ]

    assert list(filter(None, found)) == []


def headers(call: Call) -> Iterator[dict[str, str]]:
    if ("header", "Idempotency-Key") in call.taken:
        yield from ({"Idempotency_Key": key} for key in KEYS)
    if call.body is not None:
        yield from ({"Content_Type": kind} for kind in KINDS)
    if call.method == "get":
        yield from ({"If_None_Match": tag} for tag in ("*", '"', "W/", "\xff"))


def test_no_call_breaks_by_its_headers(shop: Shop, client: Client) -> None:
    found = [
        wrong(call, call.sent(client, call.address(shop), **given), given)
        for call in calls()
        for given in headers(call)
    ]

    assert list(filter(None, found)) == []


def test_no_call_breaks_by_how_it_is_asked(shop: Shop, client: Client) -> None:
    for call in calls():
        for method in ("OPTIONS", "PATCH", "TRACE", "PUT", "DELETE", "BREW"):
            if method == call.method.upper() or (method == "DELETE" and call.path.endswith("/lock")):
                continue
            answer = client.generic(method, call.address(shop))
            assert answer.status_code in (405, 422), (call, method)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert json.loads(answer.content)["status"] == answer.status_code


def test_head_is_answered_as_get_and_without_a_word(shop: Shop, client: Client) -> None:
    for call in calls():
        known, bare = client.get(call.address(shop)), client.head(call.address(shop))

        assert bare.content == b"", call
        assert (bare.status_code, bare.headers["Content-Length"]) == (known.status_code, str(len(known.content))), call
        assert bare.headers["Content-Type"] == known.headers["Content-Type"]
        assert bare.headers.get("ETag") == known.headers.get("ETag")


def test_no_call_takes_a_parameter_that_it_does_not_name(shop: Shop, client: Client) -> None:
    for call in calls():
        answer = call.sent(client, f"{call.address(shop)}&unkown=1&slug=x".replace("?&", "?"))
        errors = json.loads(answer.content)["errors"]
        assert (answer.status_code, {each["field"] for each in errors}) == (422, {"unkown", "slug"}), call


def test_with_a_slash_too_many_there_is_nothing(shop: Shop, client: Client) -> None:
    for call in calls():
        answer = call.sent(client, call.address(shop).partition("?")[0] + "/")
        assert (answer.status_code, json.loads(answer.content)["title"]) == (404, "Not found"), call


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_where_there_is_nothing_every_method_is_told_so(db: None, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, "/api/v1/gates/1/aprove")

    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")
