"""ECS: one service whose own BLUE_GREEN, CANARY or LINEAR strategy moves the traffic.

ECS is told once (UpdateService with strategy, bake time, alarms and PAUSE hooks made from our gates) and then
followed by DescribeServiceDeployments. What it does not do is done here: the listener's weights are read before
and after, alarms are watched even if ECS ignores them, and who may let it go on is decided at our gates.
Bake times are in ECS's whole minutes; the warm time is ECS's bake, which nobody can lengthen or cut short.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from deployments import preflight
from deployments.aws.eventbridge import AwsEvent
from deployments.aws.protocol import Gateway
from deployments.definitions.difference import Lines
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.native import NATIVE
from deployments.preflight.report import Report
from deployments.swaps.base import Controller, Live
from deployments.swaps.decisions import Act, Decision
from deployments.swaps.ecs import back, ending, forward, functions, owner
from deployments.swaps.ecs.facts import EcsFacts, Snapshot
from deployments.swaps.ecs.observe import Observed, observe
from deployments.swaps.ecs.plan import GATE_STAGES, STRATEGIES, plan
from deployments.swaps.reports import Failure
from deployments.swaps.steps import all_at_once, event_watch, marks, one_off_tasks, one_service, protection, two_slots
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import DeploymentKind, Slot, Strategy


class EcsNative:
    facts = EcsFacts
    required = (
        "cluster",
        "container_name",
        "service_name",
        "blue_target_group",
        "green_target_group",
        "production_rule",
    )
    gate_stages = GATE_STAGES
    warm_time_can_be_extended = False
    rungs_are_ours = False
    warm_time_can_be_ended = False
    shows_targets = False
    goes_on = "ECS"

    def kind_refusal(self, settings: EnvironmentSettings, kind: DeploymentKind, strategy: str) -> str:
        return all_at_once.refusal(kind, strategy, (Strategy.BLUE_GREEN,), "ECS")

    def takes_bundles(self, settings: EnvironmentSettings) -> bool:
        return False

    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return STRATEGIES

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return preflight.run(settings, artefact, gateway, now, NATIVE)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        return one_service.live(settings, gateway)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
        gateway = ReadingOnce(gateway)
        found = gateway.services(settings.cluster, (settings.service_name,)).get(settings.service_name)
        kept = functions.lines(found.deployment_configuration) if found else ()
        changed = one_service.difference(settings, artefact, gateway)
        return None if changed is None else (*changed, *kept)

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return one_service.services_needed(snapshot)

    def followed(self, snapshot: Snapshot) -> Mapping[str, Collection[str]]:
        known = snapshot.facts.service_deployment
        return {"service_deployments": (known,)} if known else {}

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        return observe(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        way = back if snapshot.rolling_back else forward
        decision = functions.kept(snapshot, way.decide(snapshot, observed, now), observed.native, now)
        return protection.noted(decision, snapshot, observed.protected)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        return two_slots.readings(snapshot, observed)

    def changed_anything(self, snapshot: Snapshot) -> bool:
        return marks.done(snapshot, "update") or marks.may_have_happened(snapshot, "UpdateService")

    def release_may_serve(self, snapshot: Snapshot) -> bool:
        return snapshot.facts.percent > 0

    def parting(self, snapshot: Snapshot, gateway: Gateway) -> Act | None:
        if not owner.was_touched(snapshot):
            return None
        return ending.give_back(snapshot, one_service.service(snapshot, gateway))

    def left_running(self, snapshot: Snapshot) -> str:
        return one_off_tasks.left_running(snapshot)

    def concerns(
        self, event: AwsEvent, settings: EnvironmentSettings, key: str, *, position: int, facts: EcsFacts
    ) -> bool:
        return event_watch.concerns(event, settings, key, position=position, facts=facts)

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        return one_service.diagnose(snapshot, gateway)


ECS: Controller[Observed, EcsFacts] = EcsNative()
