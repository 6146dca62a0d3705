"""What a revision is connected to besides load balancers: registries, Service Connect, volumes, VPC Lattice."""

import uuid
from collections.abc import Iterator

from sandbox import lattice
from sandbox.account import arn
from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json

OF_DEPLOYMENT = ("serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations")
OF_REVISION = ("serviceRegistries", *OF_DEPLOYMENT)


def of_deployment(body: Json, region: str) -> Json:
    """``body`` is the revision's."""
    shown = {name: body[name] for name in OF_DEPLOYMENT if body.get(name)}
    resources = list(_discovered(body.get("serviceConnectConfiguration") or {}, region))
    return shown | ({"serviceConnectResources": resources} if resources else {})


def check(body: Json) -> None:
    """The words are the sandbox's: AWS does not write which it uses."""
    for each in lattice_ways(body):
        advanced = each["advancedConfiguration"]
        for name in ("alternateTargetGroupArn", "productionListenerRule"):
            if not advanced.get(name):
                raise InvalidParameter(f"{name} is required in advancedConfiguration")
        for name in ("productionListenerRule", "testListenerRule"):
            if (rule := advanced.get(name)) and not lattice.is_its(rule):
                raise InvalidParameter(f"{name} must be the ARN of a listener or a rule of VPC Lattice. Got: {rule}")


def lattice_ways(body: Json) -> list[Json]:
    """Between which ECS shifts, with the role where load balancers have it."""
    ways = body.get("vpcLatticeConfigurations") or []
    return [
        {
            "targetGroupArn": each["targetGroupArn"],
            "advancedConfiguration": {**each["advancedConfiguration"], "roleArn": each["roleArn"]},
        }
        for each in ways
        if each.get("advancedConfiguration")
    ]


def of_revision(body: Json) -> Json:
    return {name: body[name] for name in OF_REVISION if body.get(name)}


def _discovered(configuration: Json, region: str) -> Iterator[Json]:
    """The Cloud Map services that Service Connect makes, under the same names each time."""
    for each in configuration.get("services") or [] if configuration.get("enabled") else []:
        name = each.get("discoveryName") or each["portName"]
        number = uuid.uuid5(uuid.NAMESPACE_URL, f"{configuration.get('namespace')}/{name}").hex[:17]
        yield {"discoveryName": name, "discoveryArn": arn("servicediscovery", f"service/srv-{number}", region)}
