"""What a move does next, forward and back, from what AWS shows: at most one write, and none where it differs."""

from dataclasses import replace

import pytest

from deployments.aws.actions import MoveService, SetWeights, StopServiceDeployment
from deployments.aws.values import PauseHook
from deployments.frozen import EnvironmentSettings
from deployments.moving import back, forward
from deployments.moving.values import ENVIRONMENT, RULE, SERVICE, Act, Done, House, Stop, Wait
from tests.moving import houses
from tests.moving.houses import BLUE, CATALOG, GREEN, house, move, moved, rule, service


def test_the_rule_gets_the_other_group_and_no_traffic_moves() -> None:
    decision = forward.next_step(RULE, move(), house())

    assert isinstance(decision, Act)
    assert decision.action == SetWeights(
        rule=houses.RULE, weights={BLUE: 100, GREEN: 0}, expected={BLUE: 1}, exact=True
    )


def test_a_rule_that_names_both_is_proven_and_not_written() -> None:
    decision = forward.next_step(RULE, move(), house(rule=rule({BLUE: 1, GREEN: 0})))

    assert isinstance(decision, Done)
    assert "Production sends 100 % to api-blue, where 2 of 2 targets are healthy; 2 tasks of api:7" in decision.says


@pytest.mark.parametrize(("settings", "controller"), [(houses.SETTINGS, ""), (CATALOG, "ECS")])
def test_ecs_is_told_by_one_call_and_its_controller_only_where_it_changes(
    settings: EnvironmentSettings, controller: str
) -> None:
    decision = forward.next_step(SERVICE, move(settings), house(rule=rule({BLUE: 1, GREEN: 0})))

    assert isinstance(decision, Act) and isinstance(decision.action, MoveService)
    assert decision.action.controller == controller
    (balancer,) = decision.action.load_balancers
    assert balancer["targetGroupArn"] == BLUE
    assert balancer["advancedConfiguration"] == {
        "alternateTargetGroupArn": GREEN, "productionListenerRule": houses.RULE, "roleArn": "role"
    }  # fmt: skip


@pytest.mark.parametrize("step", [SERVICE, ENVIRONMENT])
def test_ecs_is_waited_for_and_its_success_is_proven(step: str) -> None:
    assert isinstance(forward.next_step(step, move(), moved("IN_PROGRESS", BLUE)), Wait)
    decision = forward.next_step(step, move(), moved())

    assert isinstance(decision, Done)
    assert "to api-green, where 2 of 2 targets are healthy" in decision.says


def test_the_owners_pause_hook_that_holds_it_is_named() -> None:
    hook = PauseHook(id="ecs-pause-1", status="AWAITING_ACTION")

    decision = forward.next_step(SERVICE, move(), moved("IN_PROGRESS", BLUE, hooks=(hook,)))

    assert "waits at the service's own pause hook ecs-pause-1" in decision.says


def test_without_healthy_targets_nothing_is_a_success() -> None:
    seen = replace(moved(), targets={GREEN: houses.healthy("unhealthy")})

    decision = forward.next_step(SERVICE, move(), seen)

    assert isinstance(decision, Wait) and "0 of 2 tasks of api-green are healthy" in decision.says


def test_what_ecs_rolled_back_stops_the_move_and_says_where_traffic_is() -> None:
    decision = forward.next_step(
        SERVICE, move(), moved("ROLLBACK_SUCCESSFUL", BLUE, rollback_reason="no healthy tasks")
    )

    assert isinstance(decision, Stop)
    assert decision.says.startswith("ECS did not bring it: no healthy tasks. Production sends 100 % to api-blue")


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (house(service=service(task_definition="…/api:8")), "api runs api:8"),
        (house(tasks=houses.tasks("sha256:" + "2" * 64)), "which is not sha256:111111111111"),
        (house(service=None), "api does not exist any more"),
        (house(service=service(desired=0)), "desired count of 0"),
        (house(rule=None), "is not there any more"),
        (house(rule=rule({BLUE: 50, GREEN: 50})), "sends requests to api-blue 50, api-green 50"),
    ],
)
@pytest.mark.parametrize("step", [RULE, SERVICE])
def test_what_is_not_as_it_was_stops_it_before_a_write(seen: House, said: str, step: str) -> None:
    decision = forward.next_step(step, move(), seen)

    assert isinstance(decision, Stop)
    assert said in decision.says and "Nothing more is written" in decision.says


def test_the_environment_never_follows_a_service_that_ecs_has_not() -> None:
    decision = forward.next_step(ENVIRONMENT, move(), house(rule=rule({BLUE: 1, GREEN: 0})))

    assert isinstance(decision, Stop) and "is not ECS's any more" in decision.says


def test_back_takes_the_other_group_out_again() -> None:
    decision = back.next_step(RULE, move(), house(rule=rule({BLUE: 100, GREEN: 0})))

    assert isinstance(decision, Act) and isinstance(decision.action, SetWeights)
    assert decision.action.weights == {BLUE: 1}
    assert isinstance(back.next_step(RULE, move(), house()), Done)


def test_back_while_ecs_deploys_has_ecs_roll_back_and_waits() -> None:
    decision = back.next_step(SERVICE, move(), moved("IN_PROGRESS", BLUE))

    assert isinstance(decision, Act) and decision.action == StopServiceDeployment(service_deployment="native")
    assert isinstance(back.next_step(SERVICE, move(), moved("ROLLBACK_IN_PROGRESS", BLUE)), Wait)


def test_back_after_that_rolls_in_the_group_that_serves() -> None:
    for seen, live in ((moved(), GREEN), (moved("ROLLBACK_SUCCESSFUL", BLUE), BLUE)):
        decision = back.next_step(SERVICE, move(), seen)
        assert isinstance(decision, Act) and isinstance(decision.action, MoveService)
        assert decision.action.deployment_configuration["strategy"] == "ROLLING"
        assert [each["targetGroupArn"] for each in decision.action.load_balancers] == [live]
        assert "advancedConfiguration" not in decision.action.load_balancers[0]


def test_back_is_done_once_the_rolled_service_is_steady_and_healthy() -> None:
    rolling = service(strategy="ROLLING", deployments=(houses.rolled("IN_PROGRESS"),))
    assert isinstance(back.next_step(SERVICE, move(), house(service=rolling)), Wait)
    sick = house(targets={BLUE: houses.healthy(count=1)})
    assert "1 of 2 tasks of api-blue are healthy" in back.next_step(SERVICE, move(), sick).says
    assert isinstance(back.next_step(SERVICE, move(), house()), Done)


def test_a_service_that_ecs_never_got_is_code_deploys_still() -> None:
    decision = back.next_step(SERVICE, move(CATALOG), house(service=service(controller="CODE_DEPLOY", deployments=())))

    assert isinstance(decision, Done) and "is CodeDeploy's, as it was" in decision.says


def test_back_writes_nothing_where_nobody_serves_alone() -> None:
    for seen in (house(service=None), house(rule=None), house(rule=rule({BLUE: 1, GREEN: 1}))):
        assert isinstance(back.next_step(SERVICE, move(), seen), Stop)
