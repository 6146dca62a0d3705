"""Options of a command that takes a pipeline's own files: which they are, and what they come to."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.catalog import live_images
from deployments.catalog.models import Application
from deployments.catalog.models.retiring import IN_USE
from deployments.definitions import json_file, pipeline_files, reading
from deployments.definitions.json_file import JsonFile
from deployments.definitions.pipeline_files import AppSpec
from deployments.refused import Refused
from deployments.words import joined

#: Names of a pipeline's files, by option.
_USUAL = {
    "image_detail": ("imageDetail.json",),
    "image_definitions": ("imagedefinitions.json",),
    "task_definition": ("taskdef.json",),
    "appspec": ("appspec.yaml", "appspec.yml", "appspec.json"),
}


@dataclass(frozen=True, kw_only=True)
class Gathered:
    images: Mapping[str, str]
    task_definition: JsonFile | None = None
    #: what of the files has no effect, in sentences
    unused: tuple[str, ...] = ()


def add(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--files", metavar="FOLDER", type=Path,
        help="takes imageDetail.json, imagedefinitions.json, taskdef.json and appspec.yaml there, those that exist",
    )  # fmt: skip
    parser.add_argument("--task-definition", metavar="FILE", help="a taskdef.json that comes with the release")
    parser.add_argument("--image-definitions", metavar="FILE", help="an imagedefinitions.json: containers with images")
    parser.add_argument(
        "--image-detail", action="append", default=[], metavar="[NAME=]FILE",
        help="an imageDetail.json; NAME is the container, or the placeholder such as IMAGE1_NAME, that it is for",
    )  # fmt: skip
    parser.add_argument("--appspec", metavar="FILE", help="an appspec.yaml, for the container that it names")
    parser.add_argument(
        "--tag", action="append", default=[], dest="tags", metavar="[CONTAINER=]TAG",
        help="what runs now under this tag, in every container or in the one named",
    )  # fmt: skip
    parser.add_argument(
        "--environment", default="", metavar="NAME",
        help="whose containers --tag means (default: the last one of the promotion path)",
    )  # fmt: skip


def gathered(application: Application, options: Mapping[str, Any]) -> Gathered:
    """Reads the files, and AWS for --tag. Raises Refused with the file and the line, or when two sources disagree."""
    options = {**options, **_in_folder(options)}
    definition = _json(options["task_definition"], reading.FIELD) if options["task_definition"] else None
    document = reading.read(definition) if definition else None
    appspec = _appspec(options["appspec"]) if options["appspec"] else AppSpec()
    names = {row.container_name for row in application.environments.filter(IN_USE)} - {""}
    only = names.pop() if len(names) == 1 else ""
    sources: list[Mapping[str, str]] = [dict(options["images"])]
    if options["image_definitions"]:
        sources.append(pipeline_files.image_definitions(_json(options["image_definitions"], "images")))
    for given in options["image_detail"]:
        key, file = _named(given)
        image = pipeline_files.image_detail(_json(file, "images"))
        containers = pipeline_files.containers_for(key, document=document, appspec=appspec, only=only)
        sources.append(dict.fromkeys(containers, image))
    if options["tags"]:
        tags = dict(_tag(given) for given in options["tags"])
        sources.append(live_images.tagged(application=application, tags=tags, environment=options["environment"]))
    return Gathered(images=_agreed(sources), task_definition=definition, unused=tuple(_unused(appspec)))


def _in_folder(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the folder has, for the options that are not given."""
    folder: Path | None = options["files"]
    if folder is None:
        return {}
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder.")
    found = {
        option: next((str(folder / name) for name in names if (folder / name).is_file()), None)
        for option, names in _USUAL.items()
    }
    if not any(found.values()):
        names = [name for each in _USUAL.values() for name in each]
        raise Refused(f"{folder} has none of {joined(names, 'or')}.")
    if found["image_detail"] and found["image_definitions"]:
        # A build that serves both kinds of deploy action writes both, with the same image: the one that names
        # containers is taken.
        found["image_detail"] = None
    detail = found.pop("image_detail")
    given: dict[str, Any] = {option: file for option, file in found.items() if file and not options[option]}
    return given | ({"image_detail": [detail]} if detail and not options["image_detail"] else {})


def _agreed(sources: list[Mapping[str, str]]) -> dict[str, str]:
    images: dict[str, str] = {}
    for source in sources:
        for container, image in source.items():
            if images.setdefault(container, image) != image:
                said = f"Two images are given for {container}: {images[container]} and {image}. Give one."
                raise Refused(said, field="images")
    return images


def _unused(appspec: AppSpec) -> Iterator[str]:
    if appspec.hooks:
        yield (
            f"The hooks of the AppSpec ({joined([*appspec.hooks])}) are not taken over: Tealgate writes the AppSpec, "
            "with the hooks of the last deployment that its owner made."
        )


def _named(given: str) -> tuple[str, str]:
    """NAME=FILE, or a file alone, whose name may have an = in it too."""
    name, equals, file = given.partition("=")
    return (name, file) if equals and not Path(given).exists() else ("", given)


def _tag(given: str) -> tuple[str, str]:
    container, equals, tag = given.rpartition("=")
    if not tag or (equals and not container):
        raise Refused(f"{given!r} is neither TAG nor CONTAINER=TAG.", field="images")
    return container, tag


def _json(file: str, field: str) -> JsonFile:
    return json_file.read(Path(file).name, _content(file, field), field=field)


def _appspec(file: str) -> AppSpec:
    try:
        content = _content(file, "appspec").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is no text in UTF-8.", field="appspec") from error
    return pipeline_files.appspec(Path(file).name, content)


def _content(file: str, field: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Refused(f"{file} could not be read: {error.strerror}.", field=field) from error
