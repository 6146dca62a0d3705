"""The task's roles. Without the execution role ECS cannot pull, log or read secrets on the task's behalf."""

from collections.abc import Iterator, Mapping
from typing import Any

from deployments.aws.ecr_address import EcrAddress
from deployments.aws.values import Identity, TaskDefinition
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok
from deployments.preflight.task_definition import on_fargate
from deployments.preflight.words import as_said, listed, named


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """execution-role, roles-exist, roles-allowed"""
    definition = readings.base(artefact)
    yield _execution_role(artefact, definition, on_fargate(readings.source, definition))
    roles = task_roles(definition, readings.identity)
    if definition is not readings.task_definition:
        yield from _allowed(settings, definition, readings)
    seen = {arn: readings.role_seen(arn) for arn in roles}
    missing = [arn for arn in roles if not seen[arn]]
    for arn in missing:
        yield error(
            "roles-exist",
            f"{named(definition.arn)} names the role {arn}, which does not exist.",
            "Create the role, or name another one in the task definition.",
        )
    if roles and not missing:
        said = as_said(filter(None, seen.values()), readings.now)
        yield ok("roles-exist", f"The task's roles exist: {listed(named(arn) for arn in roles)}{said}.")


def _allowed(settings: EnvironmentSettings, definition: TaskDefinition, readings: Readings) -> Iterator[Result]:
    """Whoever writes a task definition must not choose the rights that it runs with."""
    may = {*task_roles(readings.task_definition, readings.identity), *settings.task_roles}
    named_there = task_roles(definition, readings.identity)
    strangers = [arn for arn in named_there if arn not in may]
    for arn in strangers:
        yield error(
            "roles-allowed",
            f"{named(definition.arn)} names the role {arn}, which {settings.label} does not allow: "
            f"{named(readings.task_definition.arn)} does not name it, nor does the environment's list.",
            "Name another role, or have somebody who may change the environment add it to its roles allowed.",
        )
    if named_there and not strangers:
        yield ok("roles-allowed", f"The environment allows {listed(named(arn) for arn in named_there)}.")


def task_roles(definition: TaskDefinition, identity: Identity) -> tuple[str, ...]:
    """ARNs of the task role and the execution role."""
    given = [definition.document.get(member) for member in ("taskRoleArn", "executionRoleArn")]
    return tuple(dict.fromkeys(_arn(role, identity) for role in given if role))


def execution_role(definition: TaskDefinition, identity: Identity) -> str:
    """Its ARN; "" when there is none."""
    role = definition.document.get("executionRoleArn")
    return _arn(role, identity) if role else ""


def _arn(role: str, identity: Identity) -> str:
    """A task definition may name it without the ARN."""
    partition = identity.arn.split(":")[1]
    return role if role.startswith("arn:") else f"arn:{partition}:iam::{identity.account}:role/{role}"


def _execution_role(artefact: Artefact | None, definition: TaskDefinition, fargate: bool) -> Result:
    needs = [*_needs(artefact, definition, fargate)]
    name, role = named(definition.arn), definition.document.get("executionRoleArn")
    if role:
        return ok("execution-role", f"{name} has the execution role {named(role)}.")
    if not needs:
        return ok("execution-role", f"{name} has no execution role and nothing in it needs one.")
    return error(
        "execution-role",
        f"{name} has no execution role, but needs one {listed(needs)}; its tasks would not start "
        "(CannotPullContainerError or ResourceInitializationError).",
        "Give the task definition an executionRoleArn with AmazonECSTaskExecutionRolePolicy, and with read "
        "access "
        "to the secrets that it names.",
    )


def _needs(artefact: Artefact | None, definition: TaskDefinition, fargate: bool) -> Iterator[str]:
    containers = definition.document["containerDefinitions"]
    # On EC2 the container instance's own role pulls from ECR and writes logs.
    if fargate and any(EcrAddress.parse(image) for image in _images(artefact, containers)):
        yield "to pull from ECR on Fargate"
    if fargate and any(_log(container).get("logDriver") == "awslogs" for container in containers):
        yield "to write logs with awslogs on Fargate"
    if any(container.get("secrets") or _log(container).get("secretOptions") for container in containers):
        yield "to read secrets"
    if any(container.get("repositoryCredentials") for container in containers):
        yield "to log in to a private registry"


def _images(artefact: Artefact | None, containers: list[Mapping[str, Any]]) -> Iterator[str]:
    released = artefact.images if artefact else {}
    for container in containers:
        yield released.get(container["name"], container["image"])


def _log(container: Mapping[str, Any]) -> Mapping[str, Any]:
    return container.get("logConfiguration") or {}
