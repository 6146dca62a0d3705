"""An issuer's keys: its discovery document says where they are.

Who names an issuer chooses an address that Tealgate asks. Its document chooses a second one: that may be elsewhere (one
provider does so), but then only at a public address, so that no document opens a way into the network around Tealgate.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from deployments.identity.errors import IssuerError
from deployments.identity.signature import KEY_KINDS, Key
from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Request, fetch, place_of

LONGEST = 255
SECONDS = 5.0
LIMIT = 1024 * 1024
_DISCOVERY = "/.well-known/openid-configuration"
#: All that is kept of a key: what checks signatures, and for which channels of Microsoft's it is good.
_MEMBERS = ("kty", "kid", "alg", "n", "e", "crv", "x", "y")
_ENDORSEMENTS, _MOST_ENDORSEMENTS = "endorsements", 200


def trouble(issuer: str, *, plain: bool = False) -> str:
    """Why it is no issuer's address, in a sentence; "" when it is. `plain`: without TLS, too."""
    try:
        parts = urlsplit(issuer)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if not named or not issuer.isascii() or not issuer.isprintable() or " " in issuer:
        return "An issuer is an address such as https://token.actions.githubusercontent.com."
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        return "An issuer's address starts with https://: its keys decide who is trusted."
    if parts.query or parts.fragment or parts.username is not None or len(issuer) > LONGEST:
        return f"An issuer's address has no user, no ? and no #, and at most {LONGEST} characters."
    return ""


def keys_of(issuer: str, *, plain: bool = False) -> list[Key]:
    """As JSON Web Keys. Raises IssuerError."""
    if sentence := trouble(issuer, plain=plain):
        raise IssuerError(sentence)
    document = _fetched(f"{issuer.rstrip('/')}{_DISCOVERY}", public=False)
    _require_name(document, issuer, issuer)
    address = _keys_address(document, issuer, plain)
    return _listed(address, public=place_of(address) != place_of(issuer))


def keys_at(document_url: str, issuer: str, *, plain: bool = False) -> list[Key]:
    """Of an issuer whose document is elsewhere than its name says, with its keys beside it. Raises IssuerError."""
    if sentence := trouble(document_url, plain=plain):
        raise IssuerError(sentence)
    document = _fetched(document_url, public=False)
    _require_name(document, issuer, document_url)
    address = _keys_address(document, document_url, plain)
    if place_of(address) != place_of(document_url):
        raise IssuerError(
            f"{place_of(document_url)} says that its keys are at {place_of(address)}, which is not asked."
        )
    return _listed(address, public=False)


def _require_name(document: Mapping[str, Any], issuer: str, asked: str) -> None:
    """Raises IssuerError."""
    called = document.get("issuer")
    if called != issuer:
        raise IssuerError(f"{place_of(asked)} calls itself {str(called)[:LONGEST]!r}; name the issuer exactly so.")


def _keys_address(document: Mapping[str, Any], asked: str, plain: bool) -> str:
    """Raises IssuerError."""
    address = document.get("jwks_uri")
    if not isinstance(address, str) or trouble(address.partition("?")[0], plain=plain):
        raise IssuerError(f"{place_of(asked)} does not say at which https address its keys are (jwks_uri).")
    return address


def _listed(address: str, *, public: bool) -> list[Key]:
    """Raises IssuerError."""
    listed = _fetched(address, public=public).get("keys")
    keys = [_kept(key) for key in listed if _signs(key)] if isinstance(listed, list) else []
    if not keys:
        raise IssuerError(f"{place_of(address)} lists no key for {' or '.join(KEY_KINDS)} signatures.")
    return keys


def _fetched(url: str, *, public: bool) -> Mapping[str, Any]:
    place = place_of(url)
    try:
        answer = fetch(Request(url=url, seconds=SECONDS, limit=LIMIT, public=public))
    except FetchError as error:
        raise IssuerError(str(error)) from error
    if 300 <= answer.status < 400:
        raise IssuerError(f"{place} redirects (HTTP {answer.status}), which is not followed; name the issuer itself.")
    if answer.status != 200:
        raise IssuerError(f"{place} answered HTTP {answer.status} where an issuer has {urlsplit(url).path}.")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise IssuerError(f"{place} answered something that is no JSON at {urlsplit(url).path}.") from error
    if not isinstance(found, dict):
        raise IssuerError(f"{place} answered no JSON object at {urlsplit(url).path}.")
    return found


def _signs(key: Any) -> bool:
    return isinstance(key, dict) and key.get("kty") in KEY_KINDS.values() and key.get("use", "sig") == "sig"


def _kept(key: Mapping[str, Any]) -> Key:
    kept: dict[str, Any] = {name: key[name] for name in _MEMBERS if _is_kept(key.get(name))}
    endorsed = key.get(_ENDORSEMENTS)
    if isinstance(endorsed, list):
        kept[_ENDORSEMENTS] = [each for each in endorsed[:_MOST_ENDORSEMENTS] if _is_kept(each)]
    return kept


def _is_kept(value: Any) -> bool:
    """A name that no database keeps is no issuer's."""
    return isinstance(value, str) and value.isprintable()
