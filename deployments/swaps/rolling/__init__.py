"""ROLLING: one ECS service, whose tasks ECS replaces a few at a time within its two percentages.

What `ecs-deploy` does, told honestly: `rollout` says when ECS has succeeded, `update` and `back` what is decided,
`polling` when to look again. Nothing but the task definition of the service is written.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from deployments import preflight
from deployments.aws.eventbridge import AwsEvent
from deployments.aws.protocol import Gateway
from deployments.definitions.difference import Lines
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight import rolling
from deployments.preflight.report import Report
from deployments.swaps.base import Controller, Live
from deployments.swaps.decisions import Act, Decision
from deployments.swaps.reports import Failure
from deployments.swaps.rolling import back, diagnose, needed, neighbours
from deployments.swaps.rolling import observe as reading
from deployments.swaps.rolling.facts import RollingFacts, Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.swaps.rolling.plan import plan
from deployments.swaps.rolling.prepare import pre_scale_up, reconcile
from deployments.swaps.rolling.update import scale_up
from deployments.swaps.rolling.watch import bake
from deployments.swaps.steps import event_watch, live_service, marks, one_off_tasks, protection
from deployments.vocabulary import DeploymentKind, Slot, Stage, Strategy

_FORWARD: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.RECONCILE_SERVICE: reconcile,
    Stage.PRE_SCALE_UP: pre_scale_up,
    Stage.SCALE_UP: scale_up,
    Stage.BAKE_TIME: bake,
}


class Rolling:
    facts = RollingFacts
    required = ("cluster", "container_name", "service_name")
    gate_stages = (Stage.PRE_SCALE_UP, Stage.BAKE_TIME)
    warm_time_can_be_extended = False
    rungs_are_ours = False
    warm_time_can_be_ended = False
    shows_targets = False
    goes_on = ""

    def kind_refusal(self, settings: EnvironmentSettings, kind: DeploymentKind, strategy: str) -> str:
        return ""

    def takes_bundles(self, settings: EnvironmentSettings) -> bool:
        return False

    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return (Strategy.ROLLING,)

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return preflight.run(settings, artefact, gateway, now, rolling.ROLLING)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        return live_service.live(settings, gateway, settings.service_name)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
        return live_service.changes(settings, artefact, gateway, settings.service_name)

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return needed.services(snapshot, now)

    def followed(self, snapshot: Snapshot) -> Mapping[str, Collection[str]]:
        return {}

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        return reading.observe(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        return protection.noted(_decision(snapshot, observed, now), snapshot, observed.protected)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        """There are no slots to tell apart."""
        return {}

    def changed_anything(self, snapshot: Snapshot) -> bool:
        return marks.done(snapshot, "update") or marks.may_have_happened(snapshot, "UpdateService")

    def release_may_serve(self, snapshot: Snapshot) -> bool:
        return self.changed_anything(snapshot)

    def parting(self, snapshot: Snapshot, gateway: Gateway) -> Act | None:
        return None

    def left_running(self, snapshot: Snapshot) -> str:
        return one_off_tasks.left_running(snapshot)

    def concerns(
        self, event: AwsEvent, settings: EnvironmentSettings, key: str, *, position: int, facts: RollingFacts
    ) -> bool:
        return event_watch.concerns(event, settings, key, position=position, facts=facts)

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        return diagnose.capture(snapshot, gateway)


def _decision(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if not snapshot.rolling_back:
        return _FORWARD[snapshot.step.stage](snapshot, observed, now)
    live = neighbours.live(snapshot, observed.service, observed.tasks)
    return replace(back.decide(snapshot, observed, now), live=live)


ROLLING: Controller[Observed, RollingFacts] = Rolling()
