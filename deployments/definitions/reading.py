"""A release's task definition as a file says it: taskdef.json, or the output of `aws ecs describe-task-definition`."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from deployments.aws.task_definition_shape import shaped
from deployments.definitions.json_file import JsonFile, Path, spelled
from deployments.refused import Refused

FIELD: Final = "task_definition"
#: AWS's limit for a task definition, in bytes.
LARGEST: Final = 64 * 1024
#: Faults in one sentence.
_MOST_FAULTS: Final = 3

_PLACEHOLDER = re.compile(r"<([A-Z][A-Z0-9_]*)>")


def read(file: JsonFile) -> dict[str, Any]:
    """The input of RegisterTaskDefinition, its tags included. Placeholders stay. Raises Refused with file and line."""
    given, below = _unwrapped(file)
    found = shaped(given)
    faults = [_sentence(file, (*below, *fault.path), fault.said) for fault in found.faults]
    faults += [] if faults else [*_containers(file, below, found.document)]
    if faults:
        more = f" ({len(faults) - _MOST_FAULTS} more like these)" if len(faults) > _MOST_FAULTS else ""
        raise Refused(" ".join(faults[:_MOST_FAULTS]) + more, field=FIELD)
    document = dict(found.document)
    size = len(json.dumps(document, separators=(",", ":")).encode())
    if size > LARGEST:
        raise Refused(f"{file.name} has {size} bytes without blanks; AWS takes {LARGEST} at most.", field=FIELD)
    return document


def images(document: Mapping[str, Any]) -> dict[str, str]:
    """By container, as the document names them: an address, a placeholder, or "" for none."""
    return {each["name"]: each.get("image", "") for each in document["containerDefinitions"]}


def placeholder(image: str) -> str:
    """ "IMAGE1_NAME" of "<IMAGE1_NAME>", as CodePipeline has it; "" when it is none."""
    found = _PLACEHOLDER.fullmatch(image.strip())
    return found[1] if found else ""


def filled(name: str, document: Mapping[str, Any], pinned: Mapping[str, str]) -> dict[str, Any]:
    """With the images of the containers, `pinned`, wherever a placeholder stands for them. Raises Refused for others.

    In the values of variables what looks like a placeholder may be meant, so it stays when it is of no image.
    """
    known = {hole: pinned[container] for container, image in images(document).items()
             if (hole := placeholder(image)) and container in pinned}  # fmt: skip
    done: dict[str, Any] = _replaced({**document, "containerDefinitions": [
        {**each, "image": pinned.get(each["name"], each.get("image", ""))} for each in document["containerDefinitions"]
    ]}, known)  # fmt: skip
    for path, text in _texts(done, ()):
        left = _PLACEHOLDER.search(text)
        if left and path[-1] != "value":
            raise Refused(
                f"{name}: {spelled(path)} holds {left[0]}, which nothing fills. A pipeline's placeholders stand for "
                "images; fill others before the release is registered.",
                field=FIELD,
            )
    return done


def _unwrapped(file: JsonFile) -> tuple[Mapping[str, Any], Path]:
    """The task definition itself, and where it stands in the file. DescribeTaskDefinition shows its tags beside it."""
    match file.value:
        case {"taskDefinition": dict(inner), **beside}:
            return {"tags": beside.get("tags"), **inner}, ("taskDefinition",)
        case dict():
            return file.value, ()
    raise Refused(
        f"{file.place()}: a task definition is an object with containerDefinitions, not "
        f"{'a list' if isinstance(file.value, list) else 'a value'} alone.",
        field=FIELD,
    )


def _sentence(file: JsonFile, path: Path, said: str) -> str:
    what = spelled(path)
    return f"{file.place(path)}: {what or 'it'} {said}."


def _containers(file: JsonFile, below: Path, document: Mapping[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for number, each in enumerate(document["containerDefinitions"]):
        path: Path = (*below, "containerDefinitions", number)
        if not each.get("name"):
            yield _sentence(file, path, "has no name")
        elif each["name"] in seen:
            yield _sentence(file, path, f"is a second container named {each['name']}")
        seen.add(each.get("name", ""))
        yield from _variables(file, path, each)
    if all(each.get("essential") is False for each in document["containerDefinitions"]):
        yield _sentence(file, (*below, "containerDefinitions"), "has no container that is essential; ECS wants one")


def _variables(file: JsonFile, path: Path, container: Mapping[str, Any]) -> Iterator[str]:
    secrets = {each["name"] for each in container.get("secrets", ())}
    for number, each in enumerate(container.get("environment", ())):
        where: Path = (*path, "environment", number)
        if not each.get("name"):
            yield _sentence(file, where, "has no name")
        elif each["name"] in secrets:
            yield _sentence(file, where, f"is {each['name']}, which is among its secrets too; ECS takes one of them")


def _replaced(value: Any, known: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {name: _replaced(each, known) for name, each in value.items()}
        case list():
            return [_replaced(each, known) for each in value]
        case str():
            return _PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), value)
    return value


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case dict():
            for name, each in value.items():
                yield from _texts(each, (*path, name))
        case list():
            for number, each in enumerate(value):
                yield from _texts(each, (*path, number))
        case str():
            yield path, value
