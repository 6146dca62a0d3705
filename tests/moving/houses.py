"""A rolled service behind one rule, as it was and as it may be found. `catalog()` is CodeDeploy's instead."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.codedeploy_values import CodeDeployment
from deployments.aws.values import NativeDeployment, Rule, Service, ServiceDeployment, Target, TargetGroup, Task
from deployments.aws.weights import rule_from
from deployments.frozen import EnvironmentSettings
from deployments.moving import proof
from deployments.moving.values import House, Move, Wanted
from tests.fakes.names import arn

BLUE, GREEN = (arn("elasticloadbalancing", f"targetgroup/api-{slot}/1") for slot in ("blue", "green"))
RULE = arn("elasticloadbalancing", "listener-rule/app/api/50dc/1/2")
DEFINITION, DIGEST = arn("ecs", "task-definition/api:7"), "sha256:" + "1" * 64
SETTINGS = EnvironmentSettings(
    label="api/production", controller="ROLLING", region="us-east-1", cluster="api", service_name="api"
)
CATALOG = replace(
    SETTINGS, controller="CODE_DEPLOY", codedeploy_application="api", codedeploy_group="production",
    blue_target_group=BLUE, green_target_group=GREEN, production_rule=RULE,
)  # fmt: skip
WANTED = Wanted(alternate_target_group=GREEN, production_rule=RULE, infrastructure_role="role")


def rule(weights: Mapping[str, int]) -> Rule:
    groups = [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights.items()]
    forward = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    return rule_from(arn=RULE, listener_arn="listener", is_default=True, actions=[forward])


def service(**changes: Any) -> Service:
    usual: dict[str, Any] = {
        "name": "api", "arn": arn("ecs", "service/api/api"), "status": "ACTIVE", "controller": "ECS",
        "task_definition": DEFINITION, "desired": 2, "running": 2, "pending": 0, "target_groups": (BLUE,),
        "container_name": "web", "container_port": 8000, "deployments": (rolled(),),
    }  # fmt: skip
    return Service(**{**usual, **changes})


def rolled(state: str = "COMPLETED") -> ServiceDeployment:
    return ServiceDeployment(
        id="ecs-svc/1", status="PRIMARY", task_definition=DEFINITION, desired=2, running=2, pending=0, failed_tasks=0,
        rollout_state=state, rollout_reason="",
    )  # fmt: skip


def tasks(digest: str = DIGEST) -> tuple[Task, ...]:
    return tuple(
        Task(arn=arn("ecs", f"task/api/{number}"), task_definition=DEFINITION, last_status="RUNNING",
             desired_status="RUNNING", digests={"web": digest}, images={"web": "api:1.0.0"})
        for number in range(2)
    )  # fmt: skip


def group(name: str, **changes: Any) -> TargetGroup:
    usual: dict[str, Any] = {
        "arn": name, "name": name.split("/")[1], "load_balancer_arns": (), "vpc": "vpc-1", "target_type": "ip",
        "protocol": "HTTP", "port": 8000, "health_path": "/", "health_interval": 10, "health_timeout": 5,
        "healthy_threshold": 2, "unhealthy_threshold": 2, "matcher": "200", "deregistration_delay": 10,
    }  # fmt: skip
    return TargetGroup(**{**usual, **changes})


def healthy(state: str = "healthy", count: int = 2) -> tuple[Target, ...]:
    return tuple(Target(id=f"10.0.0.{number}", port=8000, state=state) for number in range(count))


def house(**changes: Any) -> House:
    """As found before anything was done."""
    usual: dict[str, Any] = {
        "service": service(), "tasks": tasks(), "rule": rule({BLUE: 1}), "targets": {BLUE: healthy(), GREEN: ()},
        "groups": {BLUE: group(BLUE), GREEN: group(GREEN)},
    }  # fmt: skip
    return House(**{**usual, **changes})


def moved(status: str = "SUCCESSFUL", live: str = GREEN, **changes: Any) -> House:
    """ECS has been told, and its deployment is so far."""
    other = BLUE if live == GREEN else GREEN
    native = NativeDeployment(arn="native", status=status, reason="", stage="BAKE_TIME", target_revision="r", **changes)
    told = service(
        strategy="BLUE_GREEN", alternate_target_group=GREEN, production_rule=RULE, service_deployment="native"
    )
    return house(service=told, native=native, rule=rule({live: 100, other: 0}), targets={live: healthy(), other: ()})


def move(settings: EnvironmentSettings = SETTINGS) -> Move:
    origin = proof.origin(settings, house())
    assert origin is not None
    return Move(settings=settings, wanted=WANTED, origin=origin)


def busy_code_deploy() -> CodeDeployment:
    return CodeDeployment(id="d-1", status="InProgress", overview={})
