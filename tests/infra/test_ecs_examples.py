"""Each example is applied, discovered, deployed to and destroyed, with tasks that are real processes."""

import json
from typing import Any

import httpx
import pytest

from deployments.vocabulary import Status
from sandbox.account import ACCOUNT
from sandbox.server import Sandbox
from sandbox.world.policies import filled
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

    with story.traffic() as traffic:
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


def test_a_fargate_service_is_swapped_by_codedeploy_at_once_under_the_shipped_policy(
    terraform: Terraform, account: Sandbox
) -> None:
    name = "codedeploy-pair"
    names = dict.fromkeys(("cluster", "service", "family", "codedeploy_application", "codedeploy_group"), name)
    roles = {f"{kind}_role": f"arn:aws:iam::{ACCOUNT}:role/{name}-{kind}" for kind in ("task", "execution")}
    more = {"repository": "shop", "log_group": f"/ecs/{name}"}
    role = _deployer(account.client("iam"), external_id="shop-4711", **names, **roles, **more)
    deployer = {"role_arn": role, "external_id": "shop-4711"}

    made = _applied(terraform, "fargate-codedeploy-pair", account, deployer=deployer)

    assert f"--role-arn {role} --external-id shop-4711" in made.outputs["discover"]
    _swap(made, account, "CODE_DEPLOY")


def _deployer(iam: Any, external_id: str, **names: str) -> str:
    """The role that infra/iam describes for this controller: the sandbox denies it everything else."""
    trust = filled("trust", tealgate_role=f"arn:aws:iam::{ACCOUNT}:root", external_id=external_id)
    role = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    for name in ("code-deploy-ecs", "reading"):
        iam.put_role_policy(RoleName="deployer", PolicyName=name, PolicyDocument=json.dumps(filled(name, **names)))
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
