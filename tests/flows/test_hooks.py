"""The owner's own hooks, Lambda functions of an AppSpec and of an ECS service: kept, run, and heard."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command

from deployments.aws.sessions import connect
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment
from deployments.catalog.releases import register_release
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.swaps import get
from deployments.vocabulary import Status
from sandbox.server import Sandbox
from tests.flows.clients import client
from tests.flows.conftest import EPHEMERAL, SCALE
from tests.flows.neighbour import a_hotfix
from tests.flows.payments import taken_over
from tests.flows.storefront import Storefront, now
from tests.sandbox.functions import role
from tests.settled import settle
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]

NAME = "CodeDeployHook_check"
GROUP = {"applicationName": "catalog", "deploymentGroupName": "production"}
APPSPEC = """
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "{definition}"
        LoadBalancerInfo: {{ContainerName: web, ContainerPort: 8000}}
Hooks:
  - AfterAllowTestTraffic: CodeDeployHook_check
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    applications = ("storefront", "catalog", "payments")
    with Sandbox(scale=2 * SCALE, listener_ports=EPHEMERAL, applications=applications) as running:
        yield running


def serve(shop: Storefront, call: Callable[[dict[str, Any]], Any], name: str = NAME) -> str:
    return shop.sandbox.functions.serve(shop.sandbox.region, name, call).arn


def reporting(status: str, told: list[str]) -> Callable[[dict[str, Any]], None]:
    def check(event: dict[str, Any]) -> None:
        told.append(event["DeploymentId"])
        client("codedeploy").put_lifecycle_event_hook_execution_status(
            deploymentId=event["DeploymentId"],
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status=status,
        )

    return check


def _owner_deploys(shop: Storefront) -> str:
    """As the owner's pipeline does, by an AppSpec of its own."""
    codedeploy, world = client("codedeploy"), shop.sandbox.control.world["codedeploy"]["catalog"]
    content = APPSPEC.format(definition=world["task_definition"])
    spec = {"content": content, "sha256": hashlib.sha256(content.encode()).hexdigest()}
    number = codedeploy.create_deployment(
        **GROUP,
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        revision={"revisionType": "AppSpecContent", "appSpecContent": spec},
    )["deploymentId"]

    def status() -> str:
        return str(codedeploy.get_deployment(deploymentId=number)["deploymentInfo"]["status"])

    wait_for(lambda: status() == "Ready")
    codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="READY_WAIT")
    wait_for(lambda: status() == "Succeeded")
    return str(number)


@pytest.fixture
def catalog(storefront: Storefront) -> Storefront:
    """As it is discovered, with two releases."""
    like, world = storefront.environment, storefront.sandbox.control.world["codedeploy"]["catalog"]
    application = Application.objects.create(slug="catalog", name="Catalog")
    call_command(
        "discover_environment", "catalog/production", "--save",
        "--region", like.region, "--role-arn", like.role_arn, "--external-id", like.external_id,
        "--codedeploy-application", "catalog", "--codedeploy-group", "production",
    )  # fmt: skip
    for version in ("1.0.0", "1.1.0"):
        images = {"web": f"{world['repository_uri']}:{version}"}
        actor = Principal.token("ci")
        register_release(application=application, version=version, images=images, principal=actor, now=now())
    return Storefront(storefront.sandbox, Environment.objects.get(application=application))


def _events(deployment: Deployment) -> dict[str, tuple[str, str]]:
    return {each["name"]: (each["status"], each.get("script", "")) for each in deployment.targets[0]["events"]}


def test_an_appspec_s_hook_is_kept_and_run_and_turns_a_release_back(catalog: Storefront) -> None:
    told: list[str] = []
    serve(catalog, reporting("Succeeded", told))
    _owner_deploys(catalog)
    settings, gateway = freeze(catalog.environment), connect(catalog.environment.binding)
    release = catalog.environment.application.releases.get(version="1.1.0")
    lines = get("CODE_DEPLOY").difference(settings, release.artefact, gateway) or ()
    assert (" ", f"AppSpec hook at AfterAllowTestTraffic: {NAME} (kept)") in lines

    serve(catalog, reporting("Failed", told))
    bad = catalog.finish(catalog.deploy("1.1.0", "AllAtOnce"))
    assert bad.status == Status.ROLLBACK_SUCCESSFUL, bad.status_reason
    assert f"AfterAllowTestTraffic ({NAME}) failed on storefront:catalog" in str(bad.failure)
    assert _events(bad)["AfterAllowTestTraffic"] == ("Failed", NAME)

    serve(catalog, reporting("Succeeded", told))
    good = catalog.deploy("1.1.0", "AllAtOnce")
    catalog.approve(good)
    catalog.finish(good)
    assert good.status == Status.SUCCESSFUL, good.status_reason
    assert _events(good)["AfterAllowTestTraffic"] == ("Succeeded", NAME)
    assert told[1:] == [bad.facts["code_deployment"], good.facts["code_deployment"]]
    kept = f"1 hook of {told[0]}'s AppSpec will run here too: AfterAllowTestTraffic runs {NAME}."
    assert kept in [each["seen"] for each in bad.preflight]


@pytest.fixture
def payments(storefront: Storefront) -> Iterator[Storefront]:
    with taken_over(storefront) as shop:
        (shown,) = client("ecs").describe_services(**PAYMENTS)["services"]
        yield shop
    settle(shop.sandbox)
    _configure(shown["deploymentConfiguration"])


PAYMENTS = {"cluster": "storefront", "services": ["payments"]}
STAGE = "POST_SCALE_UP"


def _configure(configuration: dict[str, Any]) -> None:
    client("ecs").update_service(cluster="storefront", service="payments", deploymentConfiguration=configuration)


def _configuration() -> dict[str, Any]:
    (shown,) = client("ecs").describe_services(**PAYMENTS)["services"]
    return dict(shown["deploymentConfiguration"])


def _owners_function(shop: Storefront, *answers: dict[str, Any]) -> list[str]:
    """On the service as its owner has set it up: ECS asks it after the tasks have started; what it was asked."""
    left, asked = list(answers), []

    def check(event: dict[str, Any]) -> dict[str, Any]:
        asked.append(event["lifecycleStage"])
        return left.pop(0) if len(left) > 1 else left[0]

    name = f"invokes-{uuid.uuid4().hex[:6]}"
    role_arn = role(shop.sandbox, name, "ecs.amazonaws.com", "lambda:InvokeFunction")
    hook = {"hookTargetArn": serve(shop, check, "check"), "roleArn": role_arn, "lifecycleStages": [STAGE]}
    _configure({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1, "lifecycleHooks": [hook]})
    return asked


def _ecs_itself(shop: Storefront, arn: str) -> dict[str, Any]:
    return dict(client("ecs").describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])


def test_a_lambda_hook_of_ecs_runs_and_after_us_nobody_is_held_by_a_pause_of_ours(payments: Storefront) -> None:
    asked = _owners_function(payments, {"hookStatus": "IN_PROGRESS", "callBackDelay": 10}, {"hookStatus": "SUCCEEDED"})
    before = _configuration()["lifecycleHooks"]
    settings, gateway = freeze(payments.environment), connect(payments.environment.binding)
    release = payments.environment.application.releases.get(version="1.1.0")
    lines = get("ECS").difference(settings, release.artefact, gateway) or ()
    assert (" ", f"Lambda hook at {STAGE}: check (kept)") in lines

    deployment = payments.deploy("1.1.0", "BLUE_GREEN")
    payments.approve(deployment)
    payments.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert asked == [STAGE, STAGE]
    (event,) = deployment.targets[0]["events"]
    assert (event["name"], event["script"], event["status"]) == (STAGE, "check", "Succeeded")
    assert _configuration()["lifecycleHooks"] == before

    pipeline = client("ecs").update_service(cluster="storefront", service="payments", taskDefinition=a_hotfix(payments))
    arn = pipeline["service"]["currentServiceDeployment"]
    wait_for(lambda: _ecs_itself(payments, arn)["status"] == "SUCCESSFUL")


def test_a_lambda_hook_that_fails_turns_back_by_its_name(payments: Storefront) -> None:
    _owners_function(payments, {"hookStatus": "FAILED"})
    before = _configuration()["lifecycleHooks"]

    deployment = payments.finish(payments.deploy("1.6.0", "BLUE_GREEN"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "The owner's hook check failed: see the function's log" in str(deployment.failure)
    assert deployment.targets[0]["events"][0]["status"] == "Failed"
    assert _configuration()["lifecycleHooks"] == before


def test_whoever_deploys_beside_us_hears_which_pause_of_ours_holds_them(payments: Storefront) -> None:
    _owners_function(payments, {"hookStatus": "SUCCEEDED"})
    before = _configuration()["lifecycleHooks"]
    first = payments.deploy("1.1.0", "BLUE_GREEN")
    payments.to_the_gate(first)

    pipeline = client("ecs").update_service(cluster="storefront", service="payments", taskDefinition=a_hotfix(payments))
    arn = pipeline["service"]["currentServiceDeployment"]
    payments.look_again(first)
    payments.finish(first)

    assert first.status == Status.ROLLBACK_FAILED, first.status_reason
    assert "Tealgate's pause at POST_TEST_TRAFFIC_SHIFT stood on payments, so ECS holds it there" in first.status_reason
    assert _configuration()["lifecycleHooks"] == before
    wait_for(
        lambda: any(each["status"] == "AWAITING_ACTION" for each in _ecs_itself(payments, arn)["lifecycleHookDetails"])
    )
    second = payments.finish(payments.deploy("1.1.0", "BLUE_GREEN"))
    assert second.status == Status.STOPPED
    assert "which is not Tealgate's, waits at the pause ecs-pause-" in second.status_reason
    assert "It is the pause of this environment's gate, from an earlier deployment of Tealgate." in second.status_reason
