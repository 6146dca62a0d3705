"""The files that a pipeline hands to CodePipeline's deploy actions, read as they are: which image goes where.

`imagedefinitions.json` names containers. `imageDetail.json` names none: its image goes where the task definition has a
placeholder, or into the container that the AppSpec names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from deployments.definitions import reading
from deployments.definitions.json_file import JsonFile, Path, spelled
from deployments.refused import Refused
from deployments.words import joined

FIELD = "images"


@dataclass(frozen=True, kw_only=True)
class AppSpec:
    #: "" = it names none
    container: str = ""
    #: lifecycle events at which it wants functions to run
    hooks: tuple[str, ...] = ()


def image_definitions(file: JsonFile) -> dict[str, str]:
    """Container to image, from an `imagedefinitions.json`. Raises Refused."""
    if isinstance(file.value, dict) and "ImageURI" in file.value:
        raise _refused(file, (), "is an imageDetail.json; hand it over as that")
    if not isinstance(file.value, list) or not file.value:
        raise _refused(file, (), "is no list of objects with name and imageUri")
    found: dict[str, str] = {}
    for number, each in enumerate(file.value):
        name, image = (_text(file, (number,), each, member) for member in ("name", "imageUri"))
        if name in found:
            raise _refused(file, (number, "name"), f"names container {name} a second time")
        found[name] = image
    return found


def image_detail(file: JsonFile) -> str:
    """The image of an `imageDetail.json`, by digest where it tells one. Raises Refused."""
    if isinstance(file.value, list):
        raise _refused(file, (), "is a list: an imagedefinitions.json; hand it over as that")
    image = _text(file, (), file.value, "ImageURI")
    digest = file.value.get("ImageDigest")
    if "@" in image or not isinstance(digest, str) or not digest.startswith("sha256:"):
        return image
    return f"{repository(image)}@{digest}"


def repository(image: str) -> str:
    """Without tag and digest, named as it was: a registry's port is no tag, and Docker Hub's short names stay short."""
    registry, slash, last = image.partition("@")[0].rpartition("/")
    return f"{registry}{slash}{last.partition(':')[0]}"


def containers_for(key: str, *, document: Mapping[str, Any] | None, appspec: AppSpec, only: str) -> tuple[str, ...]:
    """The containers that an image detail is for.

    `key` is what it was given for: a container, a placeholder, or "" for what there is one of only. `only` is the one
    container that the application's environments have, "" where they have several. Raises Refused.
    """
    holes = _holes(document) if document else {}
    if key:
        return tuple(holes.get(key, (key,)))
    if len(holes) == 1:
        return next(iter(holes.values()))
    if holes:
        raise Refused(
            f"The task definition has the placeholders {joined(sorted(holes))}, and an image detail does not say which "
            "it is for. Write NAME=FILE for each.",
            field=FIELD,
        )
    if container := appspec.container or only:
        return (container,)
    raise Refused("An image detail does not say which container it is for. Write CONTAINER=FILE.", field=FIELD)


def appspec(name: str, content: str) -> AppSpec:
    """Of an `appspec.yaml` or `.json` for ECS. Raises Refused with file and line."""
    try:
        document = yaml.safe_load(content.removeprefix("\ufeff"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise Refused(f"{name}{line}: it is no YAML: {getattr(error, 'problem', error)}.", field="appspec") from error
    if not isinstance(document, dict):
        raise Refused(f"{name}: an AppSpec is an object with version, Resources and Hooks.", field="appspec")
    if "files" in document or str(document.get("os", "")):
        raise Refused(f"{name} is an AppSpec for servers; a release for these is a bundle.", field="appspec")
    service = _properties(name, document)
    load_balancer = service.get("LoadBalancerInfo") or {}
    hooks = _member(document, "hooks") or []
    return AppSpec(
        container=str(load_balancer.get("ContainerName") or ""),
        hooks=tuple(str(event) for each in hooks if isinstance(each, dict) for event in each),
    )


def _properties(name: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    for resource in _member(document, "resources") or ():
        for each in resource.values() if isinstance(resource, dict) else ():
            if isinstance(each, dict) and each.get("Type") == "AWS::ECS::Service":
                return each.get("Properties") or {}
    raise Refused(f"{name} has no resource of type AWS::ECS::Service.", field="appspec")


def _member(document: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in document.items() if str(key).lower() == name), None)


def _holes(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Placeholder to the containers that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for container, hole in _placeholders(document):
        found[hole] = (*found.get(hole, ()), container)
    return found


def _placeholders(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for container, image in reading.images(document).items():
        if hole := reading.placeholder(image):
            yield container, hole


def _text(file: JsonFile, path: Path, value: Any, member: str) -> str:
    found = value.get(member) if isinstance(value, dict) else None
    if not isinstance(found, str) or not found.strip():
        raise _refused(file, path, f"has no {member}")
    return found.strip()


def _refused(file: JsonFile, path: Path, said: str) -> Refused:
    return Refused(f"{file.place(path)}: {spelled(path) or 'it'} {said}.", field=FIELD)
