"""What every provider answers, so that nobody who watches asks which ones there are."""

from datetime import datetime
from typing import Protocol, TypeVar

from deployments.aws.protocol import Gateway
from deployments.evidence.values import Metric, Value
from deployments.evidence.watched import Watched

Answer = TypeVar("Answer")


class Provider(Protocol[Answer]):
    @property
    def name(self) -> str:
        """Its answer is found by this name among those of one look."""
        ...

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What it measures in numbers."""
        ...

    @property
    def told_by_events(self) -> bool:
        """Whether AWS's events tell of all it sees: of alarms, of tasks that stop. If not, a metric with a limit may
        still be measured by one of the environment's alarms; otherwise it is asked while people think, too."""
        ...

    def measure(self, watched: Watched, gateway: Gateway, now: datetime) -> Answer | None:
        """None: there was nothing to ask. Raises AwsError."""
        ...

    def values(self, watched: Watched, answer: Answer | None) -> tuple[Value, ...]:
        """Pure. What the answer means; without an answer, what has to be said about that."""
        ...
