"""What turns a swap back while production traffic is on the target: alarms, target health, 5xx, latency."""

from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.steps import watching
from deployments.vocabulary import Slot
from deployments.words import counted


def problem(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    """Why to turn back, in a sentence; "" when nothing speaks against going on."""
    traffic, other = observed.traffic.get(target), observed.traffic.get(target.other)
    beside = f"; {target.other.value} had {other.percent_5xx:.1f} %" if other and other.requests else ""
    return (
        watching.alarm_problem(snapshot.settings, observed.alarms or {})
        or _health_problem(snapshot, observed, target)
        or watching.errors_problem(snapshot.settings, target.value, traffic, beside)
        or watching.latency_problem(snapshot.settings, target.value, traffic)
    )


def summary(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    """What the watch sees, for the page."""
    return watching.summary(snapshot.settings, target.value, observed.traffic.get(target))


def _health_problem(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    wanted = snapshot.facts.desired or 1
    healthy = observed.healthy(target)
    if healthy * 2 >= wanted and healthy:
        return ""
    return f"Only {healthy_of(healthy, wanted, target)}: {describe_health(observed, target)}"


def healthy_of(healthy: int, wanted: int, slot: Slot) -> str:
    """Such as "1 of 2 targets of green are healthy"."""
    return f"{healthy} of {counted(wanted, f'target of {slot} is healthy', f'targets of {slot} are healthy')}"


def describe_health(observed: Observed, slot: Slot) -> str:
    """The targets that are not healthy in AWS's words, at most three."""
    return watching.describe_health(observed.health.get(slot, ()))
