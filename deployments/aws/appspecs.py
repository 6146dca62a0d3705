"""The AppSpec of a deployment to ECS, as its owner wrote it: which one is the last, and the hooks that it names."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from deployments.aws.codedeploy_values import CodeDeployment

#: CodeDeploy's lifecycle events that can run a Lambda function, in their order.
EVENTS: Final = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
#: In the description of a deployment by which Tealgate went back: it has no hooks, whoever's they are.
WAY_BACK: Final = re.compile(r"\[tealgate \S+ back \d+\]")


class BadAppSpec(Exception):
    """The sentence that people get, without a full stop."""


@dataclass(frozen=True, kw_only=True)
class AppSpecHook:
    event: str
    #: name or ARN of a Lambda function
    function: str


def last(newest: Iterable[CodeDeployment]) -> CodeDeployment | None:
    """Of a group's deployments, newest first: the one whose AppSpec says what its owner wants.

    That is the last that went well, or where none did the last that was tried.
    """
    of_owner = [each for each in newest if each.is_over and not WAY_BACK.search(each.description)]
    good = (each for each in of_owner if each.status == "Succeeded")
    return next(good, of_owner[0] if of_owner else None)


def hooks_of(content: str) -> tuple[AppSpecHook, ...]:
    """In the order of their events. Keys may be written in any case. Raises BadAppSpec."""
    document = _loaded(content)
    listed = _get(document, "hooks") or []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise BadAppSpec("its hooks are not a list of lifecycle events with their functions")
    named = {str(event): function for each in listed for event, function in each.items() if function}
    if unknown := [event for event in named if event not in EVENTS]:
        raise BadAppSpec(f"it has a hook at {unknown[0]}, which is no lifecycle event of a deployment to ECS")
    return tuple(AppSpecHook(event=event, function=str(named[event])) for event in EVENTS if event in named)


def task_definition_of(content: str) -> str:
    """What it deploys to the ECS service, an ARN or family and revision. Raises BadAppSpec."""
    for resource in _get(_loaded(content), "resources") or ():
        for described_one in resource.values() if isinstance(resource, dict) else ():
            properties = _get(described_one, "properties") if isinstance(described_one, dict) else None
            if isinstance(properties, dict) and (found := _get(properties, "taskdefinition")):
                return str(found)
    raise BadAppSpec("it names no task definition")


def described(hooks: Iterable[AppSpecHook]) -> str:
    """Such as "AfterInstall runs check, BeforeAllowTraffic runs ask"."""
    return ", ".join(f"{each.event} runs {each.function}" for each in hooks)


def _loaded(content: str) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        try:
            document = yaml.safe_load(content)
        except yaml.YAMLError as error:
            raise BadAppSpec("it is neither JSON nor YAML") from error
    if not isinstance(document, dict):
        raise BadAppSpec("it is no document with version, resources and hooks")
    return document


def _get(document: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in document.items() if str(key).lower() == name), None)
