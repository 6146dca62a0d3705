"""The environment's percentages on the service, from its deployment on; and those that were there, in a roll back.

UpdateService takes deploymentConfiguration whole. So all else that the owner has set there (circuit breaker, alarms,
hooks) is sent as AWS shows it, and nothing is sent where the percentages are as they are to be.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.values import Service
from deployments.frozen import EnvironmentSettings
from deployments.preflight import percents
from deployments.swaps.rolling.facts import Snapshot
from deployments.words import joined

Configuration = Mapping[str, Any]

#: AWS's, of a service whose owner never said any.
_DEFAULTS: Mapping[str, int] = {"minimumHealthyPercent": 100, "maximumPercent": 200}


def found(settings: EnvironmentSettings, service: Service) -> Configuration | None:
    """The deploymentConfiguration to remember: None where the environment leaves it as it is."""
    shown = service.deployment_configuration
    return shown if _changes(shown, _wanted(settings)) else None


def to_send(snapshot: Snapshot, service: Service | None) -> Configuration | None:
    """With the release; `service` as it was just read, None: as preflight found it. None: nothing changes."""
    shown = service.deployment_configuration if service else snapshot.facts.configuration_before
    return None if shown is None else _changed(shown, _wanted(snapshot.settings))


def to_give_back(snapshot: Snapshot, service: Service, *, unsure: bool) -> Configuration | None:
    """What was there before, unless somebody has set another since, or ECS could replace no task by it.

    `unsure`: nobody heard the end of an update, so what is shown may not be the last word.
    """
    before, shown = snapshot.facts.configuration_before, service.deployment_configuration
    if before is None or _is_stuck(snapshot, service):
        return None
    wanted = _wanted(snapshot.settings)
    own = {name: _of(before, name) for name, ours in wanted.items() if _of(before, name) != ours}
    given = {name: value for name, value in own.items() if _of(shown, name) == wanted[name]}
    if unsure:
        given = {name: value for name, value in own.items() if _of(shown, name) in (value, wanted[name])}
    return {**shown, **given} if given else None


def words(sent: Configuration | None, instead_of: Configuration) -> str:
    """Such as " and minimumHealthyPercent 50 instead of 100"; "" where nothing is sent."""
    changed = [
        f"{name} {_of(sent, name)} instead of {_of(instead_of, name)}"
        for name in _DEFAULTS
        if sent is not None and _of(sent, name) != _of(instead_of, name)
    ]
    return f" and {joined(changed)}" if changed else ""


def words_back(snapshot: Snapshot, sent: Configuration | None) -> str:
    """The same of the way back, instead of the environment's."""
    before = snapshot.facts.configuration_before
    ours = {name: value for name, value in _wanted(snapshot.settings).items() if _of(sent, name) == _of(before, name)}
    return words(sent, {**(sent or {}), **ours})


def kept(snapshot: Snapshot, service: Service) -> str:
    """In a clause, that the way back has to keep the environment's; "" where it need not."""
    before = snapshot.facts.configuration_before
    if before is None or not _is_stuck(snapshot, service):
        return ""
    own = joined([f"{name} {_of(before, name)}" for name in _DEFAULTS])
    return f"; it keeps the environment's percentages, since by {own} ECS could replace none of its tasks"


def in_the_way(snapshot: Snapshot, service: Service) -> str:
    """That ECS could not replace the tasks: preflight knows another desired count. In a sentence; "" where it can."""
    during = percents.during(snapshot.settings, service)
    if percents.replaces(during):
        return ""
    return (
        f"{service.name} is to run {service.desired} by now, of which minimumHealthyPercent "
        f"{during.minimum_healthy_percent} and maximumPercent {during.maximum_percent} let ECS neither start nor stop "
        "one. Nothing was written; raise maximumPercent or lower minimumHealthyPercent, then deploy again."
    )


def _wanted(settings: EnvironmentSettings) -> dict[str, int]:
    given = {
        "minimumHealthyPercent": settings.minimum_healthy_percent,
        "maximumPercent": settings.maximum_percent,
    }
    return {name: value for name, value in given.items() if value is not None}


def _changes(shown: Configuration, wanted: Mapping[str, int]) -> bool:
    return any(_of(shown, name) != value for name, value in wanted.items())


def _changed(shown: Configuration, wanted: Mapping[str, int]) -> Configuration | None:
    return {**shown, **wanted} if _changes(shown, wanted) else None


def _is_stuck(snapshot: Snapshot, service: Service) -> bool:
    before = snapshot.facts.configuration_before or {}
    own = replace(
        service,
        minimum_healthy_percent=_of(before, "minimumHealthyPercent"),
        maximum_percent=_of(before, "maximumPercent"),
    )
    return not percents.replaces(own)


def _of(shown: Configuration | None, name: str) -> int:
    return int((shown or {}).get(name, _DEFAULTS[name]))
