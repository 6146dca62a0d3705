"""What speaks against a release and what is seen of it, in sentences. Pure; limits are judged nowhere else."""

from datetime import datetime

from deployments import red
from deployments.aws.values import Alarm
from deployments.evidence import targets
from deployments.evidence.measuring import Measured
from deployments.evidence.providers.cloudwatch_alarms import ALARMS
from deployments.evidence.silence import LAG
from deployments.evidence.values import REQUESTS, AlarmState, Finding, Quantity, TargetHealth, Unit, Value
from deployments.evidence.watched import Watched
from deployments.red import Ailment
from deployments.vocabulary import DeploymentKind
from deployments.words import begun, counted


def problem(watched: Watched, measured: Measured) -> str:
    """The first reason to turn back, in a sentence; "" when nothing speaks against going on."""
    values = measured.values(watched)
    found = (_against(value, watched, values) for value in values)
    return next((sentence for sentence in found if sentence), "")


def unready(watched: Watched, measured: Measured) -> str:
    """Why traffic must not be given to it, in a sentence: what its targets say; "" when nothing does."""
    health = (value for value in measured.values(watched) if isinstance(value, TargetHealth))
    return next((sentence for value in health if (sentence := _targets(value, watched))), "")


def doubts(watched: Watched, measured: Measured) -> tuple[str, ...]:
    """What does not speak against the release, and yet has to be known of it: a sentence each."""
    values = measured.values(watched)
    alarms = (_still_red(value, watched) for value in values if isinstance(value, AlarmState))
    told = (value for value in values if isinstance(value, Quantity | Finding))
    noted = (
        f"{begun(watched.named(value.side))} {value.noted}."
        for value in told
        if value.side == watched.release and value.noted
    )
    few = too_few(watched, measured)
    return (*([few] if few else []), *(each for each in alarms if each), *noted)


def too_few(watched: Watched, measured: Measured) -> str:
    """That the release was asked too seldom for its answers to prove anything, in a sentence; "" when it was not.

    Also "" where requests were not measured yet, or there is nothing to be asked by.
    """
    if watched.since is not None and watched.release in watched.target_groups and not watched.counts_requests:
        return f"A Network Load Balancer counts no requests, so none shows that {watched.named(watched.release)} works."
    values = measured.values(watched)
    if _measured_requests(watched, values) is None or not _too_few(watched, values):
        return ""
    release, least, requests = watched.named(watched.release), watched.settings.min_requests, _requests(watched, values)
    if not requests:
        return f"No requests of {release} were seen, too few to judge (from {least})."
    if requests == 1:
        return f"Only 1 request of {release} was seen, too few to judge (from {least})."
    return f"Only {requests} requests of {release} were seen, too few to judge (from {least})."


def summary(watched: Watched, measured: Measured) -> str:
    """What the watch sees of the release, for the page; "" where it looks at nothing that could be said."""
    values = measured.values(watched)
    whose = watched.named(watched.release)
    figures = [_words(value, watched, values) for value in values if isinstance(value, Quantity)]
    said = ", ".join(each for each in figures if each)
    if watched.release not in watched.target_groups:
        return f"{whose} {said}" if said else ""
    answered = _answered(whose, watched, values)
    return f"{answered}, {said}" if said else answered


def _against(value: Value, watched: Watched, values: tuple[Value, ...]) -> str:
    match value:
        case AlarmState():
            return _alarm(value, watched)
        case TargetHealth():
            return _with_why(_targets(value, watched), watched, values)
        case Quantity():
            return _quantity(value, watched, values)
        case Finding():
            return f"{begun(watched.named(value.side))} {value.against}." if value.against else ""


def _alarm(alarm: AlarmState, watched: Watched) -> str:
    if alarm.state == "missing":
        return f"Alarm {alarm.name} does not exist any more, so nothing watches over the traffic."
    return _rings(alarm) if alarm.state == "ALARM" and not _was_red(alarm, watched) else ""


def _rings(alarm: AlarmState | Alarm) -> str:
    return f"Alarm {alarm.name} is in ALARM: {alarm.reason or 'no reason given'}"


def rang_at(said: str, measured: Measured) -> datetime | None:
    """When the alarm of which this was said got into that state, by CloudWatch's own clock; None: it is of no alarm."""
    alarms = (measured.of(ALARMS) or {}).values()
    return next((each.changed_at for each in alarms if each.state == "ALARM" and _rings(each) in said), None)


def _was_red(alarm: AlarmState, watched: Watched) -> bool:
    """What rang before a repair or a first release began says nothing of the release, until it was quiet meanwhile."""
    if alarm.name not in red.names(watched.settings.red, Ailment.ALARM):
        return False
    served = watched.since + LAG if watched.since else None
    return served is None or alarm.changed_at is None or alarm.changed_at <= served


def _still_red(alarm: AlarmState, watched: Watched) -> str:
    if alarm.state != "ALARM" or not _was_red(alarm, watched):
        return ""
    since = f"as before this {DeploymentKind(watched.settings.kind).label.lower()}"
    return f"Alarm {alarm.name} is still in ALARM, {since}: {alarm.reason or 'no reason given'}"


def _targets(seen: TargetHealth, watched: Watched) -> str:
    if watched.wanted is None or seen.side != watched.release:
        return ""
    healthy = targets.healthy(seen.targets)
    if healthy * 2 >= watched.wanted and healthy:
        return ""
    described = targets.describe(seen.targets)
    if not watched.wanted:
        return f"{begun(watched.named(seen.side))} is to run 0 tasks, so nothing shows that it works: {described}"
    return f"{targets.only(healthy, watched.wanted, watched.named(seen.side))}: {described}"


def _with_why(problem: str, watched: Watched, values: tuple[Value, ...]) -> str:
    """With how tasks of the release ended, where that was asked for: it is why its targets are gone."""
    ended = (each for each in values if isinstance(each, Quantity) and each.metric.explains_targets)
    said = next((each.seen for each in ended if each.side == watched.release and each.value and each.seen), "")
    return f"{problem.rstrip('.')}; {said}" if problem and said else problem


def _quantity(seen: Quantity, watched: Watched, values: tuple[Value, ...]) -> str:
    metric, most = seen.metric, seen.metric.most(watched.settings)
    if seen.side != watched.release or seen.value is None or most is None or seen.value <= most:
        return ""
    if metric.of_requests and _too_few(watched, values):
        return ""
    did = seen.too_much or f"showed {metric.title} of {_amount(seen.value, metric.unit)}"
    side = begun(watched.named(seen.side))
    limit = f"at most {_amount(most, metric.unit)} is allowed"
    if metric.unit is Unit.COUNT and most != 1:
        limit = f"at most {_amount(most, metric.unit)} are allowed"
    return f"{side} {did}; {limit}{seen.beside}."


def _answered(whose: str, watched: Watched, values: tuple[Value, ...]) -> str:
    if not watched.counts_requests:
        return f"{whose} has no requests counted"
    requests = _requests(watched, values)
    answered = f"{whose} answered {counted(requests, 'request')}" if requests else f"{whose} answered no requests"
    if _too_few(watched, values):
        return f"{answered}, too few to judge (from {watched.settings.min_requests})"
    return answered


def _words(seen: Quantity, watched: Watched, values: tuple[Value, ...]) -> str:
    if seen.side != watched.release or seen.value is None:
        return ""
    if seen.metric.of_requests and _too_few(watched, values):
        return ""
    return seen.seen if seen.seen is not None else f"{seen.metric.title} {_amount(seen.value, seen.metric.unit)}"


def _too_few(watched: Watched, values: tuple[Value, ...]) -> bool:
    return _requests(watched, values) < watched.settings.min_requests


def _requests(watched: Watched, values: tuple[Value, ...]) -> int:
    return int(_measured_requests(watched, values) or 0)


def _measured_requests(watched: Watched, values: tuple[Value, ...]) -> float | None:
    counts = (
        value.value
        for value in values
        if isinstance(value, Quantity) and value.metric is REQUESTS and value.side == watched.release
    )
    return next(counts, None)


def _amount(value: float, unit: str) -> str:
    number = str(value) if isinstance(value, int) else f"{value:g}"
    return f"{number} {unit}".rstrip()
