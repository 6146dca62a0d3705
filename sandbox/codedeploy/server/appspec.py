"""appspec.yml of a bundle: which files go where, and which scripts run when."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from sandbox.codedeploy.model import Json

# What runs from the bundle; the other events are CodeDeploy's own.
SCRIPTED = (
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "ApplicationStop",
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
LONGEST_EVENT = 3600  # seconds, all scripts of one event together


class BadAppSpec(Exception):
    """The sentence that people get."""


@dataclass(frozen=True)
class Script:
    location: str
    timeout: int
    runas: str = ""


@dataclass(frozen=True)
class AppSpec:
    files: list[Json] = field(default_factory=list)
    permissions: list[Json] = field(default_factory=list)
    hooks: dict[str, list[Script]] = field(default_factory=dict)


def parse(content: str | None) -> AppSpec:
    if content is None:
        raise BadAppSpec(
            "The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at revision-"
            "relative path 'appspec.yml'."
        )
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise BadAppSpec(f"The AppSpec file is not valid YAML: {error}") from error
    if not isinstance(document, dict):
        raise BadAppSpec("The AppSpec file is empty.")
    if str(document.get("version")) != "0.0":
        raise BadAppSpec(f"The deployment specification has an invalid version: {document.get('version')}")
    if document.get("os") != "linux":
        raise BadAppSpec(f"The instances of the sandbox are linux, the AppSpec file says os: {document.get('os')}")
    files = document.get("files") or []
    if any(not each.get("source") or not each.get("destination") for each in files):
        raise BadAppSpec("Each entry of files in the AppSpec file needs a source and a destination.")
    hooks = {name: _scripts(name, given) for name, given in (document.get("hooks") or {}).items()}
    return AppSpec(files, document.get("permissions") or [], hooks)


def _scripts(event: str, given: Any) -> list[Script]:
    if event not in SCRIPTED:
        raise BadAppSpec(f"The AppSpec file has an unknown lifecycle event: {event}")
    scripts = []
    for each in given or []:
        if not isinstance(each, dict) or not each.get("location"):
            raise BadAppSpec(f"A script of {event} in the AppSpec file has no location.")
        scripts.append(Script(each["location"], int(each.get("timeout", LONGEST_EVENT)), str(each.get("runas", ""))))
    if sum(script.timeout for script in scripts) > LONGEST_EVENT and len(scripts) > 1:
        raise BadAppSpec(f"The timeouts of {event} add up to more than {LONGEST_EVENT} seconds.")
    return scripts
