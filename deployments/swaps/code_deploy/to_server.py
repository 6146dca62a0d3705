"""CodeDeploy on the compute platform Server: a bundle, installed on instances in place or on replacements."""

from collections.abc import Collection, Mapping
from datetime import datetime

from deployments import preflight
from deployments.aws.protocol import Gateway
from deployments.definitions.difference import Lines
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.code_deploy_server import SERVER
from deployments.preflight.report import Report
from deployments.swaps.base import Live
from deployments.swaps.code_deploy import group_live, server_back, server_steps
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.lifecycle import kept
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.code_deploy.server_observe import observe
from deployments.swaps.code_deploy.server_plan import STRATEGIES, plan
from deployments.swaps.decisions import Decision
from deployments.swaps.reports import Failure
from deployments.swaps.steps import marks
from deployments.vocabulary import DeploymentKind, Slot, Strategy


class ToServer:
    def kind_refusal(self, kind: DeploymentKind, strategy: str) -> str:
        if kind is not DeploymentKind.FIRST:
            return ""
        return "The first bundle of servers is an ordinary deployment: deploy as usual. Preflight says what is there."

    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return STRATEGIES

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return preflight.run(settings, artefact, gateway, now, SERVER)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        return group_live.of_servers(settings, gateway)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
        return None

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return ()

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        return observe(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        way = server_back.way_back if snapshot.rolling_back else server_steps.forward
        return kept(snapshot, way(snapshot, observed, now), observed.undoing_targets or observed.targets)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        return {}

    def changed_anything(self, snapshot: Snapshot) -> bool:
        return marks.done(snapshot, "create") or marks.may_have_happened(snapshot, "CreateDeployment")

    def release_may_serve(self, snapshot: Snapshot) -> bool:
        """A server that has it serves it, whatever becomes of the others."""
        return self.changed_anything(snapshot)

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        """The log of the event that failed, as CodeDeploy keeps it."""
        failed = [event for target in snapshot.facts.targets for event in target.events if event.status == "Failed"]
        return Failure(health=(), log=tuple(failed[0].log.splitlines()) if failed else ())


TO_SERVER = ToServer()
