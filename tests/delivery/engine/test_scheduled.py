"""Scheduled tasks get the release once everybody was asked, and what they had when it goes back."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from deployments.aws import actions, errors
from deployments.delivery import turning_back
from deployments.delivery.engine import stored
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import shifting_world
from tests.delivery.engine.rolling_world import api
from tests.delivery.engine.scheduled_world import (
    FAMILIES,
    OLD_IMAGE,
    define,
    family,
    make_scheduled_pair,
    make_scheduled_single,
    newest_image,
    starts,
    with_cron,
)
from tests.delivery.engine.world import World
from tests.fakes.aws import API

pytestmark = pytest.mark.django_db

BEFORE = {"nightly": "cron:5", "default/hourly": "cron:5", "weekly": "reports", "of-others": "payroll:1"}
SWITCHED = {**BEFORE, "nightly": "cron:7", "default/hourly": "cron:7"}
RELEASED = "docker.io/library/shop@sha256:" + "2" * 64


def roll_back(world: World, deployment: Deployment) -> None:
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def said(deployment: Deployment) -> list[str]:
    return [event.message for event in deployment.events.filter(stage=Stage.SCHEDULED_TASKS)]


def test_rules_and_schedules_start_the_release_once_production_is_on_it() -> None:
    world = make_scheduled_pair()
    deployment = world.run(world.request("BLUE_GREEN"))
    assert (starts(world), newest_image(world, "reports")) == (BEFORE, OLD_IMAGE)  # it waits for an approval

    world.approve(deployment)
    world.run(deployment)

    assert (deployment.status, starts(world)) == (Status.SUCCESSFUL, SWITCHED)
    assert (newest_image(world, "cron"), newest_image(world, "reports")) == (RELEASED, RELEASED)
    made = world.aws.task_definitions[family("cron", 7)]
    assert made.document["containerDefinitions"][0]["command"] == ["run", "cron"]
    assert made.tags["tealgate:release"] == "1.1.0"


def test_a_schedule_that_is_switched_off_stays_so() -> None:
    world = make_scheduled_single()

    world.run(world.request("ROLLING"))

    assert starts(world) == SWITCHED
    assert not world.aws.scheduled["schedule:default/hourly:"].is_enabled


def test_nothing_of_it_is_registered_before_the_last_gate() -> None:
    world = make_scheduled_single(gate=True)
    deployment = world.run(world.request("ROLLING"))

    assert deployment.stage == Stage.BAKE_TIME
    assert (starts(world), newest_image(world, "reports")) == (BEFORE, OLD_IMAGE)

    world.approve(deployment)
    world.run(deployment)
    assert starts(world) == SWITCHED


def test_a_roll_back_by_hand_points_all_of_them_back() -> None:
    world = make_scheduled_pair()
    deployment = world.run(world.request("BLUE_GREEN"))
    world.approve(deployment)
    world.run(deployment, until=Stage.CLEAN_UP)

    roll_back(world, deployment)
    world.run(deployment)

    assert (deployment.status, starts(world)) == (Status.ROLLBACK_SUCCESSFUL, BEFORE)
    assert newest_image(world, "reports") == OLD_IMAGE
    assert world.aws.task_definition("reports").arn == family("reports", 5)


def test_an_alarm_while_it_bakes_points_them_back() -> None:
    world = make_scheduled_single(bake_seconds=60)
    deployment = world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)
    assert starts(world) == SWITCHED

    world.aws.alarm(API.alarm, "ALARM", "Threshold Crossed")
    world.run(deployment)

    assert (deployment.status, starts(world)) == (Status.ROLLBACK_SUCCESSFUL, BEFORE)


def test_they_go_with_traffic_that_ecs_shifts_and_back_when_it_had_finished() -> None:
    world = shifting(shifting_world.make_native_world())
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.SCALE_UP)
    shifting_world.ecs_bakes(world, deployment)
    world.run(deployment, until=Stage.BAKE_TIME)
    assert starts(world) == SWITCHED

    roll_back(world, deployment)
    shifting_world.ecs_is_ahead(world, deployment)
    world.run(deployment)

    assert (deployment.status, starts(world)) == (Status.ROLLBACK_SUCCESSFUL, BEFORE)


def test_they_go_with_traffic_that_codedeploy_shifts_and_back_when_it_had_finished() -> None:
    world = shifting(shifting_world.make_code_deploy_world())
    deployment = world.run(world.request("AllAtOnce"), until=Stage.SCALE_UP)
    shifting_world.code_deploy_bakes(world, deployment)
    world.run(deployment, until=Stage.BAKE_TIME)
    assert starts(world) == SWITCHED

    roll_back(world, deployment)
    shifting_world.code_deploy_is_ahead(world, deployment)
    world.run_until_waiting_for(deployment, "CodeDeploy deploys shop:1 again")
    shifting_world.code_deploy_is_ready(world, deployment)
    world.run(deployment)

    assert (deployment.status, starts(world)) == (Status.ROLLBACK_SUCCESSFUL, BEFORE)


def shifting(world: World) -> World:
    world.environment.scheduled_families = FAMILIES
    world.environment.save()
    return with_cron(world)


def test_what_was_seen_of_a_failure_is_kept_before_its_tasks_are_replaced() -> None:
    world = make_scheduled_single(bake_seconds=60)
    deployment = world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)
    world.aws.alarm(API.alarm, "ALARM", "Threshold Crossed")
    world.aws.scale_after = 9

    while not (deployment.is_rolling_back and "back#0" in deployment.facts["done"]):
        world.clock.forward(seconds=2)
        world.advance(deployment)

    failure = stored.facts(deployment).failure
    assert deployment.stage == Stage.SCALE_UP
    assert failure and failure.health


def test_what_somebody_changed_meanwhile_is_left_alone_on_the_way_back_and_said() -> None:
    world = make_scheduled_single(bake_seconds=60)
    deployment = world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)
    define(world, "cron", 9, container="web")
    world.aws.rule_starts("nightly", family("cron", 9))

    world.aws.alarm(API.alarm, "ALARM", "Threshold Crossed")
    world.run(deployment)

    assert starts(world) == {**BEFORE, "nightly": "cron:9"}
    assert "Somebody else had rule nightly start cron:9 since; it was cron:5. It was left alone." in said(deployment)


def test_a_newer_revision_of_somebody_else_is_left_alone_and_said() -> None:
    world = make_scheduled_single(bake_seconds=60)
    deployment = world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)
    define(world, "reports", 9, container="job")

    world.aws.alarm(API.alarm, "ALARM", "Threshold Crossed")
    world.run(deployment)

    assert world.aws.task_definition("reports").revision == 9
    assert any("Somebody else registered reports:9 since" in sentence for sentence in said(deployment))


def test_a_rule_that_is_gone_by_then_is_said_and_nothing_is_made_of_it() -> None:
    world = make_scheduled_single(bake_seconds=60)
    deployment = world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)
    del world.aws.scheduled["rule:nightly:1"]

    world.aws.alarm(API.alarm, "ALARM", "Threshold Crossed")
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "Rule nightly is gone, or starts no task any more; nothing was written." in said(deployment)


def test_one_that_starts_the_services_own_family_gets_the_release_s_revision() -> None:
    world = make_scheduled_single(scheduled_families="api")
    world.aws.rule_starts("cleaning", API.task_definition(1))

    deployment = world.run(world.request("ROLLING"))

    assert starts(world)["cleaning"] == "api:2"
    registered = [act for act in world.aws.performed if isinstance(act, actions.RegisterTaskDefinition)]
    assert (deployment.status, len(registered)) == (Status.SUCCESSFUL, 1)


def test_one_that_starts_the_newest_of_the_services_own_family_is_refused_before_anything() -> None:
    world = make_scheduled_single(scheduled_families="api")
    world.aws.rule_starts("cleaning", family("api"))

    deployment = world.run(world.request("ROLLING"))

    assert (deployment.status, world.aws.performed) == (Status.STOPPED, [])
    assert "before anybody has approved it" in deployment.status_reason


def test_one_that_comes_to_start_it_meanwhile_turns_it_back() -> None:
    world = make_scheduled_single(scheduled_families="api")
    deployment = world.run(world.request("ROLLING"), until=Stage.SCALE_UP)
    world.aws.rule_starts("cleaning", family("api"))

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "Have it name a revision" in deployment.status_reason


def test_a_family_that_nothing_starts_is_said_at_the_end() -> None:
    world = make_scheduled_single(scheduled_families="cron\nsweeper")

    deployment = world.run(world.request("ROLLING"))

    warnings = stored.facts(deployment).warnings
    assert "No rule or schedule starts sweeper in api, so it got nothing of 1.1.0." in warnings


def test_a_refused_write_turns_the_deployment_back() -> None:
    world = make_scheduled_single()
    world.aws.fail_next("UpdateSchedule", errors.Denied, times=3)

    deployment = world.run(world.request("ROLLING"))

    assert (deployment.status, starts(world)) == (Status.ROLLBACK_SUCCESSFUL, BEFORE)
    assert api(world).task_definition == API.task_definition(1)


def test_a_way_back_that_fails_before_says_what_still_starts_the_release() -> None:
    world = make_scheduled_single(bake_seconds=60)
    deployment = world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)
    define(world, "api", 9, container="web")
    api(world).update(task_definition=API.task_definition(9), desired=None, lag=0)

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "What 1.1.0 has switched of the scheduled tasks was not put back yet" in deployment.status_reason
    assert starts(world) == SWITCHED


def test_what_was_switched_during_the_first_try_is_put_back_by_the_second() -> None:
    world = make_scheduled_pair()
    deployment = world.run(world.request("BLUE_GREEN"))
    world.approve(deployment)
    world.run(deployment, until=Stage.CLEAN_UP)
    world.aws.fail_next("PutTargets", errors.Denied)
    roll_back(world, deployment)
    world.run(deployment)
    assert deployment.status == Status.ROLLBACK_FAILED

    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert (deployment.status, starts(world)) == (Status.ROLLBACK_SUCCESSFUL, BEFORE)


def test_an_environment_without_families_asks_eventbridge_nothing() -> None:
    world = make_scheduled_pair(scheduled_families="")
    deployment = world.run(world.request("BLUE_GREEN"))
    world.approve(deployment)
    world.run(deployment)

    assert (deployment.status, starts(world)) == (Status.SUCCESSFUL, BEFORE)
    assert not {"starters", "starter"} & set(world.aws.calls)
    assert Stage.SCHEDULED_TASKS not in [run.stage for run in deployment.stage_runs.all()]


@pytest.mark.parametrize("call", ["starters", "PutTargets"])
def test_an_alarm_turns_it_back_although_eventbridge_does_not_answer(call: str) -> None:
    world = make_scheduled_single(bake_seconds=60)
    world.aws.fail_next(call, errors.Unavailable, times=999)
    deployment = world.run_until_waiting_for(world.request("ROLLING"), "Traffic stays where it is")
    assert deployment.stage == Stage.SCHEDULED_TASKS

    world.aws.alarm(API.alarm, "ALARM", "Threshold Crossed")
    world.clock.forward(seconds=5)
    world.run(deployment, until=Stage.SCALE_UP, most=3)

    assert deployment.is_rolling_back
    assert API.alarm in deployment.status_reason


def test_the_page_shows_them_as_a_stage_with_what_was_switched(client: Client, approver: User) -> None:
    world = make_scheduled_single()
    deployment = world.run(world.request("ROLLING"))
    approver.user_permissions.add(Permission.objects.get(codename="view_deployment"))
    client.force_login(approver)

    page = client.get(reverse("admin:deployments_deployment_change", args=[deployment.pk])).content.decode()

    assert "Scheduled tasks" in page
    assert "Rule nightly starts cron:7 (1.1.0) from now on, instead of cron:5" in page
