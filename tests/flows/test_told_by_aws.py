"""What EventBridge and SQS bring to a worker that reads them: alarms and tasks at a gate at 10 %, and pushed images."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.stack import Stack, wait_for

pytestmark = pytest.mark.flow

ASK = """
from django.contrib.auth.models import User
from django.utils import timezone
from deployments.models import Environment
from deployments.delivery.requests import request_deployment
from deployments.people.principal import Principal
environment = Environment.objects.get(name="production")
environment.gate_policies.update(stage="PRODUCTION_TRAFFIC_SHIFT", percent=10)
request_deployment(environment=environment, release=environment.application.releases.get(version="1.1.0"),
    strategy="CANARY", principal=Principal.person(User.objects.get(username="manager")),
    reason="try it", now=timezone.now())
"""
SWITCH_ON = """
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from deployments.catalog.self_registering import proposing, setting
from deployments.models import Environment
from deployments.people.principal import Principal
manager = User.objects.get(username="manager")
manager.user_permissions.add(Permission.objects.get(codename="change_application"))
staging = Environment.objects.get(name="staging")
staging.gate_policies.all().delete()
containers = proposing.containers(staging.application)
setting.switch_on(application=staging.application, principal=Principal.person(manager), now=timezone.now(),
    wanted=setting.Wanted(pattern="v{version}", containers=containers, deploy_to=staging))
"""
POLICY = {"canary_bake_seconds": 1, "bake_seconds": 1, "termination_wait_seconds": 1, "min_requests": 5}
ALARM = "storefront-production-5xx"
#: Where AWS is asked.
MOST_BETWEEN_LOOKS = timedelta(seconds=15)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    queue = "sqs://us-east-1/tealgate-events"
    with Stack(tmp_path, scale=60, policy=POLICY, events_queue=queue, forked=True) as running:
        wait_for(lambda: running.query("SELECT * FROM deployments_eventsqueue"))
        running.run(ASK)
        wait_for(lambda: "AWS tells of alarms" in deployment(running, "waiting_for"))
        yield running


def deployment(stack: Stack, column: str) -> str:
    return str(stack.query(f"SELECT CAST({column} AS TEXT) FROM deployments_deployment")[0][0])  # noqa: S608


def looks(stack: Stack) -> int:
    return int(stack.query("SELECT count(DISTINCT at) FROM deployments_measurement")[0][0])


def client(stack: Stack, service: str) -> Any:
    keys = {"aws_access_key_id": "flow", "aws_secret_access_key": "flow"}
    return boto3.client(service, endpoint_url=stack.sandbox_url, region_name="us-east-1", **keys)


def test_what_aws_tells_is_looked_at_and_an_alarm_turns_the_release_back(stack: Stack) -> None:
    due = datetime.fromisoformat(deployment(stack, "next_check_at")).replace(tzinfo=UTC)
    assert due > datetime.now(UTC) + MOST_BETWEEN_LOOKS, "AWS is asked although it tells"
    before = looks(stack)

    stop_a_task_of_the_release(stack)
    wait_for(lambda: looks(stack) > before)
    assert deployment(stack, "status") == "IN_PROGRESS"

    let_the_alarm_fire(stack)
    wait_for(lambda: deployment(stack, "status") == "ROLLBACK_SUCCESSFUL")
    assert f"Alarm {ALARM} is in ALARM: " in deployment(stack, "status_reason")

    push_a_version(stack)
    wait_for(lambda: newest(stack)[2] == "SUCCESSFUL")
    assert newest(stack) == ("1.9.0", "self-registration of storefront", "SUCCESSFUL")


def push_a_version(stack: Stack) -> None:
    """As a pipeline does that ends with a push; the image is that of 1.1.0 under a tag of its own."""
    stack.run(SWITCH_ON)
    # The next look is in ten minutes, unless AWS tells.
    wait_for(lambda: stack.query("SELECT 1 FROM deployments_selfregistration WHERE due_at > changed_at"))
    ecr = client(stack, "ecr")
    found = ecr.batch_get_image(repositoryName="storefront", imageIds=[{"imageTag": "1.1.0"}])["images"][0]
    same = {name: found[name] for name in ("imageManifest", "imageManifestMediaType")}
    for tag in ("v1.9.0", "latest"):
        ecr.put_image(repositoryName="storefront", imageTag=tag, **same)


def newest(stack: Stack) -> tuple[Any, ...]:
    return stack.query(
        "SELECT r.version, d.requested_through, d.status FROM deployments_deployment d "
        "JOIN deployments_release r ON r.id = d.release_id ORDER BY d.id DESC LIMIT 1"
    )[0]


def let_the_alarm_fire(stack: Stack) -> None:
    """And stay in ALARM, which a state that is merely set does not: CloudWatch evaluates it every minute."""
    cloudwatch = client(stack, "cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNames=[ALARM])["MetricAlarms"][0]
    same = {name: found[name] for name in ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period")}
    cloudwatch.put_metric_alarm(
        **same, EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="breaching",
    )  # fmt: skip


def stop_a_task_of_the_release(stack: Stack) -> None:
    facts = json.loads(deployment(stack, "facts"))
    ecs = client(stack, "ecs")
    cluster = json.loads(deployment(stack, "settings"))["cluster"]
    tasks = ecs.describe_tasks(cluster=cluster, tasks=ecs.list_tasks(cluster=cluster)["taskArns"])["tasks"]
    task = next(task for task in tasks if task["taskDefinitionArn"] == facts["task_definition"])
    ecs.stop_task(cluster=cluster, task=task["taskArn"])
