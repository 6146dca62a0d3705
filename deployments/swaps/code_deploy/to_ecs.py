"""CodeDeploy on the compute platform ECS: a replacement task set in the other target group."""

from collections.abc import Collection, Mapping
from datetime import datetime

from deployments import preflight
from deployments.aws.protocol import Gateway
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.code_deploy import CODE_DEPLOY
from deployments.preflight.report import Report
from deployments.swaps.base import Live
from deployments.swaps.code_deploy import back, forward
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.lifecycle import kept
from deployments.swaps.code_deploy.observe import Observed, observe, services_needed
from deployments.swaps.code_deploy.plan import STRATEGIES, plan
from deployments.swaps.decisions import Decision
from deployments.swaps.reports import Failure
from deployments.swaps.steps import failure, live_service, marks, revisions, two_slots
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import Slot, Stage, Strategy


class ToEcs:
    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return STRATEGIES

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return preflight.run(settings, artefact, gateway, now, CODE_DEPLOY)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        slot = live_service.slot_with_all_traffic(settings, gateway)
        return live_service.live(settings, gateway, settings.service_name, slot)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(
        self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway
    ) -> tuple[tuple[str, str], ...]:
        return live_service.changes(settings, artefact, gateway, settings.service_name)

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return services_needed(snapshot)

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        report = None
        if snapshot.step.stage == Stage.RECONCILE_SERVICE and not snapshot.rolling_back:
            if revisions.is_reconciled(snapshot):
                return Observed()
            gateway, trusted = ReadingOnce(gateway), preflight.IAM_TRUSTED
            report = preflight.run(snapshot.settings, snapshot.artefact, gateway, now, CODE_DEPLOY, trusted=trusted)
        return observe(snapshot, gateway, report, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        way = back if snapshot.rolling_back else forward
        return kept(snapshot, way.decide(snapshot, observed, now), observed.targets)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        return two_slots.readings(snapshot, observed)

    def changed_anything(self, snapshot: Snapshot) -> bool:
        return marks.done(snapshot, "create") or marks.may_have_happened(snapshot, "CreateDeployment")

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        group = snapshot.target_group(snapshot.target) if snapshot.target else ""
        return failure.capture(snapshot, gateway, service=snapshot.settings.service_name, target_group=group)


TO_ECS = ToEcs()
