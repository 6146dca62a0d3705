"""Each example is applied, discovered, deployed to and destroyed, with tasks that are real processes."""

import json
from typing import Any

import httpx
import pytest

from deployments.vocabulary import Status
from sandbox.account import ACCOUNT
from sandbox.server import Sandbox
from sandbox.world.policies import filled
from tests.certificates import issue
from tests.infra.story import FIRST, REPOSITORY, SECOND, discovered, push_images
from tests.infra.terraform import Stack, Terraform, TerraformFailed

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


def test_a_service_on_instances_is_swapped_by_codedeploy_under_the_shipped_policy_with_a_given_certificate(
    terraform: Terraform, account: Sandbox
) -> None:
    registry = _registry(terraform, account)
    name = "ec2-codedeploy"
    names = dict.fromkeys(("cluster", "service", "family", "codedeploy_application", "codedeploy_group"), name)
    roles = {f"{kind}_role": f"arn:aws:iam::{ACCOUNT}:role/{name}-{kind}" for kind in ("task", "execution")}
    more = {"repository": "shop", "log_group": f"/ecs/{name}"}
    role = _deployer(account.client("iam"), external_id="shop-4711", **names, **roles, **more)
    pem = issue("shop.example.com")
    mine = account.client("acm").import_certificate(Certificate=pem.certificate, PrivateKey=pem.key)

    made = _applied(
        terraform,
        "ec2-codedeploy-pair",
        account,
        domain="shop.example.com",
        certificate_arn=mine["CertificateArn"],
        deployer={"role_arn": role, "external_id": "shop-4711"},
    )

    assert f"--role-arn {role} --external-id shop-4711" in made.outputs["discover"]
    assert account.client("route53").list_hosted_zones()["HostedZones"] == []
    _swap(made, account, "CODE_DEPLOY")
    account.client("ecr").batch_delete_image(
        repositoryName="shop", imageIds=[{"imageTag": FIRST}, {"imageTag": SECOND}]
    )
    registry.destroy()


def _registry(terraform: Terraform, account: Sandbox) -> Stack:
    """Where images are pushed, by GitHub's runs for the main branch of the shop and by nobody else."""
    stack = Stack(terraform.at(account.url), "examples/shop-registry")
    stack.apply(github={"repository": "example/shop"})
    assert not stack.changes(), stack.changes()
    (repository,) = account.client("ecr").describe_repositories(repositoryNames=["shop"])["repositories"]
    assert (repository["imageScanningConfiguration"], repository["imageTagMutability"]) == (
        {"scanOnPush": True},
        "IMMUTABLE",
    )
    assert stack.outputs["repository_url"] == REPOSITORY
    iam, name = account.client("iam"), stack.outputs["push_role_arn"].rpartition("/")[2]
    (trust,) = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    issuer = trust["Principal"]["Federated"].partition("/")[2]
    assert trust["Condition"]["StringLike"] == {f"{issuer}:sub": "repo:example/shop:ref:refs/heads/main"}
    may = _allowed(iam, stack.outputs["push_role_arn"], repository["repositoryArn"])
    assert may == {"ecr:PutImage": True, "ecr:DeleteRepository": False, "ecs:UpdateService": False}
    elsewhere = _allowed(iam, stack.outputs["push_role_arn"], repository["repositoryArn"] + "-of-others")
    assert not any(elsewhere.values())
    return stack


def _allowed(iam: Any, role: str, resource: str) -> dict[str, bool]:
    asked = iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["ecr:PutImage", "ecr:DeleteRepository", "ecs:UpdateService"],
        ResourceArns=[resource],
    )
    return {each["EvalActionName"]: each["EvalDecision"] == "allowed" for each in asked["EvaluationResults"]}


def _deployer(iam: Any, external_id: str, **names: str) -> str:
    """The role that infra/iam describes for this controller: the sandbox denies it everything else."""
    trust = filled("trust", tealgate_role=f"arn:aws:iam::{ACCOUNT}:root", external_id=external_id)
    role = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    for name in ("code-deploy-ecs", "reading"):
        iam.put_role_policy(RoleName="deployer", PolicyName=name, PolicyDocument=json.dumps(filled(name, **names)))
    return str(role)


def test_a_fargate_service_is_swapped_by_codedeploy_a_tenth_first_once_the_configuration_exists(
    terraform: Terraform, account: Sandbox
) -> None:
    with pytest.raises(TerraformFailed) as refused:
        _applied(
            terraform,
            "fargate-codedeploy-pair",
            account,
            deployment_config_name="CodeDeployDefault.ECSLinear10PercentEvery2Minutes",
        )
    said = " ".join(str(refused.value).replace("│", "").split())
    assert "There is no deployment configuration CodeDeployDefault.ECSLinear10PercentEvery2Minutes for ECS" in said
    assert "ECSLinear10PercentEvery1Minutes and ECSLinear10PercentEvery3Minutes" in said
    assert account.client("ecs").list_clusters()["clusterArns"] == []

    canary = {"deployment_config_name": "CodeDeployDefault.ECSCanary10Percent5Minutes"}
    _swap(_applied(terraform, "fargate-codedeploy-pair", account, **canary), account, "CODE_DEPLOY")


def test_a_service_pair_on_instances_is_swapped_behind_its_own_name(terraform: Terraform, account: Sandbox) -> None:
    stack = _applied(
        terraform,
        "zero-downtime-service-pair",
        account,
        domain="shop.example.com",
        zone_name="example.com",
        create_zone=True,
    )

    (zone,) = account.client("route53").list_hosted_zones()["HostedZones"]
    assert (zone["Name"], len(stack.outputs["name_servers"])) == ("example.com.", 4)
    assert stack.outputs["url"] == "https://shop.example.com"
    plain = next(each["Url"] for each in account.load_balancers.listeners() if each["Port"] == 80)
    redirect = httpx.get(f"{plain}/cart", headers={"Host": "shop.example.com"})
    assert (redirect.status_code, redirect.headers["Location"]) == (301, "https://shop.example.com:443/cart")
    _swap(stack, account, "SERVICE_PAIR")
