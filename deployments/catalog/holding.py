"""Which environment is deployed to what on AWS: services, target groups, rules, scheduled families, servers.

What one environment holds no other one gets: two that shift the same rule undo each other. That is refused where it is
entered (`require_free`), and told of those that were there before (`conflicts`, by preflight and by admission).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deployments.catalog import auto_scaling
from deployments.catalog.freezing import columns_of
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.frozen import EnvironmentSettings
from deployments.refused import Refused

#: Of a cluster that is not named.
_DEFAULT_CLUSTER = "default"


@dataclass(frozen=True)
class Place:
    """What is compared of an environment, or of what may become one."""

    settings: EnvironmentSettings
    #: names, as they were last seen; () on anything but servers
    auto_scaling_groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """Something on AWS that an environment is deployed to."""

    #: the column that names it
    field: str
    #: such as "service shop-blue of cluster shop"
    name: str
    #: tells the account by itself
    is_arn: bool = False


@dataclass(frozen=True)
class Conflict:
    """Another environment in use holds it."""

    held: Held
    #: that environment, such as shop/production
    other: str

    @property
    def seen(self) -> str:
        return f"{self.other} is deployed to the same {self.held.name}."

    @property
    def fix(self) -> str:
        return "Retire that one first, or change what it is deployed to; or choose another one here."

    @property
    def sentence(self) -> str:
        return f"{self.seen} {self.fix}"


def names(environment: Environment) -> tuple[str, ...]:
    """What it is deployed to, such as "service shop-blue of cluster shop"; the row need not be saved."""
    return tuple(held.name for held in _held(_place(environment)))


def conflicts(environment: Environment, settings: EnvironmentSettings | None = None) -> tuple[Conflict, ...]:
    """One for each thing that another environment holds, too; what a retired one held is free.

    `settings`: as they are to become, where the row does not say so yet.
    """
    mine = _place(environment, settings)
    return compared(mine, _others(mine.settings.region, environment))


def of_places(wanted: Sequence[Place]) -> list[tuple[Conflict, ...]]:
    """The same for several of one region that are nobody's yet, by one query."""
    others = _others(wanted[0].settings.region) if wanted else []
    return [compared(each, others) for each in wanted]


def beside(region: str) -> list[EnvironmentSettings]:
    """Of all environments in use there."""
    return [place.settings for _, place in _others(region)]


def compared(mine: Place, others: list[tuple[str, Place]]) -> tuple[Conflict, ...]:
    """The first of `others` (with their labels, of one region) that holds each thing of mine. Asks nothing."""
    theirs = [(label, _known_to(theirs, mine)) for label, theirs in others]
    found = ((held, next((label for label, known in theirs if held.name in known), "")) for held in _held(mine))
    return tuple(Conflict(held, other) for held, other in found if other)


def require_free(environment: Environment) -> None:
    """In a transaction, until whose end nobody else may take it. Raises Refused for the first of `entered`."""
    for conflict in entered(environment):
        raise Refused(conflict.sentence, field=conflict.held.field)


def entered(environment: Environment) -> tuple[Conflict, ...]:
    """In a transaction: conflicts that saving it would make. Those that its row has already hinder no other change."""
    one_at_a_time()
    found = conflicts(environment)
    saved = Environment.objects.filter(IN_USE, pk=environment.pk).first() if found and environment.pk else None
    had = {(each.held.name, each.other) for each in conflicts(saved)} if saved else set()
    return tuple(each for each in found if (each.held.name, each.other) not in had)


def one_at_a_time() -> None:
    """Whoever enters what an environment holds waits for the others: before any row of environments is locked.

    The first application's row stands for all, and rows that refer to it can be written meanwhile.
    """
    Application.objects.order_by("pk").select_for_update(of=("self",), no_key=True).first()


def _others(region: str, than: Environment | None = None) -> list[tuple[str, Place]]:
    rows = Environment.objects.filter(IN_USE, region=region).select_related("application")
    return [(str(each), _place(each)) for each in (rows.exclude(pk=than.pk) if than else rows)]


def _place(environment: Environment, settings: EnvironmentSettings | None = None) -> Place:
    settings = settings or columns_of(environment)
    return Place(settings, auto_scaling.seen(environment, settings))


def _held(place: Place) -> Iterator[Held]:
    settings = place.settings
    cluster = settings.cluster or _DEFAULT_CLUSTER
    for field, service in (
        ("service", settings.service_name),
        ("blue_service", settings.blue_service),
        ("green_service", settings.green_service),
    ):
        if service:
            yield Held(field, f"service {service} of cluster {cluster}")
    if settings.codedeploy_group:
        group = f"deployment group {settings.codedeploy_group} of {settings.codedeploy_application}"
        yield Held("codedeploy_group", group)
    for name in place.auto_scaling_groups:
        yield Held("codedeploy_group", f"Auto Scaling group {name}")
    for family in settings.scheduled:
        yield Held("scheduled_families", f"scheduled family {family.family} of cluster {cluster}")
    yield from _arns(settings)


def _arns(settings: EnvironmentSettings) -> Iterator[Held]:
    for field, what, arn in (
        ("blue_target_group", "target group", settings.blue_target_group),
        ("green_target_group", "target group", settings.green_target_group),
        ("production_rule", "rule", settings.production_rule),
        *(("more_production_rules", "rule", arn) for arn in settings.more_production_rules),
        ("test_rule", "rule", settings.test_rule),
    ):
        if arn:
            yield Held(field, f"{what} {arn}", is_arn=True)


def _known_to(theirs: Place, mine: Place) -> set[str]:
    """What of theirs is the same as one of mine by that name."""
    is_one_account = _is_one_account(mine.settings, theirs.settings)
    return {held.name for held in _held(theirs) if held.is_arn or is_one_account}


def _is_one_account(mine: EnvironmentSettings, theirs: EnvironmentSettings) -> bool:
    """By their numbers where both are known, else whether they are reached in the same way."""
    known = _account(mine), _account(theirs)
    return known[0] == known[1] if all(known) else mine.role_arn == theirs.role_arn


def _account(settings: EnvironmentSettings) -> str:
    return settings.account_id or (settings.role_arn.split(":")[4] if settings.role_arn else "")
