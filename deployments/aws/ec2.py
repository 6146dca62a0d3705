"""Amazon EC2: the ingress rules of security groups."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from deployments.aws import values
from deployments.aws.calling import Caller, chunks


class Ec2(Caller):
    def security_group_rules(
        self, ids: Collection[str]
    ) -> Mapping[str, tuple[values.SecurityGroupRule, ...]]:
        """Ingress only; missing groups are absent. `sources` are CIDR blocks, group ids and prefix lists."""
        found: dict[str, tuple[values.SecurityGroupRule, ...]] = {}
        for some in chunks(ids, 200):
            # Asked by GroupIds, one missing group would make the whole call fail; a filter just finds fewer.
            by_id = [{"Name": "group-id", "Values": some}]
            for page in self.pages("ec2", "DescribeSecurityGroups", Filters=by_id):
                for group in page["SecurityGroups"]:
                    found[group["GroupId"]] = tuple(_rule(raw) for raw in group.get("IpPermissions", []))
        return found


def _rule(raw: Mapping[str, Any]) -> values.SecurityGroupRule:
    return values.SecurityGroupRule(
        protocol=raw["IpProtocol"],
        # protocol -1 means everything and carries no ports
        from_port=raw.get("FromPort", 0),
        to_port=raw.get("ToPort", 65535),
        sources=tuple(_sources(raw)),
    )


def _sources(raw: Mapping[str, Any]) -> Iterator[str]:
    yield from (each["CidrIp"] for each in raw.get("IpRanges", []))
    yield from (each["CidrIpv6"] for each in raw.get("Ipv6Ranges", []))
    yield from (each["GroupId"] for each in raw.get("UserIdGroupPairs", []) if "GroupId" in each)
    yield from (each["PrefixListId"] for each in raw.get("PrefixListIds", []))
