"""A whole deployment by each controller, allowed nothing but what its own file in infra/iam says."""

import json
from collections.abc import Iterator

import boto3
import pytest
from django.core.management import call_command

from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment
from deployments.vocabulary import Status
from sandbox.account import REGION
from sandbox.world.names import DEPLOYER
from tests.flows.storefront import Storefront

pytestmark = [pytest.mark.flow, pytest.mark.django_db]

#: by policy file, the seeded application that is deployed to by that controller
PLACES = {
    "service-pair": "storefront",
    "rolling": "legacy-api",
    "ecs": "payments",
    "code-deploy-ecs": "catalog",
    "code-deploy-server": "reports",
}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, storefront: Storefront) -> Iterator[Storefront]:
    """One environment of that controller, and a deployer that has that controller's policy alone."""
    slug = PLACES[request.param]
    here = f"{storefront.sandbox.url}/_sandbox"
    call_command("seed_demo", world=f"{here}/world", listeners=f"{here}/listeners", slugs=[slug])
    environments = Environment.objects.filter(application__slug=slug).order_by("rank")
    environments.update(bake_seconds=1, termination_wait_seconds=1, min_requests=5)
    iam = boto3.client("iam", region_name=REGION)
    policies = {
        name: iam.get_role_policy(RoleName=DEPLOYER, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=DEPLOYER)["PolicyNames"]
    }
    for name in policies.keys() - {request.param}:
        iam.delete_role_policy(RoleName=DEPLOYER, PolicyName=name)
    yield Storefront(storefront.sandbox, environments[0])
    for name, document in policies.items():
        iam.put_role_policy(RoleName=DEPLOYER, PolicyName=name, PolicyDocument=json.dumps(document))


def test_the_policy_of_its_controller_is_all_that_a_deployment_takes(place: Storefront) -> None:
    assert place.environment.role_arn.endswith(f"/{DEPLOYER}")

    deployment = place.deploy("1.1.0", place.environment.strategy)
    while not deployment.is_terminal:
        place.go(deployment, at_a_gate_or_the_end)
        if not deployment.is_terminal:
            place.approve(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason


def at_a_gate_or_the_end(deployment: Deployment) -> bool:
    return deployment.is_terminal or deployment.gates.open().exists()
