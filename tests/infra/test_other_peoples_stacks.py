"""Stacks that nobody wrote for Tealgate, as tutorials have them, in ap-northeast-2: applied with nothing but another
endpoint, discovered, deployed to, and destroyed.
"""

import shutil
from pathlib import Path

import pytest

from deployments.vocabulary import Status
from sandbox.images.registry import ecr_host
from sandbox.server import Sandbox
from tests.certificates import issue, trusting
from tests.flows.traffic import Traffic
from tests.infra.story import FIRST, SECOND, Story, discovered
from tests.infra.terraform import Stack, Terraform, configuration, program

pytestmark = [pytest.mark.infra, pytest.mark.django_db, pytest.mark.usefixtures("connected")]
HERE = Path(__file__).parent / "stacks"
SEOUL = "ap-northeast-2"
DEFAULT, NAMED = issue("default.example.com"), issue("cart.example.com")


@pytest.fixture
def stack(tmp_path: Path, account: Sandbox) -> Stack:
    program()
    shutil.copytree(HERE, tmp_path / "stacks", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars*"))
    return Stack(Terraform(tmp_path / "stacks", configuration(tmp_path), account.url), "seoul")


def _begin(account: Sandbox) -> None:
    """What whoever follows the tutorials does by hand: a first image, and then a first task of the cart."""
    account.push({"repository": "shop/only-to-begin-with", "tag": FIRST})
    for repository in ("cart", "search"):
        for tag, version in {"latest": FIRST, FIRST: FIRST, SECOND: SECOND}.items():
            account.push({"repository": repository, "tag": tag, "version": version, "region": SEOUL})
    account.client("ecs", SEOUL).update_service(cluster="cart", service="cart", desiredCount=1)


def _release(story: Story, name: str, traffic: Traffic) -> None:
    story.repository = f"{ecr_host(SEOUL)}/{name}"
    story.register(containers=[name])
    with traffic:
        deployment = story.deploy(SECOND)

    assert (story.environment.controller, story.environment.region) == ("CODE_DEPLOY", SEOUL)
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert (traffic.lost, set(traffic.versions)) == (0, {FIRST, SECOND}), traffic.failures


def test_two_services_with_pipelines_are_taken_over_as_they_are(stack: Stack, account: Sandbox) -> None:
    acm = account.client("acm", SEOUL)
    imported = [acm.import_certificate(Certificate=pem.certificate, PrivateKey=pem.key) for pem in (DEFAULT, NAMED)]
    stack.apply(certificate_arns=[each["CertificateArn"] for each in imported])
    assert not stack.changes(), stack.changes()
    _begin(account)

    cart, search = (discovered(stack, account, balancer=name) for name in ("cart", "search"))
    secure = Traffic(cart.url, tls=trusting(NAMED.certificate), name="cart.example.com")
    _release(cart, "cart", secure)
    _release(search, "search", Traffic(search.url))

    ecs = account.client("ecs", SEOUL)
    running = ecs.describe_tasks(cluster="search", tasks=ecs.list_tasks(cluster="search")["taskArns"])["tasks"]
    assert {each["capacityProviderName"] for each in running} == {"FARGATE"}
    assert cart.url.startswith("https://")
    assert not stack.changes(), stack.changes()
    stack.destroy()
    assert account.control.tasks() == []
    assert account.load_balancers.listeners() == []
