"""SERVICE_PAIR: two ECS services, one per slot, and Tealgate moves the weights of the production rule.

Stage by stage: `plan` says which, `observe` what is read, `forward` and `back` what is decided. Which slot is
live is read from the weights each time; `source` is the live one, `target` the one that gets the release.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from deployments import preflight
from deployments.aws.eventbridge import AwsEvent
from deployments.aws.protocol import Gateway
from deployments.definitions.difference import Lines
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.report import Report
from deployments.swaps.base import Controller, Live
from deployments.swaps.decisions import Act, Decision
from deployments.swaps.reports import Failure
from deployments.swaps.service_pair import back, forward, marks, neighbours, observe
from deployments.swaps.service_pair.facts import PairFacts, Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.service_pair.plan import plan
from deployments.swaps.steps import event_watch, failure, live_service, one_off_tasks, protection, rules, two_slots
from deployments.swaps.steps.ladder import PRESETS
from deployments.vocabulary import DeploymentKind, Slot, Stage, Strategy


class ServicePair:
    facts = PairFacts
    required = (
        "cluster",
        "container_name",
        "blue_service",
        "green_service",
        "blue_target_group",
        "green_target_group",
        "production_rule",
    )
    gate_stages = (Stage.PRE_SCALE_UP, Stage.POST_TEST_TRAFFIC_SHIFT, Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.BAKE_TIME)
    warm_time_can_be_extended = True
    rungs_are_ours = True
    warm_time_can_be_ended = True
    shows_targets = False
    goes_on = ""

    def kind_refusal(self, settings: EnvironmentSettings, kind: DeploymentKind, strategy: str) -> str:
        return ""

    def takes_bundles(self, settings: EnvironmentSettings) -> bool:
        return False

    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return (Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR, Strategy.LADDER, *PRESETS)

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return preflight.run(settings, artefact, gateway, now)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        rule = gateway.rule(settings.production_rule)
        live = [slot for slot in Slot if rule.weights.get(settings.target_group(slot), 0) > 0]
        if len(live) != 1:
            seen = ", ".join(f"{group.rsplit('/', 2)[-2]} {weight}" for group, weight in rule.weights.items())
            raise ValueError(f"Exactly one slot has to be live, but the production rule's weights are: {seen}.")
        return live_service.live(settings, gateway, settings.service(live[0]), live[0])

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
        slot = live_service.slot_of_rule(settings, gateway)
        return live_service.changes(settings, artefact, gateway, settings.service(slot)) if slot else None

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return observe.services_needed(snapshot, now)

    def followed(self, snapshot: Snapshot) -> Mapping[str, Collection[str]]:
        return {}

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        return observe.observe(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        return protection.noted(_decision(snapshot, observed, now), snapshot, observed.protected)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        return two_slots.readings(snapshot, observed)

    def changed_anything(self, snapshot: Snapshot) -> bool:
        unsure = marks.may_have_happened(snapshot, "UpdateService", "SetWeights", "SuspendScaling")
        return unsure or marks.any_but(snapshot, "register", "task:", "stop_task:", neighbours.TOLD)

    def release_may_serve(self, snapshot: Snapshot) -> bool:
        return snapshot.facts.percent > 0 or marks.may_have_happened(snapshot, "SetWeights")

    def parting(self, snapshot: Snapshot, gateway: Gateway) -> Act | None:
        return None

    def left_running(self, snapshot: Snapshot) -> str:
        return one_off_tasks.left_running(snapshot)

    def concerns(
        self, event: AwsEvent, settings: EnvironmentSettings, key: str, *, position: int, facts: PairFacts
    ) -> bool:
        return event_watch.concerns(event, settings, key, position=position, facts=facts)

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        if snapshot.target is None:
            return Failure(health=())
        service, group = snapshot.service(snapshot.target), snapshot.target_group(snapshot.target)
        return failure.capture(snapshot, gateway, service=service, target_group=group)


def _decision(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if not snapshot.rolling_back:
        return forward.decide(snapshot, observed, now)
    live = rules.all_agree_on(snapshot, observed.production_rules)
    return replace(back.decide(snapshot, observed, now), live=live)


SERVICE_PAIR: Controller[Observed, PairFacts] = ServicePair()
