"""What differs between what was live when a deployment was asked for and its release."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from deployments.catalog.commits import compare_address
from deployments.catalog.models import Release
from deployments.delivery.models import Deployment
from deployments.delivery.views.found import found
from deployments.vocabulary import Status

#: releases between the two
_MOST_RELEASES = 10
#: of the settings, what belongs to one deployment
_OF_ITS_OWN: Final = frozenset({"strategy", "kind", "red", "difference", "unattended", "label"})


class Direction(StrEnum):
    #: nothing of Tealgate's was live
    FIRST = "FIRST"
    FORWARD = "FORWARD"
    #: what was registered later is live
    BACK = "BACK"
    #: it is live already
    AGAIN = "AGAIN"


@dataclass(frozen=True, kw_only=True)
class ReleaseChange:
    id: int
    version: str
    notes: str
    commit: str
    #: of the commit's own page; "" where none is known
    commit_address: str
    registered_by: str
    registered_at: datetime


@dataclass(frozen=True, kw_only=True)
class ArtefactChange:
    """Of a container's image, or of the bundle."""

    #: the container; "" for the bundle
    container: str
    #: "" when none is known
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    name: str
    #: of numbers and switches; others may name what is a secret, and are None
    before: int | float | None
    after: int | float | None


@dataclass(frozen=True, kw_only=True)
class ChangesView:
    direction: Direction
    #: the version that is live; "" when none is known
    live: str
    release: ReleaseChange
    #: what comes with it, or is taken back, besides those two; the newest first
    between: tuple[ReleaseChange, ...]
    #: whether there are more than that
    more_between: bool
    #: where the commits between the two are shown; "" where that is not known
    compare: str
    artefacts: tuple[ArtefactChange, ...]
    #: lines of the task definition as (sign, text), secrets left out
    difference: tuple[tuple[str, str], ...]
    #: against those of the last success
    settings: tuple[SettingChange, ...]


def changes_view(deployment: Deployment) -> ChangesView:
    new, old = deployment.release, deployment.source_release
    between = _between(old, new)
    return ChangesView(
        direction=_direction(old, new),
        live=old.version if old else "",
        release=_change(new),
        between=tuple(_change(release) for release in between[:_MOST_RELEASES]),
        more_between=len(between) > _MOST_RELEASES,
        compare=_compare(old, new),
        artefacts=tuple(_artefacts(old, new)),
        difference=found(deployment).difference,
        settings=tuple(_settings(deployment)),
    )


def _direction(old: Release | None, new: Release) -> Direction:
    if old is None:
        return Direction.FIRST
    if old.pk == new.pk:
        return Direction.AGAIN
    return Direction.FORWARD if old.pk < new.pk else Direction.BACK


def _between(old: Release | None, new: Release) -> list[Release]:
    if old is None:
        return []
    first, last = sorted((old.pk, new.pk))
    rows = Release.objects.filter(application=new.application_id, pk__gt=first, pk__lt=last)
    return list(rows.select_related("application").defer("task_definition").order_by("-pk")[: _MOST_RELEASES + 1])


def _change(release: Release) -> ReleaseChange:
    return ReleaseChange(
        id=release.pk,
        version=release.version,
        notes=release.notes.strip(),
        commit=release.git_sha,
        commit_address=release.commit_address,
        registered_by=release.registered_by,
        registered_at=release.created_at,
    )


def _compare(old: Release | None, new: Release) -> str:
    """From the older to the newer one, whichever of them is live."""
    if old is None:
        return ""
    older, newer = sorted((old, new), key=lambda release: release.pk)
    return compare_address(new.application.repository_url, older.git_sha, newer.git_sha)


def _artefacts(old: Release | None, new: Release) -> Iterator[ArtefactChange]:
    if old and old.pk == new.pk:
        return
    before = {image.container: image for image in old.images.all()} if old else {}
    for image in new.images.all():
        was = before.get(image.container)
        if was is None or was.digest != image.digest:
            yield ArtefactChange(container=image.container, before=was.pinned if was else "", after=image.pinned)
    if new.bundle_address and (not old or old.bundle_address != new.bundle_address):
        yield ArtefactChange(container="", before=old.bundle_address if old else "", after=new.bundle_address)


def _settings(deployment: Deployment) -> Iterator[SettingChange]:
    good = Deployment.objects.filter(environment=deployment.environment_id, status=Status.SUCCESSFUL)
    last = good.filter(pk__lt=deployment.pk).order_by("-pk").values_list("settings", flat=True).first()
    before: Mapping[str, Any] = last or {}
    for name, value in deployment.settings.items():
        if name in before and before[name] != value and name not in _OF_ITS_OWN:
            is_shown = isinstance(value, int | float) and isinstance(before[name], int | float)
            shown = (before[name], value) if is_shown else (None, None)
            yield SettingChange(name=name.replace("_", " "), before=shown[0], after=shown[1])
