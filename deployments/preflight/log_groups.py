"""Where tasks log to: a group that does not exist keeps them from starting."""

from collections.abc import Iterator

from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.execution_needs import LogGroup, log_groups
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok
from deployments.preflight.words import as_said, listed, named


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """log-group"""
    definition = readings.base(artefact)
    groups = log_groups(definition)
    seen = {each: readings.log_group_seen(each.region, each.name) for each in groups if not each.is_made}
    missing = [each for each in seen if not seen[each]]
    for each in missing:
        yield _missing(named(definition.arn), each)
    if groups and not missing:
        made = [each.name for each in groups if each.is_made]
        there = [f"{each.name} exists" for each in seen] + [f"{name} is made where it is missing" for name in made]
        said = as_said(filter(None, seen.values()), readings.now, "AWS")
        yield ok("log-group", f"Where tasks log to is there: {listed(dict.fromkeys(there))}{said}.")


def _missing(name: str, group: LogGroup) -> Result:
    return error(
        "log-group",
        f"Container {group.container} of {name} logs to {group.name} in {group.region}, which does not exist: tasks "
        "would not start (ResourceInitializationError: failed to validate logger args).",
        f"Create the log group {group.name} (aws logs create-log-group), or set awslogs-create-group to true in the "
        "task definition and allow logs:CreateLogGroup to its execution role.",
    )
