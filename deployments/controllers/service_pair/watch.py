"""What turns a swap back while production traffic is on the target: alarms, target health, 5xx, latency."""

from deployments.controllers.decisions import Snapshot
from deployments.controllers.service_pair.observe import Observed
from deployments.vocabulary import Slot


def problem(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    """Why to turn back, in a sentence; "" when nothing speaks against going on."""
    return (
        _alarm_problem(snapshot, observed)
        or _health_problem(snapshot, observed, target)
        or _errors_problem(snapshot, observed, target)
        or _latency_problem(snapshot, observed, target)
    )


def summary(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    """What the watch sees, for the page."""
    traffic = observed.traffic.get(target)
    if traffic is None or traffic.requests < snapshot.settings.min_requests:
        seen = traffic.requests if traffic else 0
        return f"{target.value} answered {seen} request(s), too few to judge (from {snapshot.settings.min_requests})"
    latency = f", {traffic.latency_ms:.0f} ms on average" if traffic.latency_ms is not None else ""
    return f"{target.value} answered {traffic.requests} requests, {traffic.percent_5xx:.1f} % of them 5xx{latency}"


def _alarm_problem(snapshot: Snapshot, observed: Observed) -> str:
    alarms = observed.alarms or {}
    for name in snapshot.settings.alarms:
        alarm = alarms.get(name)
        if alarm is None:
            return f"Alarm {name} does not exist any more, so nothing watches over the traffic."
        if alarm.state == "ALARM":
            return f"Alarm {name} is in ALARM: {alarm.reason or 'no reason given'}"
    return ""


def _health_problem(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    wanted = int(snapshot.facts.get("desired", 1))
    healthy = observed.healthy(target)
    if healthy * 2 >= wanted and healthy:
        return ""
    return f"Only {healthy} of {wanted} targets of {target.value} are healthy: {describe_health(observed, target)}"


def describe_health(observed: Observed, slot: Slot) -> str:
    """The targets that are not healthy in AWS's words, at most three."""
    registered = [target for target in observed.health.get(slot, ()) if target.state != "draining"]
    bad = [target for target in registered if target.state != "healthy"]
    if not bad:
        return "all registered targets are healthy" if registered else "no target is registered"
    words = [
        f"{target.id}:{target.port} {target.state}"
        + (f" ({target.description or target.reason})" if target.description or target.reason else "")
        for target in bad[:3]
    ]
    return "; ".join(words) + (f" and {len(bad) - 3} more" if len(bad) > 3 else "")


def _errors_problem(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    traffic, most = observed.traffic.get(target), snapshot.settings.max_5xx_percent
    if traffic is None or traffic.requests < snapshot.settings.min_requests or traffic.percent_5xx <= most:
        return ""
    other = observed.traffic.get(target.other)
    beside = f"; {target.other.value} had {other.percent_5xx:.1f} %" if other and other.requests else ""
    return (
        f"{target.value.capitalize()} answered {traffic.errors_5xx} of {traffic.requests} requests "
        f"({traffic.percent_5xx:.1f} %) with 5xx; at most {most:g} % is allowed{beside}."
    )


def _latency_problem(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    traffic, most = observed.traffic.get(target), snapshot.settings.max_latency_ms
    if most is None or traffic is None or traffic.latency_ms is None:
        return ""
    if traffic.requests < snapshot.settings.min_requests or traffic.latency_ms <= most:
        return ""
    return f"{target.value.capitalize()} took {traffic.latency_ms:.0f} ms on average; at most {most} ms is allowed."
