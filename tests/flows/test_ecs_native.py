"""ECS's own canary, held by our gates, with real processes and real traffic."""

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from deployments.aws.actions import ContinueServiceDeployment, StopServiceDeployment
from deployments.aws.listeners import listener_of
from deployments.aws.sessions import connect
from deployments.catalog.models import Environment, GatePolicy
from deployments.delivery import approvals, turning_back
from deployments.delivery.adoption import adopt
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Slot, Stage, Status
from tests.flows import bad_images
from tests.flows.clients import client
from tests.flows.conftest import SCALE
from tests.flows.payments import reached_by_lattice, taken_over
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic, answers
from tests.sandbox.lattice import Lattice
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront", "payments", "legacy-api")

#: AWS seconds that outlast any test here; what has been seen of them is skipped.
LONG = 10_800


@pytest.fixture
def payments(storefront: Storefront) -> Iterator[Storefront]:
    with taken_over(storefront) as shop:
        yield shop


def _service() -> Any:
    return client("ecs").describe_services(cluster="storefront", services=["payments"])["services"][0]


def _live(shop: Storefront) -> str:
    rule = connect(shop.environment.binding).rule(shop.environment.production_rule)
    return next(slot.value for slot, group in shop.environment.target_groups.items() if rule.share(group) == 100)


@pytest.fixture
def lattice(payments: Storefront) -> Iterator[Lattice]:
    with reached_by_lattice(payments) as made:
        yield made


def test_ecs_shifts_after_the_gate_and_loses_no_request(payments: Storefront, lattice: Lattice) -> None:
    before, there = _live(payments), lattice.weights()
    Environment.objects.filter(pk=payments.environment.pk).update(canary_bake_seconds=LONG)
    with Traffic(payments.environment.production_url) as traffic:
        deployment = payments.deploy("1.1.0")
        gate = payments.to_the_gate(deployment)
        assert gate.evidence["smoke"][0]["ok"]
        payments.approve(deployment)
        payments.go(deployment, lambda d: d.percent == 10)
        shared = lattice.weights()
        payments.sandbox.skip(LONG)
        payments.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert _live(payments) != before
    assert traffic.lost == 0
    assert (sorted(shared), lattice.weights()) == ([10, 90], there[::-1])
    assert [way["rule"] for way in deployment.facts["lattice"]] == [lattice.rule["arn"]]


def test_a_rejection_is_answered_with_rollback(payments: Storefront) -> None:
    before = _live(payments)
    deployment = payments.deploy("1.6.0")
    gate = payments.to_the_gate(deployment)

    approvals.reject(gate=gate, principal=Principal.person(payments.approver), comment="not today", now=now())
    payments.finish(deployment)

    assert (deployment.status, _live(payments)) == (Status.ROLLBACK_SUCCESSFUL, before)
    assert "ContinueServiceDeployment" in " ".join(deployment.events.values_list("kind", flat=True))


def test_roll_back_while_ecs_bakes_stops_its_deployment(payments: Storefront) -> None:
    before = _live(payments)
    Environment.objects.filter(pk=payments.environment.pk).update(bake_seconds=LONG)
    deployment = payments.deploy("1.6.0", "BLUE_GREEN")
    payments.approve(deployment)
    payments.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    assert deployment.is_warm

    turning_back.roll_back(deployment=deployment, principal=Principal.person(payments.manager), now=now())
    payments.finish(deployment)

    assert (deployment.status, _live(payments)) == (Status.ROLLBACK_SUCCESSFUL, before)


def test_roll_back_when_ecs_has_just_finished_deploys_the_source_again(payments: Storefront) -> None:
    before, source = _live(payments), adopt(environment=payments.environment, now=now())
    Environment.objects.filter(pk=payments.environment.pk).update(bake_seconds=60)
    release = "1.1.0" if source.version == "1.6.0" else "1.6.0"
    deployment = payments.deploy(release, "BLUE_GREEN")
    payments.approve(deployment)
    payments.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    wait_for(lambda: _status(payments, deployment.facts["service_deployment"]) == Status.SUCCESSFUL)

    with Traffic(payments.environment.production_url) as traffic:
        turning_back.roll_back(deployment=deployment, principal=Principal.person(payments.manager), now=now())
        payments.finish(deployment)

    said = deployment.events.values_list("message", flat=True)
    # What is live meanwhile is looked at in tests/delivery/engine/test_overtaken.py: here it may be over in one pass.
    assert any("before it could be turned back: it has all traffic" in message for message in said), list(said)
    payments.environment.refresh_from_db()
    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "ECS had finished, so it deployed" in deployment.status_reason
    assert (_live(payments), payments.environment.live_slot) == (before, before)
    assert payments.environment.live_release == source
    assert (traffic.lost, set(traffic.versions)) == (0, {release, source.version})
    assert answers(payments.environment.production_url) == source.version


def test_a_rule_that_is_made_while_ecs_bakes_is_told_at_the_end(payments: Storefront) -> None:
    before = payments.environment.target_groups[Slot(_live(payments))]
    Environment.objects.filter(pk=payments.environment.pk).update(bake_seconds=LONG)
    deployment = payments.deploy("1.1.0", "BLUE_GREEN")
    payments.approve(deployment)
    payments.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    elb = client("elbv2")
    made = elb.create_rule(
        ListenerArn=listener_of(payments.environment.production_rule),
        Priority=900,
        Conditions=[{"Field": "path-pattern", "Values": ["/version"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": before}],
    )["Rules"][0]["RuleArn"]

    payments.sandbox.skip(LONG)
    payments.finish(deployment)
    elb.delete_rule(RuleArn=made)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert f"The rule {made} still sends requests with path /version on port" in deployment.status_reason


@pytest.fixture
def owners_settings(payments: Storefront) -> Iterator[None]:
    pause = {"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]}
    own = {
        "strategy": "BLUE_GREEN",
        "bakeTimeInMinutes": 7,
        "lifecycleHooks": [pause],
        "alarms": {"alarmNames": ["storefront-production-5xx"], "enable": True, "rollback": False},
    }
    ecs = boto3.client("ecs", region_name=payments.environment.region)
    (shown,) = ecs.describe_services(cluster="storefront", services=["payments"])["services"]
    ecs.update_service(cluster="storefront", service="payments", deploymentConfiguration=own)
    yield
    before = shown["deploymentConfiguration"]
    ecs.update_service(cluster="storefront", service="payments", deploymentConfiguration=before)


@pytest.mark.usefixtures("owners_settings")
def test_the_owners_hook_and_alarm_are_there_while_ecs_deploys_and_alone_again_after_it(payments: Storefront) -> None:
    before = _configuration(payments)
    deployment = payments.deploy("1.1.0")

    payments.go(deployment, lambda d: _awaiting(payments, d))
    during = _configuration(payments)
    assert [hook["lifecycleStages"] for hook in during["lifecycleHooks"]] == [
        ["PRE_SCALE_UP"],
        ["POST_TEST_TRAFFIC_SHIFT"],
    ]
    assert during["alarms"]["alarmNames"] == ["storefront-production-5xx", *payments.environment.alarms.splitlines()]
    _answer(payments, deployment)
    payments.approve(deployment)
    payments.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert _configuration(payments) == before


@pytest.mark.usefixtures("owners_settings")
def test_the_owners_hook_and_alarm_are_there_after_a_roll_back(payments: Storefront) -> None:
    before = _configuration(payments)
    deployment = payments.deploy("1.6.0")
    payments.go(deployment, lambda d: _awaiting(payments, d))
    _answer(payments, deployment)
    gate = payments.to_the_gate(deployment)

    approvals.reject(gate=gate, principal=Principal.person(payments.approver), comment="not today", now=now())
    payments.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert _configuration(payments) == before


def _configuration(shop: Storefront) -> dict[str, Any]:
    """Without what says nothing with another strategy: AWS has no way to take it out."""
    ecs = boto3.client("ecs", region_name=shop.environment.region)
    (shown,) = ecs.describe_services(cluster="storefront", services=["payments"])["services"]
    configuration: dict[str, Any] = shown["deploymentConfiguration"]
    configuration.pop("canaryConfiguration", None)
    return configuration


def _awaiting(shop: Storefront, deployment: Deployment) -> str:
    """The id of the owner's own hook, while ECS waits for an answer to it."""
    arn = deployment.facts.get("service_deployment")
    native = connect(shop.environment.binding).service_deployments([arn])[arn] if arn else None
    return native.awaiting.id if native and native.awaiting and native.stage == "PRE_SCALE_UP" else ""


def _answer(shop: Storefront, deployment: Deployment) -> None:
    connect(shop.environment.binding).perform(
        ContinueServiceDeployment(
            service_deployment=deployment.facts["service_deployment"],
            hook=_awaiting(shop, deployment),
            answer="CONTINUE",
        )
    )


def test_a_gate_before_every_step_has_a_hook_of_its_own(payments: Storefront) -> None:
    GatePolicy.objects.create(environment=payments.environment, stage=Stage.PRE_PRODUCTION_TRAFFIC_SHIFT)
    payments.environment.gate_policies.filter(stage=Stage.POST_TEST_TRAFFIC_SHIFT).delete()
    deployment = payments.deploy("1.6.0")

    for _ in range(2):
        payments.approve(deployment)
        payments.go(deployment, lambda d: not d.gates.open().exists())
    payments.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    answered: list[Any] = deployment.facts["answered"]
    assert len(set(answered)) == 3  # the checks' hook and one a step


def test_a_restart_in_the_console_brings_nothing_that_was_not_approved(payments: Storefront) -> None:
    before = answers(payments.environment.production_url)
    deployment = payments.deploy("1.1.0")
    payments.to_the_gate(deployment)
    client = boto3.client("ecs", region_name=payments.environment.region)

    client.update_service(cluster="storefront", service="payments", forceNewDeployment=True)
    payments.look_again(deployment)
    payments.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "another deployment of the service was started" in deployment.status_reason
    assert "again and removed the release's tasks" in deployment.status_reason
    assert {answers(payments.environment.production_url) for _ in range(10)} == {before}


def test_stopped_in_the_console_while_people_decide(payments: Storefront) -> None:
    before = _live(payments)
    deployment = payments.deploy("1.1.0")
    payments.to_the_gate(deployment)
    connect(payments.environment.binding).perform(
        StopServiceDeployment(service_deployment=deployment.facts["service_deployment"])
    )

    payments.look_again(deployment)
    payments.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "ECS turned it back: " in deployment.status_reason
    assert _live(payments) == before


def test_a_hook_that_runs_out_is_told(payments: Storefront) -> None:
    before = _live(payments)
    payments.environment.gate_policies.update(timeout_minutes=LONG // 60)
    deployment = payments.deploy("1.1.0")
    payments.to_the_gate(deployment)
    arn = deployment.facts["service_deployment"]

    payments.sandbox.skip(LONG)
    wait_for(lambda: _hooks(payments, arn) == {"TIMED_OUT"})
    payments.look_again(deployment)
    payments.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "nobody answered its pause hook in time" in deployment.status_reason
    assert _live(payments) == before


def _status(shop: Storefront, arn: str) -> str:
    return connect(shop.environment.binding).service_deployments([arn])[arn].status


def _hooks(shop: Storefront, arn: str) -> set[str]:
    return {hook.status for hook in connect(shop.environment.binding).service_deployments([arn])[arn].hooks}


def test_an_unfit_service_is_stopped_by_preflight(payments: Storefront) -> None:
    Environment.objects.filter(pk=payments.environment.pk).update(service="legacy-api")

    deployment = payments.finish(payments.deploy("1.1.0"))

    assert deployment.status == Status.STOPPED
    assert "no advancedConfiguration" in deployment.status_reason


def test_a_release_that_hangs_while_ecs_bakes_is_turned_back(payments: Storefront) -> None:
    before, version = _live(payments), bad_images.hangs(payments, scale=SCALE)
    served = answers(payments.environment.production_url)
    Environment.objects.filter(pk=payments.environment.pk).update(bake_seconds=LONG)

    deployment = payments.deploy(version, "BLUE_GREEN")
    payments.approve(deployment)
    payments.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    payments.finish(deployment)

    assert (deployment.status, _live(payments)) == (Status.ROLLBACK_SUCCESSFUL, before)
    assert re.search(bad_images.HUNG, deployment.status_reason)
    assert answers(payments.environment.production_url) == served


def test_a_release_that_is_killed_for_its_memory_is_turned_back(payments: Storefront) -> None:
    before, version = _live(payments), bad_images.takes_much_memory(payments)
    Environment.objects.filter(pk=payments.environment.pk).update(bake_seconds=LONG, max_stopped_tasks=0)

    deployment = payments.deploy(version, "BLUE_GREEN")
    payments.approve(deployment)
    payments.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    bad_images.kill(payments)
    payments.finish(deployment)

    assert (deployment.status, _live(payments)) == (Status.ROLLBACK_SUCCESSFUL, before)
    assert bad_images.KILLED in deployment.status_reason


def test_without_a_task_an_approval_moves_nothing(payments: Storefront) -> None:
    """Scheduled scaling, for one, may set the service to 0 while people think."""
    before, service = _live(payments), {"cluster": "storefront", "service": "payments"}
    deployment = payments.deploy("1.6.0", "BLUE_GREEN")
    payments.to_the_gate(deployment)

    client("ecs").update_service(**service, desiredCount=0)
    wait_for(lambda: not _service()["runningCount"])
    payments.approve(deployment)
    payments.finish(deployment)
    client("ecs").update_service(**service, desiredCount=2)
    wait_for(lambda: _service()["runningCount"] == 2)

    assert (deployment.status, _live(payments)) == (Status.ROLLBACK_SUCCESSFUL, before)
    assert "desired count of 0" in deployment.status_reason
    assert "was not told to go on" in deployment.status_reason
