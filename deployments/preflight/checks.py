"""Running the checks of one kind of environment, those of the release's images first.

When a check cannot look, what it said so far stays and its group's `unknown` follows; the other groups go on.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from deployments.aws import errors
from deployments.aws.protocol import Gateway
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import access, beginning, image, pipeline
from deployments.preflight.checklist import Checklist, ReleaseCheck
from deployments.preflight.earlier import Earlier
from deployments.preflight.grants import action_of
from deployments.preflight.pair import PAIR
from deployments.preflight.readings import NotLooked, Readings
from deployments.preflight.report import Level, Report, Result, unknown
from deployments.preflight.words import ended, who

#: Roles and permissions change seldom. A deployment that starts takes AWS's word for so long; people who look get a
#: new one.
IAM_TRUSTED = timedelta(minutes=15)

RELEASE_GROUPS: tuple[tuple[str, ReleaseCheck], ...] = (
    ("image-exists", image.existence),
    ("image-architecture", image.architecture),
    ("image-containers", image.containers),
)

#: Where an environment names an action of CodePipeline that waits for its deployments.
PIPELINE_GROUPS: tuple[tuple[str, Callable[..., Iterable[Result]]], ...] = (("pipeline", pipeline.check),)


def run(
    settings: EnvironmentSettings,
    artefact: Artefact | None,
    gateway: Gateway,
    now: datetime,
    kind: Checklist[Any] = PAIR,
    *,
    trusted: timedelta = timedelta(0),
) -> Report:
    """Only reads. Never raises AwsError. Without a release its checks are left out.

    `trusted`: how old AWS's word may be on who we are, that a role exists or is allowed something; 0 asks all anew.
    """
    readings = kind.read(settings, gateway, now, trusted)
    try:
        identity = readings.identity
    except errors.AwsError as problem:
        return unreachable(settings, artefact, problem, kind)
    reached = tuple(replace(each, group="access") for each in access.reached(settings, identity))
    if not access.right_account(settings, identity):
        reason = f"{identity.account} is not the environment's account"
        return Report((*reached, *_not_looked(settings, artefact, reason, kind)))
    results = [
        each
        for name, check in _groups(settings, artefact, kind)
        for each in _checked(name, check, settings, artefact, readings)
    ]
    return Report((*reached, *beginning.admitted(settings, results)), readings.asked_at)


def beside(
    earlier: Earlier,
    settings: EnvironmentSettings,
    artefact: Artefact | None,
    gateway: Gateway,
    now: datetime,
    kind: Checklist[Any],
) -> Report | None:
    """Checks what is not known from earlier. None when that shows any trouble: then all has to be looked at.

    Only reads. Never raises AwsError.
    """
    readings = kind.read(settings, gateway, now, timedelta(0))
    results, trusted = [*earlier.of("access")], ["access"]
    for name, check in _groups(settings, artefact, kind):
        if name in earlier.groups and name not in kind.changing:
            results += earlier.of(name)
            trusted.append(name)
            continue
        try:
            found = _checked(name, check, settings, artefact, readings)
        except errors.AwsError:  # not even who may not look is known
            return None
        if any(each.level == Level.ERROR or _is_blind(each, kind) for each in found):
            return None
        results += found
    return Report((*results, earlier.told(trusted, now)), earlier.asked_at)


def _is_blind(result: Result, kind: Checklist[Any]) -> bool:
    """Where images are kept, and who lets whom in, may never be known; what changes by itself has to be."""
    return result.level == Level.UNKNOWN and result.group in kind.changing


def unreachable(
    settings: EnvironmentSettings, artefact: Artefact | None, problem: errors.AwsError, kind: Checklist[Any] = PAIR
) -> Report:
    """The report when there is no way to AWS; also for when not even a gateway could be made."""
    reason = "AWS did not answer" if problem.transient else "Tealgate does not reach the account"
    return Report((access.refused(settings, problem), *_not_looked(settings, artefact, reason, kind)))


def _groups(
    settings: EnvironmentSettings, artefact: Artefact | None, kind: Checklist[Any]
) -> tuple[tuple[str, Callable[..., Iterable[Result]]], ...]:
    of_release = RELEASE_GROUPS if artefact and artefact.images else ()
    return (*of_release, *kind.groups, *(PIPELINE_GROUPS if settings.approval_action else ()))


def _checked(
    name: str,
    check: Callable[..., Iterable[Result]],
    settings: EnvironmentSettings,
    artefact: Artefact | None,
    readings: Readings,
) -> list[Result]:
    return [replace(each, group=name) for each in _guarded(name, check(settings, artefact, readings), readings)]


def _guarded(name: str, results: Iterable[Result], readings: Readings) -> Iterator[Result]:
    try:
        yield from results
    except NotLooked as reason:
        yield unknown(name, f"Not looked at, because {reason}.")
    except errors.Denied as problem:
        yield _denied(name, problem, who(readings.identity.arn))
    except errors.AwsError as problem:
        if problem.transient:
            yield unknown(name, f"AWS did not answer ({problem}).", "Check the environment again in a minute.")
        else:
            yield unknown(name, f"Could not be looked at: {ended(problem.sentence)}")


def _denied(name: str, problem: errors.Denied, caller: str) -> Result:
    action = action_of(problem.operation)
    return unknown(
        name,
        f"Could not be looked at, because {caller} may not {action}: {ended(problem.said)}",
        f"Allow {action} to {caller} to have this checked.",
    )


def _not_looked(
    settings: EnvironmentSettings, artefact: Artefact | None, reason: str, kind: Checklist[Any]
) -> list[Result]:
    return [unknown(name, f"Not looked at, because {reason}.") for name, _ in _groups(settings, artefact, kind)]
