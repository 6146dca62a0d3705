"""What is said of scheduled tasks, in sentences."""

from collections.abc import Collection, Iterable

from deployments.aws.values.scheduled import family_of
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.reports import FoundStarter
from deployments.swaps.scheduled import remaining
from deployments.swaps.steps.task_definition import short
from deployments.words import counted, joined

#: More are counted only.
MOST_NAMED = 5


def capitalized(one: FoundStarter) -> str:
    called = remaining.starter(one).called
    return f"{called[:1].upper()}{called[1:]}"


def found(snapshot: Snapshot[Facts], starters: Collection[FoundStarter]) -> str:
    if not starters:
        return nothing(snapshot)
    said = [f"{remaining.starter(each).called} ({short(each.revision)})" for each in starters]
    start = counted(len(starters), "rule or schedule starts", "rules and schedules start")
    return f"{start} {_families(snapshot)}: {_few(said)}"


def nothing(snapshot: Snapshot[Facts]) -> str:
    return f"No rule or schedule starts {_families(snapshot)} in {snapshot.settings.cluster}"


def unstarted(snapshot: Snapshot[Facts], starters: Iterable[FoundStarter]) -> str:
    """That nothing starts a family, in a sentence; "" when each is started."""
    started = {family_of(each.revision) for each in starters}
    missing = [spec.family for spec in snapshot.settings.scheduled if spec.family not in started]
    if not missing:
        return ""
    return (
        f"No rule or schedule starts {joined(missing)} in {snapshot.settings.cluster}, so it got nothing of "
        f"{snapshot.artefact.version}."
    )


def switched(snapshot: Snapshot[Facts]) -> str:
    on = (*remaining.switched(snapshot.facts), *remaining.unnamed(snapshot.facts))
    if not on:
        return "Nothing that starts tasks was switched."
    said = [f"{remaining.starter(each).called} ({_now(snapshot, each)})" for each in on]
    return f"Started with {snapshot.artefact.version} from now on: {_few(said)}. Tasks that run go on to their end."


def put_back(snapshot: Snapshot[Facts]) -> str:
    back = (*remaining.touched(snapshot), *remaining.restored(snapshot))
    if not back:
        return "No rule or schedule had been switched."
    said = [f"{remaining.starter(each).called} ({short(each.revision)})" for each in back]
    return f"Looked at and put back where it was ours: {_few(said)}."


def still_on(snapshot: Snapshot[Facts]) -> str:
    """What starts the release although production does not run it, in a sentence; "" when nothing does."""
    on = remaining.still_on(snapshot)
    if not on:
        return ""
    names = _few([remaining.starter(each).called for each in on])
    return (
        f"What {snapshot.artefact.version} has switched of the scheduled tasks was not put back yet ({names}); trying "
        "the roll back again does that."
    )


def gone(one: FoundStarter) -> str:
    return f"{capitalized(one)} is gone, or starts no task any more; nothing was written."


def changed(one: FoundStarter, there: str) -> str:
    return (
        f"Somebody else had {remaining.starter(one).called} start {short(there)} since; it was {short(one.revision)}. "
        "It was left alone."
    )


def newer(one: FoundStarter, newest: str) -> str:
    return (
        f"Somebody else registered {short(newest)} since, which is what {remaining.starter(one).called} starts now. It "
        "was left alone."
    )


def starts_unapproved(one: FoundStarter) -> str:
    family = family_of(one.revision)
    return (
        f"{capitalized(one)} starts the newest revision of {family}, which is the service's own family: it has started "
        f"the release since that was registered. Have it name a revision (such as {short(one.revision)}); Tealgate "
        "moves it with each deployment then."
    )


def _now(snapshot: Snapshot[Facts], one: FoundStarter) -> str:
    return short(snapshot.facts.scheduled.get(one.revision, one.revision))


def _families(snapshot: Snapshot[Facts]) -> str:
    return joined([spec.family for spec in snapshot.settings.scheduled], "or")


def _few(said: list[str]) -> str:
    if len(said) > MOST_NAMED:
        return f"{', '.join(said[:MOST_NAMED])} and {len(said) - MOST_NAMED} more"
    return joined(said)
