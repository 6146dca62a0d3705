"""The network: two subnets, and the security groups of load balancers and tasks."""

from typing import Any

from sandbox.world.names import LISTENER_PORTS


def create_network(ec2: Any) -> dict[str, Any]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsHostnames", "EnableDnsSupport"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    region = ec2.meta.region_name
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{region}{zone}")["Subnet"]
        for number, zone in ((1, "a"), (2, "b"))
    ]
    balancers = _security_group(
        ec2, vpc, "storefront-alb", [{"CidrIp": "0.0.0.0/0"}], None, min(LISTENER_PORTS), max(LISTENER_PORTS)
    )
    tasks = _security_group(ec2, vpc, "storefront-tasks", [], balancers, 8000, 8000)
    return {
        "vpc": vpc,
        "subnets": [subnet["SubnetId"] for subnet in subnets],
        "security_group": tasks,
        "load_balancer_security_group": balancers,
    }


def _security_group(
    ec2: Any, vpc: str, name: str, ranges: list[dict[str, str]], source: str | None, first: int, last: int
) -> str:
    group: str = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    permission: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, "IpRanges": ranges}
    if source:
        permission["UserIdGroupPairs"] = [{"GroupId": source}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return group
