"""What a deployment's preflight found, for one that follows it closely and starts from the same.

An account seldom changes within minutes, and asking costs a dozen calls. Who passes this to `beside` has made sure that
the environment, the service and its task definition are still those that were checked.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from deployments.preflight.report import Result, ok
from deployments.preflight.words import listed, spelled


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """`groups` are those that need not be checked again, with the `results` that they had."""

    #: when the oldest answer behind the results was given
    asked_at: datetime
    groups: Collection[str]
    results: tuple[Result, ...]

    def of(self, group: str) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.group == group)

    def told(self, trusted: Iterable[str], now: datetime) -> Result:
        """`trusted` are the groups that were not checked again."""
        return ok(
            "earlier-answers",
            f"What is said of {listed(trusted)} was asked {spelled((now - self.asked_at).total_seconds())} ago for an "
            "earlier deployment. The environment, the service and its task definition were not changed since, so it "
            "was trusted.",
        )
