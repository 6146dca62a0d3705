"""PagerDuty's Events API v2, and services that take the same: trigger, acknowledge and resolve by one key.

apprise's plug-in knows the key, but neither a title, details, links nor acknowledging, and hides what was answered.
An address is pagerduty://INTEGRATION KEY/, with ?region=eu, or ?endpoint=https://… of a service that takes the same.
https://developer.pagerduty.com/docs/send-alert-event
"""

from collections.abc import Mapping
from typing import Any, Final

from deployments.telling.notifications import rendering
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.plain import cut
from deployments.telling.notifications.rendering import parts
from deployments.telling.notifications.services import Outgoing, Sent, on_call, typed_address
from deployments.telling.notifications.services.posting import Post, posted

_ENDPOINTS: Final = {
    "us": "https://events.pagerduty.com/v2/enqueue",
    "eu": "https://events.eu.pagerduty.com/v2/enqueue",
}
_LONGEST_SUMMARY, _LONGEST_TEXT = 1024, 8000


class PagerDuty:
    def send(self, outgoing: Outgoing) -> Sent:
        if dropped := on_call.refused(outgoing):
            return dropped
        sent = _sent(outgoing, _action(outgoing))
        if sent.ok and outgoing.kind == Kind.TEST:  # nobody is kept awake by it
            return _sent(outgoing, "resolve")
        return sent


def _action(outgoing: Outgoing) -> str:
    """An update that is neither good nor bad is that somebody is at work on it."""
    if outgoing.does == Does.RESOLVE:
        return "resolve"
    return "acknowledge" if outgoing.does == Does.UPDATE and outgoing.content.tone == "plain" else "trigger"


def _sent(outgoing: Outgoing, action: str) -> Sent:
    address, key = typed_address.read(outgoing.address_url), on_call.key(outgoing)
    url = address.option("endpoint", _ENDPOINTS.get(address.option("region"), _ENDPOINTS["us"]))
    event: dict[str, Any] = {"routing_key": _key_of(address.where), "event_action": action, "dedup_key": key}
    if action == "trigger":
        event |= _told(outgoing)
    sent = posted(Post(url=url, payload=event, headers={}, is_internal=outgoing.is_internal), outgoing.now)
    return Sent(
        ok=sent.ok, said=sent.said, retry_after=sent.retry_after, gone=sent.gone,
        reference={"dedup_key": key} if sent.ok else {},
    )  # fmt: skip


def _key_of(where: str) -> str:
    """apprise's form has another word behind an @."""
    return where.partition("/")[0].partition("@")[0]


def _told(outgoing: Outgoing) -> Mapping[str, Any]:
    content = outgoing.content
    details = {"text": rendering.text(content, outgoing.site_url, most=_LONGEST_TEXT), **dict(parts.facts(content))}
    link = parts.link(content, outgoing.site_url)
    return {
        "payload": {
            "summary": cut(rendering.subject(content), _LONGEST_SUMMARY),
            "source": outgoing.site_url or "tealgate",
            "severity": on_call.severity(outgoing),
            "timestamp": outgoing.now.isoformat(),
            "class": outgoing.kind,
            "custom_details": details,
        },
        "client": "Tealgate",
        "links": [{"href": link, "text": parts.link_text(content)}] if link else [],
    }
