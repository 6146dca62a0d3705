"""Which instances there are, which of them a deployment group means, and the agents that run on them."""

import base64
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.ec2.models import ec2_backends

from sandbox.account import ACCOUNT
from sandbox.codedeploy.model import Group, Json
from sandbox.codedeploy.server.instance import Instance
from sandbox.codedeploy.traffic import instance_groups
from sandbox.ecs.store import Addresses
from sandbox.seams import LoadBalancers

ADDS_A_USER = re.compile(r"\buseradd\b.*?\s([\w-]+)\s*$")


class Fleet:
    def __init__(self, region: str, addresses: Addresses, balancers: LoadBalancers, github: Path | None) -> None:
        self.github = github
        self._region = region
        self._balancers = balancers
        self._addresses = addresses
        self._known: dict[str, str] = {}
        self._home: Path | None = None
        self._running: dict[str, Instance] = {}

    def address_of(self, number: str) -> str | None:
        """The instance's own loopback address; None for what EC2 does not know."""
        if number not in self._known:
            if not any(number == each.id for each in _instances(self._region)):
                return None
            self._known[number] = self._addresses.instance()
        return self._known[number]

    def instance(self, number: str) -> Instance:
        """Its agent is started when somebody needs it, and started anew when it was killed."""
        if number in self._running and self._running[number].is_gone:
            self._running.pop(number).close()
        if number not in self._running:
            address = self.address_of(number)
            assert address is not None
            if self._home is None:
                self._home = Path(tempfile.mkdtemp(prefix="sandbox-instances-"))
                self._home.chmod(0o711)  # scripts run as other users, too
            self._running[number] = Instance(number, address, self._home / number, self._added_users(number))
        return self._running[number]

    def _added_users(self, number: str) -> list[str]:
        """By the useradd of its user data, which is not run otherwise."""
        data = next((each.user_data for each in _instances(self._region) if each.id == number), None)
        encoded = data if data is None or isinstance(data, str) else data.as_bytes()
        text = base64.b64decode(encoded).decode(errors="replace") if encoded else ""
        return [found[1] for line in text.splitlines() if (found := ADDS_A_USER.search(line))]

    def running(self) -> list[Instance]:
        return list(self._running.values())

    def has(self, number: str, group: Group) -> bool:
        """Whether a deployment of this group was brought to the end there."""
        return number in self._running and group.id in self._running[number].installed

    def bury(self) -> None:
        """Instances that were terminated leave their target groups, and then take everything on them along.

        As Auto Scaling does it: an instance goes when its last connection has ended.
        """
        alive = {each.id for each in _instances(self._region)}
        for number in [number for number in self._running if number not in alive]:
            if self._has_left(number):
                self._running.pop(number).close()

    def _has_left(self, number: str) -> bool:
        left = True
        for arn, port in instance_groups(self._region):
            self._balancers.deregister(arn, number, port)
            left = left and self._balancers.health(arn, number, port).state == "unused"
        return left

    def close(self) -> None:
        for instance in self._running.values():
            instance.close()
        self._running.clear()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)


def members(region: str, selection: Json) -> list[str]:
    """Ids of running instances by ec2TagFilters, ec2TagSet or autoScalingGroups, in a stable order."""
    chosen = []
    in_groups = in_auto_scaling(region, _names(selection))
    for instance in _instances(region):
        tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        if instance.id in in_groups or _tagged(tags, selection):
            chosen.append(instance.id)
    return chosen


def in_auto_scaling(region: str, names: list[str]) -> list[str]:
    groups = autoscaling_backends[ACCOUNT][region].autoscaling_groups
    return [state.instance.id for name in names if name in groups for state in groups[name].instance_states]


def _names(selection: Json) -> list[str]:
    given = selection.get("autoScalingGroups") or []
    return [each["name"] if isinstance(each, dict) else each for each in given]


def _tagged(tags: dict[str, str], selection: Json) -> bool:
    """One of the filters, or one of each list of the set."""
    filters = selection.get("ec2TagFilters") or selection.get("tagFilters") or []
    if any(_fits(tags, each) for each in filters):
        return True
    lists = (selection.get("ec2TagSet") or {}).get("ec2TagSetList") or []
    return bool(lists) and all(any(_fits(tags, each) for each in one) for one in lists)


def _fits(tags: dict[str, str], wanted: Json) -> bool:
    kind, key, value = wanted.get("Type", "KEY_AND_VALUE"), wanted.get("Key"), wanted.get("Value")
    if kind == "KEY_ONLY":
        return key in tags
    if kind == "VALUE_ONLY":
        return value in tags.values()
    return key in tags and tags[key] == value


def _instances(region: str) -> list[Any]:
    reservations = list(ec2_backends[ACCOUNT][region].reservations.values())
    return [each for one in reservations for each in one.instances if each.state in ("pending", "running")]
