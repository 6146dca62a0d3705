"""Amazon EC2 under the cluster: what its instances have room for, and the ingress rules of security groups."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from deployments.aws import errors, values
from deployments.aws.calling import Caller, chunks
from deployments.aws.codedeploy_values import TagFilter

#: The tag by which Auto Scaling says whose an instance is.
OF_AUTO_SCALING = "aws:autoscaling:groupName"


class Ec2(Caller):
    def security_group_rules(self, ids: Collection[str]) -> Mapping[str, tuple[values.SecurityGroupRule, ...]]:
        """Ingress only; missing groups are absent. `sources` are CIDR blocks, group ids and prefix lists."""
        found: dict[str, tuple[values.SecurityGroupRule, ...]] = {}
        for some in chunks(ids, 200):
            # Asked by GroupIds, one missing group would make the whole call fail; a filter just finds fewer.
            by_id = [{"Name": "group-id", "Values": some}]
            for page in self.pages("ec2", "DescribeSecurityGroups", Filters=by_id):
                for group in page["SecurityGroups"]:
                    found[group["GroupId"]] = tuple(_rule(raw) for raw in group.get("IpPermissions", []))
        return found

    def capacity(self, cluster: str) -> values.Capacity:
        """Only instances whose agent is connected can be given tasks, so only they count."""
        instances = list(self._instances(cluster))
        return values.Capacity(
            remaining=tuple(_room(instance) for instance in instances),
            security_groups=self._groups_of([each.get("ec2InstanceId", "") for each in instances]),
        )

    def servers(self, auto_scaling_groups: Collection[str], tags: Sequence[Sequence[TagFilter]]) -> tuple[str, ...]:
        """Auto Scaling writes its group's name onto each instance. Others are asked for by key, and matched here."""
        wanted = {each for alternatives in tags for each in alternatives}
        keys = sorted({each.key for each in wanted if each.kind != "VALUE_ONLY"})
        filters = {
            f"tag:{OF_AUTO_SCALING}": sorted(auto_scaling_groups),
            "tag-key": keys,
            "tag-value": sorted({each.value for each in wanted if each.kind == "VALUE_ONLY"}),
        }
        found: dict[str, dict[str, str]] = {}
        for name, values_of_it in filters.items():
            found |= self._tagged(name, values_of_it) if values_of_it else {}
        return tuple(sorted(each for each, its in found.items() if _chosen(its, auto_scaling_groups, tags)))

    def _tagged(self, name: str, wanted: Collection[str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for some in chunks(wanted, 200):
            asked = [{"Name": name, "Values": some}, {"Name": "instance-state-name", "Values": ["pending", "running"]}]
            for page in self.pages("ec2", "DescribeInstances", Filters=asked):
                for each in (each for group in page["Reservations"] for each in group["Instances"]):
                    found[each["InstanceId"]] = {tag["Key"]: tag["Value"] for tag in each.get("Tags", [])}
        return found

    def _instances(self, cluster: str) -> Iterator[Mapping[str, Any]]:
        pages = self.pages("ecs", "ListContainerInstances", cluster=cluster, status="ACTIVE")
        arns = [arn for page in pages for arn in page["containerInstanceArns"]]
        for some in chunks(arns, 100):
            answer = self.call("ecs", "DescribeContainerInstances", cluster=cluster, containerInstances=some)
            yield from (each for each in answer["containerInstances"] if each.get("agentConnected", True))

    def _groups_of(self, ids: list[str]) -> tuple[tuple[str, ...], ...] | None:
        found: dict[str, tuple[str, ...]] = {}
        try:
            for some in chunks(ids, 200):
                by_id = [{"Name": "instance-id", "Values": some}]
                for page in self.pages("ec2", "DescribeInstances", Filters=by_id):
                    for each in (each for group in page["Reservations"] for each in group["Instances"]):
                        groups = each.get("SecurityGroups", [])
                        found[each["InstanceId"]] = tuple(group["GroupId"] for group in groups)
        except errors.Denied:
            return None
        return tuple(found.get(each, ()) for each in ids)


def _chosen(tags: Mapping[str, str], groups: Collection[str], lists: Sequence[Sequence[TagFilter]]) -> bool:
    if tags.get(OF_AUTO_SCALING) in groups:
        return True
    return bool(lists) and all(any(each.fits(tags) for each in alternatives) for alternatives in lists)


def _room(instance: Mapping[str, Any]) -> tuple[int, int]:
    resources = {each["name"]: each.get("integerValue", 0) for each in instance["remainingResources"]}
    return resources.get("CPU", 0), resources.get("MEMORY", 0)


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
