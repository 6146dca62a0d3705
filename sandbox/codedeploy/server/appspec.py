"""appspec.yml of a bundle: which files go where, and which scripts run when. What is wrong is in the agent's words."""

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
CODEDEPLOYS_OWN = ("DownloadBundle", "Install", "BlockTraffic", "AllowTraffic")
LONGEST_EVENT = 3600  # seconds, a script without a timeout
KINDS = ["file", "directory"]
EXISTS = ("DISALLOW", "OVERWRITE", "RETAIN")

MISSING = (
    "The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at revision-relative "
    'path "appspec.yml". The revision was unpacked to directory "{archive}", and the AppSpec file was expected but not '
    'found at path "{archive}/appspec.yml". Consult the AWS CodeDeploy Appspec documentation for more information at '
    "http://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html"
)
AGAIN = ", and then try again."
IN_HOOKS = f"the hooks section of the AppSpec file{AGAIN}"
IN_PERMISSIONS = f"Update the permissions section of the AppSpec file{AGAIN}"


class BadAppSpec(Exception):
    """The sentence that people get, but for how it begins."""


@dataclass(frozen=True)
class Script:
    location: str
    timeout: int
    runas: str = ""
    sudo: bool = False


@dataclass(frozen=True)
class AppSpec:
    files: list[Json] = field(default_factory=list)
    permissions: list[Json] = field(default_factory=list)
    hooks: dict[str, list[Script]] = field(default_factory=dict)
    exists: str = ""  # "" for what the deployment says


def parse(content: str | None, archive: str) -> AppSpec:
    """``archive``: where it is on the instance. Raises BadAppSpec."""
    if content is None:
        raise BadAppSpec(MISSING.format(archive=archive))
    try:
        return _parsed(yaml.safe_load(content))
    except yaml.YAMLError as error:
        raise BadAppSpec(f"(<unknown>): {error}") from error


def _parsed(document: Any) -> AppSpec:
    because = "The deployment failed because"
    if not isinstance(document, dict):
        raise BadAppSpec(
            f"{because} the application specification file was empty. Make sure your AppSpec file defines at minimum "
            "the 'version' and 'os' properties."
        )
    if document.get("version") != 0.0:
        raise BadAppSpec(
            f"{because} an invalid version value ({document.get('version', '')}) was entered in the application "
            f'specification file. Make sure your AppSpec file specifies "0.0" as the version{AGAIN}'
        )
    if document.get("os") != "linux":
        raise BadAppSpec(
            f"{because} the application specification file specifies an unsupported operating system "
            f'({document.get("os", "")}). Specify either "linux" or "windows" in the os section of the AppSpec '
            f"file{AGAIN}"
        )
    exists = document.get("file_exists_behavior")
    if exists is not None and exists not in EXISTS:
        raise BadAppSpec(
            f"{because} an invalid file_exists_behavior value ({exists}) was entered in the application specification "
            f"file. Make sure your AppSpec file specifies one of {','.join(EXISTS)} as the file_exists_behavior{AGAIN}"
        )
    hooks = {name: _scripts(given) for name, given in (document.get("hooks") or {}).items()}
    files = [_file(each) for each in document.get("files") or []]
    permissions = [_permission(each) for each in document.get("permissions") or []]
    return AppSpec(files, permissions, hooks, exists or "")


def unknown_events(spec: AppSpec) -> list[str]:
    """Noticed when its files are installed, not before."""
    return [name for name in spec.hooks if name not in (*SCRIPTED, *CODEDEPLOYS_OWN)]


def _scripts(given: Any) -> list[Script]:
    scripts = []
    for each in given or []:
        if not isinstance(each, dict) or not str(each.get("location") or "").strip():
            raise BadAppSpec(
                "The deployment failed because the application specification file specifies a script with no location "
                f"value. Specify the location in {IN_HOOKS}"
            )
        timeout = int(each.get("timeout") or LONGEST_EVENT)
        if timeout <= 0:
            raise BadAppSpec(
                "The deployment failed because an invalid timeout value was provided for a script in the application "
                f"specification file. Make corrections in {IN_HOOKS}"
            )
        runas = str(each.get("runas") or "").strip()
        scripts.append(Script(str(each["location"]).strip(), timeout, runas, bool(each.get("sudo"))))
    return scripts


def _file(given: Json) -> Json:
    source, destination = given.get("source"), given.get("destination")
    if source is None:
        raise BadAppSpec(
            "The deployment failed because the application specification file specifies a destination file, but no "
            f"source file. Update the files section of the AppSpec file{AGAIN}"
        )
    if destination is None:
        raise BadAppSpec(
            "The deployment failed because the application specification file specifies only a source file "
            f"({source}). Add the name of the destination file to the files section of the AppSpec file{AGAIN}"
        )
    return {"source": str(source), "destination": str(destination)}


def _permission(given: Json) -> Json:
    named = str(given.get("object") or "").strip()
    if not named:
        raise BadAppSpec(
            "The deployment failed because a permission listed in the application specification file has no object "
            f"value. {IN_PERMISSIONS}"
        )
    kinds, owner, group = given.get("type") or KINDS, given.get("owner"), given.get("group")
    if wrong := [each for each in kinds if each not in KINDS]:
        raise BadAppSpec(
            "The deployment failed because the application specification filespecifies a permission for an object type "
            f"not supported for permissions ({wrong[0]}). {IN_PERMISSIONS}"
        )
    return {
        "object": named,
        "pattern": str(given.get("pattern") or "**"),
        "except": [str(each) for each in given.get("except") or []],
        "type": list(kinds),
        "mode": _mode(given.get("mode")),
        "owner": str(owner or ""),
        "group": str(group or ""),
    }


def _mode(given: Any) -> str:
    """As it was written: YAML has made another number of 0644 already, on AWS as here."""
    mode = "" if given is None else str(given).zfill(3)
    if len(mode) > 4:
        raise BadAppSpec(
            f"The deployment failed because the length of a permissions mode ({mode}) in the application specification "
            "file is invalid. Permissions modes must be between one and four characters long. " + IN_PERMISSIONS
        )
    if wrong := [each for each in mode if each not in "01234567"]:
        raise BadAppSpec(
            f"The deployment failed because the permissions mode ({mode}) in the application specification file "
            f"contains an invalid character ({wrong[0]}). {IN_PERMISSIONS}"
        )
    return mode
