"""What differs between what is live and a release, a line each."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from deployments.catalog.models import Release
from deployments.delivery.models import Deployment
from deployments.delivery.views.found import found
from deployments.telling.notifications import plain
from deployments.vocabulary import Status

#: releases between the two, lines of the newest one's notes, and lines of the task definition's difference
_MOST_RELEASES, _MOST_NOTES, _MOST_DIFFERENCE = 10, 12, 16
_LONGEST_NOTE = 300
#: of the settings, what belongs to one deployment
_OF_ITS_OWN: Final = frozenset({"strategy", "kind", "red", "difference", "unattended", "label"})


def lines(deployment: Deployment) -> tuple[str, ...]:
    return (
        *_releases(deployment),
        *_images(deployment.source_release, deployment.release),
        *_difference(found(deployment).difference),
        *_settings(deployment),
    )


def _releases(deployment: Deployment) -> Iterator[str]:
    """The newest first, each with its commit and notes."""
    new, old = deployment.release, deployment.source_release
    if old and old.pk == new.pk:
        yield f"{new.version} is live already: it is deployed again."
        return
    if old and old.pk > new.pk:
        yield f"Goes back to an earlier release: {old.version} was registered after {new.version}."
    yield from _noted(new)
    if old and old.pk < new.pk:
        yield from _between(old, new)


def _noted(release: Release) -> Iterator[str]:
    first, *more = [line.strip() for line in release.notes.splitlines() if line.strip()] or [""]
    yield _one(release, first)
    yield from (plain.cut(line, _LONGEST_NOTE) for line in more[: _MOST_NOTES - 1])
    if len(more) >= _MOST_NOTES:
        yield "There are more notes on the release's page."


def _between(old: Release, new: Release) -> Iterator[str]:
    rows = Release.objects.filter(application=new.application_id, pk__gt=old.pk, pk__lt=new.pk)
    between = list(rows.only("version", "git_sha", "notes").order_by("-pk")[: _MOST_RELEASES + 1])
    for release in between[:_MOST_RELEASES]:
        yield f"Also {_one(release, next(iter(release.notes.strip().splitlines()), ''))}"
    if len(between) > _MOST_RELEASES:
        yield f"Also all other releases after {old.version}."


def _one(release: Release, note: str) -> str:
    named = f"{release.version} (commit {release.git_sha[:12]})" if release.git_sha else release.version
    return f"{named}: {plain.cut(note, _LONGEST_NOTE)}" if note else f"{named}, registered without notes"


def _images(old: Release | None, new: Release) -> Iterator[str]:
    before = {image.container: image for image in old.images.all()} if old else {}
    for image in new.images.all():
        was = before.get(image.container)
        if was is None or was.digest != image.digest:
            yield f"Image of {image.container}: {_short(was.pinned) if was else 'none known'} → {_short(image.pinned)}"
    if new.bundle_address and (not old or old.bundle_address != new.bundle_address):
        yield f"Bundle: {(old.bundle_address if old else '') or 'none known'} → {new.bundle_address}"


def _short(pinned: str) -> str:
    """The repository's name and the beginning of the digest, by which people know it."""
    repository, _, digest = pinned.partition("@")
    return f"{repository.rpartition('/')[2]}@{digest[: len('sha256:') + 12]}"


def _difference(difference: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """As the page shows it, which leaves out secrets; without the lines that stay, and images, which are told above."""
    lines = ((sign, text.strip()) for sign, text in difference if sign != " ")
    changed = [f"Task definition: {sign} {text}" for sign, text in lines if not text.startswith('"image":')]
    yield from changed[:_MOST_DIFFERENCE]
    if len(changed) > _MOST_DIFFERENCE:
        yield f"Task definition: {len(changed) - _MOST_DIFFERENCE} more lines are on the page."


def _settings(deployment: Deployment) -> Iterator[str]:
    """Against those of the last success. Only numbers and switches are shown: others may name what is a secret."""
    good = Deployment.objects.filter(environment=deployment.environment_id, status=Status.SUCCESSFUL)
    last = good.filter(pk__lt=deployment.pk).order_by("-pk").values_list("settings", flat=True).first()
    before: Mapping[str, Any] = last or {}
    for name, value in deployment.settings.items():
        if name in before and before[name] != value and name not in _OF_ITS_OWN:
            words = name.replace("_", " ")
            is_shown = isinstance(value, int | float) and isinstance(before[name], int | float)
            yield f"Setting {words}: {before[name]} → {value}" if is_shown else f"Setting {words} changed"
