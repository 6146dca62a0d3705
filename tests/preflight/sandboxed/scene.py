"""One account in the sandbox, and a scene in it: what a test breaks there, and what preflight then says.

Whatever a scene makes or changes, it makes unmade again when it ends: the next one finds the account as it was.
"""

import itertools
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3

from deployments import preflight
from deployments.aws.gateway import BotoGateway
from deployments.aws.sessions import Clients
from deployments.aws.values import Binding
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.checklist import Checklist
from deployments.preflight.code_deploy import CODE_DEPLOY
from deployments.preflight.code_deploy_server import SERVER
from deployments.preflight.express import EXPRESS_MODE
from deployments.preflight.native import NATIVE
from deployments.preflight.pair import PAIR
from deployments.preflight.report import Report
from deployments.preflight.rolling import ROLLING
from sandbox.server import Sandbox
from tests.preflight.sandboxed import places

KINDS: Mapping[str, Checklist[Any]] = {
    "SERVICE_PAIR": PAIR,
    "ROLLING": ROLLING,
    "ECS": NATIVE,
    "EXPRESS_MODE": EXPRESS_MODE,
    "CODE_DEPLOY": CODE_DEPLOY,
    "servers": SERVER,
}


class Account:
    """The seeded account: its names, its administrator's clients, and Tealgate's gateways to it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.world: dict[str, Any] = sandbox.control.world
        self.numbers = itertools.count(1)
        self.client = cache(lambda service: boto3.client(service, region_name=self.world["region"]))
        self.gateway = cache(lambda binding: BotoGateway(Clients(binding)))


class Scene:
    def __init__(self, account: Account, controller: str, undo: ExitStack) -> None:
        self.account = account
        self.world = account.world
        self.sandbox = account.sandbox
        self.kind = KINDS[controller]
        self.settings: EnvironmentSettings = places.SETTINGS[controller](self.world)
        #: None: preflight of the environment alone
        self.release: Artefact | None = None
        self.undo = undo

    def aws(self, service: str) -> Any:
        return self.account.client(service)

    @property
    def production(self) -> dict[str, Any]:
        found: dict[str, Any] = self.world["environments"]["production"]
        return found

    def name(self) -> str:
        """One that nothing else in the account has."""
        return f"case-{next(self.account.numbers)}"

    def change(self, **settings: Any) -> None:
        self.settings = replace(self.settings, **settings)

    def serve(self, service: str) -> None:
        """The environment's (live) service is this one."""
        self.change(**{"blue_service" if self.settings.blue_service else "service_name": service})

    def fault(self, kind: str, service: str, operation: str) -> None:
        """Of what AWS answers, until the scene ends."""
        self.sandbox.faults.add(kind, service=service, operation=operation)
        self.undo.callback(self.sandbox.faults.clear)

    def released(self, version: str, tag: str = "") -> Artefact:
        """A release as it is registered: resolved by the gateway."""
        image = self.gateway.image(self.world["repository_uri"], version)
        return Artefact(
            version=version,
            images={"web": image.pinned},
            platforms={"web": image.platforms},
            references={"web": f"{self.world['repository_uri']}:{version}"},
        )

    @property
    def binding(self) -> Binding:
        return self.settings.binding

    @property
    def gateway(self) -> BotoGateway:
        found: BotoGateway = self.account.gateway(self.binding)
        return found

    def look(self, *groups: str) -> Report:
        """The report, of these groups of checks only when some are named."""
        kind = self.kind
        if groups:
            kind = replace(kind, groups=tuple(each for each in kind.groups if each[0] in groups))
        return preflight.run(self.settings, self.release, self.gateway, datetime.now(UTC), kind)


def eventually(what: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"still not so after {seconds} s"
        time.sleep(0.03)
