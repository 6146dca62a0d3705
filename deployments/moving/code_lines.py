"""Lines of Terraform and CloudFormation (CDK's CfnService) to change, so that the next apply agrees with the move."""

import json
from typing import Any

from deployments.frozen import EnvironmentSettings
from deployments.moving.values import House, Wanted
from deployments.vocabulary import Controller

#: (sign, text): "+" is added, "-" goes, "" stays
Lines = tuple[tuple[str, str], ...]


def terraform(settings: EnvironmentSettings, wanted: Wanted, seen: House) -> Lines:
    if wanted.controller == Controller.SERVICE_PAIR:
        return _second_service(settings)
    before = settings.controller == Controller.CODE_DEPLOY
    lines = [("", f'resource "aws_ecs_service" "{_label(settings.service_name)}" {{')]
    if before:
        lines += [("-", '  deployment_controller { type = "CODE_DEPLOY" }')]
        lines += [("+", '  deployment_controller { type = "ECS" }')]
    lines += [
        ("+", '  deployment_configuration { strategy = "BLUE_GREEN" }'),
        ("", "  load_balancer {"),
        ("", f'    target_group_arn = "{seen.live}"'),
        ("+", "    advanced_configuration {"),
        ("+", f'      alternate_target_group_arn = "{wanted.alternate_target_group}"'),
        ("+", f'      production_listener_rule   = "{wanted.production_rule or (seen.rule.arn if seen.rule else "")}"'),
    ]
    if wanted.test_rule:
        lines += [("+", f'      test_listener_rule         = "{wanted.test_rule}"')]
    lines += [("+", f'      role_arn                   = "{wanted.infrastructure_role}"'), ("+", "    }"), ("", "  }")]
    lines += [("+", "  lifecycle { ignore_changes = [task_definition, deployment_configuration] }"), ("", "}")]
    if before:
        lines += [("-", 'resource "aws_codedeploy_deployment_group" …  (once nothing goes back to it)')]
        lines += [("-", 'resource "aws_codedeploy_app" …')]
    return (*lines, ("", "# of the listener or its rule: ECS writes the weights"),
            ("+", "lifecycle { ignore_changes = [default_action, action] }"))  # fmt: skip


def cloud_formation(settings: EnvironmentSettings, wanted: Wanted, seen: House) -> Lines:
    """Properties of AWS::ECS::Service; in CDK those of CfnService, with a small first letter."""
    if wanted.controller == Controller.SERVICE_PAIR:
        return (("+", "a second AWS::ECS::Service like the first, with DesiredCount 0 and a target group of its own"),)
    advanced = {
        "AlternateTargetGroupArn": wanted.alternate_target_group,
        "ProductionListenerRule": wanted.production_rule or (seen.rule.arn if seen.rule else ""),
        "RoleArn": wanted.infrastructure_role,
        **({"TestListenerRule": wanted.test_rule} if wanted.test_rule else {}),
    }
    lines: list[tuple[str, str]] = []
    if settings.controller == Controller.CODE_DEPLOY:
        lines += [("-", '"DeploymentController": {"Type": "CODE_DEPLOY"}')]
        lines += [("+", '"DeploymentController": {"Type": "ECS"}')]
    lines += [("+", '"DeploymentConfiguration": {"Strategy": "BLUE_GREEN"}'), ("", '"LoadBalancers": [{')]
    lines += [("", f'  "TargetGroupArn": "{seen.live}",')]
    lines += [("+", f"  {line}") for line in _spelled("AdvancedConfiguration", advanced)]
    return (*lines, ("", "}]"))


def _spelled(name: str, document: dict[str, Any]) -> list[str]:
    return f'"{name}": {json.dumps(document, indent=2)}'.splitlines()


def _second_service(settings: EnvironmentSettings) -> Lines:
    name = _label(settings.service_name)
    return (
        ("", f"# like aws_ecs_service.{name}, which stays and serves"),
        ("+", f'resource "aws_lb_target_group" "{name}_green" {{ … }}'),
        ("+", f'resource "aws_ecs_service" "{name}_green" {{'),
        ("+", f'  name          = "{settings.service_name}-green"'),
        ("+", "  desired_count = 0"),
        ("+", f"  load_balancer {{ target_group_arn = aws_lb_target_group.{name}_green.arn … }}"),
        ("+", "  lifecycle { ignore_changes = [task_definition, desired_count] }"),
        ("+", "}"),
        ("", "# of the listener's rule: forward to both, the first with weight 100, the second with 0"),
        ("", "# a service of CodeDeploy's cannot be one of a pair: make both anew, or move this one to ECS first"),
    )


def _label(name: str) -> str:
    """As a label in Terraform."""
    return name.replace("-", "_").replace(".", "_")
