"""An environment's percentages on a service whose tasks ECS replaces, and those that were there before."""

from typing import Any

import pytest

from deployments.aws.actions import UpdateService
from deployments.aws.values import Service
from deployments.swaps.decisions import Act, Advance, Fail
from deployments.swaps.rolling.facts import Snapshot
from deployments.vocabulary import Stage, Strategy
from tests.swaps.cases import NOON
from tests.swaps.rolling_cases import (
    CONTROLLER,
    OLD,
    UPDATED,
    at,
    decide,
    deployment,
    learnt,
    service,
    settings,
)

OWN = {
    "minimumHealthyPercent": 100,
    "maximumPercent": 200,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    "alarms": {"alarmNames": ["api-5xx"], "enable": True, "rollback": True},
}
OURS = {**OWN, "minimumHealthyPercent": 50, "maximumPercent": 150}
HALF: dict[str, Any] = {"minimum_healthy_percent": 50, "maximum_percent": 150}


def showing(configuration: dict[str, Any], *deployments: Any, **changes: Any) -> Service:
    least, most = configuration["minimumHealthyPercent"], configuration["maximumPercent"]
    percents = {"minimum_healthy_percent": least, "maximum_percent": most}
    return service(*deployments, deployment_configuration=configuration, **{**percents, **changes})


def forward(**environment: Any) -> Snapshot:
    return at(Stage.SCALE_UP, environment=environment)


def back(before: dict[str, Any] | None, **facts: Any) -> Snapshot:
    known = {**UPDATED, "configuration_before": before, **facts}
    return at(Stage.SCALE_UP, back=True, facts=known, environment=HALF)


def written(decision: object) -> UpdateService:
    assert isinstance(decision, Act), decision
    assert isinstance(decision.action, UpdateService)
    return decision.action


def test_an_environment_without_percentages_writes_nothing_of_them() -> None:
    assert written(decide(forward(), showing(OWN))).deployment_configuration is None


def test_what_the_service_has_already_is_not_written() -> None:
    assert written(decide(forward(**HALF), showing(OURS))).deployment_configuration is None


def test_percentages_go_with_the_release_and_all_else_of_the_owner_stays() -> None:
    decision = decide(forward(**HALF), showing(OWN))

    assert written(decision).deployment_configuration == OURS
    assert learnt(decision).configuration_before == OWN
    assert decision.reason == (
        "api gets 1.1.0 (api:2) and minimumHealthyPercent 50 instead of 100 and maximumPercent 150 instead of 200"
    )


def test_one_percentage_leaves_the_other_as_it_is() -> None:
    sent = written(decide(forward(minimum_healthy_percent=0), showing(OWN))).deployment_configuration

    assert sent == {**OWN, "minimumHealthyPercent": 0}


def test_an_update_right_after_preflight_goes_by_what_preflight_found() -> None:
    snapshot = at(Stage.SCALE_UP, environment=HALF, facts={"configuration_before": OWN, "looked_at": NOON})

    assert written(decide(snapshot, None, just_looked=True)).deployment_configuration == OURS


def test_what_was_there_is_not_forgotten_when_the_answer_to_the_update_was_lost() -> None:
    snapshot = at(
        Stage.SCALE_UP, environment=HALF, facts={"configuration_before": OWN}, intent={"operation": "UpdateService"}
    )

    assert learnt(decide(snapshot, showing(OURS, deployment()))).configuration_before == OWN


def test_a_count_that_changed_since_preflight_so_that_no_task_can_be_replaced_stops_it_before_a_write() -> None:
    decision = decide(forward(**HALF), showing(OWN, desired=1))

    assert isinstance(decision, Fail)
    assert decision.reason.startswith(
        "api is to run 1 by now, of which minimumHealthyPercent 50 and maximumPercent 150 let ECS neither start nor "
        "stop one. Nothing was written"
    )


def test_a_roll_back_gives_back_the_percentages_that_were_found() -> None:
    decision = decide(back(OWN), showing(OURS, deployment()))

    assert written(decision) == UpdateService(
        cluster="api", service="api", task_definition=OLD, deployment_configuration=OWN
    )
    assert "minimumHealthyPercent 100 instead of 50 and maximumPercent 200 instead of 150" in decision.reason


def test_what_ecs_put_back_by_itself_gets_its_percentages_back_and_no_new_deployment() -> None:
    decision = decide(back(OWN), showing(OURS, deployment(OLD, 3)))

    assert written(decision) == UpdateService(cluster="api", service="api", deployment_configuration=OWN)


def test_percentages_that_somebody_set_meanwhile_are_left_to_them() -> None:
    theirs = {**OURS, "maximumPercent": 125}

    decision = decide(back(OWN), showing(theirs, deployment()))

    assert written(decision).deployment_configuration == {**theirs, "minimumHealthyPercent": 100}


def test_a_way_back_that_would_never_end_by_what_was_found_keeps_the_environments() -> None:
    decision = decide(back({**OWN, "maximumPercent": 100}), showing(OURS, deployment()))

    assert written(decision).deployment_configuration is None
    assert decision.reason.endswith(
        "; it keeps the environment's percentages, since by minimumHealthyPercent 100 and maximumPercent 100 ECS could "
        "replace none of its tasks"
    )


def test_a_roll_back_that_has_given_them_back_is_over() -> None:
    done = {"done": ("register", "update", "back#0"), "ecs_deployment": "ecs-svc/3"}

    assert isinstance(decide(back(OWN, **done), showing(OWN, deployment(OLD, 3))), Advance)


@pytest.mark.parametrize(
    ("environment", "there", "and_back"),
    [
        ({}, "Give the service the release; wait", "its previous task definition; wait"),
        (
            HALF,
            "the release, with minimumHealthyPercent 50 and maximumPercent 150 from then on; wait",
            "its previous task definition and percentages; wait",
        ),
    ],
)
def test_the_plan_says_what_the_service_has_from_then_on(
    environment: dict[str, Any], there: str, and_back: str
) -> None:
    plan = CONTROLLER.plan(settings(**environment), Strategy.ROLLING)

    assert there in next(step.summary for step in plan.steps if step.stage == Stage.SCALE_UP)
    assert and_back in plan.way_back[0].summary
