"""Tealgate on small instances, reached by the load balancer's own name: it rolls itself under its own roles."""

from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.infra.story import client, discovered, push_images
from tests.infra.tealgate import deploys_itself, first_tasks, is_a_task_of_tealgate
from tests.infra.terraform import Stack, Terraform, TerraformFailed

pytestmark = [pytest.mark.infra, pytest.mark.django_db, pytest.mark.usefixtures("connected")]
OFFICE = ["203.0.113.0/24"]


def test_tealgate_rolls_itself_on_instances_that_only_the_office_reaches(
    terraform: Terraform, account: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = _applied(terraform, account)
    assert not stack.changes(), stack.changes()
    _is_reached_over_plain_http_by_the_office_and_nobody_else(stack)
    first_tasks(stack, account)
    is_a_task_of_tealgate(account, monkeypatch)

    web = discovered(stack, account)
    worker = discovered(stack, account, output="discover_worker")
    assert {each.environment.controller for each in (web, worker)} == {"ROLLING"}
    deploys_itself(stack, account, web, worker, worker_first=True)


def _applied(terraform: Terraform, account: Sandbox) -> Stack:
    """At the second attempt: the first one would have let the whole internet read along."""
    image = push_images(account)
    stack = Stack(terraform.at(account.url), "examples/tealgate-on-instances")
    wanted: dict[str, Any] = {
        "image": image,
        "nginx_image": image,
        "repository": "shop",
        "external_id": "self-4711",
        "database": {"protected": False},
        "secret_recovery_days": 0,
    }
    with pytest.raises(TerraformFailed, match="cidrs lets everybody in, or nearly, and there is no HTTPS"):
        stack.apply(cidrs=["0.0.0.0/0"], **wanted)
    stack.apply(cidrs=OFFICE, **wanted)
    return stack


def _is_reached_over_plain_http_by_the_office_and_nobody_else(stack: Stack) -> None:
    """By the settings of what runs, the ports that Docker chooses, and the load balancer's security group."""
    (balancer,) = client("elbv2").describe_load_balancers()["LoadBalancers"]
    name = balancer["DNSName"]
    assert name.endswith(".elb.amazonaws.com") and stack.outputs["url"] == f"http://{name}"
    nginx, web = _containers("tealgate-web")
    assert web["environment"].items() >= {"SITE_URL": f"http://{name}", "ALLOWED_HOSTS": name}.items()
    assert web["environment"]["WEB_BIND"] == nginx["environment"]["WEB_ADDRESS"]
    assert [each["hostPort"] for each in nginx["portMappings"]] == [0]
    rules = client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": balancer["SecurityGroups"]}]
    )["SecurityGroupRules"]
    assert [each["CidrIpv4"] for each in rules if not each["IsEgress"]] == OFFICE
    (template,) = client("ec2").describe_launch_template_versions(
        LaunchTemplateName="tealgate-instances", Versions=["$Latest"]
    )["LaunchTemplateVersions"]
    options = template["LaunchTemplateData"]["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("required", 2)


def _containers(family: str) -> list[dict[str, Any]]:
    """With their settings by name."""
    task = client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]
    assert (task["networkMode"], task["requiresCompatibilities"]) == ("bridge", ["EC2"])
    return [
        {**each, "environment": {one["name"]: one["value"] for one in each["environment"]}}
        for each in task["containerDefinitions"]
    ]
