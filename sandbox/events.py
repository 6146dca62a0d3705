"""Amazon EventBridge on top of moto's: what AWS's own services put, and queues that get it as AWS sends it.

Services put events from wherever they notice something: under a lock of theirs, in a thread that must not end. So an
event only joins a row, when there is a rule at all; one thread delivers, in order.

Other than with moto alone: a rule that is disabled or only has a schedule gets no events; an event goes to a queue, or
to the bus of another region, as it is, and only if a policy lets EventBridge do so; one target's trouble is not
another's; no client speaks for ``aws.`` anything.
"""

import copy
import json
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.events.models import EventsBackend, Rule, events_backends
from moto.sqs.models import sqs_backends

from sandbox.iam import role_may
from sandbox.patching import Patches
from sandbox.policies import as_list, evaluate, matches

logger = logging.getLogger(__name__)

Event = dict[str, Any]
Method = Callable[..., Any]
UNNAMED = ("aws.ecr",)  # whose events name what they are about in their detail only
NOT_SENT = ("ingestion-time", "forwarded")  # of this side of EventBridge


class Events:
    def __init__(self, patches: Patches) -> None:
        patches.replace(EventsBackend, "put_events", _put_events)
        patches.replace(Rule, "send_to_targets", _send_to_targets)
        self._open = False
        self._row: queue.SimpleQueue[tuple[Any, Event] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._deliver, name="events", daemon=True)

    def start(self) -> None:
        """From now on something that happens is news; before, it was the world's building or the journal's replay."""
        self._thread.start()
        self._open = True

    def close(self) -> None:
        self._open = False
        self._row.put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def put_event(self, source: str, detail_type: str, resource: str, detail: Callable[[], dict[str, Any]]) -> None:
        """``detail`` is asked for at once, if anybody listens in the account and region of the resource's ARN."""
        if not self._open:
            return
        try:
            region, account = resource.split(":")[3:5]
            bus = _bus(account, region, "default")
            if bus is not None and bus.rules:
                self._row.put((bus, _event(source, detail_type, resource, detail())))
        except Exception:
            logger.exception("%s of %s was not put", detail_type, resource)

    def _deliver(self) -> None:
        while (entry := self._row.get()) is not None:
            bus, event = entry
            _arrive(bus, event)


class Unreached(Exception):
    """Why a target does not get the event."""


def _arrive(bus: Any, event: Event) -> None:
    for rule in list(bus.rules.values()):
        try:
            rule.send_to_targets(event)
        except Exception:
            logger.exception("Rule %s failed with an event of %s", rule.name, event["source"])


def _bus(account: str, region: str, name: str) -> Any:
    """None where nobody has used EventBridge yet: to look must not make anything."""
    backend = dict.get(dict.get(events_backends, account) or {}, region)
    return backend.event_buses.get(name) if backend is not None else None


def _event(source: str, detail_type: str, resource: str, detail: dict[str, Any]) -> Event:
    """As moto keeps it: times are seconds, and one of them is not AWS's."""
    region, account = resource.split(":")[3:5]
    now = time.time()
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": now,
        "region": region,
        "resources": [] if source in UNNAMED else [resource],
        "detail": detail,
        "ingestion-time": now,
    }


def _put_events(original: Method) -> Method:
    def put_events(backend: Any, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        theirs = [not str(entry.get("Source", "")).startswith("aws.") for entry in events]
        answers = iter(original(backend, [entry for entry, own in zip(events, theirs, strict=True) if own]))
        return [next(answers) if own else dict(_NOT_THEIRS) for own in theirs]

    return put_events


_NOT_THEIRS = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}


def _send_to_targets(original: Method) -> Method:
    def send_to_targets(rule: Any, event: Event, transform_input: bool = True) -> None:
        pattern = rule.event_pattern
        if rule.state == "DISABLED" or not pattern.get_pattern() or not pattern.matches_event(event):
            return
        for target in list(rule.targets):
            try:
                if ":sqs:" in target["Arn"] and not target.get("InputTransformer"):
                    _send_to_queue(rule, target, event)
                elif ":event-bus/" in target["Arn"]:
                    _send_to_bus(rule, target, event)
                else:
                    alone = copy.copy(rule)
                    alone.targets = [target]
                    original(alone, copy.deepcopy(event), transform_input)
            except Unreached as reason:
                logger.warning("Rule %s did not reach its target %s: %s", rule.name, target["Arn"], reason)
            except Exception:
                logger.exception("Rule %s did not reach its target %s", rule.name, target["Arn"])

    return send_to_targets


def _send_to_queue(rule: Any, target: dict[str, Any], event: Event) -> None:
    region, account, name = target["Arn"].split(":")[3:6]
    if region != rule.region_name:
        raise Unreached("rules send to queues of their own region only")
    backend = sqs_backends[account][region]
    found = backend.queues.get(name)
    if found is None:
        raise Unreached("there is no such queue")
    if target.get("RoleArn"):
        _check_role(target, "sqs:SendMessage")
    elif not _lets_in(found, rule.arn):
        raise Unreached("the queue's policy does not let EventBridge send from this rule")
    body = {key: value for key, value in event.items() if key not in NOT_SENT}
    body["time"] = f"{datetime.fromtimestamp(float(event['time']), UTC):%Y-%m-%dT%H:%M:%SZ}"
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    backend.send_message(queue_name=name, message_body=json.dumps(body), group_id=group)


def _send_to_bus(rule: Any, target: dict[str, Any], event: Event) -> None:
    """The event stays what it is, with the account and region that it is from."""
    if event.get("forwarded"):
        raise Unreached("an event goes on to another bus once, not twice")
    region, account, name = target["Arn"].split(":")[3:6]
    if target.get("RoleArn") or (account, region) != (rule.account_id, rule.region_name):
        _check_role(target, "events:PutEvents")
    bus = _bus(account, region, name.partition("/")[2])
    if bus is not None:
        _arrive(bus, event | {"forwarded": True})


def _check_role(target: dict[str, Any], action: str) -> None:
    role = target.get("RoleArn")
    if not role:
        raise Unreached(f"the target has no role that may {action} there")
    if not role_may("events.amazonaws.com", role, action, target["Arn"]):
        raise Unreached(f"EventBridge may not assume {role}, or that may not {action} there")


def _lets_in(found: Any, rule_arn: str) -> bool:
    """By the queue's policy EventBridge may send what this rule matched."""
    policy = json.loads(found.policy or "{}")
    statements = []
    for statement in as_list(policy.get("Statement", [])):
        principal = statement.get("Principal", {})
        services = ["*"] if principal == "*" else as_list(principal.get("Service", []))
        if any(matches(service, "events.amazonaws.com") for service in services):
            statements.append({key: value for key, value in statement.items() if key != "Principal"})
    context = {"aws:SourceArn": [rule_arn], "aws:SourceAccount": [rule_arn.split(":")[4]]}
    document = {"Statement": statements}
    return evaluate({"queue": document}, "sqs:SendMessage", found.queue_arn, context).allowed
