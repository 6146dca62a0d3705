"""A message as it is kept beside its English text: ids and values, to be told when its words have changed since."""

from collections.abc import Sequence
from typing import Any

from deployments.languages.catalogs import reader
from deployments.languages.reading import Piece, Said
from deployments.languages.shapes import filled


def kept(text: str) -> list[Any]:
    """In order, {"id": ..., "values": [...]} for each message and a text for what is none; empty when all is text."""
    pieces = reader().read(text)
    if not any(isinstance(piece, Said) for piece in pieces):
        return []
    return [piece if isinstance(piece, str) else {"id": piece.id, "values": list(piece.values)} for piece in pieces]


def of_json(said: Any) -> tuple[Piece, ...]:
    """Empty for what another version kept in another shape."""
    if not isinstance(said, list):
        return ()
    try:
        return tuple(each if isinstance(each, str) else Said(each["id"], tuple(each["values"])) for each in said)
    except (KeyError, TypeError):
        return ()


def written(pieces: Sequence[Piece]) -> str:
    """The English text again. What does not give the text that the hash is over is not believed."""
    try:
        return "".join(piece if isinstance(piece, str) else filled(piece.id, piece.values) for piece in pieces)
    except (IndexError, TypeError):
        return ""
