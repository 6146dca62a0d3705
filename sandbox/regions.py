"""ECS and CodeDeploy are the sandbox's own, and apart by region as moto keeps its services: each begins empty in a
region, and is made when somebody first calls there.

moto makes its part of a region just as late, and draws identifiers for it: of a VPC that is there by default, for one.
They are drawn by service and region, so that they do not depend on who came first, and a restart finds them again.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.base_backend import AccountSpecificBackend
from moto.elbv2.models import elbv2_backends

from sandbox.account import ACCOUNT
from sandbox.calls import Refused
from sandbox.codedeploy.running import CodeDeploy
from sandbox.ecs.scheduler import Scheduler
from sandbox.ecs.store import Store
from sandbox.identifiers import drawn_by
from sandbox.patching import Patches


def install(patches: Patches) -> None:
    patches.replace(AccountSpecificBackend, "__getitem__", _drawn_by_name)


@dataclass
class Region:
    """What runs in one."""

    ecs: Store
    codedeploy: CodeDeploy
    _scheduler: Scheduler = field(init=False)

    def __post_init__(self) -> None:
        self._scheduler = Scheduler(self.ecs)

    def start(self) -> None:
        self._scheduler.start()
        self.codedeploy.start()

    def wake(self) -> None:
        self.ecs.wake()
        self.codedeploy.store.wake()

    def close(self) -> None:
        self.codedeploy.close()
        self._scheduler.close()


class Regions:
    """By name."""

    def __init__(self, make: Callable[[str], Region]) -> None:
        self._make = make
        self._made: dict[str, Region] = {}
        self._lock = threading.Lock()
        self._running = False

    def __getitem__(self, name: str) -> Region:
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name)
                if self._running:
                    self._made[name].start()
            return self._made[name]

    def __iter__(self) -> Iterator[Region]:
        """Those that somebody has called."""
        with self._lock:
            return iter(list(self._made.values()))

    def start(self) -> None:
        with self._lock:
            self._running = True
            for region in self._made.values():
                region.start()

    def close(self) -> None:
        for region in self:
            region.close()


def check(name: str) -> None:
    """Raises Refused for a region that AWS does not have."""
    if name not in elbv2_backends[ACCOUNT].regions:
        raise Refused(403, "InvalidSignatureException", "Credential should be scoped to a valid region.")


def _drawn_by_name(original: Callable[..., Any]) -> Callable[..., Any]:
    def __getitem__(backends: Any, region: str) -> Any:
        if region in backends.keys():  # noqa: SIM118 - one that could be made counts as being in it
            return original(backends, region)
        with drawn_by(f"{backends.service_name} {region}"):
            return original(backends, region)

    return __getitem__
