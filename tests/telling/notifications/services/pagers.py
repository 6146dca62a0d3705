"""PagerDuty and Opsgenie side by side on loopback, both told by a channel, and what they hear as incidents."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from deployments.record.models import Event
from deployments.telling.notifications.receiving import take
from deployments.telling.notifications.sending import carrying, claiming, recording
from tests.outbound.web_server import Web, serving
from tests.telling.notifications.people import address, channel

_ENQUEUE, _ALERTS = "/v2/enqueue", "/v2/alerts"
_ACTIONS = {"notes": "acknowledge", "close": "resolve", "": "trigger"}


class _Always(dict[str, tuple[int, dict[str, str], bytes]]):
    """They take whatever comes."""

    def __contains__(self, path: object) -> bool:
        return True

    def __missing__(self, path: str) -> tuple[int, dict[str, str], bytes]:
        return 202, {}, b'{"requestId": "r"}'


@dataclass
class Pagers:
    web: Web

    def tell(self, events: Iterable[Event], now: Callable[[], datetime]) -> None:
        """Each twice, since the outbox tells at least once; then whatever is due is sent."""
        for event in events:
            for _ in range(2):
                take(event, now())
        while parcels := claiming.claim("teller", now(), under_way=(), most=9):
            for parcel in parcels:
                recording.record(carrying.send(parcel), "teller", now())

    @property
    def pagerduty(self) -> list[tuple[str, str]]:
        """What was done, and with which incident."""
        bodies = [json.loads(body) for path, _, body in self.web.seen if path == _ENQUEUE]
        return [(body["event_action"], body["dedup_key"].partition("/")[2]) for body in bodies]

    @property
    def opsgenie(self) -> list[tuple[str, str]]:
        return [_done(path, body) for path, _, body in self.web.seen if path.startswith(_ALERTS)]


@contextmanager
def pagers(*, is_operations: bool = False) -> Iterator[Pagers]:
    with serving(Web(answers=_Always())) as web:
        of = channel("on call", is_operations=is_operations)
        for service, path in ("pagerduty", _ENQUEUE), ("opsgenie", _ALERTS):
            address(of, service=service, url=f"{service}://key/?endpoint={web.url}{path}", is_internal=True)
        yield Pagers(web)


def _done(path: str, body: bytes) -> tuple[str, str]:
    alias, _, action = urlsplit(path).path.removeprefix(_ALERTS).strip("/").partition("/")
    key = unquote(alias) or json.loads(body)["alias"]
    return _ACTIONS[action], key.partition("/")[2]
