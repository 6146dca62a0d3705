"""A topic of Amazon SNS. An address is sns://TOPIC ARN, with ?role=ARN and &external_id=… for another account's."""

import hashlib
import json
import re
from typing import Any

from deployments.telling.notifications import rendering
from deployments.telling.notifications.plain import cut
from deployments.telling.notifications.services import Outgoing, Sent, through_aws, typed_address

_LONGEST_SUBJECT, _LONGEST_SMS, _LONGEST_ID = 100, 140, 128
_ID = re.compile(r"[!-~]{1,128}")


class Sns:
    """A topic that ends in .fifo delivers each message once, however often it is sent within five minutes."""

    def send(self, outgoing: Outgoing) -> Sent:
        address = typed_address.read(outgoing.address_url)
        return through_aws.sent(
            address, lambda publisher: publisher.publish(address.where, _message(outgoing, address.where)),
            is_sent_once=address.where.endswith(".fifo"),
        )  # fmt: skip


def _message(outgoing: Outgoing, topic: str) -> dict[str, Any]:
    """In Publish's words."""
    subject = rendering.subject(outgoing.content)
    told = {
        "default": f"{subject}\n\n{rendering.text(outgoing.content, outgoing.site_url)}",
        "sms": cut(subject, _LONGEST_SMS),
    }
    attributes = {"kind": outgoing.kind, "does": outgoing.does.value, "thread": outgoing.thread}
    message: dict[str, Any] = {
        "Subject": _plain(subject),
        "Message": json.dumps(told),
        "MessageStructure": "json",
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
        },
    }
    if topic.endswith(".fifo"):
        message |= {"MessageGroupId": _identifier(outgoing.thread), "MessageDeduplicationId": _identifier(outgoing.key)}
    return message


def _plain(subject: str) -> str:
    """SNS takes ASCII only, and no more than a hundred letters."""
    ascii_only = subject.encode("ascii", "replace").decode()
    return cut(ascii_only, _LONGEST_SUBJECT - 2).replace("…", "...")[:_LONGEST_SUBJECT] or "Tealgate"


def _identifier(text: str) -> str:
    """As it is where SNS takes it, such as event:17; else what stands for it."""
    return text if _ID.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()
