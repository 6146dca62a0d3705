"""What a bot is sent is believed by the token of Microsoft's Bot Connector, and taken once.

The token is for this bot alone, and names the address to which answers go; it does not cover the body, which is why
that address has to be the same in both. Whoever sends something else learns nothing of why.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from deployments import logs
from deployments.catalog.trusts import issuer_keys
from deployments.identity import envelope, signature, times
from deployments.identity.errors import Unsigned
from deployments.identity.signature import Key
from deployments.telling.chat import taking
from deployments.telling.chat.bot import activities, hosts
from deployments.telling.chat.models import ChatWorkspace

#: By how much Microsoft's clock and ours may differ.
LEEWAY = timedelta(minutes=5)
#: The channel that a key has to be good for.
TEAMS = "msteams"
_LONGEST_ID = 300
_REFUSED = "This is not what Microsoft's Bot Connector sends to this bot."
log = logs.get(__name__)


def believed(here: ChatWorkspace, *, authorization: str, body: bytes, now: datetime) -> dict[str, Any]:
    """The activity. Raises NotBelieved, Unchecked, Repeated, Unreadable."""
    try:
        claims = _proven(authorization, now)
        if trouble := _wrong_claims(claims, here, now):
            raise Unsigned(trouble)
    except Unsigned as error:
        raise _not_believed(here, str(error)) from error
    activity = taking.read(body)
    if trouble := _wrong_activity(activity, claims, here):
        raise _not_believed(here, trouble)
    taking.once(here, _mark(activity), now, until=_ends(claims, now))
    return activity


def _proven(authorization: str, now: datetime) -> Mapping[str, Any]:
    """The token's claims. Raises Unsigned, Unchecked."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.isascii():
        raise Unsigned("There is no token.")
    opened = envelope.opened(token.strip())
    if opened.issuer != settings.TEAMS_ISSUER:  # nobody else's keys are asked for
        raise Unsigned("It is of another issuer.")
    try:
        known = issuer_keys.keys(opened, now, document_url=settings.TEAMS_KEYS_URL)
    except issuer_keys.NoKeys as error:
        raise taking.Unchecked(error.seconds) from error
    return signature.proven(token.strip(), opened, _endorsed(known))


def _endorsed(keys: Sequence[Key]) -> list[Key]:
    """Those by which activities of Teams may be signed."""
    return [key for key in keys if TEAMS in (key.get("endorsements") or ())]


def _wrong_claims(claims: Mapping[str, Any], here: ChatWorkspace, now: datetime) -> str:
    if not here.app_id or claims.get("aud") != here.app_id:
        return "It is for another bot."
    return times.trouble(claims, now, leeway=LEEWAY)


def _wrong_activity(activity: Mapping[str, Any], claims: Mapping[str, Any], here: ChatWorkspace) -> str:
    """Why it does not go with its token, or with this bot; "" when it does."""
    pk, url = activity.get("id"), activity.get("serviceUrl")
    if activity.get("channelId") != TEAMS:
        return "It is of another channel than Teams."
    if not isinstance(url, str) or _same(url) != _same(claims.get("serviceurl", claims.get("serviceUrl"))):
        return "Its service is not the one that its token names."
    if refusal := hosts.refusal(url):
        return refusal
    if not isinstance(pk, str) or not 0 < len(pk) <= _LONGEST_ID:
        return "It has no ID."
    if activities.tenants(activity) != {here.place.lower()}:
        return "It is of another tenant."
    return ""


def _same(url: object) -> str:
    return url.rstrip("/") if isinstance(url, str) else ""


def _mark(activity: Mapping[str, Any]) -> str:
    """Of messages an ID is the millisecond, so that two conversations may have the same."""
    conversation = activity.get("conversation")
    where = conversation.get("id") if isinstance(conversation, dict) else None
    return json.dumps([activity.get("type"), activity["id"], where, activity["serviceUrl"]])


def _ends(claims: Mapping[str, Any], now: datetime) -> datetime:
    """Until when the token would be believed."""
    return times.later(times.moment(claims.get("exp")) or now, LEEWAY)


def _not_believed(here: ChatWorkspace, why: str) -> taking.NotBelieved:
    log.warning("a bot is not believed", workspace=str(here), why=why)
    return taking.NotBelieved(_REFUSED)
