"""CodeStar Connections, which moto has not: a pipeline names one to say where its source is.

One that the API makes is pending until a person has signed in at the other side, which nobody can do here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.moto_api._internal import mock_random

from sandbox.account import ACCOUNT, arn
from sandbox.calls import Call, Refused

Json = dict[str, Any]
SERVICES = ("codestar-connections", "codeconnections")
PROVIDERS = ("Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged")


@dataclass
class Connection:
    arn: str
    name: str
    provider: str
    tags: dict[str, str] = field(default_factory=dict)

    def described(self) -> Json:
        return {
            "ConnectionName": self.name,
            "ConnectionArn": self.arn,
            "ProviderType": self.provider,
            "OwnerAccountId": ACCOUNT,
            "ConnectionStatus": "PENDING",
        }


class Connections:
    def __init__(self) -> None:
        self._kept: dict[str, Connection] = {}
        self._operations: dict[str, Callable[[Call], Json]] = {
            "CreateConnection": self._create,
            "GetConnection": lambda call: {"Connection": self._named(call, "ConnectionArn").described()},
            "ListConnections": self._list,
            "DeleteConnection": self._delete,
            "ListTagsForResource": lambda call: {"Tags": _tags(self._named(call, "ResourceArn"))},
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    def answer(self, call: Call) -> bytes:
        """Raises Refused."""
        operation = self._operations.get(call.operation)
        if operation is None:
            raise Refused(501, "NotImplemented", f"The sandbox does not know the operation {call.name}.")
        return json.dumps(operation(call)).encode()

    def _create(self, call: Call) -> Json:
        name, provider = call.parameters.get("ConnectionName", ""), call.parameters.get("ProviderType", "GitHub")
        if not name or provider not in PROVIDERS:
            raise Refused(400, "ValidationException", f"A connection has a name, and one of {', '.join(PROVIDERS)}.")
        made = Connection(arn(call.service, f"connection/{mock_random.uuid4()}", call.region), name, provider)
        made.tags |= _pairs(call)
        self._kept[made.arn] = made
        return {"ConnectionArn": made.arn, "Tags": _tags(made)}

    def _list(self, call: Call) -> Json:
        provider = call.parameters.get("ProviderTypeFilter")
        here = [each for each in self._kept.values() if each.arn.split(":")[3] == call.region]
        return {"Connections": [each.described() for each in here if provider in (None, each.provider)]}

    def _delete(self, call: Call) -> Json:
        del self._kept[self._named(call, "ConnectionArn").arn]
        return {}

    def _tag(self, call: Call) -> Json:
        self._named(call, "ResourceArn").tags |= _pairs(call)
        return {}

    def _untag(self, call: Call) -> Json:
        tags = self._named(call, "ResourceArn").tags
        for key in call.parameters.get("TagKeys", []):
            tags.pop(key, None)
        return {}

    def _named(self, call: Call, parameter: str) -> Connection:
        found = self._kept.get(str(call.parameters.get(parameter)))
        if found is None or found.arn.split(":")[3] != call.region:
            raise Refused(400, "ResourceNotFoundException", f"Resource not found: {call.parameters.get(parameter)}")
        return found


def _pairs(call: Call) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in call.parameters.get("Tags") or []}


def _tags(connection: Connection) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in connection.tags.items()]
