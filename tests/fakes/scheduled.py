"""EventBridge in the in-memory account: what starts tasks by itself."""

from collections.abc import Collection
from dataclasses import replace

from deployments.aws import actions, errors, values
from deployments.aws.values.scheduled import RULE, SCHEDULE
from tests.fakes.world import World


class Scheduled(World):
    def __init__(self) -> None:
        super().__init__()
        #: by key
        self.scheduled: dict[str, values.Starter] = {}

    def rule_starts(self, name: str, task_definition: str, **changes: str | bool) -> values.Starter:
        """There is such a rule, or somebody points it there."""
        return self._add(values.Starter(kind=RULE, name=name, target="1", task_definition=task_definition), changes)

    def schedule_starts(self, name: str, task_definition: str, **changes: str | bool) -> values.Starter:
        return self._add(values.Starter(kind=SCHEDULE, name=name, task_definition=task_definition), changes)

    def _add(self, starter: values.Starter, changes: dict[str, str | bool]) -> values.Starter:
        self.scheduled[starter.key] = replace(starter, **changes)  # type: ignore[arg-type]
        return self.scheduled[starter.key]

    def starters(self, cluster: str, families: Collection[str]) -> tuple[values.Starter, ...]:
        self._called("starters")
        found = [each for each in self.scheduled.values() if not families or each.family in families]
        return tuple(sorted(found, key=lambda each: (each.kind, each.name, each.target)))

    def starter(self, known: values.Starter) -> values.Starter | None:
        self._called("starter")
        return self.scheduled.get(known.key)

    def _have_started(self, action: actions.PutTargets | actions.UpdateSchedule) -> actions.Made:
        key = (
            f"{RULE}:{action.rule}:{action.target}"
            if isinstance(action, actions.PutTargets)
            else f"{SCHEDULE}:{action.schedule}:"
        )
        there = self._get(self.scheduled, key, action.operation)
        if there.task_definition not in (action.task_definition, action.expected):
            raise errors.Changed(action.operation, "Changed", f"it starts {there.task_definition}")
        self.scheduled[key] = replace(there, task_definition=action.task_definition)
        return actions.Made()
