"""Scheduled tasks that are to get the release: what starts them, what it is made from, and who may do that."""

from collections.abc import Iterator, Mapping, Sequence

from deployments.aws import errors
from deployments.aws.values import Starter, TaskDefinition
from deployments.aws.values.scheduled import RULE, SCHEDULE, cluster_arn
from deployments.definitions.scheduled import NoImage, images_for
from deployments.frozen import Artefact, EnvironmentSettings, ScheduledSpec
from deployments.preflight import grants, permissions, scheduled_roles
from deployments.preflight.iam_roles import task_roles
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import ended, listed, named, who


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """scheduled-tasks, scheduled-roles, permissions: nothing where no family is named"""
    if not settings.scheduled:
        return
    cluster = cluster_arn(readings.source.arn, settings.cluster)
    try:
        starters = readings.starters(cluster, tuple(spec.family for spec in settings.scheduled))
    except errors.Denied as refusal:
        yield _denied(refusal, readings)
        return
    begun: list[TaskDefinition] = []
    for spec in settings.scheduled:
        mine = [each for each in starters if each.family == spec.family]
        found = {each.key: readings.definition_named(_asked_for(each)) for each in mine}
        begun += [definition for definition in found.values() if definition]
        yield from _family(settings, artefact, spec, mine, found)
        yield from _own(readings, spec, mine)
        yield from _roles(readings, cluster, mine, found)
    rows = _resources(starters, begun, readings)
    yield from permissions.ask_all(grants.SCHEDULED, rows, readings)


def on_servers(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """scheduled-tasks"""
    if settings.scheduled:
        families = listed(spec.family for spec in settings.scheduled)
        yield error(
            "scheduled-tasks",
            f"{settings.label} installs on servers and names scheduled families ({families}): a bundle has no image "
            "for their tasks.",
            "Take them out of this environment, and name them in one that deploys to ECS.",
        )


def _family(
    settings: EnvironmentSettings,
    artefact: Artefact | None,
    spec: ScheduledSpec,
    mine: Sequence[Starter],
    found: Mapping[str, TaskDefinition | None],
) -> Iterator[Result]:
    if not mine:
        yield warning(
            "scheduled-tasks",
            f"No rule of the default event bus and no schedule starts {spec.family} in {settings.cluster}.",
            "Name another family in the environment, or none; what Lambda or Step Functions start is not looked at.",
        )
    for each in mine:
        definition = found[each.key]
        if each.managed_by:
            yield _managed(each)
        elif definition is None:
            yield error(
                "scheduled-tasks",
                f"{_called(each)} starts {named(each.task_definition)}, which does not exist.",
                f"Have it start a revision of {spec.family} that is ACTIVE.",
            )
        else:
            yield from _usable(each, definition)
            yield from _images(settings, artefact, spec, definition)
    yield from _mixed(spec, mine, found)
    if good := [each for each in mine if found[each.key] and not each.managed_by]:
        said = listed(f"{each.called} ({_when(each)}{named(each.task_definition)})" for each in good)
        yield ok("scheduled-tasks", f"{spec.family} gets the release's image after production; started by {said}.")


def _usable(each: Starter, definition: TaskDefinition) -> Iterator[Result]:
    if definition.status != "ACTIVE":
        yield warning(
            "scheduled-tasks",
            f"{_called(each)} starts {named(definition.arn)}, which is {definition.status}: ECS refuses that, so "
            "nothing runs now. With the release it will, and a roll back ends that again.",
            "Have it start an ACTIVE revision.",
        )
    elif tagged := listed(definition.images_by_tag.values()) if definition.images_by_tag else "":
        yield warning(
            "scheduled-tasks",
            f"{named(definition.arn)}, which {each.called} starts, names images by a tag: {tagged}. After a roll back "
            "it starts whatever the tag stands for then.",
            "Register it with the image's digest once; each deployment by Tealgate does.",
        )


def _images(
    settings: EnvironmentSettings, artefact: Artefact | None, spec: ScheduledSpec, definition: TaskDefinition
) -> Iterator[Result]:
    if artefact is None:
        return
    try:
        images_for(definition, spec, artefact, settings)
    except NoImage as problem:
        yield error("scheduled-tasks", problem.seen, problem.fix)


def _mixed(
    spec: ScheduledSpec, mine: Sequence[Starter], found: Mapping[str, TaskDefinition | None]
) -> Iterator[Result]:
    """One that starts the newest would start what is registered for another, for a moment."""
    newest = next((each for each in mine if not each.names_revision), None)
    other = next((each for each in mine if newest and found[each.key] != found[newest.key]), None)
    if newest and other:
        yield error(
            "scheduled-tasks",
            f"{_called(newest)} starts the newest revision of {spec.family}, and {other.called} "
            f"{named(other.task_definition)}: the release of the one would be started by the other.",
            "Have both name the same revision, or give one of them a family of its own.",
        )


def _own(readings: Readings, spec: ScheduledSpec, mine: Sequence[Starter]) -> Iterator[Result]:
    """Of the service's own family a revision is registered before anybody is asked."""
    if spec.family != readings.task_definition.family:
        return
    for each in mine:
        if not each.names_revision:
            yield error(
                "scheduled-tasks",
                f"{_called(each)} starts the newest revision of {spec.family}, which is the service's own family: it "
                "would start a release as soon as that is registered, before anybody has approved it.",
                f"Have it name a revision, such as {named(readings.task_definition.arn)}; Tealgate moves it then.",
            )


def _roles(
    readings: Readings, cluster: str, mine: Sequence[Starter], found: Mapping[str, TaskDefinition | None]
) -> Iterator[Result]:
    """scheduled-roles"""
    for each in mine:
        definition = found[each.key]
        if definition and not each.managed_by:
            yield from scheduled_roles.check(each, definition, cluster, readings)


def _resources(
    starters: Sequence[Starter], begun: Sequence[TaskDefinition], readings: Readings
) -> Mapping[str, tuple[str, ...]]:
    """ARNs by the names that grants use."""
    prefix = ":".join(readings.source.arn.split(":")[:5])
    roles = {role: None for definition in begun for role in task_roles(definition, readings.identity)}
    families = dict.fromkeys(each.family for each in begun)

    def of(kind: str, path: str) -> tuple[str, ...]:
        service = prefix.replace(":ecs:", ":events:" if kind == RULE else ":scheduler:")
        return tuple(dict.fromkeys(f"{service}:{path}/{each.name}" for each in starters if each.kind == kind))

    def handed(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.role for each in starters if each.kind == kind and each.role))

    return {
        "*": ("*",),
        "scheduled revisions": tuple(f"{prefix}:task-definition/{family}:*" for family in families),
        "scheduled task roles": tuple(roles),
        "roles of rules": handed(RULE),
        "roles of schedules": handed(SCHEDULE),
        "rules of tasks": of(RULE, "rule"),
        "schedules of tasks": of(SCHEDULE, "schedule"),
    }


def _denied(refusal: errors.Denied, readings: Readings) -> Result:
    caller, action = who(readings.identity.arn), grants.action_of(refusal.operation)
    return error(
        "scheduled-tasks",
        f"What starts the scheduled families cannot be read, because {caller} may not {action}: {ended(refusal.said)}",
        f"Allow {action} to {caller} (infra/iam/scheduled-tasks.json), or name no family in the environment.",
    )


def _managed(each: Starter) -> Result:
    return warning(
        "scheduled-tasks",
        f"{_called(each)} is managed by {each.managed_by}, which lets nobody else change it: it goes on to start "
        f"{named(each.task_definition)}.",
        f"Change it by {each.managed_by}.",
    )


def _asked_for(each: Starter) -> str:
    return each.task_definition if each.names_revision else each.family


def _called(each: Starter) -> str:
    return f"{each.called[:1].upper()}{each.called[1:]}"


def _when(each: Starter) -> str:
    told = [each.when, "" if each.is_enabled else "disabled"]
    return "".join(f"{part}, " for part in told if part)
