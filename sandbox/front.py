"""The one door: every request passes here on its way to ECS, CodeDeploy or moto.

In this order: count it, meet faults, check when it was signed and who calls, perform it, write it into the journal,
answer.
"""

import contextlib
import logging
import socket
import time
from typing import Any, Protocol

from sandbox import connections, regions
from sandbox.calls import (
    Call,
    Environ,
    Refused,
    Response,
    StartResponse,
    error_response,
    identify,
    json_response,
    read_body,
)
from sandbox.client import perform
from sandbox.codedeploy import api as codedeploy_api
from sandbox.ecs import api
from sandbox.faults import Faults, access_denied, refusal
from sandbox.functions.api import Api
from sandbox.iam import denied
from sandbox.regions import Regions
from sandbox.skew import Skew
from sandbox.state import Journal
from sandbox.sts import DEVELOPER, Sessions

logger = logging.getLogger(__name__)


class Control(Protocol):
    """What answers below /_sandbox/."""

    def answer(self, method: str, path: str, body: bytes) -> Response: ...


class Front:
    def __init__(
        self,
        moto: Any,
        *,
        running: Regions,
        faults: Faults,
        skew: Skew,
        sessions: Sessions,
        journal: Journal,
        control: Control,
        functions: Api,
        enforce_iam: bool,
    ) -> None:
        self._moto = moto
        self._regions = running
        self._faults = faults
        self._skew = skew
        self._sessions = sessions
        self._journal = journal
        self._control = control
        self._functions = functions
        self._enforce_iam = enforce_iam
        self._connections = connections.Connections()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Any:
        body = read_body(environ)
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_sandbox"):
            with self._journal.control(environ["REQUEST_METHOD"], path, body):
                return self._control.answer(environ["REQUEST_METHOD"], path, body).send(start_response)
        call = identify(environ, body)
        if call is None:
            return self._moto(environ, start_response)
        return self._answer(call, environ).send(start_response)

    def _answer(self, call: Call, environ: Environ) -> Response:
        fault = self._faults.meet(call)
        session = self._sessions.get(call.access_key)
        if fault is not None:
            refused = refusal(fault, call, session.arn if session else DEVELOPER)
            if refused is not None:
                return refused
            if fault.kind == "latency":
                time.sleep(fault.latency)
        if late := self._skew.refused(call, environ):
            return late
        if session is not None:
            if session.expired:
                code = "ExpiredTokenException" if call.protocol in ("json", "cbor") else "ExpiredToken"
                return error_response(call, 400, code, "The security token included in the request is expired")
            sentence = denied(call, session.role_arn, session.arn) if self._enforce_iam else None
            if sentence:
                return access_denied(call, sentence)
        with self._journal.call(call, environ) as entry:
            response = self.perform(call, environ)
            entry.keep = response.status < 300
        if fault is not None and fault.kind == "lost_response":
            return _drop(call, environ)
        return response

    def perform(self, call: Call, environ: Environ) -> Response:
        try:
            regions.check(call.region)
            if call.service == "ecs":
                return json_response(*api.answer(self._regions[call.region].ecs, call.operation, call.body))
            if call.service == "codedeploy":
                store = self._regions[call.region].codedeploy.store
                return json_response(*codedeploy_api.answer(store, call.operation, call.body))
            if call.service == "lambda":
                return self._functions.answer(call, environ)
            if call.service in connections.SERVICES:
                return json_response(200, self._connections.answer(call))
            status, headers, body = perform(self._moto, environ)
        except Refused as refused:
            return error_response(call, refused.status, refused.code, refused.message)
        except NotImplementedError:
            message = f"The sandbox does not know the operation {call.name}."
            return error_response(call, 501, "NotImplemented", message)
        except Exception:
            logger.exception("%s failed", call.name)
            message = f"The sandbox failed to perform {call.name}."
            return error_response(call, 500, "InternalFailure", message)
        kept = tuple((name, value) for name, value in headers.items() if name != "content-length")
        return Response(status, body, kept)


def _drop(call: Call, environ: Environ) -> Response:
    """Close the connection without an answer; a caller in this process gets a 500 instead."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return error_response(call, 500, "InternalFailure", "The response was lost.")
