"""VPC Lattice, read only: what the rules forward to between which ECS shifts."""

from collections.abc import Mapping

from deployments.aws.calling import Caller


def is_listener_or_rule(arn: str) -> bool:
    return ":vpc-lattice:" in arn and "/listener/" in arn


def named(arn: str) -> str:
    """svc-1/listener/listener-1/rule/rule-1, or the id of a target group."""
    return arn.split(":", 5)[-1].removeprefix("targetgroup/").removeprefix("service/")


def id_of(target_group: str) -> str:
    """Of an ARN or an id: rules may name target groups by either."""
    return target_group.rpartition("/")[2]


class VpcLattice(Caller):
    def lattice_weights(self, rule: str) -> Mapping[str, int]:
        """arn:aws:vpc-lattice:REGION:ACCOUNT:service/svc-1/listener/listener-1, with /rule/rule-1 or not."""
        names = rule.split(":", 5)[-1].split("/")
        where = {"serviceIdentifier": names[1], "listenerIdentifier": names[3]}
        if len(names) > 5:
            action = self.call("vpc-lattice", "GetRule", **where, ruleIdentifier=names[5])["action"]
        else:
            action = self.call("vpc-lattice", "GetListener", **where)["defaultAction"]
        groups = action.get("forward", {}).get("targetGroups", ())
        return {each["targetGroupIdentifier"]: each.get("weight", 100) for each in groups}
