"""Everything that makes a deployment turn back by itself, seen with real processes and real traffic."""

import boto3
import pytest

from deployments.catalog.models import Environment
from deployments.delivery import approvals, turning_back
from deployments.delivery.engine import passes
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)


def _back_at_the_start(storefront: Storefront, deployment: Deployment) -> bool:
    source, target = deployment.source_slot, deployment.target_slot
    slots = {slot.value: slot for slot in storefront.environment.services}
    return storefront.share(slots[source]) == 100 and storefront.running(slots[target]) == 0


def test_a_release_that_answers_500_is_turned_back_at_ten_percent(storefront: Storefront) -> None:
    Environment.objects.update(canary_bake_seconds=60)  # turned back as soon as the answers are counted
    with Traffic(storefront.environment.production_url) as traffic:
        deployment = storefront.deploy("1.2.0")
        storefront.environment.smoke_checks.filter(path="/").delete()
        storefront.approve(deployment)
        storefront.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "5xx" in deployment.status_reason or "in ALARM" in deployment.status_reason
    assert _back_at_the_start(storefront, deployment)
    assert deployment.failure
    assert deployment.failure["log"]
    assert traffic.lost == 0


def test_a_release_that_never_gets_healthy_keeps_its_code_and_log(storefront: Storefront) -> None:
    deployment = storefront.finish(storefront.deploy("1.3.0"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert deployment.failure
    assert "[503]" in str(deployment.failure["health"]) + deployment.status_reason
    assert any("health" in line for line in deployment.failure["log"])
    assert _back_at_the_start(storefront, deployment)


def test_an_arm64_image_is_stopped_by_preflight(storefront: Storefront) -> None:
    deployment = storefront.finish(storefront.deploy("1.4.0"))

    assert deployment.status == Status.STOPPED
    assert "linux/arm64" in deployment.status_reason
    assert deployment.facts.get("done") is None


def test_a_failing_migration_stops_before_anything_is_started(storefront: Storefront) -> None:
    deployment = storefront.finish(storefront.deploy("1.5.0"))

    assert deployment.status == Status.STOPPED
    assert "exit code 1" in deployment.status_reason
    assert deployment.facts["tasks"][0]["log"]


def test_a_rejection_rolls_back(storefront: Storefront) -> None:
    deployment = storefront.deploy("1.1.0")
    gate = storefront.to_the_gate(deployment)

    approvals.reject(gate=gate, principal=Principal.person(storefront.approver), comment="not on a Friday", now=now())
    storefront.finish(deployment)

    assert "not on a Friday" in deployment.status_reason
    assert _back_at_the_start(storefront, deployment)


def test_roll_back_while_warm_moves_all_traffic_back_at_once(storefront: Storefront) -> None:
    Environment.objects.update(termination_wait_seconds=60)
    deployment = storefront.deploy("1.1.0", "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.go(deployment, lambda d: d.stage == Stage.CLEAN_UP or d.percent == 100)

    with Traffic(storefront.environment.production_url) as traffic:
        turning_back.roll_back(deployment=deployment, principal=Principal.person(storefront.manager), now=now())
        storefront.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert _back_at_the_start(storefront, deployment)
    assert traffic.lost == 0


def test_someone_elses_change_of_the_rule_fails_closed(storefront: Storefront) -> None:
    deployment = storefront.deploy("1.1.0")
    storefront.approve(deployment)
    storefront.go(deployment, lambda d: d.percent == 10)
    groups = storefront.environment.target_groups.values()
    half = [{"TargetGroupArn": group, "Weight": 50} for group in groups]

    elbv2 = boto3.client("elbv2", region_name=storefront.environment.region)
    elbv2.modify_rule(
        RuleArn=storefront.environment.production_rule,
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": half}}],
    )
    storefront.finish(deployment)

    assert "Someone else changed the production rule: it shows 50 %" in deployment.status_reason
    assert _back_at_the_start(storefront, deployment)


@pytest.mark.parametrize("operation", ["ecs:UpdateService", "elasticloadbalancing:ModifyRule"])
def test_a_lost_answer_is_found_out_by_reading(storefront: Storefront, operation: str) -> None:
    service, name = operation.split(":")
    storefront.sandbox.faults.add("lost_response", service=service, operation=name, times=1)

    deployment = storefront.deploy("1.1.0", "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    kinds = [event.kind for event in deployment.events.all()]
    assert kinds.count("aws.trouble") == 1
    assert kinds.count("aws.SetWeights") == 2  # the test rule and production, once each


def test_throttling_is_waited_out(storefront: Storefront) -> None:
    storefront.sandbox.faults.add("throttle", service="ecs", operation="DescribeServices", times=5)

    deployment = storefront.deploy("1.6.0", "BLUE_GREEN")
    storefront.approve(deployment)

    assert storefront.finish(deployment).status == Status.SUCCESSFUL, deployment.status_reason


def test_a_denied_write_turns_back_and_names_the_permission(storefront: Storefront) -> None:
    deployment = storefront.deploy("1.1.0")
    storefront.to_the_gate(deployment)
    storefront.sandbox.faults.add("deny", service="elasticloadbalancing", operation="ModifyRule", times=1)

    storefront.approve(deployment)
    storefront.finish(deployment)

    assert "ModifyRule" in deployment.status_reason
    assert _back_at_the_start(storefront, deployment)


def test_after_clean_up_the_way_back_is_a_deployment_of_the_previous_release(storefront: Storefront) -> None:
    before = storefront.environment.live_release
    assert before is not None
    deployment = storefront.deploy("1.6.0" if before.version == "1.1.0" else "1.1.0", "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.finish(deployment)
    assert deployment.source_release == before

    back = storefront.deploy(before.version, "BLUE_GREEN")
    storefront.approve(back)
    storefront.finish(back)

    storefront.environment.refresh_from_db()
    assert (back.status, storefront.environment.live_release) == (Status.SUCCESSFUL, before)


def test_a_second_worker_finds_nothing_to_do_twice(storefront: Storefront) -> None:
    deployment = storefront.deploy("1.1.0", "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.finish(deployment)
    events = deployment.events.count()

    passes.advance([deployment.pk], now, lambda binding: pytest.fail("AWS was asked"))

    assert deployment.events.count() == events
