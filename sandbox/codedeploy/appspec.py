"""The AppSpec of an ECS deployment: one service's task definition, container and port.

Keys are read in any case, as CodeDeploy does: its documents write them both ways.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from sandbox.codedeploy.model import Json

HOOKS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")


class BadAppSpec(Exception):
    """The sentence that people get."""


@dataclass(frozen=True)
class AppSpec:
    task_definition: str
    container: str
    port: int
    network_configuration: Json = field(default_factory=dict)
    launch: Json = field(default_factory=dict)
    #: name or ARN of a function, by lifecycle event
    hooks: dict[str, str] = field(default_factory=dict)


def parse(content: str) -> AppSpec:
    document = _load(content)
    hooks = _hooks(document)
    resources = _get(document, "resources")
    if not isinstance(resources, list) or not resources:
        raise BadAppSpec("The AppSpec file contains no resources. It needs one of type AWS::ECS::Service.")
    if len(resources) != 1 or not isinstance(resources[0], dict) or len(resources[0]) != 1:
        raise BadAppSpec("The AppSpec file for an ECS deployment needs exactly one resource.")
    resource = next(iter(resources[0].values()))
    if _get(resource, "type") != "AWS::ECS::Service":
        raise BadAppSpec(f"The resource type {_get(resource, 'type')} is not AWS::ECS::Service.")
    return replace(_service(_get(resource, "properties")), hooks=hooks)


def _service(properties: Any) -> AppSpec:
    definition = _get(properties, "taskDefinition")
    balancer = _get(properties, "loadBalancerInfo")
    container, port = _get(balancer, "containerName"), _get(balancer, "containerPort")
    if not definition:
        raise BadAppSpec("The AppSpec file has no TaskDefinition.")
    if not container or not port:
        raise BadAppSpec("The AppSpec file has no LoadBalancerInfo with ContainerName and ContainerPort.")
    try:
        number = int(port)
    except (TypeError, ValueError):
        raise BadAppSpec(f"The ContainerPort {port!r} is not a number.") from None
    launch: Json = {}
    if _get(properties, "platformVersion"):
        launch["platformVersion"] = _get(properties, "platformVersion")
    strategy = _get(properties, "capacityProviderStrategy") or []
    if strategy:
        launch["capacityProviderStrategy"] = [_camel(each) for each in strategy]
    return AppSpec(str(definition), str(container), number, _network(properties), launch)


def _network(properties: Any) -> Json:
    network = _get(properties, "networkConfiguration")
    if not network:
        return {}
    awsvpc = _get(network, "awsvpcConfiguration")
    members = {name: _get(awsvpc, name) for name in ("subnets", "securityGroups", "assignPublicIp")}
    missing = [name for name, value in members.items() if value is None]
    if missing:
        raise BadAppSpec(f"The AwsvpcConfiguration of the AppSpec file needs {', '.join(missing)} too.")
    return {"awsvpcConfiguration": members}


def _load(content: str) -> Json:
    try:
        document = json.loads(content)
    except ValueError:
        try:
            document = yaml.safe_load(content)
        except yaml.YAMLError:
            raise BadAppSpec("The AppSpec file is neither valid JSON nor valid YAML.") from None
    if not isinstance(document, dict):
        raise BadAppSpec("The AppSpec file is not a document with version, resources and hooks.")
    version = _get(document, "version")
    if str(version) not in ("0.0", "0"):
        raise BadAppSpec(f"The AppSpec file has the version {version}; only 0.0 is known.")
    return document


def _hooks(document: Json) -> dict[str, str]:
    named: dict[str, str] = {}
    for hook in _get(document, "hooks") or []:
        for name, function in (hook or {}).items():
            if name not in HOOKS:
                raise BadAppSpec(f"The hook {name} is not one of {', '.join(HOOKS)}.")
            if function:
                named[name] = str(function)
    return named


def _get(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        for key, found in value.items():
            if str(key).lower() == name.lower():
                return found
    return None


def _camel(value: Json) -> Json:
    return {key[0].lower() + key[1:]: each for key, each in value.items()}
