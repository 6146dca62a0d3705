"""What differs between what is live and a release, a line each."""

from collections.abc import Iterator
from dataclasses import dataclass

from deployments.delivery.models import Deployment
from deployments.delivery.views.changing import (
    ArtefactChange,
    ChangesView,
    Direction,
    ReleaseChange,
    SettingChange,
    changes_view,
)
from deployments.telling.notifications.wording import names

#: lines of the task definition's difference
_MOST_DIFFERENCE = 16


@dataclass(frozen=True)
class Changes:
    lines: tuple[str, ...]
    #: notes that people wrote: a line is one of them, or ends with it
    typed: tuple[str, ...]


NONE = Changes((), ())


def of(deployment: Deployment) -> Changes:
    view = changes_view(deployment)
    lines = (
        *_releases(view),
        *(_artefact(each) for each in view.artefacts),
        *_difference(view.difference),
        *(_setting(each) for each in view.settings),
    )
    first = (note for release in view.between for note in names.notes(release.notes)[:1])
    return Changes(lines, (*names.notes(view.release.notes)[: names.MOST_NOTES], *first))


def _releases(view: ChangesView) -> Iterator[str]:
    """The newest first, each with its commit and notes."""
    if view.direction is Direction.AGAIN:
        yield f"{view.release.version} is live already: it is deployed again."
        return
    if view.direction is Direction.BACK:
        yield f"Goes back to an earlier release: {view.live} was registered after {view.release.version}."
    yield from _noted(view.release)
    if view.direction is Direction.FORWARD:
        yield from _between(view)


def _noted(release: ReleaseChange) -> Iterator[str]:
    first, *more = names.notes(release.notes) or [""]
    yield _with(f"{release.version} (commit {release.commit[:12]})" if release.commit else release.version, first)
    yield from more[: names.MOST_NOTES - 1]
    if len(more) >= names.MOST_NOTES:
        yield "There are more notes on the release's page."


def _between(view: ChangesView) -> Iterator[str]:
    for release in view.between:
        also = f"Also {release.version} (commit {release.commit[:12]})" if release.commit else f"Also {release.version}"
        yield _with(also, next(iter(names.notes(release.notes)), ""))
    if view.more_between:
        yield f"Also all other releases after {view.live}."


def _with(said: str, note: str) -> str:
    return f"{said}: {note}" if note else f"{said}, registered without notes"


def _artefact(change: ArtefactChange) -> str:
    if not change.container:
        return f"Bundle: {change.before or 'none known'} → {change.after}"
    before = _short(change.before) if change.before else "none known"
    return f"Image of container {change.container}: {before} → {_short(change.after)}"


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


def _setting(change: SettingChange) -> str:
    if change.before is None:
        return f"Setting {change.name} changed"
    return f"Setting {change.name}: {change.before} → {change.after}"
