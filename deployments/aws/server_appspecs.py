"""appspec.yml of a bundle for servers, read as CodeDeploy's agent does: what it refuses, what it expects to find."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from deployments.aws.appspecs import BadAppSpec

#: Lifecycle events that run scripts of a bundle; a group without a load balancer passes over those of traffic.
SCRIPTED: Final = (
    "ApplicationStop",
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)


@dataclass(frozen=True, kw_only=True)
class Script:
    event: str
    #: below the root of the bundle, also when it begins with a slash
    location: str


@dataclass(frozen=True, kw_only=True)
class ServerAppSpec:
    scripts: tuple[Script, ...]
    #: what `files` copies, below the root of the bundle
    sources: tuple[str, ...]


def parsed(text: str) -> ServerAppSpec:
    """Raises BadAppSpec."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise BadAppSpec("it is no YAML") from problem
    if not isinstance(document, dict):
        raise BadAppSpec("it is empty, or no document with version, os, files and hooks")
    if document.get("version") != 0.0:
        raise BadAppSpec(f"its version is {document.get('version', 'missing')}, and has to be 0.0")
    if document.get("os") not in ("linux", "windows"):
        raise BadAppSpec(f"its os is {document.get('os', 'missing')}, and has to be linux or windows")
    apart = "\\" if document["os"] == "windows" else "/"
    scripts = tuple(
        Script(event=event, location=location.replace(apart, "/")) for event, location in _scripts(document)
    )
    return ServerAppSpec(scripts=scripts, sources=tuple(each.replace(apart, "/") for each in _sources(document)))


def _scripts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    hooks = document.get("hooks") or {}
    if not isinstance(hooks, dict):
        raise BadAppSpec("its hooks are not lifecycle events with their scripts")
    for event, scripts in hooks.items():
        if event not in SCRIPTED:
            raise BadAppSpec(f"it has a hook at {event}, which is no lifecycle event of servers")
        if not isinstance(scripts or [], list):
            raise BadAppSpec(f"its hook at {event} is not a list of scripts")
        for script in scripts or ():
            location = script.get("location") if isinstance(script, dict) else None
            if not location:
                raise BadAppSpec(f"a script at {event} has no location")
            yield str(event), str(location).strip()


def _sources(document: Mapping[str, Any]) -> Iterator[str]:
    files = document.get("files") or []
    if not isinstance(files, list):
        raise BadAppSpec("its files are not a list of source and destination")
    for each in files:
        if not isinstance(each, dict) or not each.get("source") or not each.get("destination"):
            raise BadAppSpec("an entry of its files has no source or no destination")
        yield str(each["source"])
