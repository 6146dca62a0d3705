"""What a chat sends is believed by its signature and its age, and taken once."""

import hashlib
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from django.db import IntegrityError, transaction

from deployments.record import constraints
from deployments.telling.chat import signing
from deployments.telling.chat.models import ChatKind, ChatRequest, ChatWorkspace

#: Of a request, in bytes. Slack sends the message along with what was pressed: some tens of KB.
LARGEST = 1024 * 1024
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,100}")


class NotBelieved(Exception):
    """The signature is not of this workspace's secret, or its time is not now. The message is a sentence."""


class Unchecked(Exception):
    """Whether it is to be believed cannot be told before so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"It cannot be checked for {seconds} s.")
        self.seconds = seconds


class Repeated(Exception):
    """It was taken before; nothing was done."""


class Unreadable(Exception):
    """It is signed, and nothing that the chat is known to send. The message is a sentence."""


def workspace(pk: int, kind: ChatKind) -> ChatWorkspace | None:
    return ChatWorkspace.objects.filter(pk=pk, kind=kind, is_on=True).first()


def slack(here: ChatWorkspace, *, body: bytes, timestamp: str, signature: str, now: datetime) -> dict[str, Any]:
    """The payload of an interaction. Raises NotBelieved, Repeated, Unreadable."""
    if not signing.is_same(here.secret and signing.of_slack(here.secret, timestamp, body), signature):
        raise NotBelieved("X-Slack-Signature is not made with this workspace's signing secret.")
    if not signing.is_recent(signing.second(timestamp), now):
        raise NotBelieved(f"It was signed more than 5 minutes from {now:%H:%M:%S} UTC, which it is here.")
    once(here, signature, now)
    said = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100).get("payload", [""])[0]
    payload = _object(said)
    # An app that all of an Enterprise organization has is of that, and a press may name no workspace.
    if here.place not in (_id(payload.get("team")), _id(payload.get("enterprise"))):
        raise Unreadable(f"It is not of the workspace {here.place}.")
    return payload


def teams(here: ChatWorkspace, *, body: bytes, signature: str, now: datetime) -> dict[str, Any]:
    """The activity of an outgoing webhook. Raises NotBelieved, Repeated, Unreadable."""
    if not signing.is_same(here.secret and signing.of_teams(here.secret, body), signature):
        raise NotBelieved("Authorization is not made with this outgoing webhook's security token.")
    activity = read(body)
    if not signing.is_recent(signing.moment(activity.get("timestamp")), now):
        raise NotBelieved(f"It was sent more than 5 minutes from {now:%H:%M:%S} UTC, which it is here.")
    once(here, hashlib.sha256(body).hexdigest(), now)
    if tenant(activity) != here.place:
        raise Unreadable(f"It is not of the tenant {here.place}.")
    return activity


def read(body: bytes) -> dict[str, Any]:
    """Raises Unreadable."""
    return _object(body.decode("utf-8", "replace"))


def account(said: object) -> str:
    """The chat's own ID of whoever asks; "" where there is none that makes sense."""
    found = said if isinstance(said, str) else ""
    return found if _ACCOUNT.fullmatch(found) else ""


def tenant(activity: dict[str, Any]) -> str:
    """Microsoft Entra's ID of it; "" where it names none."""
    for name in ("channelData", "conversation"):
        inside = activity.get(name)
        found = inside.get("tenantId") or _id(inside.get("tenant")) if isinstance(inside, dict) else None
        if isinstance(found, str) and found:
            return found
    return ""


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else None


def once(here: ChatWorkspace, mark: str, now: datetime, *, until: datetime | None = None) -> None:
    """Remembered for as long as its time would be believed, or `until` then. Raises Repeated."""
    ChatRequest.objects.filter(at__lt=now - 3 * signing.GOOD_FOR).delete()
    try:
        with transaction.atomic():
            digest = hashlib.sha256(mark.encode("utf-8", "surrogatepass")).hexdigest()
            ChatRequest.objects.create(workspace=here, digest=digest, at=until or now)
    except IntegrityError as error:
        if not constraints.violated(error, ChatRequest, "chat_request_once"):
            raise
        raise Repeated from error


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("It is no JSON.") from error
    if not isinstance(said, dict):
        raise Unreadable("It is no object of JSON.")
    return said
