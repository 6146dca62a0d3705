"""A canary from request to clean-up, with real processes, under real traffic."""

import re

import pytest

from deployments.catalog.models import Environment
from deployments.delivery import going_on
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.flows import bad_images
from tests.flows.conftest import SCALE
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)


def has_seen_enough(deployment: Deployment) -> bool:
    return deployment.measurements.filter(slot=deployment.target_slot, percent=10, requests__gte=5).exists()


def test_a_canary_goes_all_the_way_and_loses_no_request(storefront: Storefront) -> None:
    source = storefront.live_slot()
    Environment.objects.update(canary_bake_seconds=3600)
    with Traffic(storefront.environment.production_url) as traffic:
        deployment = storefront.deploy("1.1.0")
        storefront.approve(deployment)
        storefront.go(deployment, lambda d: d.percent == 10)
        assert storefront.share(source.other) == 10
        storefront.go(deployment, has_seen_enough)
        going_on.go_on(deployment=deployment, principal=Principal.person(storefront.manager), now=now())
        storefront.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert (storefront.share(source.other), storefront.running(source)) == (100, 0)
    assert traffic.lost == 0
    assert traffic.sent > 100


def test_the_approver_sees_the_evidence(storefront: Storefront) -> None:
    deployment = storefront.deploy("1.6.0")

    gate = storefront.to_the_gate(deployment)

    source = storefront.live_slot()
    assert gate.evidence["weights"] == {source.value: 100.0, source.other.value: 0.0}
    assert gate.evidence["health"][source.other.value] == "2 of 2 healthy"
    assert [check["ok"] for check in gate.evidence["smoke"]] == [True, True]
    assert gate.evidence["tasks"] == [{"name": "migrate", "exit_code": 0}]
    assert gate.evidence["alarms"] == {"storefront-production-5xx": "OK"}


def test_a_release_that_hangs_in_its_bake_is_turned_back(storefront: Storefront) -> None:
    source, version = storefront.live_slot(), bad_images.hangs(storefront, scale=SCALE)
    Environment.objects.update(bake_seconds=60, max_stopped_tasks=0)

    deployment = storefront.deploy(version, "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.finish(deployment)

    assert (deployment.status, storefront.live_slot()) == (Status.ROLLBACK_SUCCESSFUL, source)
    assert re.search(bad_images.HUNG, deployment.status_reason)


def test_a_release_that_is_killed_for_its_memory_in_its_bake_is_turned_back(storefront: Storefront) -> None:
    source, version = storefront.live_slot(), bad_images.takes_much_memory(storefront)
    Environment.objects.update(bake_seconds=60, max_stopped_tasks=0)

    deployment = storefront.deploy(version, "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    bad_images.kill(storefront)
    storefront.finish(deployment)

    assert (deployment.status, storefront.live_slot()) == (Status.ROLLBACK_SUCCESSFUL, source)
    assert bad_images.KILLED in deployment.status_reason


def test_requests_without_an_answer_turn_it_back_though_its_health_check_is_answered(storefront: Storefront) -> None:
    source, version = storefront.live_slot(), bad_images.deadlocks(storefront, scale=SCALE)
    Environment.objects.update(bake_seconds=60, max_5xx_percent=5)

    with Traffic(storefront.environment.production_url):
        deployment = storefront.deploy(version, "BLUE_GREEN")
        storefront.approve(deployment)
        storefront.finish(deployment)

    assert (deployment.status, storefront.live_slot()) == (Status.ROLLBACK_SUCCESSFUL, source)
    assert "without any answer" in deployment.status_reason


def test_where_requests_are_required_somebody_is_asked_and_the_end_tells_how_few_there_were(
    storefront: Storefront,
) -> None:
    Environment.objects.update(min_requests=50, requires_min_requests=True, min_requests_wait_seconds=1)
    deployment = storefront.deploy("1.1.0", "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)

    gate = storefront.to_the_gate(deployment)
    storefront.approve(deployment)
    storefront.finish(deployment)

    assert gate.stage == Stage.BAKE_TIME
    assert "too few to judge (from 50)" in gate.evidence["warnings"][0]
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert "too few to judge (from 50)" in deployment.facts["warnings"][0]
    told = deployment.events.get(kind="deployment.successful")
    assert told.data["warnings"] == deployment.facts["warnings"]
