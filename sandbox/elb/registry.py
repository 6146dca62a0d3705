"""Which target is registered where, and how it is: the one answer to RegisterTargets and
DescribeTargetHealth."""

import threading
from collections.abc import Callable, Iterable

from sandbox.clock import Clock
from sandbox.elb.health import patience
from sandbox.elb.loop import EventLoopThread
from sandbox.elb.targets import (
    CHECKING,
    DRAINING,
    NOT_IN_USE,
    NOT_REGISTERED,
    REGISTERING,
    Target,
    TargetGroup,
)
from sandbox.seams import TargetState

#: Real seconds: requests under way are to be answered, however short AWS's seconds are here. What is routed
#: already is waited for a little longer than the scaled delay; a busy machine needs it.
SHORTEST_DRAIN = 0.5
SHORTEST_ANSWER = 5.0
LOOK_AGAIN = 0.05

Watcher = Callable[[TargetGroup, Target], None]


class Registry:
    """Target groups by ARN. Any thread may call; what the constructor takes is called in the loop.

    ``forget`` ends checks and lets requests under way finish, ``cut`` ends those too.
    """

    def __init__(
        self,
        clock: Clock,
        loop: EventLoopThread,
        *,
        watch: Watcher,
        forget: Watcher,
        cut: Callable[[Target], None],
        is_busy: Callable[[Target], bool],
    ) -> None:
        self.lock = threading.RLock()
        self.groups: dict[str, TargetGroup] = {}
        self._clock = clock
        self._loop = loop
        self._watch = watch
        self._forget = forget
        self._cut = cut
        self._is_busy = is_busy

    def put_group(self, wanted: TargetGroup) -> None:
        """Create a group, or give the one there is the new settings and keep its targets."""
        with self.lock:
            group = self.groups.setdefault(wanted.arn, wanted)
            was_attached = group.attached and group is not wanted
            group.check = wanted.check
            group.default_port = wanted.default_port
            group.deregistration_delay = wanted.deregistration_delay
            group.load_balancer_arns = wanted.load_balancer_arns
            if group.attached != was_attached:
                for target in list(group.targets.values()):
                    self._attach(group, target)
            group.settle()

    def drop_groups(self, arns: Iterable[str]) -> None:
        with self.lock:
            for arn in arns:
                group = self.groups.pop(arn)
                for target in list(group.targets.values()):
                    self._remove(group, target)

    def register(self, group: TargetGroup, target_id: str, ip: str, port: int) -> None:
        with self.lock:
            known = group.targets.get((target_id, port))
            if known is not None and known.state is not DRAINING:
                return
            if known is not None:
                self._remove(group, known)
            target = group.targets[(target_id, port)] = Target(target_id, port, ip)
            self._attach(group, target)
            group.settle()

    def deregister(self, group: TargetGroup, target_id: str, port: int) -> None:
        with self.lock:
            target = group.targets.get((target_id, port))
            if target is None or target.state is DRAINING:
                return
            delay = seconds_to_drain(self._clock, group)
            if delay == 0:
                self._remove(group, target)
                return
            if group.attached:
                target.state = DRAINING
            else:  # gone at once, except for what it was asked before its group left the rule
                del group.targets[target_id, port]
                target.state = NOT_REGISTERED
            group.settle()
            self._loop.call(self._drain, group, target, delay)

    def health(self, group: TargetGroup | None, target_id: str, port: int) -> TargetState:
        with self.lock:
            target = group.targets.get((target_id, port)) if group else None
            return target.state if target else NOT_REGISTERED

    def _attach(self, group: TargetGroup, target: Target) -> None:
        if target.state is DRAINING:
            return
        target.passes = target.failures = 0
        target.state = REGISTERING if group.attached else NOT_IN_USE
        self._loop.call(self._watch if group.attached else self._forget, group, target)

    def _drain(self, group: TargetGroup, target: Target, delay: float) -> None:
        self._forget(group, target)
        cut_at = self._loop.loop.time() + patience(self._clock, group.deregistration_delay, SHORTEST_ANSWER)
        self._loop.loop.call_later(delay, self._drained, group, target, cut_at)

    def _drained(self, group: TargetGroup, target: Target, cut_at: float) -> None:
        if self._is_busy(target) and self._loop.loop.time() < cut_at:
            self._loop.loop.call_later(LOOK_AGAIN, self._drained, group, target, cut_at)
            return
        with self.lock:
            # Registered anew while it drained: the entry belongs to another Target by now.
            if group.targets.get((target.id, target.port)) is target:
                self._remove(group, target)
        self._cut(target)

    def _remove(self, group: TargetGroup, target: Target) -> None:
        group.targets.pop((target.id, target.port), None)
        target.state = NOT_REGISTERED
        group.settle()
        self._loop.call(self._forget, group, target)
        self._loop.call(self._cut, target)

    def begin_checks(self, group: TargetGroup, target: Target) -> None:
        with self.lock:
            if target.state is REGISTERING:
                target.state = CHECKING
                group.settle()

    def checked(self, group: TargetGroup, target: Target, seen: TargetState | None) -> None:
        """Book one health check: None means it passed, else why it failed."""
        with self.lock:
            if not target.routable:
                return
            if seen is None:
                target.passed(group.check)
            else:
                target.failed(group.check, seen)
            group.settle()


def seconds_to_drain(clock: Clock, group: TargetGroup) -> float:
    return patience(clock, group.deregistration_delay, SHORTEST_DRAIN)
