"""One AWS call, whatever its protocol: which operation it is, what was asked, how its errors look.

Services are named as IAM names them: ecs, elasticloadbalancing, cloudwatch, application-autoscaling, ecr,
logs, ...
"""

import functools
import io
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import botocore.session

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

# Names of endpoints and of clients, and the one name that IAM policies use.
IAM_NAMES = {"monitoring": "cloudwatch", "elbv2": "elasticloadbalancing"}


#: What changes nothing that a restart has to bring back; what a function changes is kept with the calls that it makes.
READS = ("Describe", "List", "Get", "BatchGet", "Batch", "Simulate", "Filter", "Head", "Invoke")


def iam_name(service: str) -> str:
    return IAM_NAMES.get(service, service)


@dataclass(frozen=True)
class Call:
    service: str
    operation: str
    protocol: str  # json, cbor, query or ec2
    access_key: str
    region: str
    body: bytes
    form: dict[str, str] = field(default_factory=dict)
    #: what a REST address names, such as a function
    resource: str = ""

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The request: flat for the query protocols, {} where it cannot be read."""
        if self.form:
            return dict(self.form)
        try:
            parsed = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    @property
    def reads_only(self) -> bool:
        return self.operation.startswith(READS)


def read_body(environ: Environ) -> bytes:
    """The whole body, left in place for whoever comes next."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    stream = environ["wsgi.input"]
    body: bytes = stream.read(length) if length or not environ.get("wsgi.input_terminated") else stream.read()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body


#: Lambda's addresses: method, pattern of the path, operation.
FUNCTIONS = "/2015-03-31/functions"
REST = (
    ("POST", rf"{FUNCTIONS}/?()", "CreateFunction"),
    ("GET", rf"{FUNCTIONS}/?()", "ListFunctions"),
    ("GET", rf"{FUNCTIONS}/([^/]+)", "GetFunction"),
    ("DELETE", rf"{FUNCTIONS}/([^/]+)", "DeleteFunction"),
    ("GET", rf"{FUNCTIONS}/([^/]+)/configuration", "GetFunctionConfiguration"),
    ("PUT", rf"{FUNCTIONS}/([^/]+)/code", "UpdateFunctionCode"),
    ("POST", rf"{FUNCTIONS}/([^/]+)/invocations", "Invoke"),
)


#: EventBridge Scheduler's.
SCHEDULES = (
    ("GET", r"/schedules()", "ListSchedules"),
    ("GET", r"/schedules/([^/]+)", "GetSchedule"),
    ("POST", r"/schedules/([^/]+)", "CreateSchedule"),
    ("PUT", r"/schedules/([^/]+)", "UpdateSchedule"),
    ("DELETE", r"/schedules/([^/]+)", "DeleteSchedule"),
    ("POST", r"/schedule-groups/([^/]+)", "CreateScheduleGroup"),
)

#: Services with nothing but REST addresses, of which more are known than are answered.
BY_ADDRESS = ("lambda", "scheduler", "vpc-lattice")


def _rest(service: str, environ: Environ) -> tuple[str, str] | None:
    """Operation and what it is about, of a REST address."""
    known = {"lambda": REST, "scheduler": SCHEDULES}
    for method, pattern, operation in known.get(service) or _addresses(service):
        found = re.fullmatch(pattern, environ.get("PATH_INFO", ""))
        if found and environ.get("REQUEST_METHOD") == method:
            return operation, found[1] if found.groups() else ""
    return None


@functools.cache
def _addresses(service: str) -> tuple[tuple[str, str, str], ...]:
    """As AWS's model of the service has them: method, pattern of the path, operation."""
    model = botocore.session.get_session().get_service_model(service)
    operations = (model.operation_model(name) for name in model.operation_names)
    return tuple(
        (each.http["method"], re.sub(r"\{[^}]+\}", "[^/]+", each.http["requestUri"]), each.name) for each in operations
    )


def identify(environ: Environ, body: bytes) -> Call | None:
    """None for a request that is no AWS call."""
    scope = re.search(r"Credential=([^/,\s]+)/\d+/([\w-]+)/([\w-]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        return None
    access_key, region, signing_name = scope.groups()
    service = iam_name(signing_name)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    path = re.fullmatch(r"/service/\w+/operation/(\w+)", environ.get("PATH_INFO", ""))
    if path is not None:
        return Call(service, path[1], "cbor", access_key, region, body)
    if target:
        return Call(service, target.rpartition(".")[2], "json", access_key, region, body)
    rest = _rest(service, environ) if service in BY_ADDRESS else None
    if rest is not None:
        return Call(service, rest[0], "json", access_key, region, body, resource=rest[1])
    form = (
        dict(parse_qsl(body.decode("utf-8", "replace"))) if body else dict(parse_qsl(environ.get("QUERY_STRING", "")))
    )
    if "Action" in form:
        return Call(service, form["Action"], "ec2" if service == "ec2" else "query", access_key, region, body, form)
    return None


class Refused(Exception):
    """An answer that ends a call half way. moto's own exceptions know only codes of the API model."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, start_response: StartResponse) -> list[bytes]:
        phrases = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}
        headers = [*self.headers, ("Content-Length", str(len(self.body)))]
        start_response(f"{self.status} {phrases.get(self.status, 'Error')}", headers)
        return [self.body]


def json_response(status: int, body: bytes) -> Response:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", str(uuid.uuid4())))
    return Response(status, body, headers)


def error_response(call: Call, status: int, code: str, message: str) -> Response:
    """An error as the call's protocol writes it."""
    request_id = str(uuid.uuid4())
    identity = ("x-amzn-RequestId", request_id)
    if call.protocol == "json":
        return json_response(status, json.dumps({"__type": code, "message": message}).encode())
    if call.protocol == "cbor":
        pairs = (("__type", code), ("message", message))
        body = bytes([0xA0 + len(pairs)]) + b"".join(_cbor_text(text) for pair in pairs for text in pair)
        return Response(
            status, body, (("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"), identity)
        )
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    if call.protocol == "ec2":
        error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        xml = f"<Response><Errors>{error}</Errors><RequestID>{request_id}</RequestID></Response>"
    else:
        xml = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return Response(status, xml.encode(), (("Content-Type", "text/xml"), identity))


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    length = len(encoded)
    if length < 24:
        return bytes([0x60 + length]) + encoded
    if length < 256:
        return bytes([0x78, length]) + encoded
    return b"\x79" + length.to_bytes(2, "big") + encoded
