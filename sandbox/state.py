"""Going on where the last run stopped: a journal of the requests that changed something.

The seeded world is the same at every start, so a journal of what was asked since is enough. Each entry
carries its number, which also seeds moto's identifiers: replayed, the same request makes the same ARNs. The
journal is a file of JSON lines. A line that was cut off (the process was killed while writing) never had an
answer, so it is ignored.

At every start the journal is made shorter: of requests that set the same thing again and again
(UpdateService, ModifyRule, ...) only what they come to is kept.

Service deployments are also remembered as a whole: repeated requests would start them all once more.

Not journaled: tasks and container instances (they die with the sandbox), log lines, metrics, credentials, events,
messages in queues.
"""

import base64
import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.moto_api._internal import mock_random

from sandbox.calls import Call, Environ

TRANSIENT = (
    "ecs:RunTask",
    "ecs:StopTask",
    # What they come to is remembered with the deployment itself.
    "ecs:ContinueServiceDeployment",
    "ecs:StopServiceDeployment",
    "codedeploy:CreateDeployment",
    "codedeploy:PutLifecycleEventHookExecutionStatus",
    "codedeploy:ContinueDeployment",
    "codedeploy:SkipWaitTimeForInstanceTermination",
    "codedeploy:StopDeployment",
    "ecs:UpdateTaskProtection",
    "ecs:PutAttributes",
    "ecs:DeleteAttributes",
    "ecs:RegisterContainerInstance",
    "ecs:DeregisterContainerInstance",
    "cloudwatch:PutMetricData",
    "logs:PutLogEvents",
    "logs:CreateLogStream",
    "events:PutEvents",
    "sqs:ChangeMessageVisibility",
    "sqs:ChangeMessageVisibilityBatch",
    "sqs:DeleteMessage",
    "sqs:DeleteMessageBatch",
    "sqs:PurgeQueue",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "sqs:SendMessageBatch",
)
REMEMBER = "REMEMBER"  # the method of a record that is no request
HEADERS = ("HTTP_AUTHORIZATION", "HTTP_X_AMZ_TARGET", "HTTP_SMITHY_PROTOCOL", "CONTENT_TYPE", "HTTP_ACCEPT")
Record = dict[str, Any]


@dataclass
class Entry:
    keep: bool = False


class Journal:
    """Without a directory nothing is written and requests are not put in a row."""

    def __init__(self, directory: Path | None) -> None:
        self._path = directory / "journal.jsonl" if directory is not None else None
        self._lock = threading.Lock()
        self._number = 0
        self._file: Any = None

    @contextlib.contextmanager
    def call(self, call: Call, environ: Environ) -> Iterator[Entry]:
        entry = Entry()
        if self._file is None or call.reads_only or call.service == "sts" or call.name in TRANSIENT:
            yield entry
            return
        record = {
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "headers": {name: environ[name] for name in HEADERS if environ.get(name)},
        }
        with self._numbered(record | _key(call), call.body, entry):
            yield entry

    @contextlib.contextmanager
    def control(self, method: str, path: str, body: bytes) -> Iterator[None]:
        if self._file is None or (method, path) != ("POST", "/_sandbox/images"):
            yield
            return
        with self._numbered({"method": method, "path": path, "headers": {}}, body, Entry(keep=True)):
            yield

    def note(self, call: Call, *, method: str = "POST", path: str = "/") -> None:
        """A change that a service made by itself, such as a shift of traffic, as the request that would make it."""
        scope = f"sandbox/20260101/{call.region}/{call.service}/aws4_request"
        headers = {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"}
        if call.form:
            headers["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
        elif path != "/":
            headers["CONTENT_TYPE"] = "application/json"
        else:
            headers["HTTP_X_AMZ_TARGET"] = f"Sandbox.{call.operation}"
            headers["CONTENT_TYPE"] = "application/x-amz-json-1.1"
        self._write({"method": method, "path": path, "headers": headers} | _key(call), call.body)

    def remember(self, kind: str, name: str, state: dict[str, Any]) -> None:
        """What no request would bring back. Of what is remembered under one name, only the last is kept."""
        record = {"method": REMEMBER, "path": kind, "headers": {}, "key": f"{kind}:{name}"}
        self._write(record, json.dumps(state).encode())

    def replay(self, perform: Callable[[Record, bytes], None]) -> int:
        """Perform what is in the journal, in order, then open it for more. Returns how much there was."""
        if self._path is None:
            return 0
        self._path.parent.mkdir(parents=True, exist_ok=True)
        records = compacted(list(_read(self._path)))
        _rewrite(self._path, records)
        for record in records:
            mock_random.seed(record["number"])
            perform(record, base64.b64decode(record["body"]))
            self._number = max(self._number, record["number"])
        self._file = self._path.open("ab", buffering=0)
        return len(records)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @contextlib.contextmanager
    def _numbered(self, record: Record, body: bytes, entry: Entry) -> Iterator[None]:
        with self._lock:
            self._number += 1
            record["number"] = self._number
            mock_random.seed(self._number)
            yield
            if entry.keep:
                self._write(record, body)

    def _write(self, record: Record, body: bytes) -> None:
        if self._file is None:
            return
        if "number" not in record:
            # Called from the scheduler, which must not wait for requests that wait for it.
            record = record | {"number": self._number}
        line = json.dumps(record | {"body": base64.b64encode(body).decode()}) + "\n"
        self._file.write(line.encode())


def compacted(records: list[Record]) -> list[Record]:
    """Of requests with the same key only the first place and the sum of what they set."""
    kept: dict[Any, Record] = {}
    for position, record in enumerate(records):
        key = record.get("key")
        if key is None or key not in kept:
            kept[key or position] = record
            continue
        # Moved to the end: a service may now name a task definition that was registered in between.
        before = kept.pop(key)
        remembered = record.get("method") == REMEMBER
        kept[key] = record if remembered else record | {"body": _merged(before["body"], record["body"])}
    return list(kept.values())


def _key(call: Call) -> Record:
    """Requests that may be merged, because the last one says all there is or later fields win over earlier ones."""
    names = {
        "ecs:UpdateService": ("cluster", "service"),
        "application-autoscaling:RegisterScalableTarget": (
            "ServiceNamespace",
            "ResourceId",
            "ScalableDimension",
        ),
    }.get(call.name)
    if names is not None:
        values = [
            str(call.parameters.get(name, "")).rpartition("/" if call.service == "ecs" else "\0")[2] for name in names
        ]
        return {"key": ":".join([call.region, call.name, *values])}
    if call.name == "elasticloadbalancing:ModifyRule" and not any("Conditions" in name for name in call.form):
        return {"key": f"{call.name}:{call.form.get('RuleArn')}"}
    return {}


def _merged(before: str, after: str) -> str:
    try:
        first, second = json.loads(base64.b64decode(before)), json.loads(base64.b64decode(after))
    except ValueError:
        return after  # a form: each request sets all there is
    for name, value in second.items():
        both_are_objects = isinstance(value, dict) and isinstance(first.get(name), dict)
        first[name] = first[name] | value if both_are_objects else value
    return base64.b64encode(json.dumps(first).encode()).decode()


def _read(path: Path) -> Iterator[Record]:
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n")[:-1]:
        with contextlib.suppress(ValueError):
            yield json.loads(line)


def _rewrite(path: Path, records: list[Record]) -> None:
    """In one step: a process that dies half way leaves the old journal."""
    temporary = path.with_suffix(".new")
    temporary.write_text("".join(json.dumps(record) + "\n" for record in records))
    os.replace(temporary, path)
