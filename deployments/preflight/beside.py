"""The checks of a release that starts beside the live one, in the other of two target groups; whoever starts it."""

from collections.abc import Callable, Iterable

from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import (
    alarms,
    capacity,
    execution_role,
    iam_roles,
    live_image,
    log_groups,
    network,
    target_groups,
    task_definition,
)
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.report import Result

Check = Callable[[EnvironmentSettings, Artefact | None, PairReadings], Iterable[Result]]

BESIDE_THE_LIVE_ONE: tuple[tuple[str, Check], ...] = (
    ("task-definition", task_definition.check),
    ("roles", iam_roles.check),
    ("execution-role", execution_role.check),
    ("log-groups", log_groups.check),
    ("live-image-exists", live_image.check),
    ("target-type", target_groups.target_type),
    ("host-port", network.host_port),
    ("security-groups", network.security_groups),
    ("capacity", capacity.check),
    ("alarms", alarms.check),
    ("watch-5xx", alarms.watch),
)
