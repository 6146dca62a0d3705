"""Everything that people are told, by the room that says it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.messages.pages import of_script, of_template
from config.messages.sentences import Sentence, sentences
from config.messages.theme import of_theme
from deployments.languages.catalogs import labels
from deployments.languages.names import said_of_columns
from deployments.words import ROLE_NAMES

#: What only operators and machines read, in English: commands, the API, metrics, checks at start-up.
_SILENT_ROOMS = {"api", "management", "migrations", "static", "languages"}
_SILENT = ("ops/metrics", "ops/system_checks", "ops/request_log", "prepared.py", "logs.py", "ops/worker")
#: Where a single word, such as "Approve", is on a page.
_WITH_LABELS = {"admin", "catalog", "delivery", "telling", "templatetags", "chat", "people", "record"}
#: Of the site's own: what whoever signs in is told.
_OF_CONFIG = ("sign_in", "signed_out", "security", "demo_people", "settings/base.py", "settings/look.py")


@dataclass
class Catalog:
    """Of one folder with a `locale`; `messages` from an id to where it stands and what its places hold."""

    folder: Path
    domain: str = "django"
    messages: dict[str, list[tuple[str, Sentence]]] = field(default_factory=dict)

    def add(self, path: str, sentence: Sentence) -> None:
        self.messages.setdefault(sentence.id, []).append((path, sentence))


def gathered(root: Path) -> list[Catalog]:
    """Each id in one catalog, that of the first room which says it."""
    catalogs: dict[tuple[Path, str], Catalog] = {}
    where: dict[tuple[str, str], Catalog] = {}
    for folder, domain, path, sentence in _all(root):
        mine = catalogs.setdefault((folder, domain), Catalog(folder, domain))
        where.setdefault((domain, sentence.id), mine).add(path, sentence)
    return [each for each in catalogs.values() if each.messages]


_Found = Iterator[tuple[Path, str, str, Sentence]]


def _all(root: Path) -> _Found:
    yield from _vocabulary(root / "deployments")
    yield from _rooms(root)
    # The demo is no room; whoever tries Tealgate reads its pages first.
    for path in (
        path for folder in ("templates", "demo/templates") for path in sorted((root / folder).rglob("*.html"))
    ):
        for each in of_template(path.read_text()):
            yield root / "templates", "django", str(path.relative_to(root)), each
    for name, each in of_theme(root / "templates"):
        yield root / "templates", "django", name, each
    for path in sorted((root / "deployments" / "static" / "tealgate").rglob("*.js")):
        for each in of_script(path.read_text()):
            yield root / "deployments", "djangojs", str(path.relative_to(root)), each


def _vocabulary(app: Path) -> _Found:
    """What no module says in one piece: states, units, the names of columns."""
    for label in sorted({*labels(), *ROLE_NAMES}):
        yield app, "django", "deployments/vocabulary.py", Sentence(label, 0)
    for unit in ("d", "h", "min", "s"):
        yield app, "django", "deployments/words.py", Sentence(f"{{n}} {unit}", 0)
    for text in sorted(set(said_of_columns()) - {""}):
        yield app, "django", "deployments/models.py", Sentence(text, 0)


def _rooms(root: Path) -> _Found:
    app = root / "deployments"
    for path in sorted(app.rglob("*.py")):
        inside = path.relative_to(app)
        room = inside.parts[0]
        if room not in _SILENT_ROOMS and not str(inside).startswith(_SILENT):
            folder = app if len(inside.parts) == 1 else app / room
            yield from _of(root, path, folder, labels=room in _WITH_LABELS)
    for name in _OF_CONFIG:
        for path in sorted((root / "config").glob(f"{name}*")):
            if path.suffix == ".py":
                yield from _of(root, path, root / "config", labels=True)


def _of(root: Path, path: Path, folder: Path, *, labels: bool) -> _Found:
    for each in sentences(path.read_text(), labels=labels):
        yield folder, "django", str(path.relative_to(root)), each
