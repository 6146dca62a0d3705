"""The shop in the middle of a swap, as frozen values: blue is live with two tasks, green gets 1.1.0."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from deployments.aws import values
from deployments.frozen import Artefact, EnvironmentSettings, GateSpec
from deployments.swaps import get
from deployments.swaps.decisions import Decision, GateState
from deployments.swaps.service_pair.facts import Compared, PairFacts, Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.vocabulary import GateStatus, Slot, Stage, Strategy
from tests.fakes.aws import SHOP

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BLUE, GREEN = SHOP.target_group("blue"), SHOP.target_group("green")
ELSEWHERE = BLUE.replace("shop-blue", "maintenance")
OLD, NEW = SHOP.task_definition(1), SHOP.task_definition(2)
REGISTERED: dict[str, Any] = {
    "task_definition": NEW,
    "source_task_definition": OLD,
    "desired": 2,
    "done": ("register",),
}
COMPARED = {slot.value: Compared(deployment="ecs-svc/1", running=2) for slot in Slot}
BEFORE = PairFacts(**REGISTERED, weights={BLUE: 100, GREEN: 0}, compared=COMPARED)
CONTROLLER = get("SERVICE_PAIR")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def settings(**changes: Any) -> EnvironmentSettings:
    usual = EnvironmentSettings(
        label="shop/production",
        controller="SERVICE_PAIR",
        region="eu-central-1",
        cluster=SHOP.cluster,
        container_name=SHOP.container,
        container_port=SHOP.container_port,
        blue_service="shop-blue",
        green_service="shop-green",
        blue_target_group=BLUE,
        green_target_group=GREEN,
        production_rule=SHOP.production_rule,
        test_rule=SHOP.test_rule,
        test_url="http://test.shop.example",
        canary_percent=10,
        canary_bake_seconds=60,
    )
    return replace(usual, **changes)


def release(**changes: Any) -> Artefact:
    usual = Artefact(
        version="1.1.0",
        images={"web": "docker.io/library/shop@sha256:" + "2" * 64},
        platforms={"web": ("linux/amd64",)},
        references={"web": "shop:1.1.0"},
    )
    return replace(usual, **changes)


def at(
    stage: str,
    *,
    percent: int | None = None,
    back: bool = False,
    facts: Mapping[str, Any] | None = None,
    done: tuple[str, ...] = (),
    strategy: Strategy = Strategy.CANARY,
    environment: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Snapshot:
    """The deployment standing at this stage (and rung) for ten seconds, on its way forward or back."""
    frozen = settings(**environment or {})
    plan = CONTROLLER.plan(frozen, strategy)
    steps = plan.way_back if back else plan.steps
    position = next(
        number
        for number, step in enumerate(steps)
        if step.stage == stage and (percent is None or step.percent == percent)
    )
    usual = Snapshot(
        source_version="1.0.0",
        key="7-abc",
        settings=frozen,
        artefact=release(),
        plan=plan,
        position=position,
        rolling_back=back,
        source=Slot.BLUE,
        target=Slot.GREEN,
        facts=replace(BEFORE, **{"done": (*BEFORE.done, *done), **(facts or {})}),
        step_started_at=NOON - seconds(10),
    )
    return replace(usual, **changes)


def decide(snapshot: Snapshot, observed: Observed, now: datetime = NOON) -> Decision:
    return CONTROLLER.decide(snapshot, observed, now)


def learnt(decision: Decision) -> PairFacts:
    """What is known from now on."""
    assert isinstance(decision.facts, PairFacts)
    return decision.facts


def rule(blue: int = 100, green: int = 0, **changes: Any) -> values.Rule:
    usual = values.Rule(
        arn=SHOP.production_rule,
        listener_arn="listener",
        is_default=False,
        weights={BLUE: blue, GREEN: green},
        actions=(),
    )
    return replace(usual, **changes)


def targets(*states: str, description: str = "") -> tuple[values.Target, ...]:
    return tuple(
        values.Target(
            id=f"10.0.0.{number}", port=8000, state=state, description=description if state == "unhealthy" else ""
        )
        for number, state in enumerate(states, start=1)
    )


HEALTHY = targets("healthy", "healthy")


def service(name: str = "shop-green", *, desired: int = 2, **changes: Any) -> values.Service:
    running = changes.pop("running", desired)
    primary = {"failed_tasks": 0, "rollout_state": "COMPLETED", "rollout_reason": "", **changes.pop("primary", {})}
    definition = changes.pop("task_definition", OLD if name == "shop-blue" else NEW)
    return values.Service(
        **{
            "name": name,
            "arn": SHOP.service(name),
            "status": "ACTIVE",
            "controller": "ECS",
            "task_definition": definition,
            "desired": desired,
            "running": running,
            "pending": 0,
            "deployments": (
                values.ServiceDeployment(
                    id="ecs-svc/1",
                    status="PRIMARY",
                    task_definition=definition,
                    desired=desired,
                    running=running,
                    pending=0,
                    **primary,
                ),
            ),
            **changes,
        }
    )


def pair(blue: values.Service | None = None, green: values.Service | None = None) -> dict[Slot, values.Service]:
    return {Slot.BLUE: blue or service("shop-blue"), Slot.GREEN: green or service("shop-green")}


def gate(status: GateStatus, **changes: Any) -> GateState:
    usual = GateState(status=status, expires_at=NOON + seconds(3600), timeout_action="ROLLBACK")
    return replace(usual, **changes)


def wants_approval(stage: str = Stage.POST_TEST_TRAFFIC_SHIFT, **changes: Any) -> dict[str, Any]:
    """Settings with one gate."""
    return {"gates": (GateSpec(stage=stage, timeout_minutes=60, **changes),)}
