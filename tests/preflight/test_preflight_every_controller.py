"""What several controllers have in common, made to fail for each of them.

Every check is made to fail on the sandbox as well, in `sandboxed`; what only one controller has is there alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from deployments.aws import errors
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.aws.values import Capacity
from deployments.preflight.report import Level
from tests.preflight.every_controller import CODE_DEPLOY, ECS, EXPRESS, PAIR, ROLLING, SERVERS, SERVICE, Case, case
from tests.preflight.world import BALANCER_GROUP, BLUE, GREEN, LIVE, REPOSITORY, SHOP

Break = Callable[[Case], object]


class Failure(NamedTuple):
    make: Break
    check: str
    words: str
    controllers: tuple[str, ...]
    level: Level = Level.ERROR


SWAPS = (PAIR, ECS, CODE_DEPLOY)
OWNED = (*SWAPS, ROLLING)  # whose target groups and controller are the owner's to choose
TASKS = (*OWNED, EXPRESS)
ALL = (*TASKS, SERVERS)


def image_gone(broken: Case) -> None:
    broken.account.images.clear()


def tagged_latest(broken: Case) -> None:
    broken.release = replace(broken.release, references={"web": f"{REPOSITORY}:latest"})


def built_for_arm(broken: Case) -> None:
    broken.release = replace(broken.release, platforms={"web": ("linux/arm64",)})


def inactive(broken: Case) -> None:
    definition = broken.account.task_definitions[LIVE]
    broken.account.task_definitions[LIVE] = replace(definition, status="INACTIVE")


def no_execution_role(broken: Case) -> None:
    broken.account.doctor_container(image=f"{REPOSITORY}:1")
    broken.account.doctor_definition(executionRoleArn="")


def role_gone(broken: Case) -> None:
    broken.account.missing_roles.add("arn:aws:iam::123456789012:role/shop-execution")


def draining(broken: Case) -> None:
    broken.account.doctor_service("blue", status="DRAINING")


def gone(broken: Case) -> None:
    del broken.account.ecs[SHOP.cluster, SERVICE]


def controller(name: str) -> Break:
    return lambda broken: broken.account.doctor_service("blue", controller=name)


def ecs_busy(broken: Case) -> None:
    broken.account.ecs[SHOP.cluster, SERVICE].update(task_definition=SHOP.task_definition(2), desired=None, lag=9)


def codedeploy_busy(broken: Case) -> None:
    broken.account.codedeploy["d-9"] = CodeDeployment(id="d-9", status="InProgress", overview={})


def change(**settings: object) -> Break:
    return lambda broken: broken.change(**settings)


def regroup(**members: object) -> Break:
    return lambda broken: broken.regroup(**members)


def other_vpc(broken: Case) -> None:
    broken.account.doctor_group("green", vpc="vpc-2")


def of_instances(broken: Case) -> None:
    for slot in ("blue", "green"):
        broken.account.doctor_group(slot, target_type="instance")


def weights(blue: int, green: int | None) -> Break:
    share = {BLUE: blue} | ({} if green is None else {GREEN: green})
    return lambda broken: broken.account.set_weights(SHOP.production_rule, share)


def fixed_port(broken: Case) -> None:
    broken.account.on_ec2(host_port=80)


def closed(broken: Case) -> None:
    broken.account.on_ec2()
    broken.account.room = Capacity(remaining=((4096, 8192),), security_groups=(("sg-instance",),))
    broken.account.open("sg-instance", 22, 22, BALANCER_GROUP)


def full(broken: Case) -> None:
    broken.account.on_ec2()
    broken.account.room = Capacity(remaining=((0, 0),))


def answers(code: int) -> Break:
    said = f"Health checks failed with these codes: [{code}]"
    return lambda broken: broken.account.set_health(LIVE, "unhealthy", "Target.ResponseCodeMismatch", said)


def slow(broken: Case) -> None:
    broken.account.doctor_group("blue", deregistration_delay=300)


def no_alarm(broken: Case) -> None:
    broken.account.alarm_states.clear()


def alarmed(broken: Case) -> None:
    broken.account.alarm(SHOP.alarm, "ALARM", "too many")


def denied(action: str) -> Break:
    return lambda broken: broken.account.denied.add(action)


def wrong_clock(broken: Case) -> None:
    broken.account.who = replace(broken.account.who, clock_offset=-400)


def refused(broken: Case) -> None:
    broken.account.fail_next("identity", errors.Denied)


BOTH = (CODE_DEPLOY, SERVERS)
FAILURES = (
    Failure(image_gone, "image-exists", "any more; tasks would stop with CannotPullContainerError", TASKS),
    Failure(tagged_latest, "image-latest", "The tag latest", TASKS, Level.WARNING),
    Failure(built_for_arm, "image-architecture", "exec format error", TASKS),
    Failure(inactive, "task-definition-active", "TaskDefinition is inactive", TASKS),
    Failure(change(container_name="app"), "container-port", "has no container app; it has web", TASKS),
    Failure(change(container_port=9000), "container-port", "is to reach port 9000", TASKS),
    Failure(no_execution_role, "execution-role", "CannotPullContainerError", TASKS),
    Failure(role_gone, "roles-exist", "role/shop-execution, which does not exist", TASKS),
    Failure(draining, "service-active", "is DRAINING, not ACTIVE", TASKS),
    Failure(gone, "service-active", "does not exist", TASKS),
    Failure(controller("EXTERNAL"), "service-controller", "deployment controller EXTERNAL", OWNED),
    Failure(controller("CODE_DEPLOY"), "service-controller", "CODE_DEPLOY", (PAIR, ECS, ROLLING)),
    Failure(ecs_busy, "service-deployment", "Another deployment is running", (PAIR, ECS, ROLLING, EXPRESS)),
    Failure(codedeploy_busy, "code-deployment", "d-9 is running in web (InProgress)", BOTH),
    Failure(change(green_target_group=BLUE), "target-groups", "have the same target group, shop-blue", SWAPS),
    Failure(other_vpc, "target-groups-vpc", "shop-blue is in vpc-1, but shop-green is in vpc-2", SWAPS),
    Failure(of_instances, "target-type", "The network mode awsvpc needs target type ip", OWNED),
    Failure(weights(100, None), "production-rule-attached", "is not attached to the production rule", (PAIR, ECS)),
    Failure(weights(50, 50), "live-slot", "Both slots are live", SWAPS),
    Failure(weights(0, 0), "live-slot", "Neither slot", SWAPS),
    Failure(fixed_port, "host-port", "a second task cannot start on the same instance", SWAPS),
    Failure(closed, "security-groups", "reach port 32768-65535", TASKS),
    Failure(full, "capacity", "room for 0", SWAPS),
    Failure(answers(400), "health-check", "Host", TASKS),
    Failure(answers(301), "health-check", "HTTPS", TASKS),
    Failure(slow, "deregistration-delay", "drains for 5 min", OWNED, Level.WARNING),
    Failure(no_alarm, "alarms", "The alarm shop-5xx does not exist", ALL),
    Failure(alarmed, "alarms", "has been in ALARM: too many", ALL),
    Failure(denied("iam:PassRole"), "permissions", "needs iam:PassRole on", TASKS),
    Failure(denied("elasticloadbalancing:ModifyRule"), "permissions", "ModifyRule", (PAIR,)),
    Failure(denied("ecs:UpdateService"), "permissions", "needs ecs:UpdateService on", (PAIR, ECS, ROLLING)),
    Failure(denied("ecs:UpdateExpressGatewayService"), "permissions", "UpdateExpressGatewayService", (EXPRESS,)),
    Failure(denied("ecs:StopServiceDeployment"), "permissions", "service-deployment/shop/shop-blue/*", (ECS, EXPRESS)),
    Failure(denied("codedeploy:StopDeployment"), "permissions", "deploymentgroup:shop/web", BOTH),
    Failure(regroup(platform="Lambda"), "deployment-group-platform", "deploys to Lambda, but the environment", BOTH),
    Failure(change(account_id="999999999999"), "access-account", "the environment expects 999999999999", ALL),
    Failure(wrong_clock, "access-clock", "Tealgate's clock is 7 min ahead of AWS's", ALL),
    Failure(refused, "access-role", "AWS refuses Tealgate's own credentials", ALL),
)


def each_failure() -> Iterator[object]:
    for failure in FAILURES:
        for name in failure.controllers:
            yield pytest.param(failure, name, id=f"{failure.check}: {failure.words[:40]} ({name})")


@pytest.mark.parametrize(("failure", "controller_name"), list(each_failure()))
def test_a_failure_is_told_with_its_fix(failure: Failure, controller_name: str) -> None:
    broken = case(controller_name)
    failure.make(broken)

    report = broken.report()

    found = [each for each in report.of(failure.level) if each.check == failure.check]
    assert found, [f"{each.check} {each.level}: {each.seen}" for each in report.of(Level.ERROR, Level.WARNING)]
    assert any(failure.words in f"{each.seen} {each.fix}" for each in found), found
    assert all(each.fix for each in found)
    assert report.passed == (failure.level is not Level.ERROR)


@pytest.mark.parametrize("controller_name", ALL)
def test_a_healthy_environment_has_nothing_to_complain_about(controller_name: str) -> None:
    healthy = case(controller_name)

    assert healthy.report().of(Level.ERROR, Level.WARNING, Level.UNKNOWN) == ()
    assert healthy.account.performed == []
