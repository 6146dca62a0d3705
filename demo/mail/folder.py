"""Mail as files, one a message, named by when it came in nanoseconds. The newest are kept."""

import os
from pathlib import Path

MOST = 200


def keep(folder: Path, message: bytes, *, at: int) -> int:
    """Its number, which is above all others. Whoever reads meanwhile finds a message whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    there = numbers(folder)
    number = max(at, there[0] + 1 if there else 0)
    half_way = folder / f"{number}.part"
    half_way.write_bytes(message)
    os.replace(half_way, _path(folder, number))
    for old in there[MOST - 1 :]:
        _path(folder, old).unlink(missing_ok=True)
    return number


def numbers(folder: Path) -> list[int]:
    """The newest first."""
    return sorted((int(path.stem) for path in folder.glob("*.eml") if path.stem.isdecimal()), reverse=True)


def message(folder: Path, number: int) -> bytes | None:
    try:
        return _path(folder, number).read_bytes()
    except FileNotFoundError:
        return None


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number}.eml"
