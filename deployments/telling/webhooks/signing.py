"""The headers of Standard Webhooks: what was sent, when, and a signature by each secret that counts now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_bytes

PREFIX = "whsec_"


def new_secret() -> str:
    from base64 import b64encode

    return PREFIX + b64encode(token_bytes(32)).decode()


def signed(body: str, *, message_id: str, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """One signature a secret, the newest first: whoever verifies takes any of them."""
    from standardwebhooks import Webhook

    signatures = [Webhook(secret).sign(message_id, now, body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
