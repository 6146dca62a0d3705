"""One AWS call: the right client, botocore's errors as ours. Every part of the gateway goes through here."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from deployments.aws import credentials_seen
from deployments.aws.translate import translate

#: sent once and never repeated by botocore
WRITES = frozenset(
    {
        "ContinueDeployment",
        "ContinueServiceDeployment",
        "CreateDeployment",
        "DeregisterTaskDefinition",
        "ModifyListener",
        "ModifyRule",
        "Publish",
        "PutApprovalResult",
        "PutEvents",
        "PutTargets",
        "RegisterScalableTarget",
        "RegisterTaskDefinition",
        "RunTask",
        "StopDeployment",
        "StopServiceDeployment",
        "StopTask",
        "UpdateExpressGatewayService",
        "UpdateSchedule",
        "UpdateService",
    }
)
_BOTOCORE = (BotoCoreError, ClientError, ResponseParserError)


class ClientSource(Protocol):
    @property
    def role_arn(self) -> str:
        """The role that its clients have assumed; "" when they use our own credentials."""
        ...

    def client(self, service: str, *, writes: bool, region: str = "") -> Any: ...


class Caller:
    def __init__(self, clients: ClientSource) -> None:
        self._clients = clients

    def call(self, service: str, operation: str, /, *, region: str = "", **parameters: Any) -> dict[str, Any]:
        """The parsed answer. `operation` and `parameters` are AWS's own names."""
        writes = operation in WRITES
        # Already making the client fails when the region is none.
        client = self._answer_of(operation, lambda: self._clients.client(service, writes=writes, region=region))
        answer: dict[str, Any] = self._answer_of(
            operation, lambda: getattr(client, xform_name(operation))(**parameters)
        )
        credentials_seen.accepted(self._clients.role_arn)
        return answer

    def pages(
        self, service: str, operation: str, /, *, region: str = "", **parameters: Any
    ) -> Iterator[dict[str, Any]]:
        client = self._answer_of(operation, lambda: self._clients.client(service, writes=False, region=region))
        pages = iter(client.get_paginator(xform_name(operation)).paginate(**parameters))
        while (page := self._answer_of(operation, lambda: next(pages, None))) is not None:
            yield page

    def _answer_of(self, operation: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except _BOTOCORE as exc:
            error = translate(operation, exc)
            credentials_seen.failed(self._clients.role_arn, error)
            raise error from exc


def chunks(things: Iterable[str], size: int) -> Iterator[list[str]]:
    """Each thing once, in the order given, so many at a time."""
    unique = list(dict.fromkeys(things))
    for start in range(0, len(unique), size):
        yield unique[start : start + size]


def storable(text: str) -> str:
    """What a program printed, without NUL: PostgreSQL cannot hold it, and programs do print it."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
