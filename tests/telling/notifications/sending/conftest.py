"""Somebody's addresses at receivers on loopback, and whoever sends, one message after the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Message, NotificationAddress
from deployments.telling.notifications.sending import carrying, claiming, recording
from tests.delivery.engine.world import Clock
from tests.outbound.web_server import Web, serving

START = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)


@dataclass
class Place:
    """An address at `web`; what it answers is in `web.answers`."""

    web: Web
    person: User
    clock: Clock = field(default_factory=lambda: Clock(START))
    made: int = 0

    def add(self, name: str = "hook", **columns: Any) -> NotificationAddress:
        self.web.answers[f"/{name}"] = (200, {}, b"ok")
        said = {"person": self.person} | columns
        return NotificationAddress.objects.create(
            service="json", url=f"{self.web.url.replace('http://', 'json://')}/{name}", shown=name, is_internal=True,
            made_at=self.clock(), **said,
        )  # fmt: skip

    def answers(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b"", name: str = "hook"
    ) -> None:
        self.web.answers[f"/{name}"] = (status, headers or {}, body)

    def write(self, address: NotificationAddress, subject: str = "one", **columns: Any) -> Message:
        self.made += 1
        said: dict[str, Any] = {"key": f"event:{self.made}", "kind": Kind.LIVE, "thread": f"deployment:{self.made}"}
        content = Content(subject=subject, sentences=("It is so.",)).as_json()
        said |= {"made_at": self.clock(), "due_at": self.clock(), "content": content} | columns
        return Message.objects.create(address=address, **said)

    def send(self, holder: str = "teller") -> int:
        """Whatever is due, one after the other; how many attempts that were."""
        count = 0
        while parcels := claiming.claim(holder, self.clock(), under_way=(), most=100):
            for parcel in parcels:
                count += 1
                recording.record(carrying.send(parcel), holder, self.clock())
        return count

    def heard(self, name: str = "hook") -> list[str]:
        return [json.loads(body)["title"] for path, _, body in self.web.seen if path == f"/{name}"]


@pytest.fixture
def place(requester: User) -> Iterator[Place]:
    with serving(Web()) as web:
        yield Place(web, requester)
