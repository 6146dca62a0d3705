"""Others deploy, scale, restart and move tags beside a rolling release: what was approved runs, or it is said."""

from collections.abc import Iterator
from typing import Any

import pytest

from deployments.catalog.models import Environment
from deployments.catalog.releases import register_release
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.flows import legacy
from tests.flows.clients import client
from tests.flows.conftest import SCALE
from tests.flows.protected import Protected
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront", "legacy-api")
PLAIN = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "earlySuccessCriteria": {"enable": False},
    "alarms": {"alarmNames": [], "enable": False, "rollback": False},
}


@pytest.fixture
def api(storefront: Storefront) -> Iterator[Storefront]:
    """The service as it was found: steady, and put back to that afterwards."""
    before = legacy.service(storefront)
    yield legacy.take_over(storefront)
    storefront.sandbox.faults.clear()
    legacy.update(
        storefront,
        taskDefinition=before["taskDefinition"],
        desiredCount=1,
        deploymentConfiguration=PLAIN,
        healthCheckGracePeriodSeconds=before["healthCheckGracePeriodSeconds"],
    )
    legacy.settle(storefront)


def gated(api: Storefront, stage: Stage) -> Storefront:
    api.environment.gate_policies.create(stage=stage, timeout_minutes=60)
    return api


def pushed(api: Storefront, tag: str, version: str, **does: Any) -> str:
    """The digest that the tag names from now on."""
    made = api.sandbox.control.push({"repository": "storefront", "tag": tag, "version": version, **does})
    return str(made["digest"])


def by_tag(api: Storefront, tag: str) -> str:
    """The service runs what a tag names, as a pipeline would have it; the task definition."""
    theirs = legacy.revision(api, tag)
    legacy.update(api, taskDefinition=theirs)
    legacy.settle(api)
    return theirs


def stop(api: Storefront, deployment: Deployment) -> None:
    turning_back.stop(deployment=deployment, principal=Principal.person(api.manager), now=now())


def started_by_us(api: Storefront, deployment: Deployment) -> list[str]:
    found = legacy.ecs().list_tasks(cluster=api.environment.cluster, startedBy=f"tealgate-{deployment.key}-0")
    return list(found["taskArns"])


def test_no_migration_is_run_once_somebody_else_has_deployed_or_scaled_to_nothing(api: Storefront) -> None:
    gated(api, Stage.PRE_SCALE_UP).environment.one_off_tasks.create(command="python manage.py migrate")
    deployment = api.deploy("1.1.0", "ROLLING")
    api.to_the_gate(deployment)

    legacy.update(api, desiredCount=0)
    api.go(deployment, lambda d: "; legacy-api was set to a desired count of 0" in d.waiting_for)
    legacy.update(api, desiredCount=1)
    theirs = legacy.revision(api, "1.6.0")
    legacy.update(api, taskDefinition=theirs)
    api.finish(deployment)

    assert deployment.status == Status.STOPPED
    assert f"Someone else put {theirs.rsplit('/')[-1]} on legacy-api; it was left alone." in deployment.status_reason
    assert deployment.status_reason.endswith(
        "Production was not touched: Tealgate moved no traffic and changed no service."
    )
    assert legacy.service(api)["taskDefinition"] == theirs
    assert started_by_us(api, deployment) == []


def test_a_service_that_is_scaled_to_nothing_while_people_think_is_no_success(api: Storefront) -> None:
    gated(api, Stage.PRE_SCALE_UP)
    deployment = api.deploy("1.1.0", "ROLLING")
    api.to_the_gate(deployment)

    legacy.update(api, desiredCount=0)
    api.approve(deployment)
    api.finish(deployment)

    assert deployment.status == Status.STOPPED
    assert "legacy-api was set to a desired count of 0, so no task shows whether" in deployment.status_reason
    assert "1.0.0" in legacy.image(api)


def test_a_release_that_somebody_starts_anew_goes_on(api: Storefront) -> None:
    gated(api, Stage.BAKE_TIME)
    with Traffic(api.environment.production_url) as traffic:
        deployment = api.deploy("1.1.0", "ROLLING")
        api.go(deployment, lambda d: "update" in d.facts.get("done", ()))
        first = legacy.update(api, forceNewDeployment=True)["deployments"][0]["id"]
        api.to_the_gate(deployment)
        second = legacy.update(api, forceNewDeployment=True)["deployments"][0]["id"]
        api.approve(deployment)
        api.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    said = " ".join(event.message for event in deployment.events.all())
    assert f": {first} is followed" in said
    assert f": {second} is followed" in said
    assert "Somebody started its tasks anew since " in said
    assert traffic.lost == 0


def test_the_way_back_goes_to_the_image_that_ran_although_its_tag_has_moved(api: Storefront) -> None:
    good = pushed(api, "stable", "1.0.0")
    theirs = by_tag(api, "stable")
    Environment.objects.filter(name=legacy.NAME).update(bake_seconds=30)
    api.sandbox.faults.add("lost_response", service="ecs", operation="RegisterTaskDefinition", times=2)

    with Traffic(api.environment.production_url) as traffic:
        deployment = api.deploy("1.1.0", "ROLLING")
        api.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
        pushed(api, "stable", "1.2.0", behaviour="errors")
        stop(api, deployment)
        api.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    pinned = legacy.service(api)["taskDefinition"]
    assert pinned == deployment.facts["source_pinned"] != theirs
    assert legacy.digests(api) == {good}
    assert legacy.image(api).endswith(f"/storefront@{good}")
    assert "1.2.0" not in traffic.versions
    kinds = [event.kind for event in deployment.events.all()]
    assert kinds.count("aws.RegisterTaskDefinition") == 2
    newest = legacy.ecs().list_task_definitions(familyPrefix=legacy.NAME, sort="DESC")["taskDefinitionArns"]
    assert newest[0] == pinned, "found again by its tag, and not registered twice"
    assert any(result["check"] == "live-image" for result in deployment.preflight)


def test_what_ecs_puts_back_itself_is_good_only_by_the_digests_that_ran(api: Storefront) -> None:
    """Its circuit breaker is set to more failures than Tealgate would wait for by itself."""
    good = pushed(api, "nightly", "1.0.0")
    theirs = by_tag(api, "nightly")
    threshold = {"type": "COUNT", "value": 4}
    breaker = {"enable": True, "rollback": True, "thresholdConfiguration": threshold, "resetOnHealthyTask": False}
    legacy.update(
        api,
        deploymentConfiguration={
            "deploymentCircuitBreaker": breaker,
            "minimumHealthyPercent": 0,
            "maximumPercent": 100,
        },
        healthCheckGracePeriodSeconds=0,
    )

    deployment = api.deploy("1.3.0", "ROLLING")
    api.go(deployment, lambda d: "update" in d.facts.get("done", ()))
    pushed(api, "nightly", "1.6.0")
    api.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert f"ECS put legacy-api back to {theirs.rsplit('/')[-1]} by itself" in deployment.status_reason
    assert legacy.digests(api) == {good}
    assert legacy.service(api)["taskDefinition"] == deployment.facts["source_pinned"]


def watched_alarm(api: Storefront) -> str:
    """One of the owner's, that ECS goes by and the environment does not name."""
    client("cloudwatch").put_metric_alarm(
        AlarmName="legacy-queue",
        Namespace="Legacy",
        MetricName="Backlog",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    told(api, "OK")
    return "legacy-queue"


def told(api: Storefront, state: str) -> None:
    client("cloudwatch").set_alarm_state(AlarmName="legacy-queue", StateValue=state, StateReason="The queue grows.")


def test_early_success_is_no_end_and_tealgate_turns_back_what_ecs_does_not_any_more(api: Storefront) -> None:
    early = {"enable": True, "healthyPercent": 50, "sourceServiceRevisionCleanup": "DEFERRED"}
    alarms = {"alarmNames": [watched_alarm(api)], "enable": True, "rollback": True}
    configuration = {
        **PLAIN,
        "minimumHealthyPercent": 50,
        "maximumPercent": 100,
        "earlySuccessCriteria": early,
        "alarms": alarms,
    }
    legacy.update(api, desiredCount=2, deploymentConfiguration=configuration)
    legacy.until(lambda: legacy.service(api)["runningCount"] == 2, "no second task")
    kept = Protected(api.environment.cluster, legacy.NAME)

    deployment = api.deploy("1.1.0", "ROLLING")
    api.go(deployment, lambda d: "ECS called it successful once 50 % of its tasks were healthy" in d.waiting_for)
    assert legacy.service(api)["deployments"][0]["rolloutState"] == "COMPLETED"
    told(api, "ALARM")
    api.go(deployment, lambda d: d.status == Status.ROLLBACK_IN_PROGRESS or d.is_terminal)
    told(api, "OK")
    kept.protect(False)
    api.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "Alarm legacy-queue is in ALARM" in deployment.status_reason
    assert any(result["check"] == "early-success" for result in deployment.preflight)

    good = api.finish(api.deploy("1.1.0", "ROLLING"))

    assert good.status == Status.SUCCESSFUL, good.status_reason
    seen = legacy.service(api)
    assert (len(seen["deployments"]), seen["deployments"][0]["runningCount"]) == (1, 2)
    assert seen["deploymentConfiguration"]["earlySuccessCriteria"] == early
    assert seen["deploymentConfiguration"]["alarms"] == alarms


@pytest.mark.parametrize("held", [True, False], ids=["while it is rolled out", "in its bake"])
def test_a_worker_whose_tasks_end_by_themselves_again_and_again_is_turned_back(api: Storefront, held: bool) -> None:
    """Behind no target group ECS calls a task healthy after 40 s, and starts it anew for ever when it ends after 70."""
    pushed(api, "3.0.0", "3.0.0", program=["/bin/sh", "-c", f"sleep {70 / SCALE}; exit 3"])
    register_release(
        application=api.environment.application,
        version="3.0.0",
        images={"web": f"{api.sandbox.control.world['repository_uri']}:3.0.0"},
        principal=Principal.token("ci"),
        now=now(),
    )
    worker = created_worker(api, f"legacy-{held}".lower())
    # An old task that may not be stopped keeps the rollout open.
    kept = Protected(api.environment.cluster, worker)
    kept.protect(held)

    deployment = api.deploy("3.0.0", "ROLLING")
    api.go(deployment, lambda d: d.status == Status.ROLLBACK_IN_PROGRESS or d.is_terminal)
    turned_back_at = deployment.stage_runs.filter(rolling_back=False).last()
    kept.protect(False)
    api.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert f"{worker} had" in deployment.status_reason.lower()
    assert "tasks that stopped by themselves (exit code 3)" in deployment.status_reason
    assert turned_back_at and turned_back_at.stage == (Stage.SCALE_UP if held else Stage.BAKE_TIME)
    legacy.ecs().delete_service(cluster=api.environment.cluster, service=worker, force=True)


def created_worker(api: Storefront, name: str) -> str:
    """The environment deploys to this service from now on."""
    shown = legacy.service(api)
    legacy.ecs().create_service(
        cluster=api.environment.cluster,
        serviceName=name,
        taskDefinition=shown["taskDefinition"],
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration=shown["networkConfiguration"],
    )
    legacy.until(lambda: legacy.is_steady(legacy.named(api, name)), "no worker")
    Environment.objects.filter(name=legacy.NAME).update(service=name, production_url="", bake_seconds=60)
    return name
