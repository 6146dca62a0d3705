"""Service deployments and revisions of rolling updates, and how all of them are listed and described."""

import time
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.native import FAST
from tests.sandbox.shop import CLUSTER, created, registered, service, steady

SCALE = FAST
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def current(ecs: Any, name: str) -> dict[str, Any]:
    arn = service(ecs, name)["currentServiceDeployment"]
    return dict(ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])


def ended(ecs: Any, name: str, status: str) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        seen = current(ecs, name)
        return seen if seen["status"] == status else {}

    return eventually(read)


def test_a_rolling_update_is_a_service_deployment_between_two_revisions(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox)
    first = ended(ecs, name, "SUCCESSFUL")

    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "1.1.0"))
    second = ended(ecs, name, "SUCCESSFUL")

    assert [each["arn"] for each in second["sourceServiceRevisions"]] == [first["targetServiceRevision"]["arn"]]
    assert "requestedProductionTrafficWeight" not in second["targetServiceRevision"]
    assert service(ecs, name)["currentServiceRevisions"] == [
        {
            "arn": second["targetServiceRevision"]["arn"],
            "requestedTaskCount": 1,
            "runningTaskCount": 1,
            "pendingTaskCount": 0,
        }
    ]
    (revision,) = ecs.describe_service_revisions(serviceRevisionArns=[second["targetServiceRevision"]["arn"]])[
        "serviceRevisions"
    ]
    assert revision["taskDefinition"] == service(ecs, name)["taskDefinition"]
    (image,) = revision["containerImages"]
    assert image["image"].endswith(":1.1.0") and image["imageDigest"].startswith("sha256:")


def test_a_circuit_breaker_that_rolls_back_is_told_in_the_deployment(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox, deploymentConfiguration=BREAKER)
    before = ended(ecs, name, "SUCCESSFUL")["targetServiceRevision"]["arn"]

    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "9.9.9"))

    seen = ended(ecs, name, "ROLLBACK_SUCCESSFUL")
    assert seen["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    assert seen["rollback"]["serviceRevisionArn"] == before
    assert "the circuit breaker threshold was exceeded" in seen["rollback"]["reason"]
    assert [each["arn"] for each in service(ecs, name)["currentServiceRevisions"]] == [before]


def test_a_circuit_breaker_without_rollback_stops(ecs: Any, sandbox: Sandbox) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    name = created(ecs, sandbox, taskDefinition=registered(ecs, "9.9.9"), deploymentConfiguration=breaker)

    assert ended(ecs, name, "STOPPED")["deploymentCircuitBreaker"]["status"] == "TRIGGERED"


def test_a_rolling_update_can_be_stopped(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox)
    before = steady(ecs, name)["taskDefinition"]
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "9.9.9"))

    ecs.stop_service_deployment(serviceDeploymentArn=current(ecs, name)["serviceDeploymentArn"])

    assert "a rollback was requested" in ended(ecs, name, "ROLLBACK_SUCCESSFUL")["statusReason"]
    assert steady(ecs, name)["taskDefinition"] == before


def test_a_newer_rolling_update_stops_the_older_one(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox)
    steady(ecs, name)

    older = ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "9.9.9"))["service"]
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "1.1.0"))

    ended(ecs, name, "SUCCESSFUL")
    (seen,) = ecs.describe_service_deployments(serviceDeploymentArns=[older["currentServiceDeployment"]])[
        "serviceDeployments"
    ]
    assert seen["status"] == "STOPPED"


def test_an_alarm_rolls_a_rolling_update_back(ecs: Any, sandbox: Sandbox) -> None:
    cloudwatch = sandbox.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="rolling",
        Namespace="Shop",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    alarms = {"alarmNames": ["rolling"], "enable": True, "rollback": True}
    name = created(ecs, sandbox, deploymentConfiguration={"alarms": alarms})
    ended(ecs, name, "SUCCESSFUL")
    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "9.9.9"))
    eventually(lambda: current(ecs, name)["alarms"]["status"] == "MONITORING")

    cloudwatch.set_alarm_state(AlarmName="rolling", StateValue="ALARM", StateReason="test")

    assert ended(ecs, name, "ROLLBACK_SUCCESSFUL")["alarms"]["triggeredAlarmNames"] == ["rolling"]


def test_deployments_are_listed_newest_first_in_pages(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox)
    ended(ecs, name, "SUCCESSFUL")
    middle = time.time()
    for _ in range(2):
        ecs.update_service(cluster=CLUSTER, service=name, forceNewDeployment=True)
        ended(ecs, name, "SUCCESSFUL")

    first = ecs.list_service_deployments(cluster=CLUSTER, service=name, maxResults=2)
    rest = ecs.list_service_deployments(cluster=CLUSTER, service=name, maxResults=2, nextToken=first["nextToken"])

    listed = [*first["serviceDeployments"], *rest["serviceDeployments"]]
    assert [each["createdAt"] for each in listed] == sorted((each["createdAt"] for each in listed), reverse=True)
    assert len(listed) == 3 and "nextToken" not in rest
    assert _count(ecs, name, createdAt={"after": middle}) == 2
    assert _count(ecs, name, createdAt={"before": middle}) == 1
    assert _count(ecs, name, status=["IN_PROGRESS", "STOPPED"]) == 0


def _count(ecs: Any, name: str, **filters: Any) -> int:
    return len(ecs.list_service_deployments(cluster=CLUSTER, service=name, **filters)["serviceDeployments"])


def test_what_is_missing_is_a_failure_and_what_is_too_much_an_error(ecs: Any) -> None:
    arn = "arn:aws:ecs:us-east-1:123456789012:service-deployment/storefront/x/y"

    answer = ecs.describe_service_deployments(serviceDeploymentArns=[arn])

    assert answer["serviceDeployments"] == []
    assert answer["failures"] == [{"arn": arn, "reason": "MISSING"}]
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="at most 20"):
        ecs.describe_service_revisions(serviceRevisionArns=[arn] * 21)
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.list_service_deployments(cluster=CLUSTER, service="nobody")
