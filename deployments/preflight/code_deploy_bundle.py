"""What is in a release's bundle: an AppSpec where CodeDeploy's agent looks for it, and the files that it names."""

import re
from collections.abc import Iterator

from deployments.aws.appspecs import BadAppSpec
from deployments.aws.archives import LARGEST, BadArchive, Contents, TooLarge
from deployments.aws.codedeploy_values import FROM_BEFORE
from deployments.aws.server_appspecs import ServerAppSpec, parsed
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.code_deploy_readings import ServerReadings
from deployments.preflight.report import Result, error, ok, unknown
from deployments.preflight.words import listed

_NAME, _OTHER = "appspec.yml", "appspec.yaml"
_MEND = "Put it right in the bundle, and register what is uploaded then as a new release."


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings) -> Iterator[Result]:
    """bundle-appspec, bundle-scripts, bundle-files: of an archive in S3 that is the one that was registered"""
    bundle = artefact.bundle if artefact else None
    if not bundle or bundle["type"] != "S3":
        return
    found = readings.bundle(bundle["bucket"], bundle["key"], bundle.get("version", ""))
    if found is None or found.etag != bundle["eTag"]:
        return
    place = f"s3://{bundle['bucket']}/{bundle['key']}"
    try:
        inside = readings.bundle_contents(bundle, found)
    except BadArchive as problem:
        yield error("bundle-appspec", f"{place} is no archive that CodeDeploy could install: {problem}.", _MEND)
        return
    except TooLarge:
        yield unknown(
            "bundle-appspec",
            f"{place} has more than is looked into ({LARGEST // 1024**2} MiB), so whether its {_NAME} and its scripts "
            "are right is not known.",
        )
        return
    yield from _appspec(place, inside)


def _appspec(place: str, inside: Contents) -> Iterator[Result]:
    text = inside.appspecs.get(_NAME)
    if text is None and _OTHER in inside.appspecs:
        yield error(
            "bundle-appspec",
            f"{place} has {_OTHER} at its root, but the agent looks for {_NAME}: it would end in BeforeInstall.",
            f"Call the file {_NAME}. {_MEND}",
        )
        return
    if text is None:
        yield _missing(place, inside)
        return
    try:
        spec = parsed(text)
    except BadAppSpec as problem:
        yield error("bundle-appspec", f"The {_NAME} of {place} would be refused on every instance: {problem}.", _MEND)
        return
    folder = f", once the folder {inside.left_out} around everything is left out" if inside.left_out else ""
    yield ok("bundle-appspec", f"{place} has {_NAME} at its root{folder}.")
    yield from _scripts(spec, inside)
    yield from _files(spec, inside)


def _missing(place: str, inside: Contents) -> Result:
    elsewhere = sorted(name for name in inside.files if re.fullmatch(r"(.*/)?appspec\.ya?ml", name, re.IGNORECASE))
    seen = f"It is at {elsewhere[0]}" if elsewhere else f"There are {listed(_top(inside))}"
    return error(
        "bundle-appspec",
        f'{place} has no {_NAME} at its root, so CodeDeploy would end with "did not find an AppSpec file". {seen}.',
        f"Make the archive inside of the folder, so that {_NAME} is at its root and nothing around it: a folder around "
        f"everything is left out only where nothing is beside it. {_MEND}",
    )


def _top(inside: Contents) -> list[str]:
    names = sorted({name.partition("/")[0] for name in inside.files})
    return [*names[:5], *(["more"] if len(names) > 5 else [])] or ["no files"]


def _scripts(spec: ServerAppSpec, inside: Contents) -> Iterator[Result]:
    missing = [script for script in spec.scripts if not inside.is_file(script.location)]
    for script in missing:
        later = script.event in FROM_BEFORE
        when = "The deployment after this one, and the way back from it," if later else "CodeDeploy"
        yield error(
            "bundle-scripts",
            f"{script.event} runs {script.location}, which is not in the bundle. {when} would end with ScriptMissing.",
            f"A script's location is below the bundle's root, wherever files are copied to. {_MEND}",
        )
    if spec.scripts and not missing:
        yield ok("bundle-scripts", f"The scripts of its hooks are there: {listed(_named(spec))}.")


def _named(spec: ServerAppSpec) -> Iterator[str]:
    return (f"{script.location} ({script.event})" for script in spec.scripts)


def _files(spec: ServerAppSpec, inside: Contents) -> Iterator[Result]:
    missing = [source for source in spec.sources if not inside.has(source)]
    if missing:
        yield error(
            "bundle-files",
            f"Its files begin with {listed(missing)}, which is not in the bundle: CodeDeploy would end in Install with "
            '"No such file or directory".',
            f"Correct the source in {_NAME}; / is all of the bundle. {_MEND}",
        )
