"""Opsgenie's alerts and Jira Service Management's, which has the same API: one alert by its alias, notes, and closed.

apprise's plug-in closes only what it remembers on its own disk. An address is opsgenie://API KEY/, with ?region=eu, or
?endpoint=https://api.atlassian.com/jsm/ops/integration/v2/alerts.
https://docs.opsgenie.com/docs/alert-api
"""

from typing import Any, Final
from urllib.parse import quote

from deployments.telling.notifications import rendering
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.plain import cut
from deployments.telling.notifications.rendering import parts
from deployments.telling.notifications.services import Outgoing, Sent, on_call, typed_address
from deployments.telling.notifications.services.posting import Post, posted

_ENDPOINTS: Final = {
    "us": "https://api.opsgenie.com/v2/alerts",
    "eu": "https://api.eu.opsgenie.com/v2/alerts",
}
_PRIORITIES: Final = {"critical": "P1", "warning": "P3", "info": "P5"}
_LONGEST_MESSAGE, _LONGEST_TEXT, _LONGEST_NOTE = 130, 15_000, 25_000


class Opsgenie:
    def send(self, outgoing: Outgoing) -> Sent:
        if dropped := on_call.refused(outgoing):
            return dropped
        match outgoing.does:
            case Does.RESOLVE:
                return _sent(outgoing, "close", _noted(outgoing))
            case Does.UPDATE:
                return _sent(outgoing, "notes", _noted(outgoing))
        sent = _sent(outgoing, "", _told(outgoing))
        if sent.ok and outgoing.kind == Kind.TEST:  # nobody is kept awake by it
            return _sent(outgoing, "close", _noted(outgoing))
        return sent


def _sent(outgoing: Outgoing, verb: str, payload: dict[str, Any]) -> Sent:
    address, alias = typed_address.read(outgoing.address_url), on_call.key(outgoing)
    url = address.option("endpoint", _ENDPOINTS.get(address.option("region"), _ENDPOINTS["us"])).rstrip("/")
    if verb:
        url = f"{url}/{quote(alias, safe='')}/{verb}?identifierType=alias"
    headers = {"Authorization": f"GenieKey {address.where.partition('/')[0]}"}
    sent = posted(Post(url=url, payload=payload, headers=headers, is_internal=outgoing.is_internal), outgoing.now)
    return Sent(
        ok=sent.ok, said=sent.said, retry_after=sent.retry_after, gone=sent.gone,
        reference={"alias": alias} if sent.ok else {},
    )  # fmt: skip


def _told(outgoing: Outgoing) -> dict[str, Any]:
    content = outgoing.content
    return {
        "message": cut(rendering.subject(content), _LONGEST_MESSAGE),
        "alias": on_call.key(outgoing),
        "description": rendering.text(content, outgoing.site_url, most=_LONGEST_TEXT),
        "details": {"kind": outgoing.kind, **dict(parts.facts(content))},
        "priority": _PRIORITIES[on_call.severity(outgoing)],
        "source": outgoing.site_url or "tealgate",
    }


def _noted(outgoing: Outgoing) -> dict[str, Any]:
    content = outgoing.content
    said = f"{rendering.subject(content)}\n\n{rendering.text(content, outgoing.site_url, most=_LONGEST_TEXT)}"
    return {"note": cut(said, _LONGEST_NOTE), "source": outgoing.site_url or "tealgate"}
