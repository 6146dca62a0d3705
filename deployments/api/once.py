"""Requests that may be sent twice: an Idempotency-Key is answered once, for 24 hours.

The row is claimed before anything is done. What was refused is not kept: sent again, it is tried again, since what was
in the way may be gone. A deployment or a release that was made while the answer was lost, the process having been
killed in between, is found again; of other requests nobody knows then, and that is what is said.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from ninja import Header, Schema

from deployments import clock
from deployments.api.problems import Stopped
from deployments.api.tokens import principal
from deployments.ops.models import Answered
from deployments.ops.models.answered import KEPT

#: Longer than a web process may take to answer.
BEING_ANSWERED = timedelta(seconds=100)

_TRIES = 3

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="Your own name of this request. Sent again within 24 hours it is answered as it was.",
    ),
]
Answer = tuple[int, Schema]
JSON = "application/json; charset=utf-8"


def answered(
    request: HttpRequest, key: str | None, act: Callable[[str], Answer], *, found_again: bool = False
) -> HttpResponse:
    """Do it, or say what was answered before. `act` is given the request's name for the service, "" without a key.

    `found_again`: whether `act`, done once more under the same name, finds what it made instead of making it twice.
    """
    if not key:
        status, shown = act("")
        return _json(status, shown.model_dump_json())
    now, who, asked = clock.now(), principal(request).shown_as, _digest(request)
    Answered.objects.filter(who=who, at__lt=now - KEPT).delete()
    if (before := _claim(who, key, asked, now)) is not None:
        if before.request != asked:
            sentence = "This Idempotency-Key was used for another request; use a new one."
            raise Stopped(422, "Key in use", sentence, field="Idempotency-Key")
        if before.status:
            return _json(before.status, before.body, replayed=True)
        _take_over(before, now, found_again=found_again)
    rows = Answered.objects.filter(who=who, key=key)
    try:
        status, shown = act(hashlib.sha256(f"{who}\0{key}\0{asked}".encode()).hexdigest())
    except BaseException:
        rows.delete()
        raise
    body = shown.model_dump_json()
    rows.update(status=status, body=body)
    return _json(status, body)


def _claim(who: str, key: str, asked: str, now: datetime) -> Answered | None:
    """None when it is ours now. Whoever had it may give it back between two looks, having been refused."""
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                Answered.objects.create(who=who, key=key, request=asked, at=now)
        except IntegrityError:
            if before := Answered.objects.filter(who=who, key=key).first():
                return before
        else:
            return None
    raise Stopped(409, "Under way", "This request is being answered just now.", headers={"Retry-After": "2"})


def _take_over(before: Answered, now: datetime, *, found_again: bool) -> None:
    """From a process that did not live to answer. Raises Stopped."""
    if before.at > now - BEING_ANSWERED:
        raise Stopped(409, "Under way", "This request is being answered just now.", headers={"Retry-After": "2"})
    if not found_again:
        sentence = "The process that did this ended before it answered. Look whether it was done, then use a new key."
        raise Stopped(409, "Not known", sentence, field="Idempotency-Key")
    if not Answered.objects.filter(pk=before.pk, at=before.at, status=0).update(at=now):
        raise Stopped(409, "Under way", "This request is being answered just now.", headers={"Retry-After": "2"})


def _digest(request: HttpRequest) -> str:
    said = f"{request.method} {request.get_full_path()}\0".encode() + request.body
    return hashlib.sha256(said).hexdigest()


def _json(status: int, body: str, *, replayed: bool = False) -> HttpResponse:
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    return HttpResponse(body, status=status, content_type=JSON, headers=headers)
