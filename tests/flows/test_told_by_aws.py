"""What EventBridge and SQS bring to a worker that reads them: alarms and tasks at a gate at 10 %, and pushed images.

And what a topic of SNS and a bus of EventBridge are told of it.
"""

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
#: With `topic` and `bus`.
CHANNEL = """
from django.utils import timezone
from deployments.models import NotificationAddress, NotificationChannel
now = timezone.now()
channel = NotificationChannel.objects.create(name="aws", made_at=now)
for url in ("sns://{topic}", "eventbridge://{bus}"):
    service = url.partition(":")[0]
    NotificationAddress.objects.create(channel=channel, service=service, url=url, shown="aws", made_at=now)
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
        running.run(CHANNEL.format(**topic_and_bus(running)))
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

    (topic,), (event,) = heard(stack, "by-sns", 1), heard(stack, "by-bus", 1)
    subject = "Waits for approval: storefront 1.1.0 to production"
    assert (topic["Subject"], topic["MessageAttributes"]["kind"]["Value"]) == (subject, "gate_waits")
    assert topic["Message"].startswith(subject) and "try it" in topic["Message"]
    assert (event["source"], event["detail-type"]) == ("tealgate", "Tealgate Notification")
    asked = event["detail"]
    assert (asked["subject"], asked["does"], asked["thread"]) == (subject, "TELL", asked["id"])

    let_the_alarm_fire(stack)
    wait_for(lambda: deployment(stack, "status") == "ROLLBACK_SUCCESSFUL")
    assert f"Alarm {ALARM} is in ALARM: " in deployment(stack, "status_reason")
    back = [each["detail"] for each in heard(stack, "by-bus", 1)]
    assert {each["kind"] for each in back} == {"turned_back"}
    assert back[0]["subject"].startswith("Turning back: storefront")

    push_a_version(stack)
    wait_for(lambda: newest(stack)[2] == "SUCCESSFUL")
    assert newest(stack) == ("1.9.0", "self-registration of storefront", "SUCCESSFUL")


def topic_and_bus(stack: Stack) -> dict[str, str]:
    """Whatever they are told is in queues of theirs."""
    sqs, sns, events = (client(stack, service) for service in ("sqs", "sns", "events"))
    topic = sns.create_topic(Name="deploys")["TopicArn"]
    queue = f"arn:aws:sqs:us-east-1:{topic.split(':')[4]}:"
    for name, service in ("by-sns", "sns"), ("by-bus", "events"):
        may = {"Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sqs:SendMessage", "Effect": "Allow"}
        policy = {"Version": "2012-10-17", "Statement": [{**may, "Resource": f"{queue}{name}"}]}
        sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{queue}by-sns")
    bus = events.create_event_bus(Name="deploys")["EventBusArn"]
    events.put_rule(Name="all", EventBusName="deploys", EventPattern=json.dumps({"source": ["tealgate"]}))
    events.put_targets(Rule="all", EventBusName="deploys", Targets=[{"Id": "queue", "Arn": f"{queue}by-bus"}])
    return {"topic": topic, "bus": bus}


def heard(stack: Stack, queue: str, count: int) -> list[dict[str, Any]]:
    """The first so many that are there, in the order in which they came."""
    sqs = client(stack, "sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    bodies: list[dict[str, Any]] = []

    def came() -> bool:
        found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=10).get("Messages", [])
        bodies.extend(json.loads(each["Body"]) for each in found)
        return len(bodies) >= count

    wait_for(came)
    return bodies


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
