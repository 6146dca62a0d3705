"""What an ID token says of itself before anything of it is proven: enough to find the keys, and not to be relied on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployments.identity.errors import Unsigned

#: Signatures with a public key only: "none" has no signature, and with HS* whoever can check can also sign.
ALGORITHMS = ("RS256", "ES256")
LONGEST = 16_384


@dataclass(frozen=True, kw_only=True)
class Envelope:
    issuer: str
    #: "" where the header names none
    key_id: str
    algorithm: str


def opened(text: str) -> Envelope:
    """Raises Unsigned."""
    header, claims = parts(text)
    algorithm, key_id, issuer = header.get("alg"), header.get("kid", ""), claims.get("iss")
    if algorithm not in ALGORITHMS:
        raise Unsigned(f"It is not signed by {' or '.join(ALGORITHMS)}.")
    if not isinstance(key_id, str) or not isinstance(issuer, str) or not issuer or "\0" in issuer:
        raise Unsigned("It names no issuer, or its key by something that is no text.")
    return Envelope(issuer=issuer, key_id=key_id, algorithm=str(algorithm))


def parts(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims, neither proven. Raises Unsigned for what is no ID token."""
    import jwt  # late: only what asks for tokens needs it

    if len(text) > LONGEST:
        raise Unsigned(f"It is longer than {LONGEST} characters.")
    try:
        found = jwt.PyJWS().decode_complete(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError) as error:
        raise Unsigned("It is no ID token: three parts in base64url with dots between them.") from error
    return found["header"], members(found["payload"])


def members(payload: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Unsigned("Its claims are no JSON.") from error
    if not isinstance(found, dict):
        raise Unsigned("Its claims are no JSON object.")
    return found
