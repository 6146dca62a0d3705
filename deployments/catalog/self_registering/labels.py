"""What images say of the source that they were built from, as labels of the Open Container Initiative.

Anybody may have written them, and a build that writes none has those of the image that it is made from. So a commit
counts beside the source that it is of.
"""

import re
from collections.abc import Mapping

from deployments.texts import printable

#: of one image
Labels = Mapping[str, str]

_PREFIX = "org.opencontainers.image."
REVISION, SOURCE = f"{_PREFIX}revision", f"{_PREFIX}source"
_TOLD = ("revision", "source", "version", "created")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_LONGEST = 200


def mixed(labels: Mapping[str, Labels]) -> str:
    """Why images of one version were not built from one commit; "" when they were, or do not say. By container.

    Of two sources, such as two repositories or an image below, commits cannot be compared.
    """
    by_source: dict[str, dict[str, str]] = {}
    for container, said in labels.items():
        if said.get(REVISION):
            by_source.setdefault(_source(said), {})[container] = said[REVISION]
    for commits in by_source.values():
        if len(set(commits.values())) > 1:
            different = ", ".join(f"{container} {_clean(said)[:12]}" for container, said in sorted(commits.items()))
            return (
                f"Its images are of different commits ({different}): one of the tags was pushed again. Push the others "
                "of the same commit, or a new version."
            )
    return ""


def commit(labels: Mapping[str, Labels], repository_url: str) -> str:
    """Of the first image that names the application's repository, else of the first that names a commit; "" of none."""
    ours = _normal(repository_url)
    said = sorted(labels.values(), key=lambda each: not ours or _source(each) != ours)
    found = (each.get(REVISION, "").strip().lower() for each in said)
    return next((each for each in found if _COMMIT.fullmatch(each)), "")


def told(labels: Mapping[str, Labels]) -> dict[str, dict[str, str]]:
    """For the log: by container, what it says of itself."""
    return {
        container: {name: _clean(said[_PREFIX + name]) for name in _TOLD if said.get(_PREFIX + name)}
        for container, said in labels.items()
    }


def _source(said: Labels) -> str:
    return _normal(said.get(SOURCE, ""))


def _normal(address: str) -> str:
    """Of a repository, as https and as git write it."""
    bare = address.strip().lower().removesuffix("/").removesuffix(".git")
    return re.sub(r"^(?:[a-z+]+://)?(?:[^@/]*@)?", "", bare).replace(":", "/", 1)


def _clean(text: str) -> str:
    return printable(text)[:_LONGEST]
