"""Each example is applied, discovered, deployed to and destroyed, with tasks that are real processes."""

import json
from typing import Any

import httpx
import pytest

from deployments.vocabulary import Status
from sandbox.account import ACCOUNT
from sandbox.server import Sandbox
from tests.flows.traffic import Traffic
from tests.infra.story import FIRST, SECOND, discovered, push_images
from tests.infra.terraform import Stack, Terraform

pytestmark = [pytest.mark.infra, pytest.mark.django_db, pytest.mark.usefixtures("connected")]


def _swap(stack: Stack, account: Sandbox, controller: str, **policy: Any) -> None:
    """What has to hold for every service: nothing to change, a release goes out unharmed, still nothing to change."""
    assert not stack.changes(), stack.changes()
    story = discovered(stack, account, **policy)
    assert story.environment.controller == controller
    story.register()
    story.adopt()

    with Traffic(story.url) as traffic:
        deployment = story.deploy(SECOND)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert traffic.lost == 0, traffic.failures
    assert set(traffic.versions) == {FIRST, SECOND}
    assert not stack.changes(), stack.changes()
    stack.destroy()
    assert account.control.tasks() == []
    assert account.load_balancers.listeners() == []


def _applied(terraform: Terraform, example: str, account: Sandbox, **variables: Any) -> Stack:
    stack = Stack(terraform.at(account.url), f"examples/{example}")
    image = push_images(account)
    stack.apply(image=image, container_port=8000, health_check_path="/healthz", **variables)
    return stack


def test_django_on_instances_is_rolled(terraform: Terraform, account: Sandbox) -> None:
    _swap(_applied(terraform, "django-on-ecs-rolling", account), account, "ROLLING")


def test_a_fargate_service_is_swapped_by_codedeploy_at_once_by_a_role(terraform: Terraform, account: Sandbox) -> None:
    role = _deployer(account.client("iam"), external_id="shop-4711")
    deployer = {"role_arn": role, "external_id": "shop-4711"}

    stack = _applied(terraform, "fargate-codedeploy-pair", account, deployer=deployer)

    assert f"--role-arn {role} --external-id shop-4711" in stack.outputs["discover"]
    _swap(stack, account, "CODE_DEPLOY")


def _deployer(iam: Any, external_id: str) -> str:
    """May do anything: what it needs at least is told and tested elsewhere."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="deployer", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return str(role)


def test_a_fargate_service_is_swapped_by_codedeploy_a_tenth_first(terraform: Terraform, account: Sandbox) -> None:
    _swap(_applied(terraform, "fargate-codedeploy-canary", account), account, "CODE_DEPLOY")


def test_a_service_pair_on_instances_is_swapped_behind_its_own_name(terraform: Terraform, account: Sandbox) -> None:
    account.client("route53").create_hosted_zone(Name="example.com", CallerReference="infra")
    stack = _applied(
        terraform, "zero-downtime-service-pair", account, domain="shop.example.com", zone_name="example.com"
    )

    assert stack.outputs["url"] == "https://shop.example.com"
    plain = next(each["Url"] for each in account.load_balancers.listeners() if each["Port"] == 80)
    redirect = httpx.get(f"{plain}/cart", headers={"Host": "shop.example.com"})
    assert (redirect.status_code, redirect.headers["Location"]) == (301, "https://shop.example.com:443/cart")
    _swap(stack, account, "SERVICE_PAIR")
