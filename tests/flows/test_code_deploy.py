"""CodeDeploy shifts the traffic of an ECS service, told and watched by us, with real processes and real traffic."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from deployments.aws.sessions import connect
from deployments.catalog import unattended
from deployments.catalog.models import Application, Environment, GatePolicy, SmokeCheck
from deployments.catalog.releases import register_release
from deployments.delivery import approvals, turning_back, warm_time
from deployments.delivery.adoption import adopt
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from sandbox.server import Sandbox
from sandbox.world.names import CLUSTER
from tests.flows import bad_images, ledger, pipeline
from tests.flows.clients import client
from tests.flows.conftest import EPHEMERAL, SCALE
from tests.flows.ledger import Ledger
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic, answers
from tests.settled import settle
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        scale=2 * SCALE,
        listener_ports=EPHEMERAL | dict.fromkeys(ledger.PORTS, 0),
        applications=("storefront", "catalog"),
    ) as running:
        yield running


_built: dict[str, Ledger] = {}


@pytest.fixture
def built(storefront: Storefront) -> Iterator[Ledger]:
    if storefront.sandbox.url not in _built:
        _built[storefront.sandbox.url] = ledger.build(storefront.sandbox)
        settle(storefront.sandbox)
    made = _built[storefront.sandbox.url]
    yield made
    made.regroup()


@pytest.fixture
def shop(storefront: Storefront, built: Ledger) -> Storefront:
    environment = ledger.environment(built, storefront.environment, storefront.sandbox)
    SmokeCheck.objects.create(environment=environment, path="/healthz")
    GatePolicy.objects.create(environment=environment, stage=Stage.PRE_PRODUCTION_TRAFFIC_SHIFT)
    return Storefront(storefront.sandbox, environment)


def _live(shop: Storefront) -> str:
    rule = connect(shop.environment.binding).rule(shop.environment.production_rule)
    return next(slot.value for slot, group in shop.environment.target_groups.items() if rule.share(group) == 100)


def _at_bake(shop: Storefront, deployment: Deployment) -> Deployment:
    return shop.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)


def _keep_warm(built: Ledger) -> None:
    """Longer than any test here lasts; put back by the fixture."""
    swap = built.group["blueGreenDeploymentConfiguration"]
    ending = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 600}
    built.regroup(blueGreenDeploymentConfiguration=swap | {"terminateBlueInstancesOnDeploymentSuccess": ending})


def _newest() -> str:
    return str(
        client("codedeploy").list_deployments(applicationName=ledger.NAME, deploymentGroupName=ledger.NAME)[
            "deployments"
        ][0]
    )


def test_a_preset_shifts_after_the_gate_and_loses_no_request(shop: Storefront) -> None:
    before = _live(shop)
    with Traffic(shop.environment.production_url) as traffic:
        deployment = shop.deploy("1.1.0", "Canary10Percent15Minutes")
        gate = shop.to_the_gate(deployment)
        assert gate.stage == Stage.PRE_PRODUCTION_TRAFFIC_SHIFT
        assert gate.evidence["smoke"][0]["ok"]
        shop.approve(deployment)
        shop.go(deployment, lambda d: d.percent == 10)
        shop.sandbox.skip(15 * 60)
        shop.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert _live(shop) != before
    assert traffic.lost == 0
    events = deployment.targets[0]["events"]
    assert [event["name"] for event in events][:2] == ["BeforeInstall", "Install"]
    assert {event["status"] for event in events} == {"Succeeded"}


def test_the_groups_own_configuration_with_the_warm_time_ended_by_a_click(shop: Storefront, built: Ledger) -> None:
    _keep_warm(built)
    deployment = shop.deploy("1.6.0", "GROUP_CONFIG")
    shop.approve(deployment)
    _at_bake(shop, deployment)
    assert deployment.source_kept_until is not None

    warm_time.finish_now(deployment=deployment, principal=Principal.person(shop.manager), now=now())
    shop.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    orders = [event.data["action"] for event in deployment.events.filter(kind="aws.ContinueDeployment")]
    assert [order["wait"] for order in orders] == ["READY_WAIT", "TERMINATION_WAIT"]


def test_a_rejection_stops_it_and_follows_the_roll_back(shop: Storefront) -> None:
    before = _live(shop)
    deployment = shop.deploy("1.1.0", "AllAtOnce")
    gate = shop.to_the_gate(deployment)

    approvals.reject(gate=gate, principal=Principal.person(shop.approver), comment="not today", now=now())
    shop.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert _live(shop) == before
    assert "rolled it back by d-" in deployment.status_reason


def test_while_the_source_is_warm_a_click_rolls_back_with_memory_and_variables(
    shop: Storefront, built: Ledger, tmp_path: Path
) -> None:
    """The release is what a pipeline leaves in its folder: a task definition with a commit's changes among it."""
    _keep_warm(built)
    Environment.objects.filter(pk=shop.environment.pk).update(definition_base="RELEASE")
    pipeline.register(shop, "1.6.1", tmp_path, image="1.6.0", memory="1024", level="debug")
    before, (memory, variables) = _live(shop), pipeline.runs(shop)
    with Traffic(shop.environment.production_url) as traffic:
        deployment = shop.deploy("1.6.1", "AllAtOnce")
        shop.approve(deployment)
        _at_bake(shop, deployment)
        assert _live(shop) != before
        _, new = pipeline.runs(shop)
        assert {"debug", "on"} <= {each.get(name, "") for each in new for name in ("LOG_LEVEL", "PAYMENTS")}
        turning_back.roll_back(deployment=deployment, principal=Principal.person(shop.manager), now=now())
        shop.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert _live(shop) == before
    assert traffic.lost == 0
    changed = [f"{sign} {text.strip().rstrip(',')}" for sign, text in deployment.facts["difference"] if sign == "+"]
    assert {'+ "memory": "1024"', '+ "LOG_LEVEL (another value)"', '+ "PAYMENTS"'} <= set(changed)
    assert "debug" not in str([deployment.facts, *deployment.events.values_list("data", flat=True)])
    wait_for(lambda: pipeline.runs(shop)[0] == memory == {"512"})
    assert [each.get("LOG_LEVEL") for each in pipeline.runs(shop)[1]] == [each["LOG_LEVEL"] for each in variables]
    assert not any("PAYMENTS" in each for each in pipeline.runs(shop)[1])


def test_roll_back_when_codedeploy_has_just_finished_deploys_the_source_again(shop: Storefront) -> None:
    before, source = _live(shop), adopt(environment=shop.environment, now=now())
    release = "1.1.0" if source.version == "1.6.0" else "1.6.0"
    deployment = shop.deploy(release, "AllAtOnce")
    shop.approve(deployment)
    _at_bake(shop, deployment)
    shop.sandbox.skip(5 * 60)
    number, gateway = deployment.facts["code_deployment"], connect(shop.environment.binding)
    wait_for(lambda: gateway.code_deployment(number).status == "Succeeded")

    with Traffic(shop.environment.production_url) as traffic:
        turning_back.stop(deployment=deployment, principal=Principal.person(shop.manager), now=now())
        shop.finish(deployment)

    shop.environment.refresh_from_db()
    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert f"again by {_newest()}" in deployment.status_reason
    assert (_live(shop), shop.environment.live_slot) == (before, before)
    assert shop.environment.live_release == source
    assert (traffic.lost, set(traffic.versions)) == (0, {release, source.version})
    assert answers(shop.environment.production_url) == source.version


def test_a_release_that_never_gets_healthy_is_given_up(shop: Storefront) -> None:
    before = _live(shop)
    shop.environment.scale_up_timeout_seconds = 3
    shop.environment.save()
    deployment = shop.finish(shop.deploy("1.3.0", "AllAtOnce"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "was not ready after 3 s" in deployment.status_reason
    assert "Health checks failed with these codes: [503]" in deployment.status_reason
    assert _live(shop) == before
    assert deployment.failure
    assert deployment.failure["log"]


def test_stopped_behind_our_back(shop: Storefront) -> None:
    before = _live(shop)
    deployment = shop.deploy("1.1.0", "AllAtOnce")
    shop.to_the_gate(deployment)

    client("codedeploy").stop_deployment(deploymentId=deployment.facts["code_deployment"], autoRollbackEnabled=True)
    shop.look_again(deployment)
    shop.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "Somebody stopped it in CodeDeploy" in deployment.status_reason
    assert _live(shop) == before


def test_continued_behind_our_back(shop: Storefront) -> None:
    before = _live(shop)
    deployment = shop.deploy("1.1.0", "AllAtOnce")
    shop.to_the_gate(deployment)

    client("codedeploy").continue_deployment(
        deploymentId=deployment.facts["code_deployment"], deploymentWaitType="READY_WAIT"
    )
    wait_for(lambda: _live(shop) != before)
    shop.look_again(deployment)
    shop.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "somebody continued it" in deployment.status_reason
    assert _live(shop) == before


def test_a_busy_group_fails_closed(shop: Storefront) -> None:
    first = shop.deploy("1.1.0", "AllAtOnce")
    shop.to_the_gate(first)
    theirs = _newest()
    Deployment.objects.filter(pk=first.pk).update(status=Status.STOPPED)

    second = shop.finish(shop.deploy("1.6.0", "AllAtOnce"))

    assert second.status == Status.STOPPED
    assert f"{theirs} is running in ledger (Ready)" in second.status_reason
    client("codedeploy").stop_deployment(deploymentId=theirs, autoRollbackEnabled=True)


def test_a_lost_answer_is_found_by_the_description(shop: Storefront) -> None:
    shop.sandbox.faults.add("lost_response", service="codedeploy", operation="CreateDeployment", times=1)

    deployment = shop.deploy("1.1.0", "AllAtOnce")
    shop.approve(deployment)

    kinds = [event.kind for event in deployment.events.all()]
    assert (kinds.count("aws.trouble"), kinds.count("aws.CreateDeployment")) == (1, 1)
    assert deployment.facts["code_deployment"] == _newest()
    turning_back.stop(deployment=deployment, principal=Principal.person(shop.manager), now=now())
    assert shop.finish(deployment).status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason


def test_a_group_that_does_not_wait_is_refused_where_people_decide(shop: Storefront, built: Ledger) -> None:
    swap = built.group["blueGreenDeploymentConfiguration"]
    built.regroup(
        blueGreenDeploymentConfiguration=swap | {"deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}}
    )

    deployment = shop.finish(shop.deploy("1.1.0", "AllAtOnce"))

    assert deployment.status == Status.STOPPED
    assert "Set deploymentReadyOption.actionOnTimeout of the group to STOP_DEPLOYMENT" in deployment.status_reason


def test_what_was_discovered_by_its_group_can_be_deployed_to(storefront: Storefront) -> None:
    like, world = storefront.environment, storefront.sandbox.control.world["codedeploy"]["catalog"]
    application = Application.objects.create(slug="catalog", name="Catalog")
    call_command(
        "discover_environment", "catalog/production", "--save",
        "--region", like.region, "--role-arn", like.role_arn, "--external-id", like.external_id,
        "--codedeploy-application", "catalog", "--codedeploy-group", "production",
    )  # fmt: skip
    register_release(
        application=application,
        version="1.1.0",
        images={"web": f"{world['repository_uri']}:1.1.0"},
        principal=Principal.token("ci"),
        now=now(),
    )
    catalog = Storefront(storefront.sandbox, Environment.objects.get(application=application))
    before = _live(catalog)

    with Traffic(_address(catalog, world["production_port"])) as traffic:
        deployment = catalog.deploy("1.1.0", "GROUP_CONFIG")
        gate = catalog.to_the_gate(deployment)
        assert gate.stage == Stage.PRE_PRODUCTION_TRAFFIC_SHIFT
        assert [group.name for group in gate.groups.all()] == ["Approvers"]
        assert (_live(catalog), set(traffic.versions)) == (before, {"1.0.0"})
        catalog.approve(deployment)
        catalog.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert _live(catalog) != before
    assert traffic.lost == 0
    assert set(traffic.versions) == {"1.0.0", "1.1.0"}


def test_a_group_that_waits_is_refused_without_a_gate_unless_somebody_says_so(shop: Storefront) -> None:
    GatePolicy.objects.filter(environment=shop.environment).delete()
    SmokeCheck.objects.filter(environment=shop.environment).delete()

    refused = shop.finish(shop.deploy("1.1.0", "AllAtOnce"))

    assert refused.status == Status.STOPPED
    assert "but the environment has no gate there, so nobody would be asked" in refused.status_reason
    root = Principal.person(User.objects.create_superuser("root"))
    unattended.let_go_on(environment=shop.environment, principal=root, reason="a test", now=now())
    deployment = shop.finish(shop.deploy("1.1.0", "AllAtOnce"))
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    went_on = deployment.events.filter(kind="aws.ContinueDeployment").get()
    assert "root said at" in went_on.message
    assert "that nobody has to approve: a test." in went_on.message


def _address(shop: Storefront, port: int) -> str:
    return next(str(each["Url"]) for each in shop.sandbox.load_balancers.listeners() if each["Port"] == port)


def test_a_release_that_hangs_while_the_source_is_kept_is_turned_back(shop: Storefront, built: Ledger) -> None:
    _keep_warm(built)
    before, version = _live(shop), bad_images.hangs(shop, scale=2 * SCALE)

    deployment = shop.deploy(version, "GROUP_CONFIG")
    shop.approve(deployment)
    _at_bake(shop, deployment)
    shop.finish(deployment)

    assert (deployment.status, _live(shop)) == (Status.ROLLBACK_SUCCESSFUL, before)
    assert re.search(bad_images.HUNG, deployment.status_reason)


def test_a_release_that_is_killed_for_its_memory_is_turned_back(shop: Storefront, built: Ledger) -> None:
    _keep_warm(built)
    Environment.objects.filter(pk=shop.environment.pk).update(max_stopped_tasks=0)
    before, version = _live(shop), bad_images.takes_much_memory(shop)

    deployment = shop.deploy(version, "GROUP_CONFIG")
    shop.approve(deployment)
    _at_bake(shop, deployment)
    bad_images.kill(shop)
    shop.finish(deployment)

    assert (deployment.status, _live(shop)) == (Status.ROLLBACK_SUCCESSFUL, before)
    assert bad_images.KILLED in deployment.status_reason


def test_without_a_task_an_approval_moves_nothing(shop: Storefront, built: Ledger) -> None:
    """Scheduled scaling, for one, may set the service to 0 while people think."""
    before, service = _live(shop), {"cluster": CLUSTER, "service": ledger.NAME}
    deployment = shop.deploy("1.1.0", "GROUP_CONFIG")
    shop.to_the_gate(deployment)

    client("ecs").update_service(**service, desiredCount=0)
    wait_for(lambda: not _running())
    shop.approve(deployment)
    shop.finish(deployment)
    client("ecs").update_service(**service, desiredCount=2)
    wait_for(lambda: _running() == 2)

    assert (deployment.status, _live(shop)) == (Status.ROLLBACK_SUCCESSFUL, before)
    assert "was not told to go on" in deployment.status_reason


def _running() -> int:
    seen = client("ecs").describe_services(cluster=CLUSTER, services=[ledger.NAME])
    return int(seen["services"][0]["runningCount"])
