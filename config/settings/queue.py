"""From QUEUE to django-q2's settings, and the queue of AWS's events.

A task is a nudge that may be lost or repeated, so the queue is tuned for freshness rather than for keeping
things: a worker takes one task at a time from the broker instead of hoarding (queue_limit, bulk), nothing
is remembered of tasks that went well (save_limit), a failed task is not tried again (ack_failures: the
heartbeat asks again anyway), and missed schedules are not made up for (catch_up).
"""

from typing import Any
from urllib.parse import urlsplit

from config.settings.reading import Reader

#: How long an ordinary task may run; the heartbeat asks for more of its own. A task begins nothing new after 25 s
#: (deployments.tasks), and its longest step is smoke checks, then webhooks: 30 s and 10 s.
TASK_TIMEOUT_SECONDS = 75
#: When a task that nobody acknowledged is delivered again; longer than the longest task.
RETRY_SECONDS = 300
REDIS_SECONDS = {"socket_connect_timeout": 3, "socket_timeout": 5}

_FIX_EVENTS = "Set it to sqs://<region>/<queue name>, or leave it out."
_EXAMPLE_EVENTS = "sqs://eu-central-1/tealgate-events"
_FIX = "Set it to orm (the database), a redis:// or rediss:// address, or sqs://<region>/<queue name>."
_FIX_ADDRESS = "Write what is neither letter nor digit in it as % and two digits, such as %23 for #."
_EXAMPLE = "redis://redis.example.com:6379/0"


def queue_settings(read: Reader) -> dict[str, Any]:
    return {
        "name": "tealgate",
        "broker_class": "deployments.ops.broker.Broker",
        **_broker(read),
        #: Worker processes of `manage.py worker` on a host; one of them is the heartbeat's. They wait for AWS most
        #: of the time, deployments of one cluster are looked at together, and each takes 40 MiB.
        "workers": read.number("QUEUE_WORKERS", 3, lowest=2, highest=64),
        "timeout": TASK_TIMEOUT_SECONDS,
        "retry": RETRY_SECONDS,
        "poll": 0.1,
        "bulk": 1,
        "queue_limit": 1,
        "save_limit": -1,
        "catch_up": False,
        "ack_failures": True,
        "recycle": 1000,
        "label": "Background tasks",
    }


def events_queue(read: Reader) -> tuple[str, str] | None:
    """Region and name of the queue to which EventBridge sends AWS's events."""
    #: Where EventBridge sends alarms and stopped tasks: `sqs://<region>/<queue>`. Without it AWS is asked.
    value = read.text("EVENTS_QUEUE", "", example=_EXAMPLE_EVENTS)
    parts = value.removeprefix("sqs://").split("/")
    if not value:
        return None
    if value.startswith("sqs://") and len(parts) == 2 and all(parts):
        return parts[0], parts[1]
    read.complain("EVENTS_QUEUE", "is no SQS queue", _FIX_EVENTS, _EXAMPLE_EVENTS)
    return None


def _with_time_outs(address: str) -> str:
    """Without them whoever asks a Redis that does not answer waits for minutes. A task is waited for 1 s at a time."""
    missing = [f"{name}={seconds}" for name, seconds in REDIS_SECONDS.items() if f"{name}=" not in address]
    return f"{address}{'&' if '?' in address else '?'}{'&'.join(missing)}" if missing else address


def _broker(read: Reader) -> dict[str, Any]:
    #: Where tasks wait: `orm` (the database), `redis://…`, or `sqs://<region>/<queue>`.
    value = read.text("QUEUE", "orm", example=_EXAMPLE)
    if value == "orm":
        return {"orm": "default"}
    try:
        parts = urlsplit(value)
        host, path, _ = parts.hostname, parts.path.strip("/"), parts.port
    except ValueError:
        host = path = ""
        parts = urlsplit("")
    if "@" in value and "@" not in parts.netloc:  # what was parsed is a piece of the password
        read.secrets.add(value)
        read.complain("QUEUE", "has a password that ends its host", f"{_FIX_ADDRESS} {_FIX}", _EXAMPLE)
        return {"orm": "default"}
    if parts.scheme in ("redis", "rediss") and host:
        if parts.password:
            read.secrets.add(parts.password)
        return {"redis": _with_time_outs(value)}
    if parts.scheme == "sqs" and host and path:
        # django-q2 finds its queue by the cluster's name. Without a wait time it would ask without a pause; while it
        # waits it cannot be stopped. Credentials are boto3's own business: the task's role.
        return {"name": path, "sqs": {"aws_region": host, "receive_message_wait_time_seconds": 1}}
    read.complain("QUEUE", "is no queue that Tealgate knows", _FIX, _EXAMPLE)
    return {"orm": "default"}
