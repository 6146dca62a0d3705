"""One service in the middle of a rolling deployment, as frozen values: api runs two tasks, and gets 1.1.0."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws import values
from deployments.frozen import EnvironmentSettings
from deployments.swaps import get
from deployments.swaps.decisions import Decision
from deployments.swaps.rolling.facts import RollingFacts, Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.vocabulary import Stage, Strategy
from tests.evidence import cases as evidence
from tests.fakes.aws import API
from tests.swaps.cases import HEALTHY, NOON, release, seconds

OLD, NEW, FOREIGN = (API.task_definition(revision) for revision in (1, 2, 9))
REGISTERED: dict[str, Any] = {
    "task_definition": NEW,
    "source_task_definition": OLD,
    "source_deployment": "ecs-svc/1",
    "desired": 2,
    "target_group": API.target_group,
    "load_balancer": API.load_balancer,
    "drain_seconds": 30,
    "done": ("register",),
}
UPDATED: dict[str, Any] = {
    "ecs_deployment": "ecs-svc/2",
    "updated_at": NOON - seconds(60),
    "done": ("register", "update"),
}
CONTROLLER = get("ROLLING")


def settings(**changes: Any) -> EnvironmentSettings:
    usual = EnvironmentSettings(
        label="api/production",
        controller="ROLLING",
        region="eu-central-1",
        cluster=API.cluster,
        container_name=API.container,
        container_port=API.container_port,
        service_name=API.name,
        bake_seconds=60,
    )
    return replace(usual, **changes)


def at(
    stage: str,
    *,
    back: bool = False,
    facts: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Snapshot:
    """The deployment standing at this stage for a minute, on its way forward or back."""
    frozen = settings(**environment or {})
    plan = CONTROLLER.plan(frozen, Strategy.ROLLING)
    steps = plan.way_back if back else plan.steps
    usual = Snapshot(
        key="7-abc",
        settings=frozen,
        artefact=release(),
        plan=plan,
        position=next(number for number, step in enumerate(steps) if step.stage == stage),
        rolling_back=back,
        facts=RollingFacts(**{**REGISTERED, **(facts or {})}),
        step_started_at=NOON - seconds(60),
    )
    return replace(usual, **changes)


def updating(**facts: Any) -> Snapshot:
    return at(Stage.SCALE_UP, facts={**UPDATED, **facts})


def returning(**facts: Any) -> Snapshot:
    return at(Stage.SCALE_UP, back=True, facts={**UPDATED, **facts})


def deployment(definition: str = NEW, number: int = 2, **changes: Any) -> values.ServiceDeployment:
    usual = values.ServiceDeployment(
        id=f"ecs-svc/{number}",
        status="PRIMARY",
        task_definition=definition,
        desired=2,
        running=2,
        pending=0,
        failed_tasks=0,
        rollout_state="COMPLETED",
        rollout_reason="",
    )
    return replace(usual, **changes)


def old(**changes: Any) -> values.ServiceDeployment:
    """The deployment that ours replaces."""
    return deployment(OLD, 1, status="ACTIVE", desired=0, **changes)


def service(*deployments: values.ServiceDeployment, **changes: Any) -> values.Service:
    shown = deployments or (deployment(OLD, 1),)
    usual = values.Service(
        name=API.name,
        arn=API.name,
        status="ACTIVE",
        controller="ECS",
        task_definition=shown[0].task_definition,
        desired=2,
        running=sum(each.running for each in shown),
        pending=sum(each.pending for each in shown),
        deployments=shown,
        target_groups=(API.target_group,),
    )
    return replace(usual, **changes)


def learnt(decision: Decision) -> RollingFacts:
    """What is known from now on."""
    assert isinstance(decision.facts, RollingFacts)
    return decision.facts


def decide(snapshot: Snapshot, seen: values.Service | None, **observed: Any) -> Decision:
    """`alarms`, `traffic` and `targets` are what was measured of the service."""
    traffic = {"api": observed.pop("traffic")} if "traffic" in observed else None
    health = {"api": observed.pop("targets", HEALTHY)}
    measured = evidence.measured(alarms=observed.pop("alarms", {}), traffic=traffic, health=health)
    return CONTROLLER.decide(snapshot, Observed(service=seen, measured=measured, **observed), NOON)
