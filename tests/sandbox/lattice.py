"""A service of VPC Lattice with a rule and two target groups, as an owner makes them before ECS shifts between them."""

import uuid
from typing import Any

from sandbox.server import Sandbox


class Lattice:
    def __init__(self, sandbox: Sandbox) -> None:
        self.aws = sandbox.client("vpc-lattice")
        name = f"lattice-{uuid.uuid4().hex[:6]}"
        vpc = sandbox.control.world["network"]["vpc"]
        self.blue, self.green = (
            self.aws.create_target_group(
                name=f"{name}-{slot}", type="IP", config={"port": 8000, "protocol": "HTTP", "vpcIdentifier": vpc}
            )["arn"]
            for slot in ("blue", "green")
        )
        self.service = self.aws.create_service(name=name)
        nothing = {"fixedResponse": {"statusCode": 404}}
        self.listener = self.aws.create_listener(
            serviceIdentifier=self.service["id"], name="http", protocol="HTTP", port=80, defaultAction=nothing
        )
        groups = [
            {"targetGroupIdentifier": self.blue, "weight": 100},
            {"targetGroupIdentifier": self.green, "weight": 0},
        ]
        self.rule = self.aws.create_rule(
            serviceIdentifier=self.service["id"],
            listenerIdentifier=self.listener["id"],
            name="all",
            match={"httpMatch": {"pathMatch": {"match": {"prefix": "/"}}}},
            priority=10,
            action={"forward": {"targetGroups": groups}},
        )

    @property
    def names(self) -> dict[str, str]:
        return {
            "serviceIdentifier": self.service["id"],
            "listenerIdentifier": self.listener["id"],
            "ruleIdentifier": self.rule["id"],
        }

    def way(self, role: str) -> dict[str, Any]:
        """As ECS is told of it."""
        advanced = {"alternateTargetGroupArn": self.green, "productionListenerRule": self.rule["arn"]}
        return {"roleArn": role, "portName": "web", "targetGroupArn": self.blue, "advancedConfiguration": advanced}

    def weights(self) -> tuple[int, int]:
        """Of blue and green."""
        groups = self.aws.get_rule(**self.names)["action"]["forward"]["targetGroups"]
        shares = {each["targetGroupIdentifier"].rpartition("/")[2]: each["weight"] for each in groups}
        blue, green = (shares[each.rpartition("/")[2]] for each in (self.blue, self.green))
        return blue, green

    def forward(self, blue: int, green: int) -> None:
        """By hand."""
        groups = [
            {"targetGroupIdentifier": self.blue, "weight": blue},
            {"targetGroupIdentifier": self.green, "weight": green},
        ]
        self.aws.update_rule(**self.names, action={"forward": {"targetGroups": groups}})
