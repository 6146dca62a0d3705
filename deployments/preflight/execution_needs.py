"""What a task's execution role has to be allowed for its containers to start, read from the task definition.

Whatever names an execution role uses it, on container instances as on Fargate: ECS then asks of the instance's agent to
pull and to log by it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.aws.ecr_address import EcrAddress
from deployments.aws.values import TaskDefinition
from deployments.frozen import Artefact

PULL, LOG, MAKE_LOG_GROUP, SECRETS, FILES = (
    "pull its images",
    "write its logs",
    "make its log group (awslogs-create-group)",
    "read its secrets",
    "read its files of variables",
)
#: Of a secret's ARN without the six characters that Secrets Manager puts behind the name.
UNKNOWN_SUFFIX = "-??????"
_SUFFIX = len("-AbCdEf")


@dataclass(frozen=True, kw_only=True)
class Need:
    action: str
    resource: str
    purpose: str


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    container: str
    region: str
    name: str
    #: whether tasks make it themselves where it is missing
    is_made: bool


def needs(artefact: Artefact | None, definition: TaskDefinition) -> tuple[Need, ...]:
    """Each once; with the release's images in place of those of the definition."""
    containers = definition.document["containerDefinitions"]
    found = [
        *_pulling(artefact, containers, definition.arn),
        *_logging(definition),
        *_reading(containers, definition.arn),
    ]
    return tuple(dict.fromkeys(found))


def log_groups(definition: TaskDefinition) -> tuple[LogGroup, ...]:
    """Of containers that log by awslogs; without the group's name ECS would not have taken them."""
    region = definition.arn.split(":")[3]
    return tuple(
        LogGroup(
            container=container["name"],
            region=options.get("awslogs-region") or region,
            name=options["awslogs-group"],
            is_made=options.get("awslogs-create-group") == "true",
        )
        for container in definition.document["containerDefinitions"]
        if (options := _awslogs(container)).get("awslogs-group")
    )


def _pulling(artefact: Artefact | None, containers: list[Mapping[str, Any]], arn: str) -> Iterator[Need]:
    released = artefact.images if artefact else {}
    partition = arn.split(":")[1]
    for container in containers:
        if ecr := EcrAddress.parse(released.get(container["name"], container["image"])):
            repository = f"arn:{partition}:ecr:{ecr.region}:{ecr.account}:repository/{ecr.repository}"
            yield Need(action="ecr:GetAuthorizationToken", resource="*", purpose=PULL)
            yield Need(action="ecr:BatchGetImage", resource=repository, purpose=PULL)
            yield Need(action="ecr:GetDownloadUrlForLayer", resource=repository, purpose=PULL)


def making(definition: TaskDefinition, group: LogGroup) -> Need:
    """What it takes to make that group."""
    return Need(action="logs:CreateLogGroup", resource=_streams(definition, group), purpose=MAKE_LOG_GROUP)


def _logging(definition: TaskDefinition) -> Iterator[Need]:
    for group in log_groups(definition):
        streams = f"{_streams(definition, group)}*"
        yield Need(action="logs:CreateLogStream", resource=streams, purpose=LOG)
        yield Need(action="logs:PutLogEvents", resource=streams, purpose=LOG)
        if group.is_made:
            yield making(definition, group)


def _streams(definition: TaskDefinition, group: LogGroup) -> str:
    """As IAM writes these resources in its refusals."""
    _, partition, _, _, account, _ = definition.arn.split(":", 5)
    return f"arn:{partition}:logs:{group.region}:{account}:log-group:{group.name}:log-stream:"


def _reading(containers: list[Mapping[str, Any]], arn: str) -> Iterator[Need]:
    for container in containers:
        log = container.get("logConfiguration") or {}
        for secret in (*(container.get("secrets") or ()), *(log.get("secretOptions") or ())):
            yield _of_secret(secret["valueFrom"], arn)
        if login := (container.get("repositoryCredentials") or {}).get("credentialsParameter"):
            yield _of_secret(login, arn)
        for file in container.get("environmentFiles") or ():
            yield Need(action="s3:GetObject", resource=file["value"], purpose=FILES)


def _of_secret(value: str, arn: str) -> Need:
    """A secret's ARN, which may go on with a JSON key, stage and version; or a parameter's ARN or name."""
    _, partition, _, region, account, _ = arn.split(":", 5)
    if ":secretsmanager:" in value:
        secret = ":".join(value.split(":")[:7])
        return Need(action="secretsmanager:GetSecretValue", resource=_with_suffix(secret), purpose=SECRETS)
    name = (
        value if value.startswith("arn:") else f"arn:{partition}:ssm:{region}:{account}:parameter/{value.lstrip('/')}"
    )
    return Need(action="ssm:GetParameters", resource=name, purpose=SECRETS)


def _with_suffix(secret: str) -> str:
    suffix = secret[-_SUFFIX:]
    return secret if suffix[:1] == "-" and suffix[1:].isalnum() else secret + UNKNOWN_SUFFIX


def _awslogs(container: Mapping[str, Any]) -> Mapping[str, Any]:
    log = container.get("logConfiguration") or {}
    return (log.get("options") or {}) if log.get("logDriver") == "awslogs" else {}
