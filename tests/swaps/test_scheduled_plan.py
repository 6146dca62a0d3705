"""Where the scheduled tasks stand in the plan of each controller: after traffic and gates, there and back."""

from dataclasses import replace

import pytest

from deployments import swaps
from deployments.frozen import EnvironmentSettings, GateSpec, Plan, ScheduledSpec
from deployments.vocabulary import Stage

USUAL = EnvironmentSettings(
    label="shop/production", controller="ROLLING", region="eu-central-1", bake_seconds=60, cluster="shop",
    scheduled=(ScheduledSpec(family="cron"),),
)  # fmt: skip
CONTROLLERS = ("SERVICE_PAIR", "ROLLING", "ECS", "EXPRESS_MODE", "CODE_DEPLOY")


def plan(controller: str, *gates: GateSpec, **changes: object) -> Plan:
    settings = replace(USUAL, controller=controller, gates=gates, **changes)  # type: ignore[arg-type]
    swap = swaps.get(controller)
    return swap.plan(settings, swap.strategies(settings)[0])


def stages(plan: Plan) -> list[str]:
    return [step.stage for step in plan.steps]


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_they_come_between_production_and_its_bake(controller: str) -> None:
    found = stages(plan(controller))

    at = found.index(Stage.SCHEDULED_TASKS)
    assert found[at - 1] in (Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.SCALE_UP)
    assert found[at + 1] == Stage.BAKE_TIME


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_they_go_back_right_after_traffic(controller: str) -> None:
    back = [step.stage for step in plan(controller).way_back]

    assert back[0] in (Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.SCALE_UP)
    assert back[1] == Stage.SCHEDULED_TASKS
    assert back.count(Stage.SCHEDULED_TASKS) == 1


@pytest.mark.parametrize(
    ("controller", "stage"),
    [
        ("SERVICE_PAIR", Stage.BAKE_TIME),
        ("ROLLING", Stage.BAKE_TIME),
        ("ECS", Stage.POST_PRODUCTION_TRAFFIC_SHIFT),
    ],
)
def test_they_come_after_the_last_gate(controller: str, stage: str) -> None:
    found = stages(plan(controller, GateSpec(stage=stage)))

    assert found.index(Stage.SCHEDULED_TASKS) == found.index(stage) + 1


def test_they_come_after_the_bake_where_it_may_turn_out_that_somebody_has_to_be_asked() -> None:
    assert stages(plan("ROLLING", requires_min_requests=True))[-2:] == [Stage.BAKE_TIME, Stage.SCHEDULED_TASKS]


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_without_families_a_plan_is_what_it_was(controller: str) -> None:
    bare = plan(controller, scheduled=())

    assert Stage.SCHEDULED_TASKS not in [step.stage for step in (*bare.steps, *bare.way_back)]


def test_servers_have_none() -> None:
    assert Stage.SCHEDULED_TASKS not in stages(plan("CODE_DEPLOY", compute_platform="Server"))
