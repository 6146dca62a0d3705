"""EC2 instances as ECS sees them: those whose user data names a cluster run an agent that joins it.

And moto's EC2, corrected where Terraform would see something else than it wrote.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.models.launch_templates import LaunchTemplateBackend
from moto.ec2.models.security_groups import SecurityGroupRule

from sandbox.account import ACCOUNT
from sandbox.models_once import Offerings
from sandbox.patching import Patches

INSTANCE_TYPE_OFFERINGS.update({kind: Offerings(kind, regions) for kind, regions in INSTANCE_TYPE_OFFERINGS.items()})
_CLUSTER = re.compile(r"^[^#\n]*\bECS_CLUSTER=[\"']?([\w-]+)", re.MULTILINE)
#: What the system and the agent leave of an instance's memory.
_LEFT_TO_TASKS = 0.93


@dataclass(frozen=True)
class Machine:
    """An instance with an ECS agent. Sizes as the agent reports them: CPU units and MiB."""

    id: str
    cluster: str
    cpu: int
    memory: int


def machines(region: str) -> list[Machine]:
    """Every running one."""
    reservations = list(ec2_backends[ACCOUNT][region].reservations.values())
    running = [each for one in reservations for each in one.instances if each.state == "running"]
    return [machine for machine in map(_machine, running) if machine is not None]


def _machine(instance: Any) -> Machine | None:
    found = _CLUSTER.search(_user_data(instance))
    if found is None:
        return None
    described = INSTANCE_TYPES.get(instance.instance_type, {})
    cpus = int(described.get("VCpuInfo", {}).get("DefaultVCpus", 2))
    memory = int(described.get("MemoryInfo", {}).get("SizeInMiB", 4096))
    return Machine(instance.id, found[1], cpus * 1024, int(memory * _LEFT_TO_TASKS))


def _user_data(instance: Any) -> str:
    given = instance.user_data
    return base64.b64decode(given.as_bytes()).decode(errors="replace") if given is not None else ""


def install(patches: Patches) -> None:
    patches.replace(SecurityGroupRule, "description", lambda _: property(_description))
    patches.replace(InstanceBackend, "run_instances", _in_security_groups)
    patches.replace(LaunchTemplateBackend, "create_launch_template", _with_tags_of_its_own)


def _description(rule: Any) -> str | None:
    """Of whatever the rule lets in; moto keeps it with each, and tells that of address ranges."""
    found = rule.ip_range.get("Description") or rule.source_group.get("Description")
    return str(found) if found else None


def _with_tags_of_its_own(original: Callable[..., Any]) -> Callable[..., Any]:
    """The template's own tags are no part of what instances are made from."""

    def create(backend: Any, name: str, description: str, template_data: dict[str, Any], tag_spec: Any) -> Any:
        of_instances = [
            each for each in template_data.get("TagSpecifications", []) if each["ResourceType"] != "launch-template"
        ]
        if "TagSpecifications" in template_data:
            template_data = template_data | {"TagSpecifications": of_instances}
        return original(backend, name, description, template_data, tag_spec)

    return create


def _in_security_groups(original: Callable[..., Any]) -> Callable[..., Any]:
    """They may be named by the network interface, of the request or of a template: the instance is in them, too."""

    def run_instances(backend: Any, *args: Any, **named: Any) -> Any:
        if not named.get("security_group_ids"):
            named["nics"], groups = _apart(named.get("nics") or [])
            if named.get("launch_template"):
                data = backend._get_template_from_args(named["launch_template"]).data
                groups = groups or _apart(data.get("NetworkInterfaces") or [])[1]
            # moto puts what the instance is in on its interface.
            named["security_group_ids"] = groups
        return original(backend, *args, **named)

    return run_instances


def _apart(interfaces: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """The interfaces without security groups, and the security groups."""
    without = [{key: value for key, value in each.items() if key != "Groups"} for each in interfaces]
    return without, [group for each in interfaces for group in each.get("Groups") or []]
