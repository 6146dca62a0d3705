"""A rolling deployment of one service, with real processes and real traffic, and everything that stops it."""

import re
import time
from collections.abc import Iterator

import pytest

from deployments.aws.sessions import connect
from deployments.catalog.models import Environment, ReleaseImage
from deployments.delivery import tidying, turning_back
from deployments.delivery.models import Deployment, Tidying
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.flows import bad_images, legacy
from tests.flows.conftest import SCALE
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic
from tests.telling.notifications.services.pagers import pagers

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront", "legacy-api")
BAKE = ("cloudwatch:GetMetricData", "elasticloadbalancing:DescribeTargetHealth")


@pytest.fixture
def api(storefront: Storefront) -> Iterator[Storefront]:
    """The service as it was found: steady, and put back to that afterwards."""
    environment = storefront.environment
    before = legacy.service(storefront)["taskDefinition"]
    yield legacy.take_over(storefront)
    storefront.sandbox.faults.clear()
    legacy.ecs().update_service(cluster=environment.cluster, service=legacy.NAME, taskDefinition=before, desiredCount=1)
    _steady(storefront)


def _steady(storefront: Storefront) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        seen = legacy.service(storefront)
        if len(seen["deployments"]) == 1 and seen["deployments"][0]["rolloutState"] == "COMPLETED":
            return
        time.sleep(0.05)
    raise AssertionError(f"{legacy.NAME} does not get steady")


def is_back(api: Storefront) -> bool:
    """By the digest that ran: the task definition before named it by a tag."""
    return legacy.image(api) == ReleaseImage.objects.get(release__version="1.0.0").pinned


def test_a_release_replaces_all_tasks_and_loses_no_request(api: Storefront) -> None:
    with Traffic(api.environment.production_url) as traffic:
        deployment = api.finish(api.deploy("1.1.0", "ROLLING"))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert legacy.image(api) == ReleaseImage.objects.get(release__version="1.1.0").pinned
    assert traffic.lost == 0
    assert set(traffic.versions) == {"1.0.0", "1.1.0"}
    environment = Environment.objects.get(name=legacy.NAME)
    assert (environment.live_release, environment.live_slot) == (deployment.release, "")


def test_ecs_tells_when_draining_began_by_which_its_end_is_awaited(api: Storefront) -> None:
    began = now()
    api.finish(api.deploy("1.1.0", "ROLLING"))

    seen = connect(api.environment.binding).services(api.environment.cluster, [legacy.NAME])[legacy.NAME]

    assert seen.draining_since and began < seen.draining_since < now()


def test_a_release_that_answers_500_is_put_back(api: Storefront) -> None:
    Environment.objects.filter(name=legacy.NAME).update(bake_seconds=20)

    with Traffic(api.environment.production_url) as traffic:
        deployment = api.finish(api.deploy("1.2.0", "ROLLING"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "requests" in deployment.status_reason and "5xx" in deployment.status_reason
    assert deployment.failure
    assert deployment.failure["log"]
    assert legacy.service(api)["taskDefinition"] == deployment.facts["source_pinned"]
    assert is_back(api)
    assert traffic.lost == 0


def test_a_release_that_never_gets_healthy_keeps_its_code_and_log(api: Storefront) -> None:
    with Traffic(api.environment.production_url) as traffic:
        deployment = api.finish(api.deploy("1.3.0", "ROLLING"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "[503]" in deployment.status_reason
    assert deployment.failure
    assert any("health" in line for line in deployment.failure["log"])
    assert deployment.failure["stopped_tasks"]
    assert traffic.lost == 0
    assert set(traffic.versions) == {"1.0.0"}


def test_an_image_that_is_gone_is_found_before_anything_is_touched(api: Storefront) -> None:
    ReleaseImage.objects.filter(release__version="1.1.0").update(digest="sha256:" + "0" * 64)

    deployment = api.finish(api.deploy("1.1.0", "ROLLING"))

    assert deployment.status == Status.STOPPED
    assert "ECR has no image" in deployment.status_reason
    assert "1.0.0" in legacy.image(api)


def test_a_stop_half_way_puts_the_previous_tasks_and_percentages_back(api: Storefront) -> None:
    Environment.objects.filter(name=legacy.NAME).update(minimum_healthy_percent=90, stop_timeout_seconds=7)
    own = legacy.service(api)["deploymentConfiguration"]

    with Traffic(api.environment.production_url) as traffic:
        deployment = api.deploy("1.1.0", "ROLLING")
        api.go(deployment, lambda d: "update" in d.facts.get("done", ()))
        assert legacy.service(api)["deploymentConfiguration"] == {**own, "minimumHealthyPercent": 90}
        assert legacy.stop_timeout(api) == 7
        turning_back.stop(deployment=deployment, principal=Principal.person(api.manager), now=now())
        api.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert is_back(api)
    assert legacy.service(api)["deploymentConfiguration"] == own
    assert legacy.stop_timeout(api) != 7
    assert traffic.lost == 0


def test_a_service_that_is_switched_off_gets_a_release_only_where_that_is_on_purpose(api: Storefront) -> None:
    legacy.ecs().update_service(cluster=api.environment.cluster, service=legacy.NAME, desiredCount=0)

    deployment = api.finish(api.deploy("1.1.0", "ROLLING"))

    assert deployment.status == Status.STOPPED
    assert "desired count of 0" in deployment.status_reason

    Environment.objects.filter(name=legacy.NAME).update(may_run_nothing=True)
    deployment = api.finish(api.deploy("1.1.0", "ROLLING"))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert legacy.image(api) == ReleaseImage.objects.get(release__version="1.1.0").pinned
    assert legacy.service(api)["runningCount"] == 0
    assert "is to run no task, so nothing shows whether 1.1.0 works" in deployment.facts["warnings"][0]


def test_old_revisions_are_deregistered_once_that_is_allowed_and_no_rule_names_them(api: Storefront) -> None:
    legacy.ecs().update_service(cluster=api.environment.cluster, service=legacy.NAME, desiredCount=0)
    Environment.objects.filter(name=legacy.NAME).update(may_run_nothing=True, keep_revisions=2, bake_seconds=0)
    made = [api.finish(api.deploy(version, "ROLLING")) for version in ("1.1.0", "1.0.0", "1.1.0", "1.0.0")]
    revisions = [deployment.facts["task_definition"] for deployment in made]
    api.sandbox.faults.add("deny", service="ecs", operation="ListClusters", times=1)

    tidying.tidy(now(), connect)

    refused = made[-1].events.get(kind="environment.not_tidied").message
    assert "ListClusters" in refused and "infra/iam/tidying.json" in refused
    assert [legacy.status(arn) for arn in revisions] == ["ACTIVE"] * 4

    with legacy.rule_that_starts(api, revisions[0]):
        last = api.finish(api.deploy("1.1.0", "ROLLING"))
        tidying.tidy(now(), connect)

    assert [legacy.status(arn) for arn in revisions] == ["ACTIVE", "INACTIVE", "INACTIVE", "ACTIVE"]
    assert legacy.status(legacy.service(api)["taskDefinition"]) == "ACTIVE"
    told = last.events.filter(kind="aws.DeregisterTaskDefinition").order_by("pk")
    assert [event.data["action"]["task_definition"] for event in told] == revisions[1:3]
    assert "by rule nightly" in Tidying.objects.get(environment__name=legacy.NAME).says


def test_somebody_elses_deployment_is_left_alone_and_said(api: Storefront) -> None:
    deployment = api.deploy("1.1.0", "ROLLING")
    api.go(deployment, lambda d: "update" in d.facts.get("done", ()))
    theirs = api.sandbox.control.world["task_definition"]

    legacy.ecs().update_service(cluster=api.environment.cluster, service=legacy.NAME, taskDefinition=theirs)
    api.finish(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "Someone else put storefront:1 on legacy-api; it was left alone." in deployment.status_reason
    assert legacy.service(api)["taskDefinition"] == theirs
    whoever_is_on_call_has_one_incident_until_the_next_release_is_live(api, deployment)


def whoever_is_on_call_has_one_incident_until_the_next_release_is_live(api: Storefront, failed: Deployment) -> None:
    key = f"rollback:deployment:{failed.pk}"
    with pagers() as on_call:
        on_call.tell(failed.events.order_by("pk"), now)
        assert on_call.pagerduty == on_call.opsgenie == [("trigger", key)]

        mended = api.finish(api.deploy("1.1.0", "ROLLING"))
        on_call.tell(mended.events.order_by("pk"), now)
        assert on_call.pagerduty == on_call.opsgenie == [("trigger", key), ("resolve", key)], mended.status_reason


def test_ecs_own_roll_back_is_no_success(api: Storefront) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    cluster = api.environment.cluster
    legacy.ecs().update_service(cluster=cluster, service=legacy.NAME, deploymentConfiguration=breaker)

    deployment = api.finish(api.deploy("1.3.0", "ROLLING"))

    breaker["deploymentCircuitBreaker"] = {"enable": False, "rollback": False}
    legacy.ecs().update_service(cluster=cluster, service=legacy.NAME, deploymentConfiguration=breaker)
    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "ECS put legacy-api back to legacy-api:1 by itself" in deployment.status_reason
    assert [event.kind for event in deployment.events.all()].count("aws.UpdateService") == 1


@pytest.mark.parametrize("operation", ["UpdateService", "RegisterTaskDefinition"])
def test_a_lost_answer_is_found_out_by_reading(api: Storefront, operation: str) -> None:
    api.sandbox.faults.add("lost_response", service="ecs", operation=operation, times=1)

    deployment = api.finish(api.deploy("1.1.0", "ROLLING"))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    kinds = [event.kind for event in deployment.events.all()]
    assert kinds.count("aws.trouble") == kinds.count(f"aws.{operation}") == 1
    revisions = legacy.ecs().list_task_definitions(familyPrefix=legacy.NAME, sort="DESC")["taskDefinitionArns"]
    assert revisions[0] == deployment.facts["task_definition"]


def test_waiting_for_ecs_takes_one_call_a_look(api: Storefront) -> None:
    deployment = api.deploy("1.1.0", "ROLLING")
    api.go(deployment, lambda d: "update" in d.facts.get("done", ()) and d.waiting_for)
    api.sandbox.faults.forget_calls()

    api.go(deployment, lambda d: d.stage == Stage.BAKE_TIME or d.is_terminal)

    calls = api.sandbox.faults.calls()
    # With the bake's first look, which asks what traffic and targets say.
    assert set(calls) <= {"ecs:DescribeServices", *BAKE, "sts:AssumeRole"}
    assert all(calls.get(name, 0) <= 1 for name in BAKE)
    api.finish(deployment)


def test_afterwards_the_way_back_is_a_deployment_of_the_previous_release(api: Storefront) -> None:
    api.finish(api.deploy("1.1.0", "ROLLING"))

    back = api.finish(api.deploy("1.0.0", "ROLLING"))

    assert back.status == Status.SUCCESSFUL, back.status_reason
    assert legacy.image(api) == ReleaseImage.objects.get(release__version="1.0.0").pinned


def test_a_release_that_hangs_after_all_tasks_were_replaced_is_put_back(api: Storefront) -> None:
    version = bad_images.hangs(api, scale=SCALE)
    Environment.objects.filter(name=legacy.NAME).update(bake_seconds=60)

    deployment = api.deploy(version, "ROLLING")
    api.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    api.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert re.search(bad_images.HUNG, deployment.status_reason)
    assert is_back(api)


def test_a_release_that_is_killed_for_its_memory_is_put_back(api: Storefront) -> None:
    version = bad_images.takes_much_memory(api)
    Environment.objects.filter(name=legacy.NAME).update(bake_seconds=60, max_stopped_tasks=0)

    deployment = api.deploy(version, "ROLLING")
    api.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
    bad_images.kill(api)
    api.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert bad_images.KILLED in deployment.status_reason
    assert is_back(api)
