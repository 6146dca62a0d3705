"""Releases that are good when they start and bad afterwards, which no check before the traffic can tell."""

from deployments.catalog.releases import register_release
from deployments.people.principal import Principal
from tests.flows.storefront import Storefront, now

#: Real seconds that are enough to get healthy and to be given all traffic.
GOOD_FOR = 3.0

#: What is seen of either, as a pattern: all targets at once, or tasks that ECS replaced between two looks.
HUNG = r"Only \d of \d targets? of|Task failed ELB health checks"
KILLED = "exit code 137, OutOfMemoryError: Container killed due to memory usage"


def hangs(shop: Storefront, *, scale: float) -> str:
    """The version of one that answers for a while, and then accepts connections without a word."""
    return _release(shop, "2.0.0", "hang", GOOD_FOR * scale)


def deadlocks(shop: Storefront, *, scale: float) -> str:
    """The version of one that after a while answers its health check and nothing else."""
    return _release(shop, "2.2.0", "deadlock", GOOD_FOR * scale)


def is_killed(shop: Storefront, *, scale: float) -> str:
    """The version of one that takes more memory than it has, again and again: exit code 137."""
    return _release(shop, "2.1.0", "out_of_memory", GOOD_FOR * scale)


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
