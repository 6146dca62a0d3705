"""Preflight of one service whose tasks ECS replaces."""

from dataclasses import replace
from typing import Any

import pytest

from deployments import preflight
from deployments.aws import values
from deployments.frozen import EnvironmentSettings
from deployments.preflight.report import Level, Report
from deployments.preflight.rolling import ROLLING
from tests.fakes.aws import API
from tests.preflight.world import DIGEST, LIVE_DIGEST, NOW, REPOSITORY, Account, error, ok, release, warning


def account(*, behind: bool = True, **members: Any) -> Account:
    """Everything as it should be, but for these members of what AWS answers about the service."""
    found = Account.single(behind=behind)
    found.images[REPOSITORY, DIGEST] = values.Image(
        repository=REPOSITORY, tag="", digest=DIGEST, platforms=("linux/amd64",)
    )
    found.doctor_container(API.task_definition(), image=f"{REPOSITORY}@{LIVE_DIGEST}")
    found.images[REPOSITORY, LIVE_DIGEST] = replace(found.images[REPOSITORY, DIGEST], digest=LIVE_DIGEST)
    found.load_balancer_groups[API.load_balancer] = ("sg-balancer",)
    found.open("sg-tasks", 8000, 8000, "sg-balancer")
    found.service_members[API.name] = members
    return found


def look(aws: Account, **changes: Any) -> Report:
    settings = EnvironmentSettings(
        label="api/production",
        controller="ROLLING",
        region="eu-central-1",
        account_id="123456789012",
        cluster=API.cluster,
        container_name=API.container,
        container_port=API.container_port,
        service_name=API.name,
        alarms=(API.alarm,),
    )
    return preflight.run(replace(settings, **changes), release(), aws, NOW, ROLLING)


def on_ec2(*, room: tuple[tuple[int, int], ...], **members: Any) -> Account:
    found = account(launch_type="EC2", **members)
    found.room = values.Capacity(remaining=room)
    return found


@pytest.mark.parametrize("behind", [True, False])
def test_a_healthy_service_has_nothing_to_complain_about(behind: bool) -> None:
    aws = account(behind=behind)

    report = look(aws)

    assert report.of(Level.ERROR, Level.WARNING, Level.UNKNOWN) == ()
    assert {name: count for name, count in aws.calls.items() if count > 1} == {}
    assert aws.performed == []


def test_a_service_behind_no_target_group_is_not_asked_about_one() -> None:
    aws = account(behind=False)

    report = look(aws)

    assert "goes by its tasks alone" in ok(report, "target-group")
    assert not {"target_health", "target_groups", "load_balancer_security_groups"} & set(aws.calls)


@pytest.mark.parametrize(
    ("members", "check", "fragment"),
    [
        ({"status": "DRAINING"}, "service-active", "api is DRAINING, not ACTIVE"),
        ({"controller": "CODE_DEPLOY"}, "service-controller", "has the deployment controller CODE_DEPLOY"),
        ({"strategy": "BLUE_GREEN"}, "service-strategy", "Choose the controller ECS in the environment"),
        ({"desired": 0, "running": 0}, "service-desired", "nothing would show whether the release works"),
        ({"maximum_percent": 100}, "service-percent", "a deployment would never end"),
    ],
)
def test_what_stands_in_the_way_is_an_error(members: dict[str, Any], check: str, fragment: str) -> None:
    assert fragment in error(look(account(**members)), check)


def test_a_service_that_is_not_there_is_said_once() -> None:
    report = look(account(), service_name="apis")

    assert "The service apis does not exist in cluster api." in error(report, "service-active")
    assert len(report.errors) == 1


def test_another_deployment_has_to_end_first() -> None:
    aws = account()
    aws.ecs[API.cluster, API.name].update(task_definition=API.task_definition(2), desired=None, lag=9)

    assert "Another deployment is running on api" in error(look(aws), "service-deployment")


def test_a_target_group_that_is_gone_is_an_error() -> None:
    aws = account()
    aws.groups.clear()

    assert "in the target group api, which does not exist" in error(look(aws), "target-group")


@pytest.mark.parametrize(
    ("room", "members", "level", "fragment"),
    [
        (((4096, 8192),), {}, Level.OK, "There is room for 2 tasks"),
        (((300, 600),), {}, Level.WARNING, "have room for 1: it will take longer"),
        (((0, 0),), {}, Level.ERROR, "no room for a single new one"),
        (((0, 0),), {"minimum_healthy_percent": 50}, Level.WARNING, "have room for 0"),
    ],
)
def test_room_for_new_tasks(
    room: tuple[tuple[int, int], ...], members: dict[str, Any], level: Level, fragment: str
) -> None:
    report = look(on_ec2(room=room, **members))

    found = {ok: ok.seen for ok in report.of(level) if ok.check == "capacity"}
    assert fragment in str(found)


def test_a_fixed_host_port_is_warned_about() -> None:
    aws = on_ec2(room=((4096, 8192),))
    definition = aws.task_definitions[API.task_definition()]
    (container,) = definition.document["containerDefinitions"]
    ports = [{"containerPort": 8000, "hostPort": 80}]
    document = {
        **definition.document, "networkMode": "bridge", "containerDefinitions": [{**container, "portMappings": ports}]
    }  # fmt: skip
    aws.task_definitions[definition.arn] = replace(definition, document=document)

    assert "takes port 80 of its instance" in warning(look(aws), "host-port")


def test_scaling_goes_on() -> None:
    aws = account()
    target = values.ScalableTarget(resource_id="service/api/api", minimum=1, maximum=6, suspended=False)
    aws.scaling["service/api/api"] = target

    assert "between 1 and 6 tasks; that goes on during a deployment" in ok(look(aws), "scalable-targets")


@pytest.mark.parametrize("action", ["ecs:UpdateService", "iam:PassRole", "cloudwatch:GetMetricData"])
def test_a_missing_permission_is_named(action: str) -> None:
    aws = account()
    aws.denied.add(action)

    assert action in error(look(aws), "permissions")


def test_nothing_is_asked_for_that_rolling_does_not_take() -> None:
    aws = account()
    aws.denied |= {
        "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:DescribeRules",
        "application-autoscaling:RegisterScalableTarget",
        "ecs:RunTask",
    }

    assert look(aws).passed


@pytest.mark.parametrize(
    ("desired", "least", "most", "said"),
    [
        (3, 50, 150, "let 2 to 4 tasks run during a deployment"),  # 1.5 and 4.5: up, and down
        (4, 50, 100, "let 2 to 4 tasks run during a deployment"),
        (1, 100, 200, "let 1 to 2 tasks run during a deployment"),
    ],
)
def test_percentages_of_the_environment_are_told_in_tasks(desired: int, least: int, most: int, said: str) -> None:
    aws = account(desired=desired, running=desired, minimum_healthy_percent=0, maximum_percent=100)

    report = look(aws, minimum_healthy_percent=least, maximum_percent=most)

    assert said in ok(report, "service-percent")
    assert "of the environment (api has 0 and 100)" in ok(report, "service-percent")


def test_a_pair_that_fits_two_tasks_and_not_one_is_refused_for_one() -> None:
    assert "neither start a task nor stop one of 1" in error(
        look(account(desired=1, running=1), minimum_healthy_percent=50, maximum_percent=150), "service-percent"
    )


def test_a_full_cluster_is_no_error_where_the_environment_lets_ecs_stop_tasks_first() -> None:
    full = on_ec2(room=((0, 0),))

    assert "no room for a single new one" in error(look(full), "capacity")
    assert "it will take longer" in warning(look(full, minimum_healthy_percent=50), "capacity")


def test_a_daemon_takes_no_more_than_one_task_an_instance() -> None:
    daemon = account(scheduling="DAEMON", minimum_healthy_percent=0, maximum_percent=100)

    said = error(look(daemon, maximum_percent=150), "service-percent")

    assert said.startswith("api is a daemon, one task on each instance: AWS would refuse maximumPercent 150")
    assert look(daemon, maximum_percent=100).passed


@pytest.mark.parametrize(
    ("seconds", "delay", "said"),
    [
        (60, 10, "drains for 10 s, then gets SIGTERM and, 60 s later (stopTimeout), SIGKILL; a request that takes "
                 "longer than 10 s is cut off by the load balancer before."),
        (20, 20, "SIGKILL; no request is left by then, so that is for what else it does."),
    ],
)  # fmt: skip
def test_what_a_stop_time_out_comes_to_after_draining_is_said(seconds: int, delay: int, said: str) -> None:
    aws = account()
    aws.groups[API.target_group] = replace(aws.groups[API.target_group], deregistration_delay=delay)

    assert said in ok(look(aws, stop_timeout=seconds), "stop-timeout")
    assert not [each for each in look(aws).results if each.check == "stop-timeout"]


def test_a_container_instance_takes_a_longer_stop_time_out_than_fargate() -> None:
    fargate = error(look(account(launch_type="FARGATE"), stop_timeout=180), "stop-timeout")

    assert fargate.startswith("AWS would refuse a stopTimeout of 180 s")
    assert "SIGKILL" in ok(look(on_ec2(room=((4096, 8192),)), stop_timeout=180), "stop-timeout")
