"""EXPRESS_MODE: a service of which ECS makes all but the image, and which it deploys by a canary of its own.

UpdateExpressGatewayService is called once and then followed by DescribeServiceDeployments. It takes no hooks and no
deployment configuration, so people are asked before it, and nobody after. It is given a task definition, the live one
with the release's images: what the owner has set beside it (scaling, network, health check) stays. ECS rolls back by an
alarm of its own; that alarm is watched and shown, with the environment's. What ECS says is believed when the running
tasks and its rule say so too.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from deployments import preflight
from deployments.aws.eventbridge import AwsEvent
from deployments.aws.protocol import Gateway
from deployments.definitions.difference import Lines
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.express import EXPRESS_MODE as CHECKLIST
from deployments.preflight.report import Report
from deployments.swaps.base import Controller, Live
from deployments.swaps.decisions import Act, Decision
from deployments.swaps.express import back, forward
from deployments.swaps.express.facts import ExpressFacts, Snapshot
from deployments.swaps.express.observe import UPDATE, Observed, observe, reads_service
from deployments.swaps.express.plan import GATE_STAGES, plan
from deployments.swaps.reports import Failure
from deployments.swaps.steps import event_watch, failure, live_service, marks, one_off_tasks, protection
from deployments.vocabulary import DeploymentKind, Slot, Strategy


class ExpressMode:
    facts = ExpressFacts
    required = ("cluster", "container_name", "service_name")
    gate_stages = GATE_STAGES
    warm_time_can_be_extended = False
    rungs_are_ours = False
    warm_time_can_be_ended = False
    shows_targets = False
    goes_on = "ECS"

    def kind_refusal(self, settings: EnvironmentSettings, kind: DeploymentKind, strategy: str) -> str:
        if kind is not DeploymentKind.FIRST:
            return ""
        return (
            f"Express Mode starts as many tasks as its own scaling says. Raise minTaskCount of {settings.service_name} "
            "(UpdateExpressGatewayService, scalingTarget) and wait for its tasks; then deploy as usual, or as a repair "
            "if they are sick."
        )

    def takes_bundles(self, settings: EnvironmentSettings) -> bool:
        return False

    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return (Strategy.CANARY,)

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return preflight.run(settings, artefact, gateway, now, CHECKLIST)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        return live_service.live(settings, gateway, settings.service_name)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
        return live_service.changes(settings, artefact, gateway, settings.service_name)

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return (snapshot.settings.service_name,) if reads_service(snapshot) else ()

    def followed(self, snapshot: Snapshot) -> Mapping[str, Collection[str]]:
        known = snapshot.facts.service_deployment
        return {"service_deployments": (known,)} if known else {}

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        return observe(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        way = back if snapshot.rolling_back else forward
        return protection.noted(way.decide(snapshot, observed, now), snapshot, observed.protected)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        """There are no slots to tell apart."""
        return {}

    def changed_anything(self, snapshot: Snapshot) -> bool:
        return marks.done(snapshot, "update") or marks.may_have_happened(snapshot, UPDATE)

    def release_may_serve(self, snapshot: Snapshot) -> bool:
        return snapshot.facts.percent > 0

    def parting(self, snapshot: Snapshot, gateway: Gateway) -> Act | None:
        return None

    def left_running(self, snapshot: Snapshot) -> str:
        return one_off_tasks.left_running(snapshot)

    def concerns(
        self, event: AwsEvent, settings: EnvironmentSettings, key: str, *, position: int, facts: ExpressFacts
    ) -> bool:
        return event_watch.concerns(event, settings, key, position=position, facts=facts)

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        group = snapshot.facts.target_group
        return failure.capture(snapshot, gateway, service=snapshot.settings.service_name, target_group=group)


EXPRESS_MODE: Controller[Observed, ExpressFacts] = ExpressMode()
