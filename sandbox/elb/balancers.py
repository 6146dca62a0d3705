"""The load balancers of one sandbox: moto's records made real.

moto's backend stays the record of what was created; after every change ``refresh`` compares it with the
sockets and the targets there are and makes them match. Changes therefore work the same whether they came
over the API or from ECS.
"""

import asyncio
import ipaddress
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.clock import Clock
from sandbox.elb import certificates
from sandbox.elb.actions import compile_action
from sandbox.elb.conditions import compile_condition
from sandbox.elb.exchange import Route, Settings
from sandbox.elb.health import HealthChecker, patience
from sandbox.elb.listeners import Listener, local_port_for
from sandbox.elb.loop import EventLoopThread
from sandbox.elb.meter import Meter
from sandbox.elb.metrics import Metrics
from sandbox.elb.pool import Pool
from sandbox.elb.proxy import Proxy
from sandbox.elb.records import attached_load_balancers, in_order, owner, target_group_from
from sandbox.elb.registry import Registry, seconds_to_drain
from sandbox.elb.targets import Target, TargetGroup
from sandbox.seams import TargetState

SAMPLE_HOSTS_EVERY = 15  # AWS seconds
SHORTEST_SAMPLE = 0.05
SHORTEST_IDLE = 5.0
#: Kind of load balancer and protocol. What comes by TCP is taken for HTTP, request by request.
OPENED = {("application", "HTTP"), ("application", "HTTPS"), ("network", "TCP")}


class LoadBalancers:
    """Every public method may be called from any thread."""

    def __init__(self, clock: Clock, listener_ports: Mapping[int, int]) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.metrics = Metrics(clock.seconds(60))
        self.on_close: Callable[[], None] = lambda: None
        # Where the program of an instance target listens; the sandbox's instances are all this machine.
        self.instance_address: Callable[[str], str] = lambda instance_id: "127.0.0.1"
        self._listener_ports = listener_ports
        self._loop = EventLoopThread()
        self._pool = Pool()
        self._checker = HealthChecker(clock, self._loop)
        self.registry = Registry(
            clock,
            self._loop,
            watch=self._watch,
            forget=self._forget,
            cut=self._pool.cut,
            is_busy=self._pool.is_busy,
        )
        self._meters: dict[str, Meter] = {}
        self._listeners: dict[str, Listener] = {}
        self._loop.call(self._loop.spawn, self._sample_hosts())

    def register(self, target_group_arn: str, ip: str, port: int) -> None:
        """Register a target: an address, or an instance id. Raises KeyError for an unknown target group."""
        group = self.registry.groups[target_group_arn]
        self.registry.register(group, ip, self._address(ip), port)

    def deregister(self, target_group_arn: str, ip: str, port: int) -> None:
        """Begin to drain a target. What is not registered, or has no group any more, is fine."""
        group = self.registry.groups.get(target_group_arn)
        if group is not None:
            self.registry.deregister(group, ip, port)

    def health(self, target_group_arn: str, ip: str, port: int) -> TargetState:
        return self.registry.health(self.registry.groups.get(target_group_arn), ip, port)

    def attached(self, target_group_arn: str) -> bool:
        group = self.registry.groups.get(target_group_arn)
        return group is not None and group.attached

    def listeners(self) -> list[dict[str, Any]]:
        with self.lock:
            return [listener.describe() for listener in self._listeners.values()]

    def seconds_to_drain(self, target_group_arn: str) -> float:
        group = self.registry.groups.get(target_group_arn)
        return seconds_to_drain(self.clock, group) if group else 0.0

    def close(self) -> None:
        self.on_close()
        with self.lock:
            for listener in self._listeners.values():
                listener.close()
            self._listeners.clear()
        self._loop.call(self._pool.close)
        self._loop.close()

    def refresh(self, backend: Any) -> None:
        """Make sockets and target groups match moto's records of one account and region."""
        with self.lock:
            self._refresh_groups(backend)
            self._refresh_listeners(backend)

    def _refresh_groups(self, backend: Any) -> None:
        attached = attached_load_balancers(backend)
        for record in list(backend.target_groups.values()):
            record.load_balancer_arns = attached.get(record.arn, [])
            self.registry.put_group(target_group_from(record))
        with self.registry.lock:
            ours = {arn for arn in self.registry.groups if owner(arn) == owner(backend)}
            self.registry.drop_groups(ours - set(backend.target_groups))

    def _refresh_listeners(self, backend: Any) -> None:
        wanted = {
            arn: (balancer, record)
            for balancer in list(backend.load_balancers.values())
            for arn, record in list(balancer.listeners.items())
            if (balancer.type, record.protocol) in OPENED
        }
        for arn in [arn for arn in self._listeners if owner(arn) == owner(backend)]:
            if arn not in wanted or int(wanted[arn][1].port) != self._listeners[arn].port:
                self._listeners.pop(arn).close()
        for arn, (balancer, record) in wanted.items():
            known = self._listeners.get(arn)
            if known is not None and known.protocol == record.protocol:
                known.apply(self._settings(balancer, record, known))
            else:
                self._open(balancer, record, known)

    def _open(self, balancer: Any, record: Any, instead_of: Listener | None) -> None:
        """Who begins or ends to speak TLS does so where it was."""
        local_port = local_port_for(int(record.port), self._listener_ports)
        bound = instead_of.socket_again() if instead_of is not None else None
        listener = Listener(self._loop, record.arn, balancer, int(record.port), local_port, bound)
        if instead_of is not None:
            instead_of.close()
        self._listeners[record.arn] = listener
        settings = self._settings(balancer, record, listener)
        listener.start(Proxy(settings, self._pool, self._meter(balancer.arn)))

    def _settings(self, balancer: Any, record: Any, listener: Listener) -> Settings:
        idle_timeout = float(balancer.attrs.get("idle_timeout.timeout_seconds", 60))
        routes = [
            Route(
                [compile_condition(condition) for condition in rule.conditions],
                compile_action([action.data for action in rule.actions], self.registry.groups, self.clock),
            )
            for rule in in_order(record.rules.values())
        ]
        return Settings(
            protocol=record.protocol,
            port=int(record.port),
            local_port=listener.local_port or int(record.port),
            routes=routes,
            idle_timeout=patience(self.clock, idle_timeout, SHORTEST_IDLE),
            certificates=_certificates(record) if record.protocol == "HTTPS" else (),
        )

    def _meter(self, load_balancer_arn: str) -> Meter:
        return self._meters.setdefault(load_balancer_arn, Meter(self.metrics, load_balancer_arn))

    def _address(self, target_id: str) -> str:
        try:
            return str(ipaddress.ip_address(target_id))
        except ValueError:
            return self.instance_address(target_id)

    def _watch(self, group: TargetGroup, target: Target) -> None:
        self._checker.watch(group, target, self.registry)

    def _forget(self, group: TargetGroup, target: Target) -> None:
        self._checker.forget(target)
        self._pool.drain(target)

    async def _sample_hosts(self) -> None:
        """Host counts are known for every group in use, with or without requests."""
        while True:
            await asyncio.sleep(max(self.clock.seconds(SAMPLE_HOSTS_EVERY), SHORTEST_SAMPLE))
            for group in list(self.registry.groups.values()):
                for load_balancer_arn in group.load_balancer_arns:
                    self._meter(load_balancer_arn).hosts(group)


def _certificates(record: Any) -> list[certificates.Certificate]:
    account = owner(record.arn)[1]
    found = (certificates.find(account, arn) for arn in record.certificates)
    return [each for each in found if each is not None]
