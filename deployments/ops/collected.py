"""Whether `collectstatic` was run for this version.

Production's pages name each file with its hash, as `collectstatic` wrote it down. A page that wants one that was not
written down ends as an error; one that was written down by another version looks and works like that one's.
"""

from collections.abc import Iterator
from pathlib import Path

from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

#: What to do, as a sentence that follows what is wrong.
FIX = "Run manage.py collectstatic --noinput with this version, and start web again."


def trouble() -> str:
    """What is wrong with the files that pages name, for a sentence that begins with their folder; "" if nothing is."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return ""  # they are taken from where they lie
    names = dict(_shipped())
    lacking = [name for name in names if name not in staticfiles_storage.hashed_files]
    if len(lacking) == len(names):
        return "has none of the files that pages name"
    others = lacking or [name for name, path in names.items() if not _is_collected(name, path)]
    if not others:
        return ""
    return f"has the files of another version: {len(others)} of {len(names)} are not this one's, such as {others[0]}"


def _shipped() -> Iterator[tuple[str, Path]]:
    """Name and place of each; what an application in front has hides another of the same name."""
    found: dict[str, Path] = {}
    for finder in get_finders():
        for name, storage in finder.list(StaticFilesConfig.ignore_patterns):
            prefix = getattr(storage, "prefix", "")
            named = f"{prefix}/{name}" if prefix else name
            found.setdefault(named.replace("\\", "/"), Path(storage.path(name)))
    yield from found.items()


def _is_collected(name: str, path: Path) -> bool:
    try:
        return Path(staticfiles_storage.path(name)).read_bytes() == path.read_bytes()
    except OSError:
        return False
