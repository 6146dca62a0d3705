"""The environment's columns that a move changes: as they were, as they become, and as they are put back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError

from deployments.catalog import holding
from deployments.catalog.models import Environment
from deployments.frozen import EnvironmentSettings
from deployments.moving.values import Wanted
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Controller, Strategy

CHANGED = (
    "controller",
    "strategy",
    "blue_target_group",
    "green_target_group",
    "production_rule",
    "test_rule",
    "codedeploy_application",
    "codedeploy_group",
)

#: of the lock while it moves, and while that is taken back
LOCKED = "It is moving to {to}."
LOCKED_BACK = "Its move to {to} is taken back."


def unlock(environment: int, to: str) -> None:
    """What a move has locked; somebody else's lock stays."""
    ours = [LOCKED.format(to=to), LOCKED_BACK.format(to=to)]
    Environment.objects.filter(pk=environment, lock_message__in=ours).update(
        locked_by=None, locked_through="", locked_at=None, lock_message=""
    )


def values(environment: Environment) -> dict[str, str]:
    return {name: str(getattr(environment, name)) for name in CHANGED}


def with_rule(wanted: Wanted, rule: str) -> Wanted:
    return replace(wanted, production_rule=rule)


def settings_afterwards(settings: EnvironmentSettings, wanted: Wanted, live: str) -> EnvironmentSettings:
    """As they would be frozen once it has moved."""
    return replace(settings, **afterwards(settings, wanted, live), unattended="")  # type: ignore[arg-type]


def afterwards(settings: EnvironmentSettings, wanted: Wanted, live: str) -> dict[str, str]:
    """The two slots stay who they are where there were two; else blue is who served."""
    slots = [settings.blue_target_group, settings.green_target_group]
    if set(slots) != {live, wanted.alternate_target_group}:
        slots = [live, wanted.alternate_target_group]
    return {
        "controller": Controller.ECS,
        "strategy": settings.strategy if settings.strategy in _NATIVE else Strategy.CANARY,
        "blue_target_group": slots[0],
        "green_target_group": slots[1],
        "production_rule": wanted.production_rule,
        "test_rule": wanted.test_rule,
        "codedeploy_application": "",
        "codedeploy_group": "",
    }


def rolled(before: Mapping[str, str]) -> dict[str, str]:
    """Where CodeDeploy cannot have the service back: what is left of it is replaced by rolling."""
    return {
        **before,
        "controller": Controller.ROLLING,
        "strategy": Strategy.ROLLING,
        "codedeploy_application": "",
        "codedeploy_group": "",
    }


def write(environment: Environment, wanted: Mapping[str, str], principal: Principal, why: str) -> None:
    """With its history, in a transaction. Raises Refused for values that are not allowed, or another environment's."""
    for name, value in wanted.items():
        setattr(environment, name, value)
    try:
        environment.full_clean()
    except ValidationError as error:
        raise Refused(f"Its settings would not be allowed: {'; '.join(error.messages)}") from error
    holding.require_free(environment)
    vars(environment).update(_history_user=principal.user, _change_reason=why)
    environment.save(update_fields=[*wanted])


_NATIVE: tuple[Any, ...] = (Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR)
