"""Looks at environments that nobody deploys to, once in a while, so that pages know what others have put there.

Those of one account are asked about together: their services ten a call, and all their rules in one. The rest is read
only where that is not as it was at the last look.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import F, Q, QuerySet

from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.values import Binding, Rule, Service
from deployments.catalog import auto_scaling, outside
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.frozen import EnvironmentSettings
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import ENDED_BADLY

log = structlog.get_logger(__name__)

#: of one account and region in one task
MOST = 50
#: A look that did not end within this time was that of a worker that was killed.
KILLED_AFTER = timedelta(seconds=30)
#: Where somebody deploys, or may be about to, the next look is so soon.
SOON = timedelta(seconds=60)


def due(now: datetime) -> QuerySet[Environment]:
    """Idle ones that nobody has looked at for long enough; the one that waits longest first."""
    longest = timedelta(seconds=settings.IDLE_LOOK_SECONDS)
    if not longest:
        return Environment.objects.none()
    waits = Q(compared_at__isnull=True) | Q(compared_at__lte=now - longest)
    known = Q(live_release__isnull=False) | Q(deployments__isnull=False)
    under_way = Environment.objects.filter(deployments__isnull=False, deployments__finished_at__isnull=True)
    idle = Environment.objects.filter(waits & known & IN_USE).exclude(pk__in=under_way.values("pk"))
    return idle.distinct().order_by(F("compared_at").asc(nulls_first=True), "pk")


def look(now: datetime, connect: Callable[[Binding], Gateway]) -> None:
    """At all that are due. Nobody else does meanwhile, unless this worker is killed: who looks notes it first."""
    longest = timedelta(seconds=settings.IDLE_LOOK_SECONDS)
    again_at, soon_at = (now - longest + min(after, longest) for after in (KILLED_AFTER, SOON))
    by_account: dict[Binding, list[tuple[Environment, EnvironmentSettings]]] = defaultdict(list)
    for environment in due(now)[:MOST]:
        same = Environment.objects.filter(pk=environment.pk, compared_at=environment.compared_at)
        if same.update(compared_at=again_at):
            frozen = freeze(environment)
            by_account[frozen.binding].append((environment, frozen))
    for binding, places in by_account.items():
        try:
            _look_at(places, connect(binding), now)
        except AwsError as error:
            log.warning("idle.unread", role=binding.role_arn, error=error.sentence)
        looked_at = Environment.objects.filter(pk__in=[environment.pk for environment, _ in places])
        looked_at.filter(compared_at=again_at).update(compared_at=now)
        looked_at.filter(_moves(now)).update(compared_at=soon_at)


def _moves(now: datetime) -> Q:
    """Somebody's deployment is under way there, or may be: one of ours has ended just now, and not well."""
    badly = Environment.objects.filter(deployments__finished_at__gt=now - SOON, deployments__status__in=ENDED_BADLY)
    return Q(outside__under_way=True) | Q(pk__in=badly.values("pk"))


def _look_at(places: Collection[tuple[Environment, EnvironmentSettings]], gateway: Gateway, now: datetime) -> None:
    ahead = _Ahead(gateway, [frozen for _, frozen in places])
    for environment, frozen in places:
        shown = ahead.shown(frozen)
        if shown and shown == environment.compared_with:
            continue
        once: Any = ReadingOnce(ahead.gateway)
        outside.look(environment, frozen, once, now)
        auto_scaling.look(environment, frozen, once)
        Environment.objects.filter(pk=environment.pk).update(compared_with=shown)


class _Ahead:
    """What is asked for all of them together."""

    def __init__(self, gateway: Gateway, places: Collection[EnvironmentSettings]) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        for each in places:
            names[each.cluster] |= set(_services(each))
        self._services = {
            cluster: gateway.services(cluster, sorted(wanted)) for cluster, wanted in names.items() if wanted
        }
        arns = sorted({rule for each in places for rule in _rules(each)})
        self._rules = gateway.rules_named(arns) if arns else {}
        self.gateway: Any = _Answering(gateway, self._services, self._rules)

    def shown(self, frozen: EnvironmentSettings) -> str:
        """The same as long as nobody has deployed or shifted; "" where only a closer look can tell.

        Tasks of a task set pull a tag whenever one is started, and servers are no service.
        """
        services = [self._services.get(frozen.cluster, {}).get(name) for name in _services(frozen)]
        if not services or any(service is None or not service.deployments for service in services):
            return ""
        seen = [_state(service) for service in services if service]
        seen += [repr(sorted(self._rules[arn].weights.items())) for arn in _rules(frozen) if arn in self._rules]
        return hashlib.sha256("\n".join(seen).encode()).hexdigest()


class _Answering:
    """A gateway that answers about services and rules from what was read for all, and asks the rest."""

    def __init__(
        self, gateway: Gateway, services: Mapping[str, Mapping[str, Service]], rules: Mapping[str, Rule]
    ) -> None:
        self._gateway, self._read_services, self._read_rules = gateway, services, rules

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def services(self, cluster: str, names: Collection[str]) -> Mapping[str, Service]:
        read = self._read_services.get(cluster, {})
        return {name: read[name] for name in names if name in read}

    def rule(self, arn: str) -> Rule:
        return self._read_rules.get(arn) or self._gateway.rule(arn)


def _services(frozen: EnvironmentSettings) -> Iterable[str]:
    return [name for name in (frozen.service_name, frozen.blue_service, frozen.green_service) if name]


def _rules(frozen: EnvironmentSettings) -> Iterable[str]:
    return [frozen.production_rule] if frozen.production_rule else []


def _state(service: Service) -> str:
    deployments = [(each.id, each.status) for each in service.deployments]
    return repr((service.name, service.status, service.task_definition, bool(service.desired), deployments))
