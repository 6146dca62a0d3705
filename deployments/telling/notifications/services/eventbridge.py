"""A bus of Amazon EventBridge, for rules of one's own. An address is eventbridge://BUS ARN, with ?role=ARN and
&external_id=… for another account's. docs/on-call.md has the event.
"""

import json
from typing import Any, Final

from deployments.telling.notifications import rendering
from deployments.telling.notifications.rendering import parts
from deployments.telling.notifications.services import Outgoing, Sent, through_aws, typed_address

SOURCE: Final = "tealgate"
DETAIL_TYPE: Final = "Tealgate Notification"


class EventBridge:
    """Delivers at least once: `id` is the same with every attempt."""

    def send(self, outgoing: Outgoing) -> Sent:
        address = typed_address.read(outgoing.address_url)
        entry = {
            "EventBusName": address.where,
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Time": outgoing.now,
            "Detail": json.dumps(_detail(outgoing)),
        }
        return through_aws.sent(address, lambda publisher: publisher.put_event(entry))


def _detail(outgoing: Outgoing) -> dict[str, Any]:
    content = outgoing.content
    return {
        "id": outgoing.key,
        "kind": outgoing.kind,
        "does": outgoing.does.value,
        "thread": outgoing.thread,
        "tone": content.tone,
        "subject": rendering.subject(content),
        "text": rendering.text(content, outgoing.site_url),
        "facts": dict(parts.facts(content)),
        "url": parts.link(content, outgoing.site_url),
        "site": outgoing.site_url,
    }
