"""What is sent: CloudEvents 1.0 in its JSON form, whose data is what the API shows of an event."""

import json
from datetime import datetime
from typing import Any

from deployments.record.models import Event

CONTENT_TYPE = "application/cloudevents+json"


def message_id(event: Event) -> str:
    """The same for ever, and another one where a database that was restored writes another event of this number."""
    return f"evt_{event.pk}_{event.hash[:12]}"


def of_event(event: Event, *, source: str, subject: str) -> str:
    """`source`: our own address; `subject`: such as shop/production/7."""
    return _written(
        id=message_id(event), source=source, type=f"tealgate.{event.kind}", subject=subject, time=event.at,
        partitionkey=event.chain.name, sequence=f"{event.number:010}", data=shown(event),
    )  # fmt: skip


def of_test(identifier: str, *, source: str, asked_by: str, now: datetime) -> str:
    data = {"message": f"A test, asked for by {asked_by}. Nothing happened."}
    return _written(id=identifier, source=source, type="tealgate.test", subject="test", time=now, data=data)


def shown(event: Event) -> dict[str, Any]:
    return {
        "id": event.pk,
        "at": _rfc3339(event.at),
        "chain": event.chain.name,
        "number": event.number,
        "deployment": event.deployment_id,
        "kind": event.kind,
        "stage": event.stage,
        "actor_kind": str(event.actor_kind),
        "actor": event.actor,
        "by": event.by,
        "message": event.message,
    }


def _written(*, time: datetime, data: dict[str, Any], **attributes: str) -> str:
    """Letters beyond ASCII are escaped, so that its bytes are the same wherever it is written."""
    body = {"specversion": "1.0", **attributes, "time": _rfc3339(time), "datacontenttype": "application/json"}
    return json.dumps({**body, "data": data}, separators=(",", ":"))


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
