"""A service of Express Mode in the middle of a deployment, as frozen values: landing runs two tasks, and gets 1.1.0."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws import values
from deployments.frozen import EnvironmentSettings
from deployments.swaps import get
from deployments.swaps.decisions import Decision
from deployments.swaps.express.facts import ExpressFacts, Snapshot
from deployments.swaps.express.observe import Observed
from deployments.vocabulary import Stage, Strategy
from tests.evidence import cases as evidence
from tests.fakes.aws import LANDING
from tests.fakes.names import arn
from tests.swaps import cases
from tests.swaps.cases import NOON, release, seconds

OLD, NEW, FOREIGN = (LANDING.task_definition(revision) for revision in (1, 2, 9))
BEFORE, BESIDE = LANDING.target_groups
SERVICE = arn("ecs", f"service/{LANDING.cluster}/{LANDING.name}")
OURS, AGAIN = (arn("ecs", f"service-deployment/{LANDING.cluster}/{LANDING.name}/{n}") for n in (1, 2))
REGISTERED: dict[str, Any] = {
    "service": SERVICE,
    "task_definition": NEW,
    "source_task_definition": OLD,
    "desired": 2,
    "load_balancer": LANDING.load_balancer,
    "production_rule": LANDING.production_rule,
    "own_alarms": (LANDING.own_alarm,),
    "done": ("register",),
}
TOLD: dict[str, Any] = {
    "service_deployment": OURS,
    "target_group": BESIDE,
    "updated_at": NOON - seconds(60),
    "done": ("register", "update"),
}
SHIFTED: dict[str, Any] = {**TOLD, "shifted_at": NOON - seconds(30), "percent": 5}
CONTROLLER = get("EXPRESS_MODE")


def settings(**changes: Any) -> EnvironmentSettings:
    usual = EnvironmentSettings(
        label="landing/production",
        controller="EXPRESS_MODE",
        region="eu-central-1",
        cluster=LANDING.cluster,
        container_name=LANDING.container,
        container_port=LANDING.container_port,
        service_name=LANDING.name,
    )
    return replace(usual, **changes)


def at(
    stage: str,
    *,
    percent: int | None = None,
    back: bool = False,
    facts: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Snapshot:
    """The deployment standing at this stage (and share) for a minute, on its way forward or back."""
    frozen = settings(**environment or {})
    plan = CONTROLLER.plan(frozen, Strategy.CANARY)
    steps = plan.way_back if back else plan.steps
    usual = Snapshot(
        key="7-abc",
        settings=frozen,
        artefact=release(images={"Main": "docker.io/library/landing@sha256:" + "2" * 64}),
        plan=plan,
        position=next(
            number
            for number, step in enumerate(steps)
            if step.stage == stage and (percent is None or step.percent == percent)
        ),
        rolling_back=back,
        facts=ExpressFacts(**{**REGISTERED, **(facts or {})}),
        step_started_at=NOON - seconds(60),
    )
    return replace(usual, **changes)


def native(stage: str = Stage.PRODUCTION_TRAFFIC_SHIFT, status: str = "IN_PROGRESS", **changes: Any) -> Any:
    usual = values.NativeDeployment(
        arn=OURS, status=status, reason="", stage=stage, target_revision="revision/1", requested=2, running=2
    )
    return replace(usual, **changes)


def service(definition: str = OLD, **changes: Any) -> values.Service:
    usual = {"arn": SERVICE, "managed_by": "ECS", "target_groups": (BEFORE,)}
    return cases.service(LANDING.name, task_definition=definition, **usual | changes)


def task(definition: str = NEW, status: str = "RUNNING", **changes: Any) -> values.Task:
    usual = values.Task(arn="arn:task/1", task_definition=definition, last_status=status, desired_status=status)
    return replace(usual, **changes)


def rule(percent: int) -> values.Rule:
    """With this share on the release."""
    return values.Rule(
        arn=LANDING.production_rule,
        listener_arn="listener",
        is_default=False,
        weights={BEFORE: 100 - percent, BESIDE: percent},
        actions=(),
    )


def proof(definition: str, percent: int) -> dict[str, Any]:
    """All that is read at the end."""
    return {
        "service": service(definition),
        "tasks": (task(definition),),
        "rule": rule(percent),
        "measured": measured(),
    }


def measured(**seen: Any) -> Any:
    """Of the release; its two targets are healthy unless they are given."""
    alarms = seen.pop("alarms", {LANDING.own_alarm: values.Alarm(name=LANDING.own_alarm, state="OK")})
    traffic = {LANDING.name: seen.pop("traffic")} if "traffic" in seen else None
    return evidence.measured(alarms=alarms, traffic=traffic, health={LANDING.name: seen.pop("health", cases.HEALTHY)})


def decide(snapshot: Snapshot, **observed: Any) -> Decision:
    return CONTROLLER.decide(snapshot, Observed(**observed), NOON)


def learnt(decision: Decision) -> ExpressFacts:
    """What is known from now on."""
    assert isinstance(decision.facts, ExpressFacts)
    return decision.facts
