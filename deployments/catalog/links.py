"""Links that are proposed: to the logs and the services of AWS's own console."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog import changes, in_use
from deployments.catalog.models import Application, Environment, Link
from deployments.catalog.models.retiring import IN_USE
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused

#: by how a region's name begins; all others are in the commercial partition
_CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
_CONSOLE = "console.aws.amazon.com"


@dataclass(frozen=True)
class Proposal:
    name: str
    template: str


def proposed(application: Application) -> tuple[Proposal, ...]:
    """Those that it does not have yet."""
    regions = application.environments.filter(IN_USE).values_list("region", flat=True)
    console = next((host for start, host in _CONSOLES.items() if any(each.startswith(start) for each in regions)), "")
    have = set(application.links.values_list("name", flat=True))
    return tuple(each for each in _all(console or _CONSOLE) if each.name not in have)


def add_proposed(*, application: Application, name: str, principal: Principal, now: datetime) -> str:
    """By its name. Environments without a log group get that of their last deployment's task definition.

    Answers what could not be found out, in a sentence; "" when nothing. Raises Refused without the right.
    """
    if refusal := rights.change_application_refusal(principal):
        raise Refused(refusal)
    in_use.require(application)
    found = next((each for each in proposed(application) if each.name == name), None)
    if found is None:
        raise Refused(f"{application} has that link already, or nobody proposes it.")
    groups = _log_groups(application) if "log_group}" in found.template else {}
    said: dict[str, Any] = {"principal": principal, "now": now}
    with transaction.atomic():
        in_use.hold(application)
        before = changes.values_of(application)
        Link.objects.create(application=application, name=found.name, template=found.template, on_board=True)
        changes.changed(subject=application, before=before, **said)
        for environment, group in groups.items():
            if group:
                _set(environment, group, said)
    without = [str(environment) for environment, group in groups.items() if not group]
    return f"No log group was found for {', '.join(without)}: type it into the environment." if without else ""


def _all(console: str) -> tuple[Proposal, ...]:
    host = f"https://{{region}}.{console}"
    return (
        Proposal(
            "CloudWatch logs",
            f"{host}/cloudwatch/home?region={{region}}#logsV2:log-groups/log-group/{{cloudwatch_log_group}}",
        ),
        Proposal(
            "ECS console", f"{host}/ecs/v2/clusters/{{cluster}}/services/{{service}}/health?region={{region}}"
        ),
    )  # fmt: skip


def _log_groups(application: Application) -> dict[Environment, str]:
    """Of environments that have none yet; "" where none was found."""
    rows = application.environments.filter(IN_USE, log_group="").select_related("application")
    return {environment: _log_group(environment) for environment in rows}


def _log_group(environment: Environment) -> str:
    last = environment.deployments.order_by("-pk").values_list("facts", flat=True).first() or {}
    arn = last.get("task_definition") or last.get("source_task_definition")
    if not arn:
        return ""
    try:
        document = connect(environment.binding).task_definition(arn).document
    except AwsError:
        return ""
    return _awslogs(document, environment.container_name)


def _awslogs(document: Mapping[str, Any], container: str) -> str:
    """Of the named container, else of the first that logs there."""
    containers = sorted(document.get("containerDefinitions", ()), key=lambda each: each.get("name") != container)
    options = [(each.get("logConfiguration") or {}).get("options") or {} for each in containers]
    return next((str(each["awslogs-group"]) for each in options if each.get("awslogs-group")), "")


def _set(environment: Environment, log_group: str, said: Mapping[str, Any]) -> None:
    before = changes.values_of(environment)
    environment.log_group = log_group
    environment.save(update_fields=["log_group"])
    changes.changed(subject=environment, before=before, **said)
