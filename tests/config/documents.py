"""README and the pages of docs/, and what stands in them, for tests that compare them with the code and each other."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
#: Made by tools, or not ours.
ELSEWHERE = {"build", "node_modules", "staticfiles", "venv"}


def documents() -> Iterator[str]:
    for top in ROOT.iterdir():
        if top.is_dir() and not top.name.startswith(".") and top.name not in ELSEWHERE:
            found = (path.relative_to(ROOT) for path in top.rglob("*.md"))
            yield from (path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
        elif top.suffix == ".md":
            yield top.name


DOCUMENTS = sorted(documents())


def text(document: str) -> str:
    return (ROOT / document).read_text()


def prose(document: str) -> str:
    return re.sub(r"^```.*?^```", "", text(document), flags=re.MULTILINE | re.DOTALL)


def blocks(document: str) -> list[str]:
    """Those of code, without the words behind a #."""
    found = re.findall(r"^```.*?^```", text(document), re.MULTILINE | re.DOTALL)
    return [re.sub(r"(^|\s+)# .*$", "", block, flags=re.MULTILINE) for block in found]


def links(document: str) -> list[tuple[str, str]]:
    """Path and anchor of each link within the repository; "" for what it leaves out."""
    found = re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text(document))
    return [(path, anchor) for path, _, anchor in (link.partition("#") for link in found)]


def linked(document: str, path: str) -> str:
    """The file, as the repository names it."""
    return ((ROOT / document).parent / path).resolve().relative_to(ROOT).as_posix() if path else document


def anchors(document: str) -> list[str]:
    """In the order of the headings, as GitHub makes them; a heading that comes again is numbered."""
    headings = [
        re.sub(r"\]\([^)]*\)", "]", found) for found in re.findall(r"^#+ +(.+?) *$", prose(document), re.MULTILINE)
    ]
    slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    again = [slugs[:place].count(slug) for place, slug in enumerate(slugs)]
    return [f"{slug}-{times}" if times else slug for slug, times in zip(slugs, again, strict=True)]
