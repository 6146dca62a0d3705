"""Another region after a restart with the same state directory."""

from pathlib import Path
from typing import Any

from sandbox.account import REGION
from sandbox.server import Sandbox
from tests.sandbox.functions import create, role

SEOUL = "ap-northeast-2"
SHOP = {"cluster": "shop", "serviceName": "shop"}


def make_shop(ecs: Any) -> None:
    """On a machine that never comes, so that no process starts."""
    container = {"name": "web", "image": "shop", "memory": 64}
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="shop", containerDefinitions=[container])
    ecs.create_service(**SHOP, taskDefinition="shop", desiredCount=1, launchType="EC2")


def wanted(ecs: Any) -> tuple[str, int]:
    (service,) = ecs.describe_services(cluster="shop", services=["shop"])["services"]
    return service["serviceArn"], service["desiredCount"]


def test_services_of_the_same_name_stay_apart(tmp_path: Path) -> None:
    with Sandbox(world=False, state=tmp_path) as first:
        for region in (REGION, SEOUL):
            make_shop(first.client("ecs", region))
        for region, count in ((REGION, 2), (SEOUL, 3)):
            first.client("ecs", region).update_service(cluster="shop", service="shop", desiredCount=count)

    with Sandbox(world=False, state=tmp_path) as second:
        for region, count in ((REGION, 2), (SEOUL, 3)):
            arn = f"arn:aws:ecs:{region}:123456789012:service/shop/shop"
            assert wanted(second.client("ecs", region)) == (arn, count)


def test_what_is_there_by_default_is_the_same_again_whoever_asks_first(tmp_path: Path) -> None:
    with Sandbox(world=False, state=tmp_path) as first:
        ec2 = first.client("ec2", SEOUL)
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]

    with Sandbox(world=False, state=tmp_path) as second:
        ec2 = second.client("ec2", SEOUL)
        assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["VpcId"] == vpc
        assert [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]] == [vpc]


def test_a_function_is_there_again_after_a_restart(tmp_path: Path) -> None:
    code = "def handler(event, context): return event"
    with Sandbox(world=False, state=tmp_path) as first:
        create(first.client("lambda"), "echo", code, role(first, "echo", "lambda.amazonaws.com"))

    with Sandbox(world=False, state=tmp_path) as second:
        answer = second.client("lambda").invoke(FunctionName="echo", Payload=b'"here"')
        assert answer["Payload"].read() == b'"here"'
