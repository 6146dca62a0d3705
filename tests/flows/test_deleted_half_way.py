"""Somebody deletes the service while a deployment waits for people: a sentence, and nothing hangs.

Then the environment is retired, and one of the same name begins anew on a service that was made again.
"""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from deployments.catalog import discovery
from deployments.catalog.models import Application, GatePolicy
from deployments.catalog.releases import register_release
from deployments.delivery import retiring, turning_back
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Stage, Status
from sandbox.server import Sandbox
from tests.flows.clients import client
from tests.flows.conftest import EPHEMERAL, SCALE
from tests.flows.storefront import Storefront, now
from tests.settled import settle

pytestmark = [pytest.mark.flow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Of its own: what is deleted here is missed by nobody."""
    with Sandbox(
        scale=2 * SCALE, listener_ports=EPHEMERAL, applications=("storefront", "payments", "catalog")
    ) as running:
        yield running


def discovered(storefront: Storefront, stage: Stage, **given: str) -> Storefront:
    like = storefront.environment
    access = {"region": like.region, "role_arn": like.role_arn, "external_id": like.external_id}
    proposal = discovery.discover(**access, **given, now=now())
    application = like.application
    if given.get("codedeploy_application"):
        application = Application.objects.create(slug="catalog", name="Catalog")
    environment = discovery.environment_from(proposal, application=application, name="deleted")
    environment.save()
    GatePolicy.objects.create(environment=environment, stage=stage)
    return Storefront(storefront.sandbox, environment)


def delete(name: str) -> None:
    client("ecs").delete_service(cluster="storefront", service=name, force=True)


def drains_slowly(target_group: str) -> None:
    """Half a minute here: a machine that stands still must not find its tasks stopped already."""
    (group,) = client("elbv2").describe_target_groups(Names=[target_group])["TargetGroups"]
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "3000"}
    client("elbv2").modify_target_group_attributes(TargetGroupArn=group["TargetGroupArn"], Attributes=[delay])


#: Of a service, what makes it again.
SAME = ("taskDefinition", "desiredCount", "launchType", "loadBalancers", "networkConfiguration",
        "deploymentConfiguration", "deploymentController", "healthCheckGracePeriodSeconds")  # fmt: skip


def described(name: str) -> dict[str, Any]:
    service = client("ecs").describe_services(cluster="storefront", services=[name])
    return {key: value for key, value in service["services"][0].items() if key in SAME and value}


def begin_anew(shop: Storefront, service: str, as_before: dict[str, Any]) -> Storefront:
    """The old one is retired; the same service is made again and read from AWS under the same name."""
    admin = Principal.person(User.objects.get(username="admin"))
    retiring.retire(environment=shop.environment, principal=admin, reason="The service was deleted", now=now())
    ecs = client("ecs")
    ecs.get_waiter("services_inactive").wait(cluster="storefront", services=[service], WaiterConfig={"Delay": 1})
    ecs.create_service(cluster="storefront", serviceName=service, **as_before)
    settle(shop.sandbox)  # preflight refuses what is being deployed to still
    return discovered(shop, Stage.POST_TEST_TRAFFIC_SHIFT, cluster="storefront", service=service)


def test_a_service_that_ecs_shifts(storefront: Storefront) -> None:
    before = described("payments")
    shop = discovered(storefront, Stage.POST_TEST_TRAFFIC_SHIFT, cluster="storefront", service="payments")
    deployment = shop.deploy("1.1.0", "BLUE_GREEN")
    shop.to_the_gate(deployment)

    delete("payments")
    shop.look_again(deployment)
    shop.finish(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "ECS stopped it because the service payments was deleted" in deployment.status_reason
    assert "nothing is left to turn back" in deployment.status_reason

    anew = begin_anew(shop, "payments", before)
    again = anew.deploy("1.1.0", "BLUE_GREEN")
    anew.to_the_gate(again)
    assert str(anew.environment) == str(shop.environment)
    assert not again.events.exclude(chain__name=f"environment:{anew.environment.pk}").exists()
    call_command("verify_events", chain=f"environment:{shop.environment.pk}", stdout=StringIO())
    with pytest.raises(Refused, match="Another environment is called .*/deleted now"):
        retiring.bring_back(
            environment=shop.environment, principal=Principal.person(User.objects.get(username="admin")), now=now()
        )
    turning_back.stop(deployment=again, principal=Principal.person(anew.manager), now=now())
    assert anew.finish(again).status == Status.ROLLBACK_SUCCESSFUL


def test_a_service_that_codedeploy_shifts(storefront: Storefront) -> None:
    shop = discovered(storefront, Stage.PRE_PRODUCTION_TRAFFIC_SHIFT, codedeploy_application="catalog")
    repository = storefront.sandbox.control.world["codedeploy"]["catalog"]["repository_uri"]
    register_release(
        application=shop.environment.application,
        version="1.1.0",
        images={"web": f"{repository}:1.1.0"},
        principal=Principal.token("ci"),
        now=now(),
    )
    drains_slowly("catalog-blue")
    deployment = shop.deploy("1.1.0", "AllAtOnce")
    shop.to_the_gate(deployment)

    delete("catalog")
    shop.approve(deployment)
    shop.finish(deployment)

    assert deployment.status in (Status.ROLLBACK_SUCCESSFUL, Status.ROLLBACK_FAILED), deployment.status_reason
    assert deployment.status_reason.startswith("catalog is DRAINING. It was changed outside Tealgate and left alone.")
    assert "CodeDeploy was not told to go on" in deployment.status_reason
