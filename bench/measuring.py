"""What the measurements share: percentiles, what machine this is, tables, and keeping what was printed."""

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "bench"

Cell = str | int | float


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that this share of all values does not exceed (nearest rank)."""
    ranked = sorted(values)
    rank = -(-len(ranked) * percent // 100)
    return ranked[max(int(rank), 1) - 1]


@dataclass(frozen=True)
class Table:
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def text(self) -> str:
        """As Markdown that is aligned for the terminal: words to the left, numbers to the right."""
        cells = [[_written(cell) for cell in row] for row in self.rows]
        widths = [
            max(3, *(len(line[column]) for line in [self.headers, *cells])) for column in range(len(self.headers))
        ]
        numeric = [
            all(not row[column] or not isinstance(row[column], str) for row in self.rows)
            for column in range(len(self.headers))
        ]

        def line(texts: Sequence[str]) -> str:
            aligned = (
                text.rjust(width) if right else text.ljust(width)
                for text, width, right in zip(texts, widths, numeric, strict=True)
            )
            return f"| {' | '.join(aligned)} |"

        ruler = [
            "-" * (width - 1) + ":" if right else "-" * width for width, right in zip(widths, numeric, strict=True)
        ]
        return "\n".join(line(texts) for texts in [self.headers, ruler, *cells])


@dataclass(frozen=True)
class Result:
    """One measurement as it is printed, kept and shown in docs/benchmarks.md."""

    title: str
    tables: Sequence[Table]
    notes: Sequence[str]
    machine: str
    measured: str

    @classmethod
    def of(cls, title: str, tables: Sequence[Table], notes: Sequence[str]) -> Self:
        measured = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {os.getloadavg()[0]:.1f} at the end"
        return cls(title, tables, notes, machine(), measured)

    @classmethod
    def read(cls, path: Path) -> Self:
        data = json.loads(path.read_text())
        return cls(**{**data, "tables": [Table(**table) for table in data["tables"]]})

    def text(self) -> str:
        notes = "\n".join(f"- {note}" for note in self.notes)
        parts = [f"## {self.title}", *(table.text() for table in self.tables), notes]
        return "\n\n".join(part for part in parts if part)

    def publish(self, name: str) -> None:
        """Print it and keep it."""
        print(f"\n{self.text()}\n\n{self.machine}; {self.measured}", flush=True)
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(asdict(self), indent=1) + "\n")


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB; {platform.system()}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def _written(cell: Cell) -> str:
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)
