"""Since when what a release is turned back for is so, by AWS's own clock: a look comes some time after it."""

from dataclasses import replace
from typing import Protocol, runtime_checkable

from deployments.evidence import Measured, verdict
from deployments.swaps.decisions import Decision, Fail


@runtime_checkable
class Look(Protocol):
    """What a controller observes where it watches."""

    @property
    def measured(self) -> Measured: ...


def dated(decision: Decision, observed: object) -> Decision:
    """A failure with when the alarm rang that it names; anything else as it is."""
    if not isinstance(decision, Fail) or not isinstance(observed, Look):
        return decision
    return replace(decision, began=verdict.rang_at(decision.reason, observed.measured))
