"""A text in pieces: messages, and what is none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from deployments.languages import typed
from deployments.languages.shapes import filled
from deployments.words import begun

#: Stands for a sentence with a person's words while what is around it is read.
HERE = "\N{OBJECT REPLACEMENT CHARACTER}"


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
