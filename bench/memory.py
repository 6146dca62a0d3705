"""How much memory processes take, with all that they started. Linux only."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """In MiB. `shared_once` counts a page that n processes share 1/n times for each (PSS); `resident` is RSS."""

    resident: float = 0.0
    shared_once: float = 0.0
    processes: int = 0


def of(roots: Iterable[int]) -> Memory:
    found = Memory()
    for pid in _with_children(set(roots)):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has just ended
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
        found = Memory(
            found.resident + sizes["Rss"] / 1024, found.shared_once + sizes["Pss"] / 1024, found.processes + 1
        )
    return found


def _with_children(pids: set[int]) -> set[int]:
    parents = dict(_parents())
    found, new = set(pids), set(pids)
    while new:
        new = {pid for pid, parent in parents.items() if parent in new} - found
        found |= new
    return found


def _parents() -> Iterable[tuple[int, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name is in brackets and may hold anything; after it come the state and the parent.
            yield int(path.parent.name), int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
