"""AWS time and real time.

AWS waits in minutes (health check intervals, deregistration delays, bake times); a demo wants them in
seconds. Whatever takes AWS n seconds takes the sandbox n / scale real seconds. Scale 1 is AWS's own pace.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.scale <= 0:
            raise ValueError(f"The time scale must be above 0, not {self.scale}.")

    def seconds(self, aws_seconds: float) -> float:
        """Real seconds that stand for this many AWS seconds."""
        return aws_seconds / self.scale
