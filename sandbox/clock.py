"""AWS time and real time.

AWS waits in minutes (health check intervals, deregistration delays, bake times); a demo wants them in
seconds. Whatever takes AWS n seconds takes the sandbox n / scale real seconds. Scale 1 is AWS's own pace.
"""

import time
from dataclasses import dataclass, field


@dataclass
class Clock:
    scale: float = 1.0
    _skipped: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        if self.scale <= 0:
            raise ValueError(f"The time scale must be above 0, not {self.scale}.")

    def seconds(self, aws_seconds: float) -> float:
        """Real seconds that stand for this many AWS seconds."""
        return aws_seconds / self.scale

    def now(self) -> float:
        """Real seconds since some moment, and those that were skipped."""
        return time.monotonic() + self._skipped

    def skip(self, aws_seconds: float) -> None:
        """Whatever was to end within this many AWS seconds ends now: bake times, hooks, termination waits."""
        self._skipped += self.seconds(aws_seconds)
