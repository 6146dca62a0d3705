"""What the proxy works on: a listener's settings, and one request under way."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.elb.actions import Action
from sandbox.elb.certificates import Certificate
from sandbox.elb.conditions import Request, Test
from sandbox.elb.wire import Framing


@dataclass(frozen=True)
class Route:
    conditions: Sequence[Test]
    action: Action

    def applies(self, request: Request) -> bool:
        return all(holds(request) for holds in self.conditions)


@dataclass(frozen=True)
class Settings:
    """A listener as the proxy sees it, replaced as a whole at any change. The last route is the default."""

    protocol: str
    port: int
    local_port: int
    routes: Sequence[Route]
    idle_timeout: float
    #: what an HTTPS listener presents, its default first
    certificates: Sequence[Certificate] = ()


@dataclass(eq=False, slots=True)
class Exchange:
    """One request under way."""

    request: Request
    framing: Framing
    keep_alive: bool
    http_1_0: bool
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    settings: Settings
