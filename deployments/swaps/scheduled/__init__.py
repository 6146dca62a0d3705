"""Scheduled tasks that belong to an application: they get the release with it, whatever way its service is swapped.

A step of its own in every plan whose environment names families. The swap inside knows nothing of it: what it sees is a
plan without that step. `observe` says what is read, `remaining` what is left, `forward` and `back` what is decided.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.evidence import Reading
from deployments.frozen import EnvironmentSettings, Plan
from deployments.swaps.base import Controller
from deployments.swaps.decisions import Act, Decision, Fail, Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.reports import Failure
from deployments.swaps.scheduled import back, forward, words
from deployments.swaps.scheduled.observe import Seen, observe
from deployments.swaps.scheduled.plan import with_scheduled_tasks
from deployments.vocabulary import Slot, Stage, Strategy
from deployments.words import full_stop

__all__ = ["with_scheduled"]


def with_scheduled(swap: Controller[Any, Any]) -> Controller[Any, Any]:
    return cast(Controller[Any, Any], WithScheduledTasks(swap))


class WithScheduledTasks:
    """Answers for the swap inside, but for the step of the scheduled tasks."""

    def __init__(self, swap: Controller[Any, Any]) -> None:
        self._swap = swap

    def __getattr__(self, name: str) -> Any:
        return getattr(self._swap, name)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        plan = self._swap.plan(settings, strategy)
        return plan if self._swap.takes_bundles(settings) else with_scheduled_tasks(plan, settings)

    def services(self, snapshot: Snapshot[Facts], now: datetime) -> Collection[str]:
        return () if _is_here(snapshot) else self._swap.services(_inside(snapshot), now)

    def followed(self, snapshot: Snapshot[Facts]) -> Mapping[str, Collection[str]]:
        return {} if _is_here(snapshot) else self._swap.followed(_inside(snapshot))

    def observe(self, snapshot: Snapshot[Facts], gateway: Gateway, now: datetime) -> Any:
        """A Fail where EventBridge keeps it waiting while something speaks against what has all of production."""
        if not _is_here(snapshot):
            return self._swap.observe(_inside(snapshot), gateway, now)
        against = self._against(snapshot, gateway, now) if snapshot.intent else None
        if against:
            return against
        try:
            return observe(snapshot, gateway)
        except AwsError as error:
            if error.transient and (against := self._against(snapshot, gateway, now)):
                return against
            raise

    def _against(self, snapshot: Snapshot[Facts], gateway: Gateway, now: datetime) -> Fail | None:
        """What the swap's own bake would turn back for, where that comes next."""
        baking = replace(snapshot, position=snapshot.position + 1)
        if snapshot.rolling_back or baking.position >= len(snapshot.steps) or baking.step.stage != Stage.BAKE_TIME:
            return None
        inside = _inside(baking)
        decision = self._swap.decide(inside, self._swap.observe(inside, gateway, now), now)
        return decision if isinstance(decision, Fail) else None

    def decide(self, snapshot: Snapshot[Facts], observed: Any, now: datetime) -> Decision:
        if isinstance(observed, Fail):
            return observed
        if isinstance(observed, Seen):
            decide = back.decide if snapshot.rolling_back else forward.decide
            return decide(snapshot, observed, now)
        decision: Decision = self._swap.decide(_inside(snapshot), observed, now)
        if snapshot.rolling_back and isinstance(decision, Fail) and (left := words.still_on(snapshot)):
            return replace(decision, reason=f"{full_stop(decision.reason)} {left}")
        return decision

    def readings(self, snapshot: Snapshot[Facts], observed: Any) -> Mapping[Slot, Reading]:
        return {} if isinstance(observed, Seen | Fail) else self._swap.readings(_inside(snapshot), observed)

    def changed_anything(self, snapshot: Snapshot[Facts]) -> bool:
        return self._swap.changed_anything(_inside(snapshot))

    def release_may_serve(self, snapshot: Snapshot[Facts]) -> bool:
        return self._swap.release_may_serve(_inside(snapshot))

    def parting(self, snapshot: Snapshot[Facts], gateway: Gateway) -> Act | None:
        return self._swap.parting(_inside(snapshot), gateway)

    def left_running(self, snapshot: Snapshot[Facts]) -> str:
        return self._swap.left_running(_inside(snapshot))

    def diagnose(self, snapshot: Snapshot[Facts], gateway: Gateway) -> Failure:
        return self._swap.diagnose(_inside(snapshot), gateway)


def _is_here(snapshot: Snapshot[Facts]) -> bool:
    return snapshot.step.stage == Stage.SCHEDULED_TASKS


def _inside(snapshot: Snapshot[Facts]) -> Snapshot[Facts]:
    """As the swap sees it; at the step of the scheduled tasks, it stands at the one before."""
    plan = snapshot.plan
    steps = [step for step in plan.steps if step.stage != Stage.SCHEDULED_TASKS]
    if len(steps) == len(plan.steps):
        return snapshot
    way_back = [step for step in plan.way_back if step.stage != Stage.SCHEDULED_TASKS]
    here = next(number for number, step in enumerate(snapshot.steps) if step.stage == Stage.SCHEDULED_TASKS)
    position = snapshot.position - (snapshot.position >= here)
    return replace(snapshot, plan=replace(plan, steps=tuple(steps), way_back=tuple(way_back)), position=position)
