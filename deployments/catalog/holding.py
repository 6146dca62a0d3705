"""Which environment is deployed to what on AWS: services, deployment groups, target groups and rules."""

from collections.abc import Iterator

from deployments.catalog.freezing import columns_of
from deployments.catalog.models import Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.frozen import EnvironmentSettings


def names(environment: Environment) -> tuple[str, ...]:
    """What it is deployed to, such as "service shop-blue of cluster shop"; the row need not be saved."""
    settings = columns_of(environment)
    return (*_named(settings), *_arns(settings))


def conflicts(environment: Environment) -> tuple[str, ...]:
    """Of each other environment that is deployed to the same, in a sentence; what a retired one held is free."""
    settings = columns_of(environment)
    others = Environment.objects.filter(IN_USE, region=environment.region).exclude(pk=environment.pk)
    shared = ((other, _shared(settings, columns_of(other))) for other in others.select_related("application"))
    return tuple(f"{other} is deployed to the same {what[0]}." for other, what in shared if what)


def _shared(mine: EnvironmentSettings, theirs: EnvironmentSettings) -> list[str]:
    """ARNs tell the account by themselves."""
    same = set(_arns(theirs)) | (set(_named(theirs)) if _is_one_account(mine, theirs) else set())
    return [name for name in (*_named(mine), *_arns(mine)) if name in same]


def _named(settings: EnvironmentSettings) -> Iterator[str]:
    for service in filter(None, (settings.service_name, settings.blue_service, settings.green_service)):
        yield f"service {service} of cluster {settings.cluster}"
    if settings.codedeploy_group:
        yield f"deployment group {settings.codedeploy_group} of {settings.codedeploy_application}"


def _arns(settings: EnvironmentSettings) -> Iterator[str]:
    groups = (settings.blue_target_group, settings.green_target_group)
    yield from (f"target group {arn}" for arn in groups if arn)
    rules = (settings.production_rule, *settings.more_production_rules, settings.test_rule)
    yield from (f"rule {arn}" for arn in rules if arn)


def _is_one_account(mine: EnvironmentSettings, theirs: EnvironmentSettings) -> bool:
    """By their numbers where both are known, else whether they are reached in the same way."""
    known = _account(mine), _account(theirs)
    return known[0] == known[1] if all(known) else mine.role_arn == theirs.role_arn


def _account(settings: EnvironmentSettings) -> str:
    return settings.account_id or (settings.role_arn.split(":")[4] if settings.role_arn else "")
