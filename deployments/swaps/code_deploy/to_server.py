"""CodeDeploy on the compute platform Server: a bundle, installed on instances in place or on replacements."""

from collections.abc import Collection, Mapping
from datetime import datetime

from deployments import preflight
from deployments.aws.protocol import Gateway
from deployments.evidence import Reading, measure
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.code_deploy_server import SERVER
from deployments.preflight.report import Report
from deployments.swaps.base import Live
from deployments.swaps.code_deploy import server_steps
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.lifecycle import kept
from deployments.swaps.code_deploy.observe import Observed, known, ours_among, overtaken
from deployments.swaps.code_deploy.server_plan import STRATEGIES, plan
from deployments.swaps.decisions import Decision
from deployments.swaps.reports import Failure
from deployments.swaps.steps import marks
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import Slot, Stage, Strategy


class ToServer:
    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return STRATEGIES

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return preflight.run(settings, artefact, gateway, now, SERVER)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        """The bundle of the group's last good deployment: what its servers have, and new ones get."""
        name = settings.codedeploy_group
        group = gateway.deployment_group(settings.codedeploy_application, name)
        last = group.last_successful
        if last is None or group.bundle is None:
            raise ValueError(f"CodeDeploy has brought no bundle to the servers of {name} yet; deploy one.")
        return Live(slot=None, images={}, bundle=group.bundle, by=last.id, since=last.ended_at or last.created_at)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(
        self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway
    ) -> tuple[tuple[str, str], ...]:
        return ()

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return ()

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        settings, stage = snapshot.settings, snapshot.step.stage
        if snapshot.rolling_back:
            observed = _deployment(snapshot, gateway, now)
            over = observed.deployment is not None and observed.deployment.status == "Succeeded"
            return overtaken(snapshot, observed, gateway) if over else observed
        if stage == Stage.RECONCILE_SERVICE:
            gateway, trusted = ReadingOnce(gateway), preflight.IAM_TRUSTED
            report = preflight.run(settings, snapshot.artefact, gateway, now, SERVER, trusted=trusted)
            if not report.passed:
                return Observed(report=report)
            group = gateway.deployment_group(settings.codedeploy_application, settings.codedeploy_group)
            return Observed(report=report, group=group)
        if stage == Stage.PRE_SCALE_UP:
            return Observed()
        waits = is_waiting(snapshot, now) and stage == Stage.PRE_PRODUCTION_TRAFFIC_SHIFT
        if waits and (ours := known(snapshot, gateway)) is not None and ours.status == "Ready":
            return Observed(deployment=ours)
        return _deployment(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        way = server_steps.way_back if snapshot.rolling_back else server_steps.forward
        return kept(snapshot, way(snapshot, observed, now), observed.targets)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        return {}

    def changed_anything(self, snapshot: Snapshot) -> bool:
        return marks.done(snapshot, "create") or marks.may_have_happened(snapshot, "CreateDeployment")

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        """The log of the event that failed, as CodeDeploy keeps it."""
        failed = [event for target in snapshot.facts.targets for event in target.events if event.status == "Failed"]
        return Failure(health=(), log=tuple(failed[0].log.splitlines()) if failed else ())


def _deployment(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    settings, stranger = snapshot.settings, None
    if snapshot.facts.code_deployment:
        ours = known(snapshot, gateway)
    else:
        newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
        ours = ours_among(snapshot, newest)
        stranger = next((each for each in newest if each is not ours and not each.is_over), None)
    return Observed(
        deployment=ours,
        stranger=stranger,
        targets=gateway.code_deployment_targets(ours.id) if ours else (),
        undoing=gateway.code_deployment(ours.rollback_id) if ours and ours.rollback_id else None,
        measured=measure(server_steps.watched(snapshot), gateway, now),
    )


TO_SERVER = ToServer()
