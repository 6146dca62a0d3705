"""Whether an ID token was signed by one of its issuer's keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from deployments.identity.envelope import Envelope, members
from deployments.identity.errors import UnknownKey, Unsigned

#: What kind of key each algorithm takes, so that none is ever tried with another's.
KEY_KINDS = {"RS256": "RSA", "ES256": "EC"}

Key = Mapping[str, Any]


def proven(text: str, envelope: Envelope, keys: Sequence[Key]) -> Mapping[str, Any]:
    """Its claims. `keys`: the issuer's, as JSON Web Keys. Raises Unsigned; UnknownKey when newer keys might help."""
    if not (fitting := named(envelope, keys)):
        raise UnknownKey("Its issuer has no such key.")
    for key in fitting:
        if (payload := _payload(text, envelope.algorithm, key)) is not None:
            return members(payload)
    raise Unsigned("It was not signed by the issuer's key, or changed since.")


def named(envelope: Envelope, keys: Sequence[Key]) -> list[Key]:
    """Those by which it may be signed. Without a name in its header: the only one that there is."""
    kind = KEY_KINDS[envelope.algorithm]
    found = [key for key in keys if key.get("kty") == kind and key.get("alg", envelope.algorithm) == envelope.algorithm]
    if envelope.key_id:
        return [key for key in found if key.get("kid") == envelope.key_id]
    return found if len(found) == 1 else []


def _payload(text: str, algorithm: str, key: Key) -> bytes | None:
    """None when it is not signed by this key."""
    import jwt
    from cryptography.exceptions import UnsupportedAlgorithm

    checking = jwt.PyJWS(algorithms=[algorithm], options={"verify_signature": True, "enforce_minimum_key_length": True})
    try:
        made = jwt.PyJWK(dict(key), algorithm)
        found: bytes = checking.decode_complete(text, made, algorithms=[algorithm])["payload"]
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError):
        return None
    return found
