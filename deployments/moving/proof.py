"""After each step, and before: that traffic, tasks and images are what they were when the move began."""

from deployments.aws.weights import spell
from deployments.frozen import EnvironmentSettings
from deployments.moving.values import House, Move, Origin
from deployments.preflight.words import named
from deployments.swaps.steps import as_planned
from deployments.swaps.steps.task_definition import short
from deployments.words import counted

GO_BACK = "Nothing more is written. Put it back as it was and look again, or go back."


def origin(settings: EnvironmentSettings, seen: House) -> Origin | None:
    """None where there is no service or no rule, which refuses a move."""
    if seen.service is None or seen.rule is None:
        return None
    return Origin(
        controller=settings.controller,
        task_definition=seen.service.task_definition,
        live=seen.live,
        weights=dict(seen.rule.weights),
        desired=seen.service.desired,
        digests=as_planned.digests_of(seen.tasks, seen.service.task_definition),
    )


def trouble(move: Move, seen: House) -> str:
    """What is not as it was, with the next step; "" = all is."""
    expected = as_planned.Expected(
        service=move.settings.service_name, task_definition=move.origin.task_definition, digests=move.origin.digests
    )
    if different := as_planned.difference(expected, seen.service, seen.tasks):
        return f"{different.sentence} {GO_BACK}"
    if seen.rule is None:
        return f"The production rule {move.wanted.production_rule} is not there any more. {GO_BACK}"
    if not seen.live or seen.live not in _both(move):
        return f"The production rule sends requests to {spell(seen.rule.weights)}, as the move does not. {GO_BACK}"
    return ""


def untouched(move: Move, seen: House) -> str:
    """Who gets production, and what runs there, in a sentence. To be called where there is no trouble."""
    healthy, all_of = _health(seen)
    digests = as_planned.digests_of(seen.tasks, move.origin.task_definition)
    images = ", ".join(f"{name} {digest[:19]}" for name, digest in sorted(digests.items()))
    running = sum(task.task_definition == move.origin.task_definition for task in seen.tasks)
    return (
        f"Production sends 100 % to {named(seen.live)}, where {healthy} of {counted(all_of, 'target')} "
        f"{'is' if healthy == 1 else 'are'} healthy; {counted(running, 'task')} of {short(move.origin.task_definition)}"
        f"{f' ({images})' if images else ''}, as before the move."
    )


def unhealthy(move: Move, seen: House) -> str:
    """Why production is not served as it was, in a clause; "" = it is."""
    healthy, _ = _health(seen)
    wanted = seen.service.desired if seen.service else move.origin.desired
    if healthy >= wanted:
        return ""
    if wanted == 1:
        return f"the task of {named(seen.live)} is not healthy"
    return f"{healthy} of {wanted} tasks of {named(seen.live)} are healthy"


def _health(seen: House) -> tuple[int, int]:
    states = [target.state for target in seen.targets.get(seen.live, ()) if target.state != "draining"]
    return states.count("healthy"), len(states)


def _both(move: Move) -> frozenset[str]:
    return frozenset((move.origin.live, move.wanted.alternate_target_group))
