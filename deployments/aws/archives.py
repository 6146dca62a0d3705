"""What is in a bundle for servers, as CodeDeploy's agent unpacks it: zip, tar or tgz, of a bounded size.

The agent leaves out a folder around everything, wherever the bundle comes from, if there is an AppSpec in that folder
and nothing beside it. Nothing is written to a disk here.
"""

import gzip
import io
import posixpath
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

#: bytes: of the archive, of all that it unpacks to, and of one AppSpec
LARGEST = 32 * 1024 * 1024
LARGEST_UNPACKED = 512 * 1024 * 1024
LARGEST_APPSPEC = 1024 * 1024
MOST_FILES = 50_000

_APPSPEC = re.compile("appspec", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
#: What the three raise for what they cannot read; RuntimeError for an encrypted zip and for an unknown compression.
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, zlib.error, RuntimeError, ValueError)


class BadArchive(Exception):
    """The sentence that people get, without a full stop."""


class TooLarge(Exception):
    """More than is looked into."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    #: paths below the bundle's root: of files, and of folders that the archive itself names
    files: frozenset[str]
    folders: frozenset[str] = frozenset()
    #: texts of what looks like an AppSpec at the root, by name
    appspecs: dict[str, str] = field(default_factory=dict, hash=False)
    #: the folder that the agent leaves out; "" = none
    left_out: str = ""

    def has(self, path: str) -> bool:
        """A file, or a folder with files; "/" is the root itself."""
        wanted = _cleaned(path)
        if not wanted or wanted in self.files or wanted in self.folders:
            return True
        return any(name.startswith(f"{wanted}/") for name in (*self.files, *self.folders))

    def is_file(self, path: str) -> bool:
        return _cleaned(path) in self.files


def contents(archive: bytes, kind: str, *, most: int = LARGEST_UNPACKED) -> Contents:
    """`kind` is CodeDeploy's bundleType; `most`: bytes that a tar may unpack to. Raises BadArchive, TooLarge."""
    found: dict[str, str | None] = {}
    try:
        for name, text in _zip(archive) if kind == "zip" else _tar(archive, most):
            if len(found) >= MOST_FILES:
                raise TooLarge
            found[_cleaned(name)] = text
    except TooLarge:
        raise
    except _BROKEN as problem:
        raise BadArchive(f"it cannot be unpacked as {kind} ({str(problem) or type(problem).__name__})") from problem
    return _at_root(found)


def _zip(archive: bytes) -> Iterator[tuple[str, str | None]]:
    """Each file with its text, if it may be an AppSpec, else ""; None of a folder."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for entry in opened.infolist():
            if entry.is_dir():
                yield entry.filename, None
                continue
            text = b""
            if _may_be_appspec(entry.filename):
                with opened.open(entry) as file:
                    text = file.read(LARGEST_APPSPEC)
            yield entry.filename, text.decode(errors="replace")


def _tar(archive: bytes, most: int) -> Iterator[tuple[str, str | None]]:
    """The agent's tar unpacks what gzip packed, whatever the type is called."""
    raw: io.BufferedIOBase = io.BytesIO(archive)
    if archive.startswith(_GZIP):
        raw = gzip.GzipFile(fileobj=raw)
    with tarfile.open(fileobj=_Limited(raw, most), mode="r|") as opened:
        for entry in opened:
            if entry.isdir():
                yield entry.name, None
                continue
            file = opened.extractfile(entry) if entry.isfile() and _may_be_appspec(entry.name) else None
            yield entry.name, file.read(LARGEST_APPSPEC).decode(errors="replace") if file else ""


class _Limited(io.RawIOBase):
    """Reads no more than what may be unpacked: a few bytes of gzip can be gigabytes."""

    def __init__(self, raw: io.BufferedIOBase, most: int) -> None:
        self._raw, self._left = raw, most

    def read(self, size: int = -1) -> bytes:
        piece = self._raw.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge
        return piece


def _may_be_appspec(name: str) -> bool:
    folder, base = posixpath.split(_cleaned(name))
    return "/" not in folder and base.lower() in ("appspec.yml", "appspec.yaml")


def _cleaned(name: str) -> str:
    cleaned = posixpath.normpath("/" + name).lstrip("/")
    return cleaned if cleaned != "." else ""


def _at_root(found: dict[str, str | None]) -> Contents:
    found.pop("", None)  # the root itself
    top = {name.partition("/")[0] for name in found}
    folder = top.pop() if len(top) == 1 else ""
    inside = {name.split("/")[1] for name in found if "/" in name}
    if folder and found.get(folder) is None and any(_APPSPEC.search(name) for name in inside):
        found = {name.partition("/")[2]: text for name, text in found.items() if name != folder}
    else:
        folder = ""
    files = {name: text for name, text in found.items() if text is not None}
    appspecs = {name: text for name, text in files.items() if "/" not in name and _may_be_appspec(name)}
    return Contents(
        files=frozenset(files), folders=frozenset(found) - frozenset(files), appspecs=appspecs, left_out=folder
    )
