"""Put what was measured last into docs/benchmarks.md, between its two markers; nothing that was not printed."""

import re

from bench.measuring import RESULTS, ROOT, Result, Table

PAGE = ROOT / "docs" / "benchmarks.md"
#: In the order of the page; a measurement that was not made is not mentioned.
ORDER = (
    "lost_requests", "soak", "soak_beside", "soak_sick", "outages", "clicks", "told", "page", "api", "aws_calls",
    "against_peers", "image", "memory", "small_web", "palette", "suite",
)  # fmt: skip
MOST_ROWS = 12
MARKED = re.compile(r"(<!-- numbers -->\n).*?(<!-- /numbers -->)", re.DOTALL)


def main() -> None:
    results = [Result.read(path) for name in ORDER if (path := RESULTS / f"{name}.json").exists()]
    text = PAGE.read_text()
    if not MARKED.search(text):
        raise SystemExit(f"{PAGE.name} has no place for them: <!-- numbers --> … <!-- /numbers -->")
    PAGE.write_text(inserted(text, results))


def inserted(text: str, results: list[Result]) -> str:
    shown = "\n\n".join(_shown(result) for result in results)
    return MARKED.sub(lambda markers: f"{markers[1]}\n{shown}\n\n{markers[2]}", text)


def _shown(result: Result) -> str:
    notes = "\n".join(f"- {note}" for note in result.notes)
    tables = [_folded(table) for table in result.tables]
    parts = [f"## {result.title}", *tables, notes, f"{result.machine}; {result.measured}."]
    return "\n\n".join(part for part in parts if part)


def _folded(table: Table) -> str:
    """A long table is there for whoever wants to see it."""
    if len(table.rows) <= MOST_ROWS:
        return table.text()
    return f"<details>\n<summary>By {table.headers[0]}</summary>\n\n{table.text()}\n\n</details>"


if __name__ == "__main__":
    main()
