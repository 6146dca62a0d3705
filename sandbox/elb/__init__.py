"""Application load balancers that carry real requests.

    listeners   sockets on 127.0.0.1          balancers   moto's records made real, the sandbox's way in
    proxy       requests to targets and back  registry    targets and their states
    conditions  when a rule applies           health      health checks
    actions     weights, stickiness           metrics     what CloudWatch is told
    backend     moto's ELBv2, corrected       validation  what AWS refuses
    sign_in     actions that authenticate

Everything that waits runs in one asyncio thread; API calls come in on moto's threads.
"""

from collections.abc import Mapping

from moto.elbv2.models import elbv2_backends

from sandbox.clock import Clock
from sandbox.elb.backend import patch_backend
from sandbox.elb.balancers import LoadBalancers
from sandbox.patching import Patches
from sandbox.seams import TargetState

__all__ = ["LoadBalancers", "TargetState", "install"]


def install(clock: Clock, listener_ports: Mapping[int, int]) -> LoadBalancers:
    """Extend moto's ELBv2 in this process until ``close`` is called on the result."""
    balancers = LoadBalancers(clock, listener_ports)
    patches = Patches()
    patch_backend(patches, balancers)
    balancers.on_close = patches.undo
    for regions in list(elbv2_backends.values()):
        for backend in list(regions.values()):
            balancers.refresh(backend)
    return balancers
