"""What a connection's form refuses, beyond what each column refuses by itself."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from deployments.outbound.fetching import is_loopback
from deployments.telling.forge.models import ForgeKind

#: field and sentence
Wrong = tuple[str, str]


def wrong(said: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Wrong]:
    """`said`: what the form says, secrets empty where they stay. `before`: its values until now; None for a new one."""
    kind, address = said.get("kind", ""), said.get("api_url", "")
    if address:
        yield from _address(address)
    if kind == ForgeKind.GITHUB_APP:
        for name in ("app_id", "installation_id"):
            if not said.get(name):
                yield name, "An app has one."
    secret = said.get("secret", "")
    if not secret:
        yield from _kept(said, before)
    elif kind == ForgeKind.GITHUB_APP:
        yield from _key(secret)
    if said.get("webhook_secret") and kind != ForgeKind.GITHUB_APP:
        yield "webhook_secret", "Only an app has jobs wait; leave it empty."
    if said.get("webhook_secret") and len(said["webhook_secret"]) < 16:
        yield "webhook_secret", "Use at least 16 random characters, such as from: openssl rand -hex 32."


def _address(address: str) -> Iterator[Wrong]:
    parts = urlsplit(address)
    if parts.query or parts.fragment:
        yield "api_url", "Leave out what stands behind ? or #."
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        yield "api_url", "Give it https://: a key or token goes there."


def _kept(said: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Wrong]:
    """A secret goes where it was given for, and not to an address that somebody writes in later."""
    if before is None:
        yield "secret", "Give the app's private key, or the token."
        return
    if any(before[name] != said.get(name) for name in ("kind", "api_url")):
        yield "secret", "Give it again with another kind or address: the one that is kept was given for those."


def _key(pem: str) -> Iterator[Wrong]:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        yield "secret", "This is no private key: paste the .pem file that GitHub made, from -----BEGIN to the end."
