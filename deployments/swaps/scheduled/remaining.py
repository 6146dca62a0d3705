"""What is still to be done of the scheduled tasks, there and back, by the facts alone. Pure.

A starter that names a revision is written; of a family that is named alone, a new revision is the switch itself.
"""

from deployments.aws.values import Starter
from deployments.aws.values.scheduled import family_of, names_revision
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.reports import FoundStarter
from deployments.swaps.steps import marks
from deployments.swaps.steps.task_definition import short

#: Begins the marks of everything that is done here.
MARK = "scheduled:"


def starter(found: FoundStarter) -> Starter:
    return Starter(kind=found.kind, name=found.name, target=found.target, task_definition=found.task_definition)


def mark(what: str, found: FoundStarter) -> str:
    return f"{MARK}{what}:{starter(found).key}"


def tag(snapshot: Snapshot[Facts], revision: str, *, back: bool = False) -> str:
    """By which the revision that is made from this one is found again."""
    return f"{snapshot.key}-{short(revision).replace(':', '-')}" + ("-back" if back else "")


def named(facts: Facts) -> tuple[FoundStarter, ...]:
    return tuple(each for each in facts.starters or () if names_revision(each.task_definition))


def unnamed(facts: Facts) -> tuple[FoundStarter, ...]:
    """One for each family that is named without a revision."""
    alone = (each for each in facts.starters or () if not names_revision(each.task_definition))
    return tuple({family_of(each.revision): each for each in alone}.values())


def to_register(facts: Facts) -> str:
    """ARN of the revision that the next one is made from; "" when all are. Where it is the switch, it comes last."""
    wanted = (each.revision for each in (*named(facts), *unnamed(facts)))
    return next((revision for revision in wanted if revision not in facts.scheduled), "")


def to_switch(facts: Facts) -> FoundStarter | None:
    return next((each for each in named(facts) if not _is_marked(facts, each, "on", "left")), None)


def switched(facts: Facts) -> tuple[FoundStarter, ...]:
    return tuple(each for each in named(facts) if _is_marked(facts, each, "on"))


def touched(snapshot: Snapshot[Facts]) -> tuple[FoundStarter, ...]:
    """Those that were written, or may have been."""
    return tuple(each for each in named(snapshot.facts) if _may_be_on(snapshot, each))


def to_put_back(snapshot: Snapshot[Facts]) -> FoundStarter | None:
    left = (each for each in touched(snapshot) if not marks.done(snapshot, mark_back(snapshot, each)))
    return next(left, None)


def restored(snapshot: Snapshot[Facts]) -> tuple[FoundStarter, ...]:
    """Of the families that are named alone, those of which a revision was made, or may have been."""
    unsure = {write.get("family") for write in _unheard(snapshot) if write.get("operation") == "RegisterTaskDefinition"}
    return tuple(
        each
        for each in unnamed(snapshot.facts)
        if each.revision in snapshot.facts.scheduled or family_of(each.revision) in unsure
    )


def to_restore(snapshot: Snapshot[Facts]) -> FoundStarter | None:
    left = (each for each in restored(snapshot) if not marks.done(snapshot, mark_back(snapshot, each)))
    return next(left, None)


def mark_back(snapshot: Snapshot[Facts], found: FoundStarter) -> str:
    return marks.of_try(snapshot, mark("back", found))


def still_on(snapshot: Snapshot[Facts]) -> tuple[FoundStarter, ...]:
    """Those that start the release's revision, as far as is known."""
    both = (*touched(snapshot), *restored(snapshot))
    back = [name for name in snapshot.facts.done if name.startswith(f"{MARK}back:")]
    return tuple(each for each in both if not any(name.startswith(f"{mark('back', each)}#") for name in back))


def _may_be_on(snapshot: Snapshot[Facts], found: FoundStarter) -> bool:
    if _is_marked(snapshot.facts, found, "on"):
        return True
    key = starter(found).key
    return any(_key_of(write) == key for write in _unheard(snapshot))


def _unheard(snapshot: Snapshot[Facts]) -> list[dict[str, object]]:
    return [dict(write) for write in (snapshot.intent or {}, *snapshot.facts.in_flight)]


def _key_of(write: dict[str, object]) -> str:
    match write.get("operation"):
        case "PutTargets":
            return f"rule:{write['rule']}:{write['target']}"
        case "UpdateSchedule":
            return f"schedule:{write['schedule']}:"
    return ""


def _is_marked(facts: Facts, found: FoundStarter, *whats: str) -> bool:
    return any(mark(what, found) in facts.done for what in whats)
