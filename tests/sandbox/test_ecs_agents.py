"""EC2 instances that join a cluster by themselves, as those of an Auto Scaling group do."""

from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.shop import registered

AMAZON_LINUX = "ami-04681a1dbd79675a5"
CLUSTER = "joined"


@pytest.fixture
def cluster(ecs: Any) -> str:
    return str(ecs.create_cluster(clusterName=CLUSTER)["cluster"]["clusterName"])


def _launch(client: Any, sandbox: Sandbox, user_data: str) -> str:
    started = client("ec2").run_instances(
        ImageId=AMAZON_LINUX,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=sandbox.control.world["network"]["subnets"][0],
        UserData=user_data,
    )
    return str(started["Instances"][0]["InstanceId"])


def _joined(ecs: Any) -> list[dict[str, Any]]:
    arns = ecs.list_container_instances(cluster=CLUSTER)["containerInstanceArns"]
    return arns and list(
        ecs.describe_container_instances(cluster=CLUSTER, containerInstances=arns)["containerInstances"]
    )


def test_an_instance_runs_tasks_of_the_cluster_that_its_user_data_names(
    ecs: Any, client: Any, sandbox: Sandbox, cluster: str
) -> None:
    number = _launch(client, sandbox, f"#!/bin/bash\necho ECS_CLUSTER={cluster} >>/etc/ecs/ecs.config\n")

    instance = eventually(lambda: _joined(ecs))[0]
    memory = next(each["integerValue"] for each in instance["registeredResources"] if each["name"] == "MEMORY")
    assert instance["ec2InstanceId"] == number
    assert 900 < memory < 1024

    definition = registered(ecs, "1.0.0", networkMode="bridge", requiresCompatibilities=["EC2"])
    task = ecs.run_task(cluster=cluster, taskDefinition=definition)["tasks"][0]["taskArn"]
    eventually(lambda: _task(ecs, task)["lastStatus"] == "RUNNING")
    client("ec2").terminate_instances(InstanceIds=[number])

    eventually(lambda: _task(ecs, task)["lastStatus"] == "STOPPED")
    assert _task(ecs, task)["stoppedReason"] == f"Host EC2 (instance {number}) terminated."
    assert _joined(ecs) == []


def _task(ecs: Any, arn: str) -> dict[str, Any]:
    return dict(ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0])


def test_an_instance_that_names_no_cluster_or_an_unknown_one_joins_none(
    ecs: Any, client: Any, sandbox: Sandbox, cluster: str
) -> None:
    for user_data in ("#!/bin/bash\n# ECS_CLUSTER=joined\n", "#!/bin/bash\necho ECS_CLUSTER=elsewhere\n"):
        _launch(client, sandbox, user_data)
    last = _launch(client, sandbox, f"#!/bin/bash\necho ECS_CLUSTER={cluster} >>/etc/ecs/ecs.config\n")

    eventually(lambda: _joined(ecs))

    assert [each["ec2InstanceId"] for each in _joined(ecs)] == [last]
    client("ec2").terminate_instances(InstanceIds=[last])
    eventually(lambda: not _joined(ecs))
