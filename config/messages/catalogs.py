"""Catalogs as gettext keeps them: what the code says is merged in, and all is compiled."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import polib
from django.conf import settings

from config.messages import names
from config.messages.gathering import Catalog, gathered
from deployments.languages.shapes import with_names

_HEADER = {
    "Project-Id-Version": "Tealgate",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def bring_up_to_date(root: Path) -> str:
    """For each language of the settings. Says how many messages there are, and how many wait for a translation."""
    counted = 0
    waiting: dict[str, int] = {}
    for language in (each for each, _ in settings.LANGUAGES if each != settings.LANGUAGE_CODE):
        known = _translations(language)
        for catalog in gathered(root):
            path = po_path(catalog, language)
            merged = _merged(catalog, path, language, known)
            _write(merged, path)
            counted += len(catalog.messages)
            if left := sum(not each.msgstr for each in merged if not each.obsolete):
                waiting[f"{path.relative_to(root)}"] = left
    lines = [f"{counted} messages, {sum(waiting.values())} without a translation"]
    return "\n".join([*lines, *(f"{left:6} {path}" for path, left in waiting.items())])


def po_path(catalog: Catalog, language: str) -> Path:
    return catalog.folder / "locale" / language / "LC_MESSAGES" / f"{catalog.domain}.po"


def compiled(catalog: Iterable[polib.POEntry], language: str) -> bytes:
    """Also what the code says no more: the log still holds it."""
    file = polib.POFile()
    file.metadata = {**_HEADER, "Language": language}
    for each in catalog:
        said = with_names(each.msgstr, names.places(each.flags))
        file.append(polib.POEntry(msgid=each.msgid, msgstr=said))
    return bytes(file.to_binary())


def _merged(catalog: Catalog, path: Path, language: str, known: dict[str, str]) -> polib.POFile:
    file = polib.POFile(wrapwidth=110)
    file.metadata = {**_HEADER, "Language": language}
    old = {each.msgid: each for each in polib.pofile(str(path))} if path.exists() else {}
    for message_id, places in catalog.messages.items():
        was = old.pop(message_id, None)
        file.append(
            polib.POEntry(
                msgid=message_id,
                msgstr=was.msgstr if was else known.get(message_id, ""),
                comment=_places(places[0][1].places),
                tcomment=was.tcomment if was else "",
                flags=names.flags(sentence.places for _, sentence in places),
                occurrences=[(name, "") for name in dict.fromkeys(name for name, _ in places)],
            )
        )
    for each in old.values():
        if each.msgstr and not any(each.msgid == other.msgid for other in file):
            each.obsolete, each.occurrences, each.comment = True, [], ""
            file.append(each)
    return file


def _places(places: Sequence[str]) -> str:
    return "\n".join(f"{{{number}}} {expression}" for number, expression in enumerate(places))


def _translations(language: str) -> dict[str, str]:
    """What any catalog has, for a message that went to another room."""
    found: dict[str, str] = {}
    for folder in settings.LOCALE_PATHS:
        path = Path(folder) / language / "LC_MESSAGES" / "django.po"
        if path.exists():
            found |= {each.msgid: each.msgstr for each in polib.pofile(str(path)) if each.msgstr}
    return found


def _write(file: polib.POFile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(str(path))
    path.with_suffix(".mo").write_bytes(compiled(file, file.metadata["Language"]))
