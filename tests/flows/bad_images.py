"""Releases that are good when they start and bad afterwards, which no check before the traffic can tell."""

import json
import os
import signal
import urllib.request

from deployments.catalog.releases import register_release
from deployments.people.principal import Principal
from tests.flows.clients import client
from tests.flows.storefront import Storefront, now
from tests.stack import wait_for

#: Real seconds that are enough to get healthy and to be given all traffic.
GOOD_FOR = 3.0
#: AWS's seconds that no story lasts
NOT_BY_ITSELF = 1_000_000
DELAY = "deregistration_delay.timeout_seconds"

#: What is seen of either, as a pattern: all targets at once, or tasks that ECS replaced between two looks.
HUNG = r"Only \d of \d targets? of|No target of|Task failed ELB health checks"
KILLED = "exit code 137, OutOfMemoryError: Container killed due to memory usage"


def hangs(shop: Storefront, *, scale: float) -> str:
    """The version of one that answers for a while, and then accepts connections without a word."""
    return _release(shop, "2.0.0", "hang", GOOD_FOR * scale)


def deadlocks(shop: Storefront, *, scale: float) -> str:
    """The version of one that after a while answers its health check and nothing else."""
    return _release(shop, "2.2.0", "deadlock", GOOD_FOR * scale)


def takes_much_memory(shop: Storefront) -> str:
    """The version of one whose tasks are killed for it, each as soon as `kill` says."""
    return _release(shop, "2.1.0", "out_of_memory", NOT_BY_ITSELF)


def kill(shop: Storefront) -> None:
    """The task that answers in production, as the kernel does when memory is short; the others go on.

    Its target drains for as long as AWS lets it by default, which is ten looks here: by the shop's own setting it may
    be gone between two of them. Where one service is rolled, it is looked at itself.
    """
    asked = urllib.request.Request(shop.environment.production_url, headers={"Accept": "application/json"})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
        told = json.load(answer)
    assert told["version"] == "2.1.0"
    groups = [group for group in shop.environment.target_groups.values() if group]
    before = {group: _drains_for(group) for group in groups}
    for group in groups:
        _let_drain(group, "300")
    os.kill(told["pid"], signal.SIGKILL)
    wait_for(lambda: not groups or any(map(_drains, groups)))
    for group, seconds in before.items():
        _let_drain(group, seconds)


def _drains_for(group: str) -> str:
    told = client("elbv2").describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    return next(str(each["Value"]) for each in told if each["Key"] == DELAY)


def _let_drain(group: str, seconds: str) -> None:
    """Each target by what is set when it is deregistered."""
    delay = {"Key": DELAY, "Value": seconds}
    client("elbv2").modify_target_group_attributes(TargetGroupArn=group, Attributes=[delay])


def _drains(group: str) -> bool:
    told = client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return any(each["TargetHealth"]["State"] == "draining" for each in told)


def _release(shop: Storefront, version: str, behaviour: str, seconds: float) -> str:
    """`seconds` are AWS's."""
    shop.sandbox.push({"repository": "storefront", "tag": version, "behaviour": behaviour, "seconds": seconds})
    register_release(
        application=shop.environment.application,
        version=version,
        images={"web": f"{shop.sandbox.control.world['repository_uri']}:{version}"},
        principal=Principal.token("ci"),
        now=now(),
    )
    return version
