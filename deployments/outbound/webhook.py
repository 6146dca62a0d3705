"""Tell another program, signed so that it can tell who spoke.

The receiver computes HMAC-SHA256 with the shared secret over the X-Tealgate-Timestamp header, a dot and the
body's bytes, compares it with X-Tealgate-Signature, and refuses old timestamps: then nothing can be forged or
played again.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Request, fetch, place_of

BODY_LIMIT = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class WebhookResult:
    """`ok` for any 2xx; `status` is None when there was no answer.

    `path` is the host it went to: all of the address that may be shown, as its own path often holds a token.
    """

    path: str
    ok: bool
    status: int | None
    milliseconds: int
    sentence: str


def post(
    url: str, payload: Mapping[str, Any], *, secret: str = "", now: datetime | None = None, timeout_seconds: float = 10
) -> WebhookResult:
    """POST the payload as JSON, once. Never raises: what goes wrong is a result."""
    place = place_of(url)
    body = json.dumps(payload, sort_keys=True, separators=(",", ":"), default=str).encode()
    timestamp = str(int((now or datetime.now(UTC)).timestamp()))
    headers = {"Content-Type": "application/json", "X-Tealgate-Timestamp": timestamp}
    if secret:
        headers["X-Tealgate-Signature"] = signature(secret, timestamp, body)
    try:
        answer = fetch(
            Request(url=url, method="POST", headers=headers, content=body, seconds=timeout_seconds, limit=BODY_LIMIT)
        )
    except FetchError as exc:
        sentence = f"Webhook not delivered: {exc}"
        return WebhookResult(path=place, ok=False, status=None, milliseconds=0, sentence=sentence)
    ok = 200 <= answer.status < 300
    sentence = f"Webhook delivered to {place}." if ok else f"{place} refused the webhook with HTTP {answer.status}."
    milliseconds = round(1000 * answer.seconds)
    return WebhookResult(path=place, ok=ok, status=answer.status, milliseconds=milliseconds, sentence=sentence)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-Tealgate-Signature: "sha256=" and hexadecimal digits."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
