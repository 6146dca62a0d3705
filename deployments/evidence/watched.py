"""What is watched: all that differs between two swaps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deployments.frozen import EnvironmentSettings


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One release beside what it replaces. A side is a slot, or the service where there are no slots."""

    #: the limits, the alarms' names, and where all of it is
    settings: EnvironmentSettings
    #: the side that is judged
    release: str
    #: by side, how people are told of it, such as "new 1.1.0"; one that is missing has its own name
    names: Mapping[str, str] = field(default_factory=dict)
    #: ARN; "" where nothing balances load
    load_balancer: str = ""
    #: ARNs by side, in the order in which they are shown
    target_groups: Mapping[str, str] = field(default_factory=dict)
    #: so many targets the release should have, and fails with less than half of them; None: that is not judged
    wanted: int | None = None
    #: the ECS service that runs the release, by its name, and its task definition; "" where its tasks are not looked at
    service: str = ""
    task_definition: str = ""
    #: services that the swap reads in the same look, so that reading them costs nothing
    services_read: tuple[str, ...] = ()
    #: whether this is the last look: what may have happened between two of them is asked for now
    to_the_end: bool = False
    #: since when all of the release runs; None: it never did, so tasks that stop are no news
    healthy_at: datetime | None = None
    #: the release's share of production; 0: not known, or clients stay where they were
    percent: float = 0
    #: when production traffic reached the release; None: what is answered does not count yet
    since: datetime | None = None

    def named(self, side: str) -> str:
        return self.names.get(side, side)

    @property
    def counts_requests(self) -> bool:
        """A Network Load Balancer forwards connections; CloudWatch has no request of it to count."""
        return ":loadbalancer/net/" not in self.load_balancer
