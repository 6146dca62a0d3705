"""The AppSpec of a deployment to ECS, written from what runs there, so that nobody has to keep one in a repository."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from deployments.aws.appspecs import AppSpecHook
from deployments.aws.values import Service
from deployments.frozen import EnvironmentSettings


def revision(
    settings: EnvironmentSettings, service: Service, task_definition: str, hooks: Iterable[AppSpecHook] = ()
) -> dict[str, Any]:
    """CreateDeployment's revision. The hash is of this very text, by which alone AWS shows it again."""
    content = json.dumps(document(settings, service, task_definition, hooks), sort_keys=True)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": sha256}}


def document(
    settings: EnvironmentSettings, service: Service, task_definition: str, hooks: Iterable[AppSpecHook] = ()
) -> dict[str, Any]:
    """Network, platform version and capacity providers stay as the live task set has them."""
    properties: dict[str, Any] = {
        "TaskDefinition": task_definition,
        "LoadBalancerInfo": {"ContainerName": settings.container_name, "ContainerPort": settings.container_port},
    }
    if service.platform_version:
        properties["PlatformVersion"] = service.platform_version
    if service.subnets:  # AWS wants all three members or none
        properties["NetworkConfiguration"] = {
            "AwsvpcConfiguration": {
                "Subnets": list(service.subnets),
                "SecurityGroups": list(service.security_groups),
                "AssignPublicIp": service.assign_public_ip or "DISABLED",
            }
        }
    if service.capacity_provider_strategy:
        properties["CapacityProviderStrategy"] = [_capitals(each) for each in service.capacity_provider_strategy]
    written: dict[str, Any] = {
        "version": 0.0,
        "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}],
    }
    if named := [{hook.event: hook.function} for hook in hooks]:
        written["Hooks"] = named
    return written


def _capitals(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key[0].upper() + key[1:]: value for key, value in entry.items()}
