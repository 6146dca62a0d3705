"""Where an SQLite file may be: on a disk of this machine's own."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from config.settings.reading import Reader

#: Kinds of file systems as the kernel names them; EFS is nfs4.
OVER_THE_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "lustre", "ceph", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs"}
MOUNTS = Path("/proc/self/mounts")


def on_this_machine(read: Reader, database: dict[str, Any], mounts: Path = MOUNTS) -> None:
    """Complain where `database`, one of DATABASES, is a file that others reach too: locks are not kept there."""
    if not database["ENGINE"].endswith("sqlite3"):
        return
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no Linux
        return
    kind = file_system(Path(database["NAME"]), lines)
    if kind in OVER_THE_NETWORK:
        read.complain(
            "DATABASE_URL",
            f"is an SQLite file on a file system of the network ({kind}), such as EFS: its locks do not hold there, "
            "and two processes spoil it",
            "Use PostgreSQL, or a folder on a disk of this one machine.",
            "postgres://tealgate:password@db.example.com:5432/tealgate",
        )


def file_system(path: Path, mounts: Iterable[str]) -> str:
    """Of the innermost mount point above `path`; "" when there is none. Lines are those of proc_mounts(5)."""
    resolved = path.resolve()
    found = ""
    deepest = -1
    for line in mounts:
        _, point, kind, *_ = line.split(" ")
        place = Path(point.replace("\\040", " "))
        # Of two on one place the later one is seen.
        if resolved.is_relative_to(place) and len(place.parts) >= deepest:
            found, deepest = kind, len(place.parts)
    return found
