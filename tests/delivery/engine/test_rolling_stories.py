"""advance() over one service that ECS replaces the tasks of: the stories of one rolling deployment."""

import pytest

from deployments.aws import errors, values
from deployments.aws.actions import UpdateService
from deployments.catalog.models import Environment
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.delivery.engine.rolling_world import MOVED, RAN, TAG, api, make_rolling_world, make_tagged_world
from tests.delivery.engine.world import World, make_release
from tests.fakes.aws import API

pytestmark = pytest.mark.django_db

OLD, NEW, FOREIGN = (API.task_definition(revision) for revision in (1, 2, 3))


def updated(world: World) -> Deployment:
    """UpdateService was sent, and ECS has not replaced a task yet."""
    world.aws.scale_after = 100
    deployment = world.request("ROLLING")
    while "update" not in deployment.facts.get("done", ()):
        world.advance(deployment)
    return deployment


def written(world: World) -> list[str | None]:
    """The task definitions that the service was given."""
    return [action.task_definition for action in world.aws.performed if isinstance(action, UpdateService)]


@pytest.mark.parametrize("behind", [True, False])
def test_a_release_is_rolled_out_and_watched(behind: bool) -> None:
    world = make_rolling_world(behind=behind)
    world.aws.scale_after = 3

    deployment = world.run(world.request("ROLLING"))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert [run.stage for run in deployment.stage_runs.all()] == ["RECONCILE_SERVICE", "SCALE_UP", "BAKE_TIME"]
    assert (api(world).task_definition, api(world).desired) == (NEW, 2)
    environment = Environment.objects.get()
    assert (environment.live_release, environment.live_slot) == (world.release, "")


def test_afterwards_the_way_back_is_a_deployment_of_the_previous_release() -> None:
    world = make_rolling_world()
    world.run(world.request("ROLLING"))

    before = make_release(world.environment.application, "1.0.0", "1")
    deployment = world.run(world.request("ROLLING", before))

    assert deployment.status == Status.SUCCESSFUL
    assert deployment.source_release == world.release
    assert Environment.objects.get().live_release == before


def test_one_off_tasks_and_a_gate_are_where_the_environment_says() -> None:
    world = make_rolling_world(gate=True)
    world.environment.one_off_tasks.create(command="python manage.py migrate")

    deployment = world.run(world.request("ROLLING"))

    gate = deployment.gates.open().get()
    assert gate.stage == Stage.BAKE_TIME
    assert gate.evidence["health"] == {"api": "2 of 2 tasks run"}
    assert gate.evidence["tasks"] == [{"name": "migrate", "exit_code": 0}]
    world.approve(deployment)
    assert world.run(deployment).status == Status.SUCCESSFUL


def test_preflight_and_what_follows_read_each_thing_once() -> None:
    world = make_rolling_world()

    updated(world)

    assert {name: count for name, count in world.aws.calls.items() if count > 1} == {}


def test_a_service_that_was_looked_at_longer_ago_is_looked_at_again_before_the_update() -> None:
    world = make_rolling_world()
    world.environment.gate_policies.create(stage=Stage.PRE_SCALE_UP, timeout_minutes=60)
    deployment = world.run(world.request("ROLLING"))
    world.clock.forward(seconds=3)
    api(world).desired = 0

    world.approve(deployment)
    world.run(deployment)

    assert written(world) == []
    assert "api was set to a desired count of 0, so no task shows whether a release works." in deployment.status_reason


def test_the_way_back_goes_to_the_image_that_ran_although_its_tag_has_moved() -> None:
    world = make_tagged_world()
    deployment = updated(world)
    world.aws.tags[TAG] = MOVED

    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.aws.scale_after = 0
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    pinned = deployment.facts["source_pinned"]
    assert written(world) == [NEW, pinned]
    assert world.aws.task_definitions[pinned].document["containerDefinitions"][0]["image"] == f"shop@{RAN}"
    assert {task.digests["web"] for task in api(world).tasks()} == {RAN}


def test_a_tag_whose_image_nobody_tells_is_gone_back_to_as_it_is_and_said() -> None:
    world = make_tagged_world()
    api(world).pulled.clear()
    deployment = updated(world)

    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.aws.scale_after = 0
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert written(world) == [NEW, OLD]
    assert (
        "In a roll back: which image the tag of container web"
        in deployment.events.get(kind="stage.succeeded", message__contains="will be api:2").message
    )
    said = deployment.events.filter(kind="aws.UpdateService").last()
    assert said and "which image the tag of container web stood for before could not be read" in said.message


def test_waiting_takes_one_read_a_look() -> None:
    world = make_rolling_world()
    deployment = updated(world)
    world.aws.calls.clear()

    for _ in range(5):
        assert deployment.next_check_at is not None
        world.clock.now = deployment.next_check_at
        world.advance(deployment)

    assert world.aws.calls == {"services": 5}


def test_tasks_that_never_get_up_turn_it_back_with_everything_that_was_seen() -> None:
    world = make_rolling_world()
    deployment = updated(world)
    sentence = "Health checks failed with these codes: [503]"
    world.aws.set_health(OLD, "unhealthy", "Target.ResponseCodeMismatch", sentence)
    world.aws.log_lines = ("booting", "cannot reach the database")
    api(world).failed_tasks = 3
    api(world).stopped.append(stopped("CannotPullContainerError: no such tag"))

    world.aws.scale_after = 0
    world.clock.forward(seconds=1)
    world.advance(deployment)
    api(world).failed_tasks = 0
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "3 tasks of 1.1.0 failed in a row." in deployment.status_reason
    assert "CannotPullContainerError: no such tag" in deployment.status_reason
    assert sentence in deployment.status_reason
    assert deployment.failure
    assert deployment.failure["log"] == ["booting", "cannot reach the database"]
    assert deployment.failure["stopped_tasks"][0]["reason"] == "CannotPullContainerError: no such tag"
    assert world.aws.calls["log_tail"] == 1, "what was seen is kept by the decision that follows it"
    assert written(world) == [NEW, OLD]


def stopped(reason: str) -> values.Task:
    return values.Task(
        arn="arn:task/1", task_definition=NEW, last_status="STOPPED", desired_status="STOPPED", stopped_reason=reason
    )


def test_a_deployment_that_never_ends_is_given_up_in_time() -> None:
    world = make_rolling_world(scale_up_timeout_seconds=120)
    deployment = updated(world)

    world.clock.forward(seconds=121)
    world.aws.scale_after = 0
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "1.1.0 was not up after 2 min: 0 of 2 new tasks run" in deployment.status_reason


def test_the_circuit_breakers_roll_back_is_no_success_and_only_verified() -> None:
    world = make_rolling_world()
    deployment = updated(world)
    api(world).update(task_definition=OLD, desired=None, lag=0)
    api(world).rollout_reason = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."

    world.clock.forward(seconds=20)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "ECS put api back to api:1 by itself: ECS deployment circuit breaker" in deployment.status_reason
    assert "2 tasks of api run api:1 again" in deployment.status_reason
    assert written(world) == [NEW]


def test_somebody_elses_deployment_is_left_alone_and_said() -> None:
    world = make_rolling_world()
    deployment = updated(world)
    theirs = values.TaskDefinition(arn=FOREIGN, family="api", revision=3, status="ACTIVE", document={})
    world.aws.task_definitions[FOREIGN] = theirs

    api(world).update(task_definition=FOREIGN, desired=None, lag=0)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "Someone else put api:3 on api; it was left alone." in deployment.status_reason
    assert (written(world), api(world).task_definition) == ([NEW], FOREIGN)


def test_a_service_deleted_half_way_is_no_success() -> None:
    world = make_rolling_world()
    deployment = updated(world)

    del world.aws.ecs[API.cluster, API.name]
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "Service api does not exist any more" in deployment.status_reason


def test_nothing_is_deployed_to_a_service_that_runs_nothing() -> None:
    world = make_rolling_world()
    api(world).update(task_definition=None, desired=0, lag=0)

    deployment = world.run(world.request("ROLLING"))

    assert deployment.status == Status.STOPPED
    assert "api has a desired count of 0: no task would be started" in deployment.status_reason
    assert world.aws.performed == []


@pytest.mark.parametrize("happened", [True, False])
def test_a_lost_answer_is_found_out_by_reading(happened: bool) -> None:
    world = make_rolling_world()
    world.aws.fail_next("UpdateService", errors.Unavailable, after_write=happened)

    deployment = world.run(world.request("ROLLING"))

    assert deployment.status == Status.SUCCESSFUL
    assert deployment.facts["ecs_deployment"] == "ecs-svc/2"
    assert written(world) == [NEW]


def test_a_stop_puts_the_previous_task_definition_back() -> None:
    world = make_rolling_world()
    deployment = updated(world)
    world.aws.scale_after = 2

    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert written(world) == [NEW, OLD]
    assert api(world).running_task_definition == OLD


def test_a_stop_while_the_answer_was_lost_puts_it_back_whatever_is_read() -> None:
    world = make_rolling_world()
    world.aws.fail_next("UpdateService", errors.Unavailable)
    deployment = world.advance(world.request("ROLLING"))

    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert (deployment.status, written(world)) == (Status.ROLLBACK_SUCCESSFUL, [OLD])


def test_too_many_5xx_while_it_is_watched_turn_it_back() -> None:
    world = make_rolling_world()
    deployment = world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)

    world.aws.measured[API.target_group] = values.Traffic(requests=40, errors_5xx=13, latency_ms=9)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "Api answered 13 of 40 requests (32.5 %) with 5xx" in deployment.status_reason
