"""What lies around a service: scaling, instances, security groups."""

from datetime import UTC, datetime
from typing import Any

import pytest

from deployments.aws import actions, errors, values
from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import Stubs

RESOURCE = "service/shop/shop-blue"
DIMENSION = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
ALL = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


@pytest.mark.parametrize(("flags", "suspended"), [(ALL, True), (ALL[:2], False), ((), False)])
def test_scaling_counts_as_suspended_when_all_of_it_is(
    gateway: BotoGateway, aws: Stubs, flags: tuple[str, ...], suspended: bool
) -> None:
    target = {
        "ResourceId": RESOURCE,
        "MinCapacity": 1,
        "MaxCapacity": 4,
        "SuspendedState": dict.fromkeys(flags, True),
        "RoleARN": "role",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        **DIMENSION,
    }
    asked = {"ResourceIds": [RESOURCE], **DIMENSION}
    aws.add("application-autoscaling", "describe_scalable_targets", {"ScalableTargets": [target]}, asked)

    assert gateway.scalable_targets([RESOURCE]) == {
        RESOURCE: values.ScalableTarget(
            resource_id=RESOURCE, minimum=1, maximum=4, suspended=suspended, suspensions=flags
        )
    }


def test_what_the_owner_has_suspended_stays_so(gateway: BotoGateway, aws: Stubs) -> None:
    kinds = {ALL[0]: False, ALL[1]: False, ALL[2]: True}
    asked = {"ResourceId": RESOURCE, "SuspendedState": kinds, **DIMENSION}
    aws.add("application-autoscaling", "register_scalable_target", {}, asked)

    resumed = actions.SuspendScaling(resource_id=RESOURCE, suspended=False, kept=ALL[2:])
    assert gateway.perform(resumed) == actions.Made()


@pytest.mark.parametrize("suspended", [True, False])
def test_all_scaling_is_suspended_and_resumed_at_once(gateway: BotoGateway, aws: Stubs, suspended: bool) -> None:
    asked = {"ResourceId": RESOURCE, "SuspendedState": dict.fromkeys(ALL, suspended), **DIMENSION}
    aws.add("application-autoscaling", "register_scalable_target", {}, asked)

    assert gateway.perform(actions.SuspendScaling(resource_id=RESOURCE, suspended=suspended)) == actions.Made()
    assert aws.asked == [("application-autoscaling", True, "")]


def instance(name: str, *, connected: bool = True) -> dict[str, Any]:
    remaining = [
        {"name": "CPU", "type": "INTEGER", "integerValue": 1024},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": 900},
        {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]},
    ]
    return {"ec2InstanceId": name, "agentConnected": connected, "remainingResources": remaining}


def add_instances(aws: Stubs, *instances: dict[str, Any]) -> None:
    arns = [f"arn-{number}" for number in range(len(instances))]
    aws.add("ecs", "list_container_instances", {"containerInstanceArns": arns}, {"cluster": "shop", "status": "ACTIVE"})
    if arns:
        asked = {"cluster": "shop", "containerInstances": arns}
        aws.add("ecs", "describe_container_instances", {"containerInstances": list(instances)}, asked)


def test_capacity_counts_connected_instances_and_their_groups(gateway: BotoGateway, aws: Stubs) -> None:
    add_instances(aws, instance("i-1"), instance("i-2", connected=False), instance("i-3"))
    found = [{"InstanceId": "i-3", "SecurityGroups": [{"GroupId": "sg-1"}]}]
    asked = {"Filters": [{"Name": "instance-id", "Values": ["i-1", "i-3"]}]}
    aws.add("ec2", "describe_instances", {"Reservations": [{"Instances": found}]}, asked)

    capacity = gateway.capacity("shop")

    assert capacity.remaining == ((1024, 900), (1024, 900))
    assert capacity.security_groups == ((), ("sg-1",))


def test_capacity_is_known_without_the_right_to_see_instances(gateway: BotoGateway, aws: Stubs) -> None:
    add_instances(aws, instance("i-1"))
    aws.refuse("ec2", "describe_instances", "UnauthorizedOperation", "not authorized", 403)

    assert gateway.capacity("shop").security_groups is None


def test_a_cluster_without_instances_has_no_capacity(gateway: BotoGateway, aws: Stubs) -> None:
    add_instances(aws)

    assert gateway.capacity("shop") == values.Capacity(remaining=(), security_groups=())


def test_ingress_rules_name_all_their_sources(gateway: BotoGateway, aws: Stubs) -> None:
    permissions = [
        {
            "IpProtocol": "tcp",
            "FromPort": 32768,
            "ToPort": 65535,
            "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            "UserIdGroupPairs": [{"GroupId": "sg-2"}],
            "PrefixListIds": [{"PrefixListId": "pl-1"}],
        },
        {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-3"}]},
    ]
    asked = {"Filters": [{"Name": "group-id", "Values": ["sg-1", "sg-gone"]}]}
    answer = {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": permissions}]}
    aws.add("ec2", "describe_security_groups", answer, asked)

    found = gateway.security_group_rules(["sg-1", "sg-gone"])

    assert set(found) == {"sg-1"}
    assert found["sg-1"][0].sources == ("10.0.0.0/16", "::/0", "sg-2", "pl-1")
    assert (found["sg-1"][1].from_port, found["sg-1"][1].to_port) == (0, 65535)


def test_errors_come_out_as_ours(gateway: BotoGateway, aws: Stubs) -> None:
    aws.refuse("ec2", "describe_security_groups", "RequestLimitExceeded", "Request limit exceeded.", 503)

    with pytest.raises(errors.Throttled) as caught:
        gateway.security_group_rules(["sg-1"])
    assert caught.value.sentence == (
        "AWS answered DescribeSecurityGroups with RequestLimitExceeded: Request limit exceeded."
    )
