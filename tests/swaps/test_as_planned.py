"""The one comparison of what AWS runs with what the plan says."""

from dataclasses import replace
from typing import Any

from deployments.aws.values import ServiceDeployment, Task
from deployments.swaps.steps.as_planned import Expected, Kind, difference, digests_of, restarted
from tests.swaps.cases import NOON, service

OURS, THEIRS = "arn:aws:ecs:us-east-1:1:task-definition/shop:8", "arn:aws:ecs:us-east-1:1:task-definition/shop:9"
GOOD, BAD = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
PLANNED = Expected(service="shop-green", task_definition=OURS, version="1.1.0", digests={"web": GOOD})


def primary(task_definition: str = OURS, id: str = "ecs-svc/1") -> ServiceDeployment:
    return ServiceDeployment(
        id=id,
        status="PRIMARY",
        task_definition=task_definition,
        desired=2,
        running=2,
        pending=0,
        failed_tasks=0,
        rollout_state="COMPLETED",
        rollout_reason="",
        created_at=NOON,
    )


def shop(task_definition: str = OURS, **changes: Any) -> Any:
    return replace(service(task_definition=task_definition, deployments=(primary(task_definition),)), **changes)


def task(digest: str, task_definition: str = OURS, status: str = "RUNNING") -> Task:
    return Task(
        arn="arn:task/1",
        task_definition=task_definition,
        last_status=status,
        desired_status=status,
        images={"web": "shop:stable", "proxy": "envoy:1"},
        digests={"web": digest, "proxy": BAD},
    )


def test_a_service_that_runs_what_was_planned_differs_in_nothing() -> None:
    assert difference(PLANNED, shop(), (task(GOOD), task(GOOD))) is None


def test_another_task_definition_is_told_with_who_is_there_and_since_when() -> None:
    found = difference(PLANNED, shop(THEIRS))
    assert found and found.kind is Kind.OTHER_TASK_DEFINITION
    assert found.sentence == (
        f"shop-green runs shop:9 since {NOON:%Y-%m-%d} 12:00:00 UTC, which is not shop:8 (1.1.0). "
        "It was changed outside Tealgate."
    )


def test_a_moved_tag_is_told_by_the_digest_that_its_tasks_run() -> None:
    found = difference(PLANNED, shop(), (task(GOOD), task(BAD)))
    assert found and found.kind is Kind.OTHER_IMAGE
    assert found.seen == (
        "1 task of shop-green runs sha256:bbbbbbbbbbbb in container web (from shop:stable), which is not "
        "sha256:aaaaaaaaaaaa (1.1.0)"
    )


def test_tasks_that_stop_or_run_something_else_are_not_compared_by_digest() -> None:
    assert difference(PLANNED, shop(), (task(BAD, status="STOPPED"), task(BAD, THEIRS))) is None


def test_digests_are_not_claimed_where_no_task_was_read() -> None:
    assert difference(PLANNED, shop()) is None


def test_a_service_that_is_gone_or_is_being_deleted_is_told() -> None:
    assert [
        found.seen for found in (difference(PLANNED, None), difference(PLANNED, shop(status="DRAINING"))) if found
    ] == [
        "shop-green does not exist any more",
        "shop-green is DRAINING",
    ]


def test_a_desired_count_of_0_is_a_difference_only_where_it_is_to_serve() -> None:
    found = difference(PLANNED, shop(desired=0))
    assert found and found.kind is Kind.NO_TASKS
    assert difference(replace(PLANNED, serves=False), shop(desired=0)) is None


def test_a_forced_deployment_of_the_same_is_as_planned_and_said() -> None:
    assert difference(PLANNED, shop()) is None
    assert restarted(PLANNED, shop(), "ecs-svc/0") == (
        f"somebody started its tasks anew since {NOON:%Y-%m-%d} 12:00:00 UTC, with the same shop:8"
    )
    assert restarted(PLANNED, shop(), "ecs-svc/1") == ""


def test_digests_are_noted_of_running_tasks_and_only_where_they_agree() -> None:
    assert digests_of((task(GOOD), task(BAD), task(BAD, THEIRS)), OURS) == {"proxy": BAD}
    assert digests_of((task(GOOD), task(BAD, status="STOPPED")), OURS) == {"web": GOOD, "proxy": BAD}
