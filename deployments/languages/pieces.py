"""A text in pieces: messages, and what is none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from deployments.languages import typed
from deployments.languages.shapes import filled, shape
from deployments.words import begun

#: So many letters no person writes by chance as the rooms do.
PLAIN = 18
_ENDS = re.compile(r"[.!?…]|\n")
#: Two words of a language, such as no name is made of.
_SENTENCE_OF_OTHERS = re.compile(r"(?<![\w./:@-])[A-Za-z][a-z’']*\s[a-z][a-z’']*(?![\w/:@-]|\.\w)")
#: Stands for a sentence with a person's words while what is around it is read. No page puts anything else there.
HERE = "\N{INTERLINEAR ANNOTATION ANCHOR}"


@dataclass(frozen=True)
class Said:
    """One message: its id, and the values in the order of their numbers."""

    id: str
    values: tuple[str, ...] = ()
    #: its first letter was made a capital, since a sentence begins with it
    begun: bool = False
    #: it was made small, since it stands within another one
    small: bool = False

    @property
    def written(self) -> str:
        """The text that it was read from. Raises IndexError where a value is missing."""
        text = filled(self.id, self.values)
        return begun(text) if self.begun else text[:1].lower() + text[1:] if self.small else text


Piece = Said | str


def put_in(piece: Piece, text: str) -> list[Piece]:
    """The sentence with a person's words, where it was left out."""
    if isinstance(piece, Said):
        return [replace(piece, values=tuple(value.replace(HERE, text) for value in piece.values))]
    before, here, after = piece.partition(HERE)
    if not here:
        return [piece]
    said = typed.values_in(text)
    whole: Piece = Said(said[0], said[1], small=said[2]) if said else text
    return [each for each in (before, whole, after) if each]


def left_to_others(pieces: Sequence[Piece]) -> list[Piece]:
    """With a sentence of AWS's or of a person as it is, though a few of its words are messages by chance."""
    found: list[Piece] = []
    sentence: list[Piece] = []
    for piece in merged(pieces):
        sentence.append(piece)
        if isinstance(piece, str) and _ENDS.match(piece):
            found += _believed(sentence)
            sentence = []
    return [*found, *_believed(sentence)]


def _believed(sentence: Sequence[Piece]) -> Iterator[Piece]:
    is_theirs = any(isinstance(piece, str) and _SENTENCE_OF_OTHERS.search(piece) for piece in sentence)
    for piece in sentence:
        by_chance = isinstance(piece, Said) and shape(piece.id).letters < PLAIN
        yield piece.written if is_theirs and isinstance(piece, Said) and by_chance else piece


def merged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    raw = ""
    for piece in pieces:
        if isinstance(piece, str):
            raw += piece
            continue
        if raw:
            yield raw
        raw = ""
        yield piece
    if raw:
        yield raw
