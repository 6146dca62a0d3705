"""Reads shared by the deployments of one pass: those on one account ask together.

Services are asked for by cluster, AWS's own deployments by account and region.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from deployments import swaps
from deployments.aws.actions import Action, Made
from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.values import Binding, Service
from deployments.delivery.engine import snapshots
from deployments.delivery.models import Deployment
from deployments.frozen import EnvironmentSettings
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts


class Question(NamedTuple):
    """A method of the gateway, and for services the cluster that they are in."""

    method: str
    cluster: str = ""

    def put(self, gateway: Gateway, names: Collection[str]) -> Mapping[str, Any]:
        if self.method == "services":
            return gateway.services(self.cluster, names)
        answer: Mapping[str, Any] = getattr(gateway, self.method)(names)
        return answer


class Batch:
    def __init__(self, connect: Callable[[Binding], Gateway]) -> None:
        self._connect = connect
        self._read: dict[int, dict[str, Mapping[str, Any]]] = defaultdict(dict)

    def read_ahead(self, claimed: Iterable[Deployment], now: datetime) -> None:
        """Ask once for all that will ask the same. One deployment alone is not worth it."""
        wanted: dict[tuple[Binding, Question], dict[int, Collection[str]]] = defaultdict(dict)
        for deployment in claimed:
            with suppress(Exception):  # the deployment meets the same fault on its own and is put aside for it
                snapshot = snapshots.take(deployment)
                for question, names in _questions(snapshot, now):
                    wanted[snapshot.settings.binding, question][deployment.pk] = names
        for (binding, question), by_deployment in wanted.items():
            if len(by_deployment) < 2:
                continue
            names = sorted({name for names in by_deployment.values() for name in names})
            try:
                found = question.put(self._connect(binding), names)
            except AwsError:
                continue  # each deployment asks for itself and deals with the error in its own words
            for pk, own in by_deployment.items():
                if all(name in found for name in own):  # who is missed is asked for again, alone
                    self._read[pk][question.method] = {name: found[name] for name in own}

    def gateway(self, deployment: Deployment) -> Gateway:
        gateway = self._connect(EnvironmentSettings.from_json(deployment.settings).binding)
        read = self._read.pop(deployment.pk, None)
        return gateway if read is None else _ReadAhead(gateway, read)


def _questions(snapshot: Snapshot[Facts], now: datetime) -> Iterator[tuple[Question, Collection[str]]]:
    controller = swaps.get(snapshot.settings.controller)
    if names := controller.services(snapshot, now):
        yield Question("services", snapshot.settings.cluster), names
    for method, numbers in controller.followed(snapshot).items():
        yield Question(method), numbers


class _ReadAhead:
    """A gateway that answers the first question of each kind from what was read for the whole batch."""

    def __init__(self, gateway: Gateway, read: dict[str, Mapping[str, Any]]) -> None:
        self._gateway = gateway
        self._read = read

    def services(self, cluster: str, names: Collection[str]) -> Mapping[str, Service]:
        read = self._read.pop("services", None)
        return read if read is not None else self._gateway.services(cluster, names)

    def perform(self, action: Action) -> Made:
        self._read.clear()  # what was read before a write is old
        return self._gateway.perform(action)

    def __getattr__(self, name: str) -> Any:
        read = self._read.pop(name, None)
        return getattr(self._gateway, name) if read is None else lambda names: read
