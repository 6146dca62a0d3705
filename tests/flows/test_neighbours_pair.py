"""Others deploy to the storefront's two services while Tealgate does, with real processes and real requests."""

import time
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest

from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment
from deployments.vocabulary import Slot, Stage, Status
from tests.flows.clients import client
from tests.flows.storefront import Storefront
from tests.flows.traffic import Traffic

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)


def service(storefront: Storefront, slot: Slot) -> dict[str, Any]:
    name, cluster = storefront.environment.services[slot], storefront.environment.cluster
    found: dict[str, Any] = client("ecs").describe_services(cluster=cluster, services=[name])["services"][0]
    return found


def deploy_outside(storefront: Storefront, slot: Slot, **changes: Any) -> None:
    """As a pipeline does that knows nothing of Tealgate."""
    name, cluster = storefront.environment.services[slot], storefront.environment.cluster
    client("ecs").update_service(cluster=cluster, service=name, **changes)


def hotfix(storefront: Storefront, slot: Slot, **changes: str) -> str:
    """ARN of a new revision of what a service runs, which is put on it."""
    ecs = client("ecs")
    shown = ecs.describe_task_definition(taskDefinition=service(storefront, slot)["taskDefinition"])["taskDefinition"]
    (container,) = shown["containerDefinitions"]
    container["environment"].append({"name": "HOTFIX", "value": "yes"})
    container |= changes
    kept = ("family", "networkMode", "cpu", "memory", "executionRoleArn", "taskRoleArn", "requiresCompatibilities")
    made = ecs.register_task_definition(containerDefinitions=[container], **{name: shown[name] for name in kept})
    arn: str = made["taskDefinition"]["taskDefinitionArn"]
    deploy_outside(storefront, slot, taskDefinition=arn)
    return arn


def service_image(storefront: Storefront, slot: Slot) -> str:
    arn = service(storefront, slot)["taskDefinition"]
    shown = client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    image: str = shown["containerDefinitions"][0]["image"]
    return image


def answers(storefront: Storefront) -> set[str]:
    """Versions, of ten requests."""
    found = set()
    for _ in range(10):
        with urlopen(storefront.environment.production_url) as answer:
            found.add(answer.headers["X-Version"])
    return found


def other_release(storefront: Storefront) -> str:
    live = storefront.environment.live_release
    return "1.6.0" if live and live.version == "1.1.0" else "1.1.0"


def is_back(storefront: Storefront, deployment: Deployment, before: set[str]) -> bool:
    source = Slot(deployment.source_slot)
    storefront.environment.refresh_from_db()
    live = storefront.environment.live_release
    assert {live.version if live else ""} == before == answers(storefront)
    return storefront.share(source) == 100 and storefront.running(source.other) == 0


def test_what_a_pipeline_puts_on_the_idle_service_gets_no_traffic(storefront: Storefront) -> None:
    before, source = answers(storefront), storefront.live_slot()
    theirs = service(storefront, source)["taskDefinition"]
    deployment = storefront.deploy(other_release(storefront))
    storefront.to_the_gate(deployment)

    deploy_outside(storefront, source.other, taskDefinition=theirs)
    storefront.approve(deployment)
    storefront.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (
        f"It is not what was approved, so new {deployment.release.version} gets no production traffic."
        in deployment.status_reason
    )
    assert "aws.SetWeights" in [event.kind for event in deployment.events.all()]  # the test listener, there and back
    assert deployment.percent == 0
    assert is_back(storefront, deployment, before)
    assert service(storefront, source.other)["taskDefinition"] == theirs


def test_what_a_pipeline_puts_on_the_release_at_ten_percent_is_taken_off_traffic(storefront: Storefront) -> None:
    Environment.objects.update(canary_bake_seconds=60)
    before, source = answers(storefront), storefront.live_slot()
    theirs = service(storefront, source)["taskDefinition"]
    deployment = storefront.deploy(other_release(storefront))
    with Traffic(storefront.environment.production_url) as traffic:
        storefront.approve(deployment)
        storefront.go(deployment, lambda d: d.percent == 10)
        deploy_outside(storefront, source.other, taskDefinition=theirs)
        storefront.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (
        f"It is not what was approved, so all traffic goes back to old {next(iter(before))}."
        in deployment.status_reason
    )
    assert is_back(storefront, deployment, before)
    assert traffic.lost == 0


def test_a_hotfix_on_the_live_service_is_kept_and_told_before_anybody_approves(storefront: Storefront) -> None:
    source = storefront.live_slot()
    deployment = storefront.deploy(other_release(storefront))
    storefront.to_the_gate(deployment)

    with Traffic(storefront.environment.production_url) as traffic:
        theirs = hotfix(storefront, source)
        storefront.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert f"{deployment.release.version} gets no production traffic" in deployment.status_reason
    assert deployment.gates.get().status == "FAILED"
    assert service(storefront, source)["taskDefinition"] == theirs
    assert (storefront.share(source), storefront.running(source.other)) == (100, 0)
    assert traffic.lost == 0


def test_a_hotfix_at_ten_percent_gets_all_traffic_as_its_owner_wants(storefront: Storefront) -> None:
    Environment.objects.update(canary_bake_seconds=60)
    source = storefront.live_slot()
    deployment = storefront.deploy(other_release(storefront))
    with Traffic(storefront.environment.production_url) as traffic:
        storefront.approve(deployment)
        storefront.go(deployment, lambda d: d.percent == 10)
        theirs = hotfix(storefront, source)
        storefront.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "so all traffic goes back to it as it is now" in deployment.status_reason
    assert service(storefront, source)["taskDefinition"] == theirs
    assert (storefront.share(source), storefront.running(source.other)) == (100, 0)
    assert traffic.lost == 0


def test_no_migration_runs_when_somebody_deployed_while_its_gate_was_open(storefront: Storefront) -> None:
    storefront.environment.gate_policies.update(stage=Stage.PRE_SCALE_UP)
    source = storefront.live_slot()
    deployment = storefront.deploy(other_release(storefront))
    storefront.to_the_gate(deployment)

    theirs = hotfix(storefront, source)
    storefront.approve(deployment)
    storefront.finish(deployment)

    assert deployment.status == Status.STOPPED, deployment.status_reason
    assert "aws.RunTask" not in [event.kind for event in deployment.events.all()]
    assert deployment.status_reason.endswith(
        "Production was not touched: Tealgate moved no traffic and changed no service."
    )
    assert service(storefront, source)["taskDefinition"] == theirs


def test_tasks_that_somebody_starts_anew_by_force_do_not_turn_a_good_release_back(storefront: Storefront) -> None:
    Environment.objects.update(bake_seconds=6)
    source = storefront.live_slot()
    deployment = storefront.deploy(other_release(storefront), "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)

    deploy_outside(storefront, source.other, forceNewDeployment=True)
    storefront.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert answers(storefront) == {deployment.release.version}
    told = [event.message for event in deployment.events.filter(kind="deployment.noted")]
    assert any("somebody started its tasks anew" in each for each in told)


def tag_as_stable(version: str) -> None:
    ecr = client("ecr")
    found = ecr.batch_get_image(repositoryName="storefront", imageIds=[{"imageTag": version}])["images"][0]
    ecr.put_image(repositoryName="storefront", imageManifest=found["imageManifest"], imageTag="stable")


def tasks(storefront: Storefront, slot: Slot) -> list[dict[str, Any]]:
    name, cluster = storefront.environment.services[slot], storefront.environment.cluster
    arns = client("ecs").list_tasks(cluster=cluster, serviceName=name)["taskArns"]
    found: list[dict[str, Any]] = client("ecs").describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
    return found


def digests(storefront: Storefront, slot: Slot) -> list[str]:
    return [task["containers"][0].get("imageDigest", "") for task in tasks(storefront, slot)]


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_source_whose_task_ecs_replaced_by_a_moved_tag_goes_back_to_what_ran(storefront: Storefront) -> None:
    Environment.objects.update(canary_bake_seconds=60)
    source, release = storefront.live_slot(), other_release(storefront)
    (before,) = answers(storefront)
    tag_as_stable(before)
    image = service_image(storefront, source).rpartition("/")[0] + "/storefront:stable"
    hotfix(storefront, source, image=image)
    eventually(
        lambda: len(service(storefront, source)["deployments"]) == 1 and len(set(digests(storefront, source))) == 1
    )
    (ran,) = set(digests(storefront, source))

    deployment = storefront.deploy(release)
    with Traffic(storefront.environment.production_url) as traffic:
        storefront.approve(deployment)
        storefront.go(deployment, lambda d: d.percent == 10)
        tag_as_stable(release)
        cluster = storefront.environment.cluster
        client("ecs").stop_task(cluster=cluster, task=tasks(storefront, source)[0]["taskArn"], reason="spot")
        storefront.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert f"All traffic goes back to old {before}, and to the digests that ran before." in deployment.status_reason
    assert set(digests(storefront, source)) == {ran}
    assert answers(storefront) == {before}
    assert traffic.lost == 0
