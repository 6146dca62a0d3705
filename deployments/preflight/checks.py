"""Which checks there are, in the order in which their errors are worth reading: causes before consequences.

A check is `(settings, artefact, readings) -> results`, pure but for the lazy readings. When it cannot look,
what it said so far stays and its group's `unknown` follows; the other groups go on.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from deployments.aws import errors
from deployments.aws.protocol import Gateway
from deployments.preflight import (
    access,
    alarms,
    capacity,
    health,
    image,
    network,
    permissions,
    roles,
    scaling,
    services,
    target_groups,
    task_definition,
    timing,
    traffic,
)
from deployments.preflight.grants import action_of
from deployments.preflight.readings import NotLooked, Readings
from deployments.preflight.report import Report, Result, unknown
from deployments.preflight.words import ended, who
from deployments.values import Artefact, EnvironmentSettings

Check = Callable[[EnvironmentSettings, Artefact | None, Readings], Iterable[Result]]
ReleaseCheck = Callable[[EnvironmentSettings, Artefact, Readings], Iterable[Result]]

#: `permissions` comes last: it does not ask about what the others have just read.
GROUPS: tuple[tuple[str, Check], ...] = (
    ("target-groups", target_groups.check),
    ("production-rule", traffic.production),
    ("services", services.check),
    ("service-roles", services.roles_in_deployment),
    ("health-check", health.check),
    ("test-rule", traffic.test),
    ("stickiness", traffic.stickiness),
    ("task-definition", task_definition.check),
    ("roles", roles.check),
    ("target-type", target_groups.target_type),
    ("host-port", network.host_port),
    ("security-groups", network.security_groups),
    ("capacity", capacity.check),
    ("alarms", alarms.check),
    ("watch-5xx", alarms.watch),
    ("scaling", scaling.check),
    ("timing", timing.check),
    ("permissions", permissions.check),
)

RELEASE_GROUPS: tuple[tuple[str, ReleaseCheck], ...] = (
    ("image-exists", image.existence),
    ("image-architecture", image.architecture),
    ("image-containers", image.containers),
)


def run(settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime) -> Report:
    """Only reads. Never raises AwsError. Without a release its checks are left out."""
    try:
        identity = gateway.identity()
    except errors.AwsError as problem:
        return unreachable(settings, artefact, problem)
    reached = tuple(access.reached(settings, identity))
    if not access.right_account(settings, identity):
        reason = f"{identity.account} is not the environment's account"
        return Report((*reached, *_not_looked(artefact, reason)))
    readings = Readings(settings, gateway, identity, now)
    return Report((*reached, *_results(settings, artefact, readings)))


def unreachable(settings: EnvironmentSettings, artefact: Artefact | None, problem: errors.AwsError) -> Report:
    """The report when there is no way to AWS; also for when not even a gateway could be made."""
    reason = "AWS did not answer" if problem.transient else "Tealgate does not reach the account"
    return Report((access.refused(settings, problem), *_not_looked(artefact, reason)))


def _results(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    if artefact:
        for name, release_check in RELEASE_GROUPS:
            yield from _guarded(name, release_check(settings, artefact, readings), readings)
    for name, check in GROUPS:
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


def _not_looked(artefact: Artefact | None, reason: str) -> list[Result]:
    groups = (*(RELEASE_GROUPS if artefact else ()), *GROUPS)
    return [unknown(name, f"Not looked at, because {reason}.") for name, _ in groups]
