"""ROLLING forward: what counts as a success, what does not, and what is said about it."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import Made, UpdateService
from deployments.aws.values import Service, Target, Task
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.rolling.facts import Snapshot
from deployments.vocabulary import Stage
from tests.fakes.aws import API, FakeGateway
from tests.swaps.cases import NOON, seconds
from tests.swaps.rolling_cases import (
    CONTROLLER,
    FOREIGN,
    NEW,
    OLD,
    REGISTERED,
    UPDATED,
    at,
    decide,
    deployment,
    old,
    service,
    updating,
)

BEFORE = at(Stage.SCALE_UP)
JUST_UPDATED = updating(updated_at=NOON)
STARTING = deployment(running=0, pending=2, rollout_state="IN_PROGRESS")
ALL_UP = deployment(rollout_state="IN_PROGRESS")
FAILING = deployment(running=0, failed_tasks=3, rollout_state="IN_PROGRESS")


@pytest.mark.parametrize(
    ("snapshot", "seen", "kind", "fragment"),
    [
        (BEFORE, service(), Act, "api gets 1.1.0 (api:2)"),
        (BEFORE, None, Fail, "Service api does not exist any more, so no task can be started in it."),
        (BEFORE, service(status="DRAINING"), Fail, "Service api is DRAINING, so no task"),
        (BEFORE, service(deployment(FOREIGN, 3)), Fail, "Someone else put api:9 on api; it was left alone."),
        (BEFORE, service(deployment(OLD, 3), deployment(FOREIGN, 2, status="ACTIVE")), Fail,
         "Someone else started a deployment on api; it was left alone."),
        (BEFORE, service(deployment(OLD, 3), old()), Act, "; somebody started its tasks anew, with the same api:1"),
        (BEFORE, service(desired=0), Fail, "api was set to a desired count of 0, so no task shows whether"),
        (updating(), service(deployment()), Advance, "ECS completed ecs-svc/2: 2 tasks of api run 1.1.0"),
        (updating(), service(deployment(rollout_state="")), Advance, "ECS completed ecs-svc/2"),
        (updating(), service(deployment(rollout_state=""), old(running=1)), Wait, "2 of 2 new tasks run; 1 old"),
        (updating(), service(ALL_UP, old(running=0)), Wait, "2 of 2 new tasks run; old ones are draining"),
        (updating(), service(STARTING, old()), Wait, "0 of 2 new tasks run, 2 starting; 2 old still run"),
        (updating(), service(ALL_UP), Wait, "2 of 2 new tasks run"),
        (updating(), service(deployment(running=1)), Wait, "1 of 2 new tasks run"),
        (JUST_UPDATED, service(), Wait, "ECS does not show the deployment ecs-svc/2 yet"),
        (updating(), None, Fail, "Service api does not exist any more"),
        (updating(), service(deployments=()), Fail, "ECS shows no deployment on api any more."),
        (updating(), service(), Fail, "Someone put api back to api:1."),
        (
            updating(),
            service(deployment(OLD, 3, rollout_reason="ECS deployment circuit breaker: rolling back"), old()),
            Fail,
            "ECS put api back to api:1 by itself: ECS deployment circuit breaker: rolling back.",
        ),
        (
            JUST_UPDATED,
            service(deployment(OLD, 1, rollout_reason="Alarm detected."), deployment(status="ACTIVE")),
            Fail,
            "Alarm detected.",
        ),
        (
            updating(),
            service(deployment(OLD, 3), events=("(deployment ecs-svc/2) deployment failed: tasks failed to start.",)),
            Fail,
            "ECS put api back to api:1 by itself: (deployment ecs-svc/2) deployment failed: tasks failed to start.",
        ),
        (updating(), service(deployment(FOREIGN, 3)), Fail, "Someone else put api:9 on api; it was left alone."),
        (updating(), service(deployment(NEW, 3)), Note,
         "Somebody started its tasks anew, with the same api:2: ecs-svc/3 is followed"),
        (updating(), service(deployment(desired=0, running=0), desired=0), Fail,
         "api was set to a desired count of 0, so no task shows whether 1.1.0 works."),
        (
            updating(),
            service(deployment(rollout_state="FAILED", rollout_reason="tasks failed to start.")),
            Fail,
            "ECS gave up 1.1.0 on api: tasks failed to start. ECS gives no reason.",
        ),
        (updating(), service(FAILING, old()), Fail, "3 tasks of 1.1.0 failed in a row."),
    ],
)  # fmt: skip
def test_scale_up(snapshot: Snapshot, seen: Service | None, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, seen)

    assert isinstance(decision, kind)
    assert fragment in decision.reason


def test_the_update_writes_the_task_definition_and_nothing_else() -> None:
    decision = decide(BEFORE, service())

    assert isinstance(decision, Act)
    assert decision.action == UpdateService(cluster="api", service="api", task_definition=NEW)
    assert (decision.mark, decision.found) == ("update", None)


def test_an_update_whose_answer_was_lost_is_found_on_the_service() -> None:
    decision = decide(BEFORE, service(deployment(rollout_state="IN_PROGRESS"), old()))

    assert isinstance(decision, Act)
    assert decision.found == Made(ecs_deployment="ecs-svc/2")


def test_an_answer_without_deployments_is_made_up_for_by_reading() -> None:
    snapshot = at(Stage.SCALE_UP, facts={**UPDATED, "ecs_deployment": ""})

    decision = decide(snapshot, service(deployment(rollout_state="IN_PROGRESS"), old()))

    assert isinstance(decision, Note)
    assert decision.facts == replace(snapshot.facts, ecs_deployment="ecs-svc/2")


def test_many_tasks_may_fail_more_often_before_it_is_given_up() -> None:
    primary = deployment(running=0, failed_tasks=3, desired=10, rollout_state="IN_PROGRESS")

    assert isinstance(decide(updating(), service(primary, desired=10)), Wait)


def test_a_late_release_is_given_up_with_what_tasks_events_and_targets_say() -> None:
    snapshot = at(Stage.SCALE_UP, facts=UPDATED, environment={"scale_up_timeout_seconds": 50})
    seen = service(
        STARTING,
        old(),
        events=(
            "(service api) is unable to consistently start tasks successfully.",
            "(service api) (task 1) (port 8000) is unhealthy in (target-group x) due to (reason [503])",
            "(service api) has reached a steady state.",
            "(service api) is unhealthy long ago",
        ),
    )
    task = Task(
        arn="arn:task/1", task_definition=NEW, last_status="STOPPED", desired_status="STOPPED",
        stopped_reason="Task failed ELB health checks.", exit_codes={"web": 137},
    )  # fmt: skip
    target = Target(id="10.0.0.1", port=8000, state="unhealthy", description="[503]")

    decision = decide(snapshot, seen, stopped=(task,), health=(target,))

    assert isinstance(decision, Fail)
    assert decision.reason == (
        "1.1.0 was not up after 50 s: 0 of 2 new tasks run, 2 starting; 2 old still run. "
        "A task stopped: Task failed ELB health checks (exit code 137). "
        "ECS says: (service api) (task 1) (port 8000) is unhealthy in (target-group x) due to (reason [503]). "
        "Targets: 10.0.0.1:8000 unhealthy ([503])."
    )


@pytest.mark.parametrize(
    ("facts", "changed"),
    [
        (REGISTERED, False),
        (UPDATED, True),
        ({**REGISTERED, "in_flight": ({"operation": "UpdateService"},)}, True),
        ({**REGISTERED, "in_flight": ({"operation": "RegisterTaskDefinition"},)}, False),
    ],
)
def test_only_the_service_has_to_be_put_back(facts: dict[str, Any], changed: bool) -> None:

    assert CONTROLLER.changed_anything(at(Stage.SCALE_UP, facts=facts)) is changed


def test_waiting_reads_one_service_and_nothing_else() -> None:

    aws = FakeGateway.single()
    snapshot = updating()

    CONTROLLER.observe(snapshot, aws, NOON + seconds(1))

    assert aws.calls == {"services": 1}
    assert CONTROLLER.services(snapshot, NOON) == (API.name,)
