"""What the tags of an application's repositories say, as a pure decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deployments.aws.values import TaggedImage
from deployments.catalog.self_registering.patterns import Pattern


@dataclass(frozen=True, kw_only=True)
class Found:
    version: str
    tag: str
    #: container to digest, of the containers whose repository has the tag
    images: Mapping[str, str]
    #: containers whose repository does not
    missing: tuple[str, ...]
    pushed_at: datetime


def found(
    pattern: Pattern, containers: Mapping[str, str], tags: Mapping[str, Sequence[TaggedImage]]
) -> tuple[Found, ...]:
    """Newest first. `containers` and `tags` by container and by repository; one repository may be that of several."""
    by_version: dict[str, dict[str, TaggedImage]] = {}
    for repository in dict.fromkeys(containers.values()):
        for image in tags.get(repository, ()):
            if version := pattern.version(image.tag):
                by_version.setdefault(version, {})[repository] = image
    all_found = [_found(version, containers, images) for version, images in by_version.items()]
    return tuple(sorted(_once_a_commit(all_found, pattern), key=lambda each: _newness(pattern, each), reverse=True))


def is_older(pattern: Pattern, mine: tuple[str, datetime | None], other: tuple[str, datetime | None]) -> bool:
    """Of two versions, each with when it was pushed. What cannot be compared is not older."""
    here, there = pattern.order(mine[0]), pattern.order(other[0])
    if here is not None and there is not None:
        return here < there
    return mine[1] is not None and other[1] is not None and mine[1] < other[1]


def _found(version: str, containers: Mapping[str, str], images: Mapping[str, TaggedImage]) -> Found:
    there = {container: images[repository] for container, repository in containers.items() if repository in images}
    return Found(
        version=version,
        tag=next(iter(images.values())).tag,
        images={container: image.digest for container, image in there.items()},
        missing=tuple(container for container in containers if container not in there),
        pushed_at=max(image.pushed_at for image in images.values()),
    )


def _once_a_commit(all_found: Iterable[Found], pattern: Pattern) -> list[Found]:
    """Of a short and a long form of one commit on the same images, the long one."""
    everything = sorted(all_found, key=lambda each: -len(each.tag))
    kept: dict[frozenset[tuple[str, str]], list[str]] = {}
    once = []
    for each in everything:
        commit, longer = pattern.commit(each.tag), kept.setdefault(frozenset(each.images.items()), [])
        if commit and any(known.startswith(commit) for known in longer):
            continue
        longer += [commit] if commit else []
        once.append(each)
    return once


def _newness(pattern: Pattern, each: Found) -> tuple[object, ...]:
    order = pattern.order(each.version)
    return (order, each.pushed_at) if order is not None else (each.pushed_at, each.version)
