"""One JSON request to a service, and what its answer means where nothing else is known of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Request, fetch, place_of
from deployments.telling.attempts import asked_seconds
from deployments.telling.notifications.services import SECONDS, Sent

_KEPT = 2048
#: Of these the address is the cause, and no attempt will mend it.
_GONE = (401, 403, 404, 410)


@dataclass(frozen=True, kw_only=True)
class Post:
    url: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str]
    is_internal: bool


def posted(post: Post, now: datetime) -> Sent:
    """No redirect is followed, and nothing of the answer's body is said."""
    place = place_of(post.url)
    try:
        answer = fetch(
            Request(
                url=post.url, method="POST", content=json.dumps(post.payload).encode(), seconds=SECONDS,
                headers={"Content-Type": "application/json", **post.headers}, first_bytes=_KEPT,
                public=not post.is_internal,
            )
        )  # fmt: skip
    except FetchError as error:
        return Sent(ok=False, said=f"Not delivered: {error}")
    if 200 <= answer.status < 300:
        return Sent(ok=True, said=f"{place} took it with HTTP {answer.status}.")
    said = f"{place} answered HTTP {answer.status}."
    if gone := answer.status in _GONE:
        said += " The key is not valid there any more, or never was: give the address anew."
    return Sent(ok=False, said=said, retry_after=asked_seconds(answer.headers, now), gone=gone)
