"""Releases that are good when they start and bad afterwards, which no check before the traffic can tell."""

import json
import os
import signal
import urllib.request

from deployments.catalog.releases import register_release
from deployments.people.principal import Principal
from tests.flows.storefront import Storefront, now

#: Real seconds that are enough to get healthy and to be given all traffic.
GOOD_FOR = 3.0
#: AWS's seconds that no story lasts
NOT_BY_ITSELF = 1_000_000

#: What is seen of either, as a pattern: all targets at once, or tasks that ECS replaced between two looks.
HUNG = r"Only \d of \d targets? of|Task failed ELB health checks"
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
    """The task that answers in production, as the kernel does when memory is short; the others go on."""
    asked = urllib.request.Request(shop.environment.production_url, headers={"Accept": "application/json"})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
        told = json.load(answer)
    assert told["version"] == "2.1.0"
    os.kill(told["pid"], signal.SIGKILL)


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
