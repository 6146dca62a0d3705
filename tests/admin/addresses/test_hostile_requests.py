"""Whatever is sent to whatever address, nothing breaks: it is refused in words, or nothing is found."""

import copy
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client

from tests.admin.addresses.pages import Address, forms
from tests.admin.conftest import Browser

pytestmark = pytest.mark.urls("tests.admin.addresses.short_errors")

HOSTILE = (
    "²", "٣", "9" * 30, "-1", "0", "1e9", "\0", "a\0b", "", " ", "' OR 1=1 --", "%", "%00", "../../x", "😀", "[]", "{}",
    "null", "NaN", "Infinity", "2026-13-45", "<script>", "x" * 3000, "_5F", "1,2", "deployments.environment",
)  # fmt: skip
ASKED = (
    "q", "p", "o", "e", "all", "_facets", "_popup", "_to_field", "v", "release", "environment", "application",
    "strategy", "artefact", "reason", "status__exact", "waiting", "about", "state", "verdict__exact", "next",
    "actor_kind__exact", "groups__id__exact", "is_active__exact", "region__exact", "application__id__exact",
    "environment__application__id__exact", "app_label", "model_name", "field_name", "term", "group__exact",
    "_changelist_filters", "id__in", "unknown", "s",
)  # fmt: skip
BODIES = (
    ("application/json", b'{"a": [1'),
    ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
    ("text/plain", b"\xff\0"),
    ("application/x-www-form-urlencoded", b"=&%zz&reason=%00&a=%ff"),
    ("", b"x"),
)


@pytest.fixture
def chance() -> random.Random:
    """The same each time."""
    return random.Random(20)  # noqa: S311 - nobody has to guess


def queries(address: Address, chance: random.Random) -> Iterator[str]:
    """Of the site's addresses together, every name is asked with every text, more than once on an average."""
    yield f"{address.path.partition('?')[0]}?q={chance.choice('x²')}"
    for many in (1, 8):  # of many, one may keep another from being looked at
        asked = {name: chance.choice(HOSTILE) for name in chance.sample(ASKED, many)}
        yield f"{address.path.partition('?')[0]}?{urlencode(asked)}"


def elsewhere(address: Address, chance: random.Random) -> Iterator[str]:
    """Its path with something else where a key or a word was."""
    parts = address.path.split("/")
    for place, part in enumerate(parts):
        if part and place > 2:
            for text in chance.sample(HOSTILE, 2):
                yield "/".join([*parts[:place], quote(text, safe=""), *parts[place + 1 :]])


def broken(client: Client, path: str, **posted: Any) -> str:
    """What broke; "" when nothing did."""
    cookies = copy.copy(client.cookies)
    with transaction.atomic():
        answer = client.post(path, **posted) if posted else client.get(path)
        transaction.set_rollback(True)
    client.cookies = cookies  # one of them signs out
    # 503 is what /readyz says without a worker.
    return f"{path} {posted} {answer.status_code}" if answer.status_code >= 500 and "/readyz" not in path else ""


def visitor(browse: Browser) -> Client:
    client = browse("root")
    client.raise_request_exception = False
    return client


def test_no_address_breaks_by_what_is_asked_of_it(
    everywhere: list[Address], browse: Browser, chance: random.Random
) -> None:
    client = visitor(browse)
    paths = [path for address in everywhere for path in (*queries(address, chance), *elsewhere(address, chance))]

    assert list(filter(None, (broken(client, path) for path in paths))) == []


def test_no_address_breaks_by_what_is_posted_to_it(
    everywhere: list[Address], browse: Browser, chance: random.Random
) -> None:
    client, found = visitor(browse), []
    for address in everywhere:
        kind, body = chance.choice(BODIES)
        found.append(broken(client, address.path, data=body, content_type=kind))
        for form in forms(client.get(address.path), address):
            for sent in form.sent():
                names = chance.sample(sorted(sent), min(len(sent), 3))
                found.append(broken(client, form.action, data=sent | {name: chance.choice(HOSTILE) for name in names}))

    assert list(filter(None, found)) == []
