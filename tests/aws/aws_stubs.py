"""A BotoGateway whose clients are stubbed: AWS's model checks what is sent and what is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.stub import Stubber

from deployments.aws.gateway import BotoGateway

REGION = "eu-central-1"
ACCOUNT = "123456789012"


@cache
def client(service: str) -> Any:
    return boto3.Session("id", "key", region_name=REGION).client(service)


class Stubs:
    """Answers in the order they were added, per service; `asked` records which kind of client was wanted."""

    def __init__(self) -> None:
        self.role_arn = ""
        self.asked: list[tuple[str, bool, str]] = []
        self._stubbers: dict[str, Stubber] = {}

    def client(self, service: str, *, writes: bool, region: str = "") -> Any:
        self.asked.append((service, writes, region))
        self._stubber(service)
        return client(service)

    def add(self, service: str, method: str, answer: dict[str, Any], expected: dict[str, Any] | None = None) -> None:
        self._stubber(service).add_response(method, answer, expected)

    def refuse(self, service: str, method: str, code: str, message: str = "", status: int = 400) -> None:
        self._stubber(service).add_client_error(method, code, message, status)

    def _stubber(self, service: str) -> Stubber:
        if service not in self._stubbers:
            self._stubbers[service] = Stubber(client(service))
            self._stubbers[service].activate()
        return self._stubbers[service]

    def close(self, *, all_used: bool) -> None:
        for stubber in self._stubbers.values():
            stubber.deactivate()
        if all_used:
            for stubber in self._stubbers.values():
                stubber.assert_no_pending_responses()


@contextmanager
def stubbed() -> Iterator[tuple[BotoGateway, Stubs]]:
    stubs = Stubs()
    try:
        yield BotoGateway(stubs), stubs
    except BaseException:
        stubs.close(all_used=False)
        raise
    stubs.close(all_used=True)


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"
