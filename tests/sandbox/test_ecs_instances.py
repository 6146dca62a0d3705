"""Tasks on container instances: host ports, and what fits."""

import urllib.request
from typing import Any

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.shop import CLUSTER, registered


def test_two_tasks_in_bridge_mode_share_an_instance_on_dynamic_ports(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    cluster = "bridge"
    ecs.create_cluster(clusterName=cluster)
    memory = {"name": "MEMORY", "type": "INTEGER", "integerValue": 4096}
    instance = ecs.register_container_instance(cluster=cluster, totalResources=[memory])["containerInstance"]
    group, url = _balanced(client("elbv2"), sandbox)
    definition = _on_any_port(ecs, registered(ecs, "1.0.0"))

    ecs.create_service(
        cluster=cluster,
        serviceName="web",
        taskDefinition=definition,
        desiredCount=2,
        loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 8000}],
    )

    def healthy() -> list[dict[str, Any]]:
        found = client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [each["Target"] for each in found if each["TargetHealth"]["State"] == "healthy"]

    eventually(lambda: len(healthy()) == 2)
    assert {target["Id"] for target in healthy()} == {instance["ec2InstanceId"]}
    assert all(target["Port"] >= 32768 for target in healthy())
    with urllib.request.urlopen(url + "/version", timeout=5) as answer:
        assert answer.read() == b"1.0.0"
    task = ecs.describe_tasks(cluster=cluster, tasks=ecs.list_tasks(cluster=cluster)["taskArns"])["tasks"][0]
    assert task["containers"][0]["networkBindings"][0]["hostPort"] in {target["Port"] for target in healthy()}


def _on_any_port(ecs: Any, definition: str) -> str:
    container = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]["containerDefinitions"][0]
    container["portMappings"] = [{"containerPort": 8000, "hostPort": 0}]
    changes = {"networkMode": "bridge", "requiresCompatibilities": ["EC2"], "containerDefinitions": [container]}
    return registered(ecs, "1.0.0", **changes)


def _balanced(elb: Any, sandbox: Sandbox) -> tuple[str, str]:
    network = sandbox.control.world["network"]
    balancer = elb.create_load_balancer(Name="bridge", Subnets=network["subnets"])["LoadBalancers"][0]
    group = elb.create_target_group(
        Name="bridge", Protocol="HTTP", Port=80, VpcId=network["vpc"], TargetType="instance", HealthCheckPath="/healthz"
    )["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward)
    url = next(each["Url"] for each in sandbox.load_balancers.listeners() if each["LoadBalancerName"] == "bridge")
    return group, str(url)


def test_a_task_without_an_instance_is_not_run(ecs: Any) -> None:
    definition = registered(ecs, "1.0.0", networkMode="bridge", requiresCompatibilities=["EC2"])

    answer = ecs.run_task(cluster=CLUSTER, taskDefinition=definition)

    assert answer["tasks"] == []
    assert answer["failures"] == [{"reason": "RESOURCE:MEMORY"}]
