"""CodeDeploy on the compute platform ECS: a replacement task set in the other target group."""

from collections.abc import Collection, Mapping
from datetime import datetime

from deployments import preflight
from deployments.aws.protocol import Gateway
from deployments.definitions.difference import Lines
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.code_deploy import CODE_DEPLOY
from deployments.preflight.other_rules import unmoved_by_code_deploy
from deployments.preflight.report import Report
from deployments.swaps.base import Live
from deployments.swaps.code_deploy import back, forward, group_live, owner_hooks
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.following import whose
from deployments.swaps.code_deploy.lifecycle import kept
from deployments.swaps.code_deploy.observe import Observed, observe
from deployments.swaps.code_deploy.plan import STRATEGIES, plan
from deployments.swaps.decisions import Advance, Decision
from deployments.swaps.reports import Failure
from deployments.swaps.steps import (
    all_at_once,
    first_release,
    left_behind,
    marks,
    one_service,
    one_service_as_planned,
    protection,
    two_slots,
)
from deployments.vocabulary import DeploymentKind, Slot, Stage, Strategy


class ToEcs:
    def kind_refusal(self, kind: DeploymentKind, strategy: str) -> str:
        return all_at_once.refusal(kind, strategy, (Strategy.ALL_AT_ONCE,), "CodeDeploy")

    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        return STRATEGIES

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        return preflight.run(settings, artefact, gateway, now, CODE_DEPLOY)

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        return group_live.of_service(settings, gateway)

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
        changed = one_service.difference(settings, artefact, gateway)
        return None if changed is None else (*changed, *owner_hooks.lines(settings, gateway))

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return one_service.services_needed(snapshot)

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        return observe(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        way = back if snapshot.rolling_back else forward
        decision = way.decide(snapshot, observed, now)
        ends = snapshot.rolling_back and isinstance(decision, Advance) and snapshot.step.stage == Stage.CLEAN_UP
        if ends and (emptied := first_release.emptied(snapshot)):
            return emptied
        decision = _with_left_behind(snapshot, observed, decision)
        return kept(snapshot, protection.noted(decision, snapshot, observed.protected), observed.targets)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        return two_slots.readings(snapshot, observed)

    def changed_anything(self, snapshot: Snapshot) -> bool:
        told = marks.done(snapshot, "create", "desired")
        return told or marks.may_have_happened(snapshot, "CreateDeployment", "UpdateService")

    def release_may_serve(self, snapshot: Snapshot) -> bool:
        return snapshot.facts.percent > 0

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> Failure:
        return one_service.diagnose(snapshot, gateway)


def _with_left_behind(snapshot: Snapshot, observed: Observed, decision: Decision) -> Decision:
    decision = one_service_as_planned.at_the_end(snapshot, observed.end, decision, whose(observed.latest))
    group = snapshot.facts.group
    unmoved = unmoved_by_code_deploy(snapshot.settings, observed.left.routes, group.test_listener if group else "")
    emptied = snapshot.rolling_back or group is None or group.terminates
    return left_behind.told(snapshot, decision, observed.left, unmoved, emptied=emptied)


TO_ECS = ToEcs()
