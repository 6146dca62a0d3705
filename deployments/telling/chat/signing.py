"""Who speaks: the HMAC of the bytes as they came, by the secret that only the chat and Tealgate have."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

#: A request is believed for so long; a clock may be as much ahead.
GOOD_FOR = timedelta(minutes=5)


def of_slack(secret: str, timestamp: str, body: bytes) -> str:
    """X-Slack-Signature, whose timestamp is X-Slack-Request-Timestamp."""
    text = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def of_teams(token: str, body: bytes) -> str:
    """Authorization of an outgoing webhook; "" for what is no security token."""
    try:
        key = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return "HMAC " + base64.b64encode(hmac.digest(key, body, "sha256")).decode()


def is_same(right: str, said: str) -> bool:
    """Without telling by time how much of it is right; nothing is as good as nothing."""
    return bool(right) and hmac.compare_digest(right.encode(), said.encode("utf-8", "surrogatepass"))


def second(said: str) -> datetime | None:
    """Of Slack: seconds since 1970."""
    return datetime.fromtimestamp(int(said), UTC) if said.isascii() and said.isdecimal() and len(said) < 12 else None


def moment(said: object) -> datetime | None:
    """Of Teams: ISO 8601, which names its zone."""
    try:
        at = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None


def is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and abs(now - at) <= GOOD_FOR
