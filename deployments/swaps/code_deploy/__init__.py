"""CODE_DEPLOY: CodeDeploy moves the traffic or installs on servers; Tealgate tells it what, when, and watches.

CodeDeploy is told once (CreateDeployment with an AppSpec made here) and then followed by GetDeployment and its
target. Its Ready state is our gate, its termination wait our warm time: its length is the deployment group's, but a
click can end it. A roll back is a new deployment that CodeDeploy starts; it is followed to its end. What it does not
do is done here: the listener is read before and after, and alarms, 5xx answers and latency are watched.

    to_ecs      the compute platform ECS, made of plan, observe, forward (starting, ready, production), back and again;
                theirs reads who else deploys there, beside says what that means on the way back
    to_server   the compute platform Server, made of server_plan, server_observe, server_steps (with server_ready), and
                server_back with server_again for the way back; server_outside compares, server_source is gone back to
    group_live  what runs, for the pages, and what the group is about to bring
    troubles    every reason that CodeDeploy gives for a failure, with what to do about it
    lifecycle   its lifecycle events, for the pages
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from deployments.aws.eventbridge import AwsEvent
from deployments.aws.protocol import Gateway
from deployments.definitions.difference import Lines
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.report import Report
from deployments.swaps.base import Controller, Live
from deployments.swaps.code_deploy.facts import CodeDeployFacts, Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.code_deploy.plan import GATE_STAGES
from deployments.swaps.code_deploy.to_ecs import TO_ECS, ToEcs
from deployments.swaps.code_deploy.to_server import TO_SERVER, ToServer
from deployments.swaps.decisions import Act, Decision
from deployments.swaps.reports import Failure
from deployments.swaps.steps import event_watch, one_off_tasks
from deployments.vocabulary import ComputePlatform, DeploymentKind, Slot, Strategy


class CodeDeploy:
    facts = CodeDeployFacts
    required = ("codedeploy_application", "codedeploy_group")
    gate_stages = GATE_STAGES
    warm_time_can_be_extended = False
    rungs_are_ours = False
    warm_time_can_be_ended = True
    shows_targets = True
    goes_on = "CodeDeploy"

    def kind_refusal(self, settings: EnvironmentSettings, kind: DeploymentKind, strategy: str) -> str:
        return _on(settings).kind_refusal(kind, strategy)

    def takes_bundles(self, settings: EnvironmentSettings) -> bool:
        return settings.compute_platform == ComputePlatform.SERVER

    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return _on(settings).strategies(settings)

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return _on(settings).preflight(settings, artefact, gateway, now)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        return _on(settings).live(settings, gateway)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return _on(settings).plan(settings, strategy)

    def difference(self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
        return _on(settings).difference(settings, artefact, gateway)

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return _on(snapshot.settings).services(snapshot, now)

    def followed(self, snapshot: Snapshot) -> Mapping[str, Collection[str]]:
        known = snapshot.facts.code_deployment
        return {"code_deployments": (known,)} if known else {}

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        return _on(snapshot.settings).observe(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        return _on(snapshot.settings).decide(snapshot, observed, now)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        return _on(snapshot.settings).readings(snapshot, observed)

    def changed_anything(self, snapshot: Snapshot) -> bool:
        return _on(snapshot.settings).changed_anything(snapshot)

    def release_may_serve(self, snapshot: Snapshot) -> bool:
        return _on(snapshot.settings).release_may_serve(snapshot)

    def parting(self, snapshot: Snapshot, gateway: Gateway) -> Act | None:
        return None

    def left_running(self, snapshot: Snapshot) -> str:
        return one_off_tasks.left_running(snapshot)

    def concerns(
        self, event: AwsEvent, settings: EnvironmentSettings, key: str, *, position: int, facts: CodeDeployFacts
    ) -> bool:
        return event_watch.concerns(event, settings, key, position=position, facts=facts)

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        return _on(snapshot.settings).diagnose(snapshot, gateway)


def _on(settings: EnvironmentSettings) -> ToEcs | ToServer:
    return TO_SERVER if settings.compute_platform == ComputePlatform.SERVER else TO_ECS


CODE_DEPLOY: Controller[Observed, CodeDeployFacts] = CodeDeploy()
