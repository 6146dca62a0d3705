"""What the rooms say, in the reader's language. For the edges: pages, mail, chats. What is kept stays English."""

from collections.abc import Sequence
from functools import lru_cache

from django.db.models import Model
from django.utils.functional import lazy
from django.utils.safestring import SafeData
from django.utils.translation import get_language, gettext, override

from deployments.languages import particles, typed
from deployments.languages.catalogs import labels, messages, reader, states
from deployments.languages.pieces import Piece, Said
from deployments.languages.reading import DURATION
from deployments.languages.shapes import filled, shape
from deployments.languages.units import amount
from deployments.words import ROLE_NAMES, Name, begun

#: What the rooms speak, and the log keeps.
KEPT = "en"
_DEEPEST = 5
#: Letters that a message has to have of its own to be found beside a name, such as those of "(retired 2026-03-02)".
_SURE = 7


class Told(str):
    """In the reader's language. Told once more it stays as it is: a person's words in it might be read as a message."""

    __slots__ = ()

    def __str__(self) -> str:
        return self


def told(text: object, language: str | None = None) -> str:
    """The text in the active language, or in `language`; as it is where nobody translated it.

    A text that is marked safe is a page's already, and not touched; neither is a name.
    """
    if isinstance(text, Model) and text._meta.app_label == "auth" and str(text) not in ROLE_NAMES:
        return str(text)  # a person, or a group that somebody made
    said = text if isinstance(text, str) else str(text)
    language = language or get_language() or KEPT
    if language == KEPT or isinstance(said, SafeData | Told | Name) or not said.strip():
        return said
    return Told(_told(said, language))


def named(text: str) -> str:
    """Who somebody is, or what is called so: a name, with what the rooms say of whose it is."""
    language = get_language() or KEPT
    return text if language == KEPT else Told(_named(text, language, 0))


def told_pieces(pieces: Sequence[Piece]) -> str:
    """Messages as they were kept beside a text, in the active language."""
    language = get_language() or KEPT
    return Told("".join(_piece(piece, language, 0) for piece in pieces))


@lru_cache(maxsize=8192)
def _told(text: str, language: str, depth: int = 0) -> str:
    if found := DURATION.fullmatch(text):
        counts = [(found[1], found[2])] + ([(found[3], found[4])] if found[3] else [])
        return " ".join(_piece(Said(f"{{n}} {unit}", (count,)), language, depth) for count, unit in counts)
    if said := amount(text, language):
        return said
    pieces = reader().read(text)
    if pieces == (text,) and depth == 0:
        return _by_others(text, language)
    return "".join(_piece(piece, language, depth) for piece in pieces)


def _piece(piece: Piece, language: str, depth: int) -> str:
    if isinstance(piece, str):
        return piece
    typed_last = int(piece.id in typed.IDS)
    ours, theirs = piece.values[: len(piece.values) - typed_last], piece.values[len(piece.values) - typed_last :]
    values = (*(_value(value, language, depth + 1) for value in ours), *theirs)
    names = (*(_named(value, language, depth + 1) for value in ours), *theirs)
    said = filled(messages(language).get(piece.id, piece.id), values, names)
    said = begun(said) if piece.begun else said
    return particles.settled(said) if language == "ko" else said


def _value(value: str, language: str, depth: int) -> str:
    """A name of one word is nobody's message, though there may be one that is called like it.

    Within a sentence the word for a state, or what a message begins with a capital, may be written small.
    """
    if depth > _DEEPEST:
        return value
    if value != value.strip():  # " by mina", behind what it is added to
        core = value.strip()
        return value.replace(core, _value(core, language, depth)) if core else value
    written = begun(value)
    if value != written and written in (messages(language) if " " in value else states()):
        return _told(written, language, depth)
    known = " " in value or value in labels() or value in ROLE_NAMES
    return _told(value, language, depth) if known else value


def _named(value: str, language: str, depth: int) -> str:
    """Where a name stands it is told as it was typed, but for what the rooms say of whose it is: "ci, for an agent"."""
    if depth > _DEEPEST:
        return value
    if value in ROLE_NAMES:
        return _told(value, language, depth)
    said = [shape(piece.id) for piece in reader().read(value) if isinstance(piece, Said)]
    adds = any(each.order and (each.counts or each.letters >= _SURE or ", by " in each.id) for each in said)
    return _value(value, language, depth) if adds else value


def _by_others(text: str, language: str) -> str:
    """Django's own messages, and the theme's. What comes of it is kept for the language, whichever is active now."""
    with override(language):
        return gettext(text)


#: Told whenever it is shown, for what is written once, such as a field's name.
lazily = lazy(told, str)
