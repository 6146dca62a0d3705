"""How AWS's services invoke functions: as a role that they may assume and that lets them."""

from collections.abc import Callable

from sandbox.functions.model import Json, Run
from sandbox.functions.store import Functions, arn_of
from sandbox.iam import role_may

#: role, function by name or ARN, event
Invoke = Callable[[str, str, Json], Run]


class MayNotInvoke(Exception):
    """The service may not assume the role, or the role does not allow it."""


class NoSuchFunction(Exception):
    """Its ARN."""


def invoker(functions: Functions, region: str, service: str) -> Invoke:
    def invoke(role: str, name_or_arn: str, event: Json) -> Run:
        arn = arn_of(region, name_or_arn)
        if not role_may(service, role, "lambda:InvokeFunction", arn):
            raise MayNotInvoke(arn)
        function = functions.find(region, name_or_arn)
        if function is None:
            raise NoSuchFunction(arn)
        return functions.begin(function, event)

    return invoke


def nobody(role: str, name_or_arn: str, event: Json) -> Run:
    """For a service that runs without Lambda."""
    raise NoSuchFunction(name_or_arn)
