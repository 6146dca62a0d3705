"""Others deploy beside Tealgate where AWS shifts the traffic: it is told early, and nothing of theirs undone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.sessions import connect
from deployments.catalog import looking
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, GatePolicy, OneOffTask, running
from deployments.delivery import adoption, turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.swaps.code_deploy import appspec
from deployments.vocabulary import Stage, Status
from sandbox.server import Sandbox
from tests.flows import ledger
from tests.flows.clients import client
from tests.flows.conftest import EPHEMERAL, SCALE
from tests.flows.neighbour import a_hotfix
from tests.flows.payments import taken_over
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import answers
from tests.settled import settle
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        scale=2 * SCALE,
        listener_ports=EPHEMERAL | dict.fromkeys(ledger.PORTS, 0),
        applications=("storefront", "payments"),
    ) as running:
        yield running


@pytest.fixture
def payments(storefront: Storefront) -> Iterator[Storefront]:
    """Its gate is before a migration."""
    with taken_over(storefront, gate=Stage.PRE_SCALE_UP) as shop:
        _migrates(shop)
        yield shop


@pytest.fixture(scope="module")
def built(sandbox: Sandbox) -> Iterator[ledger.Ledger]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("ENDPOINT_URL", sandbox.url), ("ACCESS_KEY_ID", "flows"), ("SECRET_ACCESS_KEY", "flows")):
            patch.setenv(f"AWS_{name}", value)
        made = ledger.build(sandbox)
        settle(sandbox)
        yield made


@pytest.fixture
def shop(storefront: Storefront, built: ledger.Ledger) -> Storefront:
    """CodeDeploy's, with a gate before a migration."""
    shop = Storefront(storefront.sandbox, ledger.environment(built, storefront.environment, storefront.sandbox))
    for stage in (Stage.PRE_SCALE_UP, Stage.PRE_PRODUCTION_TRAFFIC_SHIFT):
        GatePolicy.objects.create(environment=shop.environment, stage=stage)
    _migrates(shop)
    return shop


def _migrates(shop: Storefront) -> None:
    OneOffTask.objects.create(environment=shop.environment, name="migrate", command="true")


def _runs(shop: Storefront) -> set[str]:
    tasks = connect(shop.environment.binding).running_tasks(shop.environment.cluster, shop.environment.service)
    return {task.task_definition for task in tasks if task.last_status == "RUNNING"}


def _ran_nothing(deployment: Deployment) -> bool:
    return not deployment.events.filter(kind="aws.RunTask").exists()


def test_the_source_is_deployed_again_by_its_digests_although_the_tag_has_moved(payments: Storefront) -> None:
    _by_tag(payments)
    Environment.objects.filter(pk=payments.environment.pk).update(bake_seconds=300)
    deployment = payments.deploy("1.1.0", "BLUE_GREEN")
    payments.approve(deployment)
    payments.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    good = deployment.facts["source_digests"]["web"]
    gateway, arn = connect(payments.environment.binding), deployment.facts["service_deployment"]
    _push(payments, "kept", version="1.0.0")
    _push(payments, "1.0.0", version="1.2.0", behaviour="errors")
    wait_for(lambda: gateway.service_deployments([arn])[arn].status == Status.SUCCESSFUL)

    turning_back.roll_back(deployment=deployment, principal=Principal.person(payments.manager), now=now())
    payments.finish(deployment)
    _push(payments, "1.0.0", version="1.0.0")

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "with the digests that ran before" in deployment.status_reason
    assert answers(payments.environment.production_url) == "1.0.0"
    assert _digests(payments) == {good}
    assert _runs(payments) == {deployment.facts["source_pinned"]}


def _by_tag(shop: Storefront) -> None:
    """The seeded task definition, which names a tag."""
    ecs, place = client("ecs"), {"cluster": "storefront", "service": "payments"}
    (shown,) = ecs.describe_services(cluster="storefront", services=["payments"])["services"]
    if shown["taskDefinition"].endswith("/payments:1"):
        return
    at_once = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": []}
    ecs.update_service(**place, taskDefinition="payments:1", deploymentConfiguration=at_once)
    settle(shop.sandbox)
    ecs.update_service(**place, deploymentConfiguration=shown["deploymentConfiguration"])


def _push(shop: Storefront, tag: str, **image: str) -> None:
    shop.sandbox.push({"repository": "storefront", "tag": tag, **image})


def _digests(shop: Storefront) -> set[str]:
    tasks = connect(shop.environment.binding).running_tasks(shop.environment.cluster, shop.environment.service)
    return {task.digests["web"] for task in tasks if task.last_status == "RUNNING"}


def test_a_hotfix_at_the_gate_before_a_migration_is_named_before_anybody_clicks(payments: Storefront) -> None:
    deployment = payments.deploy("1.1.0")
    payments.to_the_gate(deployment)
    hotfix = a_hotfix(payments)

    client("ecs").update_service(cluster="storefront", service="payments", taskDefinition=hotfix)
    payments.look_again(deployment)
    payments.finish(deployment)

    assert deployment.status == Status.STOPPED
    assert f"payments runs {hotfix.rpartition('/')[2]} since 20" in deployment.status_reason
    assert "It was changed outside Tealgate (ECS's deployment ecs-svc/" in deployment.status_reason
    assert "Production was not touched" in deployment.status_reason
    assert _ran_nothing(deployment)
    service = connect(payments.environment.binding).services("storefront", ["payments"])["payments"]
    assert service.task_definition == hotfix


def test_a_forced_restart_while_ecs_bakes_is_followed_and_said(payments: Storefront) -> None:
    payments.environment.bake_seconds = 60 * 60
    payments.environment.save()
    deployment = payments.deploy("1.6.0", "BLUE_GREEN")
    payments.approve(deployment)
    payments.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)

    client("ecs").update_service(cluster="storefront", service="payments", forceNewDeployment=True)
    payments.go(deployment, lambda d: d.facts.get("restarted") and d.percent == 100)
    payments.sandbox.skip(60 * 60)
    payments.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    said = list(deployment.events.values_list("message", flat=True))
    assert any(message.startswith("Somebody started its tasks anew since") for message in said), said
    assert _runs(payments) == {deployment.facts["task_definition"]}


def test_another_deployment_of_codedeploy_in_between_is_named_and_stays(shop: Storefront) -> None:
    deployment = shop.deploy("1.1.0", "AllAtOnce")
    shop.to_the_gate(deployment)
    hotfix = a_hotfix(shop)

    theirs = _deployed_by_somebody(shop, hotfix)
    shop.look_again(deployment)
    shop.finish(deployment)

    assert deployment.status == Status.STOPPED
    assert f"ledger runs {hotfix.rpartition('/')[2]}, which is not ledger:" in deployment.status_reason
    assert f"(CodeDeploy's deployment {theirs} of 20" in deployment.status_reason
    assert _ran_nothing(deployment)
    assert hotfix in _runs(shop)


def test_what_a_pipeline_deployed_is_seen_on_the_board_within_one_look_and_adopted(shop: Storefront) -> None:
    adoption.adopt(environment=shop.environment, now=now())
    before, other = shop.environment.live_release, shop.environment.application.releases.get(version="1.6.0")
    _deployed_by_somebody(shop, a_hotfix(shop, other.images.get().pinned))

    looking.look(now() + timedelta(minutes=10), connect)
    shop.environment.refresh_from_db()
    said = running.sentence(shop.environment)
    assert said.startswith("Runs 1.6.0 (storefront@sha256:"), said
    assert f"which is not {before}".replace("storefront ", "") in said
    assert answers(shop.environment.production_url) == "1.6.0"
    assert shop.environment.live_slot != _live_slot(shop)

    adoption.adopt(environment=shop.environment, now=now())
    assert (shop.environment.live_release, shop.environment.outside) == (other, None)
    assert shop.environment.live_slot == _live_slot(shop)
    kinds = Event.objects.filter(chain__name=f"environment:{shop.environment.pk}").values_list("kind", flat=True)
    assert list(kinds.order_by("pk")) == ["environment.adopted", "environment.differs", "environment.adopted"]


def _live_slot(shop: Storefront) -> str:
    rule = connect(shop.environment.binding).rule(shop.environment.production_rule)
    return next(slot for slot, group in shop.environment.target_groups.items() if rule.share(group) == 100)


def _deployed_by_somebody(shop: Storefront, task_definition: str) -> str:
    gateway, codedeploy = connect(shop.environment.binding), client("codedeploy")
    service = gateway.services("storefront", [ledger.NAME])[ledger.NAME]
    made: dict[str, Any] = codedeploy.create_deployment(
        applicationName=ledger.NAME,
        deploymentGroupName=ledger.NAME,
        revision=appspec.revision(freeze(shop.environment), service, task_definition),
    )
    number = str(made["deploymentId"])
    wait_for(lambda: gateway.code_deployment(number).status == "Ready", within=60)
    codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="READY_WAIT")
    wait_for(lambda: gateway.code_deployment(number).termination_wait_started, within=60)
    codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="TERMINATION_WAIT")
    wait_for(lambda: gateway.code_deployment(number).status == "Succeeded", within=60)
    return number
