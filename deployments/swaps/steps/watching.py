"""What speaks against a release while production traffic is on it, in sentences; the same for every controller."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from deployments.aws.values import Alarm, Target, Traffic
from deployments.frozen import EnvironmentSettings
from deployments.swaps.decisions import Known
from deployments.swaps.facts import Facts
from deployments.words import counted


def alarm_problem(settings: EnvironmentSettings, alarms: Mapping[str, Alarm]) -> str:
    for name in settings.alarms:
        alarm = alarms.get(name)
        if alarm is None:
            return f"Alarm {name} does not exist any more, so nothing watches over the traffic."
        if alarm.state == "ALARM":
            return f"Alarm {name} is in ALARM: {alarm.reason or 'no reason given'}"
    return ""


def errors_problem(settings: EnvironmentSettings, who: str, traffic: Traffic | None, beside: str = "") -> str:
    """`who` answered; `beside` is what others did meanwhile, such as "; blue had 0.1 %"."""
    most = settings.max_5xx_percent
    if traffic is None or traffic.requests < settings.min_requests or traffic.percent_5xx <= most:
        return ""
    return (
        f"{who[:1].upper()}{who[1:]} answered {traffic.errors_5xx} of {counted(traffic.requests, 'request')} "
        f"({traffic.percent_5xx:.1f} %) with 5xx; at most {most:g} % is allowed{beside}."
    )


def latency_problem(settings: EnvironmentSettings, who: str, traffic: Traffic | None) -> str:
    most = settings.max_latency_ms
    if most is None or traffic is None or traffic.latency_ms is None:
        return ""
    if traffic.requests < settings.min_requests or traffic.latency_ms <= most:
        return ""
    return f"{who[:1].upper()}{who[1:]} took {traffic.latency_ms:.0f} ms on average; at most {most} ms is allowed."


def summary(settings: EnvironmentSettings, who: str, traffic: Traffic | None) -> str:
    """What the watch sees, for the page."""
    if traffic is None or traffic.requests < settings.min_requests:
        seen = traffic.requests if traffic else 0
        return f"{who} answered {counted(seen, 'request')}, too few to judge (from {settings.min_requests})"
    latency = f", {traffic.latency_ms:.0f} ms on average" if traffic.latency_ms is not None else ""
    return f"{who} answered {counted(traffic.requests, 'request')}, {traffic.percent_5xx:.1f} % of them 5xx{latency}"


def describe_health(targets: Iterable[Target]) -> str:
    """The targets that are not healthy in AWS's words, at most three."""
    registered = [target for target in targets if target.state != "draining"]
    bad = [target for target in registered if target.state != "healthy"]
    if not bad:
        return "all registered targets are healthy" if registered else "no target is registered"
    words = [
        f"{target.id}:{target.port} {target.state}"
        + (f" ({target.description or target.reason})" if target.description or target.reason else "")
        for target in bad[:3]
    ]
    return "; ".join(words) + (f" and {len(bad) - 3} more" if len(bad) > 3 else "")


def remembered(facts: Known, targets: Iterable[Target]) -> Known:
    """With what to keep while a release starts: ECS replaces an unhealthy task, and later nothing is left to see."""
    seen = tuple(targets)
    unhealthy = any(each.state == "unhealthy" for each in seen)
    return replace(facts, last_unhealthy=describe_health(seen)) if unhealthy else facts


def last_unhealthy(facts: Facts, targets: Iterable[Target]) -> str:
    """What the targets of a release that starts answer, or answered when one was last seen unhealthy; "" if never."""
    return remembered(facts, targets).last_unhealthy
