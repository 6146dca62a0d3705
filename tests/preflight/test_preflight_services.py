from dataclasses import replace

import pytest

from tests.preflight.world import GREEN, SHOP, error, healthy_account, look, unknown, warning


def test_a_service_that_does_not_exist_is_an_error_with_its_slot() -> None:
    account = healthy_account()
    del account.ecs[SHOP.cluster, "shop-green"]

    sentence = error(look(account), "service-active")

    assert "The service shop-green (green slot) does not exist in cluster shop" in sentence
    assert "Create shop-green with desired count 0 behind the green target group" in sentence


def test_a_service_that_is_being_deleted_is_an_error() -> None:
    account = healthy_account()
    account.doctor_service("green", status="DRAINING")

    assert "shop-green (green slot) is DRAINING, not ACTIVE" in error(look(account), "service-active")


def test_checks_of_the_source_are_unknown_when_the_live_service_is_gone() -> None:
    account = healthy_account()
    del account.ecs[SHOP.cluster, "shop-blue"]

    report = look(account)

    assert error(report, "service-active")
    assert "because the live service shop-blue does not exist" in unknown(report, "task-definition")


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
def test_another_deployment_controller_is_an_error(controller: str) -> None:
    account = healthy_account()
    account.doctor_service("blue", controller=controller)

    sentence = error(look(account), "service-controller")

    assert f"shop-blue has the deployment controller {controller}" in sentence
    assert "Move shop-blue to the deployment controller ECS" in sentence


def test_ecs_own_blue_green_on_a_service_is_an_error() -> None:
    account = healthy_account()
    account.doctor_service("blue", strategy="BLUE_GREEN")

    assert "shop-blue has ECS's own strategy BLUE_GREEN" in error(look(account), "service-strategy")


def test_another_deployment_in_progress_is_an_error() -> None:
    account = healthy_account()
    account.ecs[SHOP.cluster, "shop-blue"].running_task_definition = SHOP.task_definition(7)

    sentence = error(look(account), "service-deployment")

    assert "Another deployment is running on shop-blue: 2 of 2 tasks running" in sentence
    assert "Wait until it is done" in sentence


def test_a_first_deployment_that_never_got_its_tasks_up_counts_as_running() -> None:
    account = healthy_account()
    account.ecs[SHOP.cluster, "shop-green"].desired = 1

    assert "Another deployment is running on shop-green: 0 of 1 task running" in error(
        look(account), "service-deployment"
    )


def test_a_service_that_is_scaling_is_a_warning() -> None:
    account = healthy_account()
    account.ecs[SHOP.cluster, "shop-blue"].rollout_state = "COMPLETED"
    account.ecs[SHOP.cluster, "shop-blue"].desired = 3

    assert "shop-blue is not steady: 2 of 3 tasks running, 1 pending" in warning(look(account), "service-deployment")


def test_a_failed_last_deployment_is_a_warning() -> None:
    account = healthy_account()
    account.ecs[SHOP.cluster, "shop-blue"].rollout_state = "FAILED"
    account.ecs[SHOP.cluster, "shop-blue"].rollout_reason = "tasks failed to start"

    assert "The last deployment of shop-blue FAILED: tasks failed to start" in warning(
        look(account), "service-deployment"
    )


def test_a_service_behind_the_other_slots_target_group_is_an_error() -> None:
    account = healthy_account()
    account.doctor_service("blue", target_groups=(GREEN,))

    assert "shop-blue registers its tasks in shop-green, but the blue slot is shop-blue" in error(
        look(account), "service-target-group"
    )


def test_a_service_without_a_load_balancer_is_an_error() -> None:
    account = healthy_account()
    account.doctor_service("green", target_groups=())

    assert "shop-green registers its tasks in no target group" in error(look(account), "service-target-group")


def test_a_service_that_registers_another_port_is_an_error() -> None:
    account = healthy_account()
    account.doctor_service("green", container_name="nginx", container_port=80)

    assert "shop-green registers nginx:80 in shop-green, but the environment says web:8000" in error(
        look(account), "service-target-group"
    )


def test_a_live_service_without_tasks_is_an_error() -> None:
    account = healthy_account()
    account.doctor_service("blue", desired=0, running=0)

    assert "shop-blue is live, but runs no tasks (desired count 0)" in error(look(account), "service-source")


def test_an_idle_service_with_tasks_is_a_warning() -> None:
    account = healthy_account()
    account.doctor_service("green", desired=1, running=1)

    assert "shop-green, the idle slot, has a desired count of 1" in warning(look(account), "service-target")


def test_scaling_of_one_service_only_is_a_warning() -> None:
    account = healthy_account()
    del account.scaling[SHOP.scalable("green")]

    assert "shop-blue is scaled automatically, but shop-green is not" in warning(look(account), "scalable-targets")


def test_services_that_are_not_scaled_are_fine() -> None:
    account = healthy_account()
    account.scaling = {}

    assert look(account).passed


def test_scaling_of_the_idle_slot_should_be_suspended() -> None:
    account = healthy_account()
    green = SHOP.scalable("green")
    account.scaling[green] = replace(account.scaling[green], suspended=False)

    assert "shop-green is idle, but its scaling is not suspended" in warning(look(account), "scaling-suspended")


def test_scaling_of_the_live_slot_should_be_active() -> None:
    account = healthy_account()
    blue = SHOP.scalable("blue")
    account.scaling[blue] = replace(account.scaling[blue], suspended=True)

    assert "shop-blue is live, but its scaling is suspended" in warning(look(account), "scaling-suspended")


def test_a_minimum_above_the_live_count_is_a_warning() -> None:
    account = healthy_account()
    green = SHOP.scalable("green")
    account.scaling[green] = replace(account.scaling[green], minimum=4)

    assert "The minimum capacity of shop-green is 4, but the live slot has a desired count of 2" in warning(
        look(account), "scaling-limits"
    )


def test_a_maximum_below_the_live_count_is_a_warning() -> None:
    account = healthy_account()
    green = SHOP.scalable("green")
    account.scaling[green] = replace(account.scaling[green], maximum=1)

    assert "The maximum capacity of shop-green is 1" in warning(look(account), "scaling-limits")


def test_a_rollout_that_does_not_get_on_is_red_on_the_live_slot_and_waited_for_on_the_idle_one() -> None:
    aws = healthy_account()
    for slot in ("blue", "green"):
        service = aws.ecs[SHOP.cluster, SHOP.service(slot)]
        service.desired, service.running, service.failed_tasks, service.rollout_state = 2, 1, 4, "IN_PROGRESS"

    found = [each for each in look(aws).errors if each.check == "service-deployment"]

    assert [each.red.name if each.red else None for each in found] == [SHOP.service("blue"), None]
