"""Running the checks of one kind of environment, those of the release's images first.

When a check cannot look, what it said so far stays and its group's `unknown` follows; the other groups go on.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from deployments.aws import errors
from deployments.aws.protocol import Gateway
from deployments.preflight import access, image
from deployments.preflight.grants import action_of
from deployments.preflight.kinds import Kind, ReleaseCheck
from deployments.preflight.pair import PAIR
from deployments.preflight.readings import NotLooked, Readings
from deployments.preflight.report import Report, Result, unknown
from deployments.preflight.words import ended, who
from deployments.values import Artefact, EnvironmentSettings

#: Roles and permissions change seldom. A deployment that starts takes AWS's word for so long; people who look get a
#: new one.
IAM_TRUSTED = timedelta(minutes=15)

RELEASE_GROUPS: tuple[tuple[str, ReleaseCheck], ...] = (
    ("image-exists", image.existence),
    ("image-architecture", image.architecture),
    ("image-containers", image.containers),
)


def run(
    settings: EnvironmentSettings,
    artefact: Artefact | None,
    gateway: Gateway,
    now: datetime,
    kind: Kind[Any] = PAIR,
    *,
    trusted: timedelta = timedelta(0),
) -> Report:
    """Only reads. Never raises AwsError. Without a release its checks are left out.

    `trusted`: how old AWS's word may be on who we are, that a role exists or is allowed something; 0 asks all anew.
    """
    try:
        identity = gateway.identity(now, trusted)
    except errors.AwsError as problem:
        return unreachable(settings, artefact, problem, kind)
    reached = tuple(access.reached(settings, identity))
    if not access.right_account(settings, identity):
        reason = f"{identity.account} is not the environment's account"
        return Report((*reached, *_not_looked(artefact, reason, kind)))
    readings = kind.read(settings, gateway, identity, now, trusted)
    return Report((*reached, *_results(settings, artefact, readings, kind)))


def unreachable(
    settings: EnvironmentSettings, artefact: Artefact | None, problem: errors.AwsError, kind: Kind[Any] = PAIR
) -> Report:
    """The report when there is no way to AWS; also for when not even a gateway could be made."""
    reason = "AWS did not answer" if problem.transient else "Tealgate does not reach the account"
    return Report((access.refused(settings, problem), *_not_looked(artefact, reason, kind)))


def _results(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings, kind: Kind[Any]
) -> Iterator[Result]:
    if artefact and artefact.images:
        for name, release_check in RELEASE_GROUPS:
            yield from _guarded(name, release_check(settings, artefact, readings), readings)
    for name, check in kind.groups:
        yield from _guarded(name, check(settings, artefact, readings), readings)


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


def _not_looked(artefact: Artefact | None, reason: str, kind: Kind[Any]) -> list[Result]:
    groups = (*(RELEASE_GROUPS if artefact and artefact.images else ()), *kind.groups)
    return [unknown(name, f"Not looked at, because {reason}.") for name, _ in groups]
