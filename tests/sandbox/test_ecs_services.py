"""Services: steady, rolling, scaled, failing and rolled back, with real processes behind real listeners."""

import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.shop import CLUSTER, created, messages, network, registered, service, steady, tasks

BLUE, GREEN = "storefront-production-blue", "storefront-production-green"
APPLICATIONS = ("storefront", "legacy-api")
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def address(sandbox: Sandbox, port: int) -> str:
    return str(next(each["Url"] for each in sandbox.load_balancers.listeners() if each["Port"] == port))


def version_at(sandbox: Sandbox, port: int) -> str:
    try:
        with urllib.request.urlopen(address(sandbox, port) + "/version", timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"


def test_the_seeded_service_becomes_steady_and_answers(ecs: Any, sandbox: Sandbox) -> None:
    seen = steady(ecs, BLUE)

    assert (seen["desiredCount"], seen["runningCount"], seen["pendingCount"]) == (2, 2, 0)
    assert seen["deployments"][0]["rolloutStateReason"] == f"ECS deployment {seen['deployments'][0]['id']} completed."
    assert version_at(sandbox, 8080) == "1.0.0"


def test_tasks_are_listed_by_service_and_by_deployment(ecs: Any) -> None:
    deployment = steady(ecs, BLUE)["deployments"][0]["id"]

    by_service = tasks(ecs, serviceName=BLUE)

    assert {task["startedBy"] for task in by_service} == {deployment}
    assert {task["group"] for task in by_service} == {f"service:{BLUE}"}
    assert len(ecs.list_tasks(cluster=CLUSTER, startedBy=deployment)["taskArns"]) == 2
    assert len({task["attachments"][0]["details"][1]["value"] for task in by_service}) == 2


def test_a_killed_task_is_started_again(ecs: Any, sandbox: Sandbox) -> None:
    steady(ecs, BLUE)
    victim = tasks(ecs, serviceName=BLUE)[0]["taskArn"]

    sandbox.control.kill(victim)

    eventually(lambda: victim not in ecs.list_tasks(cluster=CLUSTER, serviceName=BLUE)["taskArns"])
    assert len(eventually(lambda: steady(ecs, BLUE)) and tasks(ecs, serviceName=BLUE)) == 2
    ended = ecs.describe_tasks(cluster=CLUSTER, tasks=[victim])["tasks"][0]
    assert ended["stopCode"] == "EssentialContainerExited"
    assert ended["containers"][0]["exitCode"] == 137


def test_no_request_is_lost_when_a_service_is_scaled_in(ecs: Any, sandbox: Sandbox) -> None:
    steady(ecs, BLUE)
    ecs.update_service(cluster=CLUSTER, service=BLUE, desiredCount=4)
    steady(ecs, BLUE)
    answers: Counter[str] = Counter()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            answers[version_at(sandbox, 8080)] += 1
            time.sleep(0.02)

    callers = [threading.Thread(target=ask) for _ in range(2)]
    for caller in callers:
        caller.start()
    ecs.update_service(cluster=CLUSTER, service=BLUE, desiredCount=2)
    steady(ecs, BLUE)
    done.set()
    for caller in callers:
        caller.join()

    assert set(answers) == {"1.0.0"}


def test_a_service_pair_moves_to_a_new_version(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    production = sandbox.control.world["environments"]["production"]
    definition = registered(ecs, "1.1.0")

    ecs.update_service(cluster=CLUSTER, service=GREEN, taskDefinition=definition, desiredCount=2)
    steady(ecs, GREEN)
    shift(client, production, blue=0, green=1)

    eventually(lambda: version_at(sandbox, 8080) == "1.1.0")
    assert version_at(sandbox, 8081) == "1.0.0"
    shift(client, production, blue=1, green=0)


def shift(client: Any, production: dict[str, Any], **weights: int) -> None:
    groups = [
        {"TargetGroupArn": production["target_groups"][slot], "Weight": weight} for slot, weight in weights.items()
    ]
    forward = [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    client("elbv2").modify_rule(RuleArn=production["production_rule"], Actions=forward)


def test_a_rolling_deployment_shows_both_deployments_until_it_is_over(ecs: Any, sandbox: Sandbox) -> None:
    steady(ecs, "legacy-api")
    before = service(ecs, "legacy-api")["deployments"][0]

    answer = ecs.update_service(
        cluster=CLUSTER, service="legacy-api", taskDefinition=registered(ecs, "1.1.0", family="legacy-api")
    )["service"]

    assert [each["status"] for each in answer["deployments"]] == ["PRIMARY", "ACTIVE"]
    assert answer["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    after = steady(ecs, "legacy-api")["deployments"]
    assert after[0]["id"] == answer["deployments"][0]["id"] != before["id"]
    assert version_at(sandbox, 8084) == "1.1.0"
    assert "has begun draining connections" in messages(ecs, "legacy-api")


def test_an_unhealthy_version_is_rolled_back_by_the_circuit_breaker(ecs: Any, sandbox: Sandbox) -> None:
    steady(ecs, "legacy-api")
    before = service(ecs, "legacy-api")["taskDefinition"]

    ecs.update_service(
        cluster=CLUSTER,
        service="legacy-api",
        taskDefinition=registered(ecs, "1.3.0"),
        deploymentConfiguration=BREAKER,
        healthCheckGracePeriodSeconds=0,
    )

    eventually(lambda: service(ecs, "legacy-api")["taskDefinition"] == before)
    assert "rolling back to deploymentId" in service(ecs, "legacy-api")["deployments"][0]["rolloutStateReason"]
    steady(ecs, "legacy-api")
    assert "is unhealthy in (target-group" in messages(ecs, "legacy-api")
    assert "Health checks failed with these codes: [503]" in messages(ecs, "legacy-api")


def test_without_a_circuit_breaker_a_bad_deployment_stays_in_progress(ecs: Any, sandbox: Sandbox) -> None:
    sandbox.push({"repository": "storefront", "tag": "crashing", "behaviour": "crash"})
    name = created(ecs, sandbox, "crashing")

    eventually(lambda: service(ecs, name)["deployments"][0]["failedTasks"] >= 2)

    deployment = service(ecs, name)["deployments"][0]
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "IN_PROGRESS")
    ended = tasks(ecs, serviceName=name, desiredStatus="STOPPED")[0]
    assert ended["stoppedReason"] == "Essential container in task exited"
    assert ended["containers"][0]["exitCode"] == 1
    ecs.delete_service(cluster=CLUSTER, service=name, force=True)


def test_a_deployment_that_cannot_roll_back_fails(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox, taskDefinition=registered(ecs, "9.9.9"), deploymentConfiguration=BREAKER)

    eventually(lambda: service(ecs, name)["deployments"][0]["rolloutState"] == "FAILED")

    deployment = service(ecs, name)["deployments"][0]
    assert deployment["rolloutStateReason"] == "ECS deployment circuit breaker: tasks failed to start."
    assert (deployment["failedTasks"], deployment["status"]) == (3, "PRIMARY")


def test_a_deployment_that_may_neither_stop_nor_start_tasks_says_so(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox, deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 100})
    steady(ecs, name)

    ecs.update_service(cluster=CLUSTER, service=name, forceNewDeployment=True)

    sentence = "was unable to stop or start tasks during a deployment because of the service deployment configuration."
    eventually(lambda: sentence in messages(ecs, name))
    assert [each["runningCount"] for each in service(ecs, name)["deployments"]] == [0, 1]
    ecs.delete_service(cluster=CLUSTER, service=name, force=True)


def test_a_deleted_service_drains_and_becomes_inactive(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox)
    eventually(lambda: service(ecs, name)["runningCount"] == 1)

    ecs.delete_service(cluster=CLUSTER, service=name, force=True)

    eventually(lambda: service(ecs, name)["status"] == "INACTIVE" and not tasks(ecs, serviceName=name))
    with pytest.raises(ecs.exceptions.ServiceNotActiveException):
        ecs.update_service(cluster=CLUSTER, service=name, desiredCount=1)


def test_desired_count_alone_starts_no_deployment(ecs: Any) -> None:
    before = service(ecs, GREEN)["deployments"][0]["id"]

    after = ecs.update_service(cluster=CLUSTER, service=GREEN, desiredCount=1)["service"]

    assert [each["id"] for each in after["deployments"]] == [before]
    assert after["taskDefinition"].startswith("arn:aws:ecs:")


def test_a_target_group_without_a_load_balancer_is_refused(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    vpc = sandbox.control.world["network"]["vpc"]
    group = client("elbv2").create_target_group(Name="alone", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]

    with pytest.raises(ecs.exceptions.InvalidParameterException) as refused:
        created(
            ecs,
            sandbox,
            loadBalancers=[{"targetGroupArn": arn, "containerName": "web", "containerPort": 8000}],
        )

    sentence = f"The target group with targetGroupArn {arn} does not have an associated load balancer."
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("cluster", "name", "error"),
    [("nowhere", "web", "ClusterNotFoundException"), (CLUSTER, "nobody", "ServiceNotFoundException")],
)
def test_what_does_not_exist_is_named(ecs: Any, cluster: str, name: str, error: str) -> None:
    with pytest.raises(ClientError) as refused:
        ecs.update_service(cluster=cluster, service=name, desiredCount=1)

    assert refused.value.response["Error"]["Code"] == error


def test_describing_a_missing_service_is_a_failure_not_an_error(ecs: Any) -> None:
    answer = ecs.describe_services(cluster=CLUSTER, services=["nobody"])

    assert answer["services"] == []
    assert answer["failures"] == [
        {"arn": f"arn:aws:ecs:us-east-1:123456789012:service/{CLUSTER}/nobody", "reason": "MISSING"}
    ]


def test_a_service_of_code_deploy_cannot_be_given_a_task_definition(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox, desiredCount=0, deploymentController={"type": "CODE_DEPLOY"})

    with pytest.raises(ecs.exceptions.InvalidParameterException) as refused:
        ecs.update_service(cluster=CLUSTER, service=name, taskDefinition="storefront")

    assert "Use AWS CodeDeploy to trigger a new deployment." in str(refused.value)
    assert service(ecs, name)["deployments"] == []


def test_what_the_sandbox_does_not_do_is_refused_honestly(ecs: Any, sandbox: Sandbox) -> None:
    with pytest.raises(ecs.exceptions.UnsupportedFeatureException):
        created(ecs, sandbox, schedulingStrategy="DAEMON")
    with pytest.raises(ecs.exceptions.UnsupportedFeatureException):
        ecs.discover_poll_endpoint()


def test_a_task_without_room_on_the_instances_waits(ecs: Any, sandbox: Sandbox) -> None:
    ecs.create_cluster(clusterName="small")
    sizes = [{"name": "CPU", "type": "INTEGER", "integerValue": 1024}, _memory(700)]
    ecs.register_container_instance(cluster="small", totalResources=sizes)
    definition = registered(ecs, "1.0.0", requiresCompatibilities=["EC2"])

    ecs.create_service(
        cluster="small",
        serviceName="crowded",
        taskDefinition=definition,
        desiredCount=2,
        networkConfiguration=network(sandbox),
    )

    def seen() -> dict[str, Any]:
        return dict(ecs.describe_services(cluster="small", services=["crowded"])["services"][0])

    eventually(lambda: (seen()["runningCount"], seen()["pendingCount"]) == (1, 1))
    sentences = " ".join(event["message"] for event in seen()["events"])
    assert "was unable to place a task because no container instance met all of its requirements" in sentences
    assert "insufficient memory" in sentences
    instances = ecs.list_container_instances(cluster="small")["containerInstanceArns"]
    described = ecs.describe_container_instances(cluster="small", containerInstances=instances)
    assert described["containerInstances"][0]["remainingResources"][1]["integerValue"] == 188


def _memory(size: int) -> dict[str, Any]:
    return {"name": "MEMORY", "type": "INTEGER", "integerValue": size}
