"""Reads shared by the deployments of one pass: those on one account and cluster ask for services together."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from deployments import controllers
from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.values import Binding, Service
from deployments.engine import snapshots
from deployments.models import Deployment
from deployments.values import EnvironmentSettings


class Batch:
    def __init__(self, connect: Callable[[Binding], Gateway]) -> None:
        self._connect = connect
        self._read: dict[int, dict[str, Service]] = {}

    def read_ahead(self, claimed: Iterable[Deployment], now: datetime) -> None:
        """DescribeServices once for all that will ask for it. One deployment alone is not worth it."""
        wanted: dict[tuple[Binding, str], dict[int, Collection[str]]] = defaultdict(dict)
        for deployment in claimed:
            with suppress(Exception):  # the deployment meets the same fault on its own and is put aside for it
                snapshot = snapshots.take(deployment)
                names = controllers.get(snapshot.settings.controller).services(snapshot, now)
                if names:
                    wanted[snapshot.settings.binding, snapshot.settings.cluster][deployment.pk] = names
        for (binding, cluster), by_deployment in wanted.items():
            if len(by_deployment) < 2:
                continue
            names = sorted({name for names in by_deployment.values() for name in names})
            try:
                found = self._connect(binding).services(cluster, names)
            except AwsError:
                continue  # each deployment asks for itself and deals with the error in its own words
            for pk, own in by_deployment.items():
                self._read[pk] = {name: found[name] for name in own if name in found}

    def gateway(self, deployment: Deployment) -> Gateway:
        gateway = self._connect(EnvironmentSettings.from_json(deployment.settings).binding)
        read = self._read.pop(deployment.pk, None)
        return gateway if read is None else _ReadAhead(gateway, read)


class _ReadAhead:
    """A gateway that answers the first question for services from what was read for the whole batch."""

    def __init__(self, gateway: Gateway, read: Mapping[str, Service]) -> None:
        self._gateway = gateway
        self._services: Mapping[str, Service] | None = read

    def services(self, cluster: str, names: Collection[str]) -> Mapping[str, Service]:
        read, self._services = self._services, None
        return read if read is not None else self._gateway.services(cluster, names)

    def perform(self, action: Any) -> dict[str, Any]:
        self._services = None  # what was read before a write is old
        return self._gateway.perform(action)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)
