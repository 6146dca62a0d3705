"""A message as it is kept beside its English text: ids and values, to be told when its words have changed since."""

from collections.abc import Sequence
from typing import Any

from deployments.languages.catalogs import reader
from deployments.languages.pieces import Piece, Said


def kept(text: str) -> list[Any]:
    """In order, {"id": ..., "values": [...]} for each message, and a text for what is none; empty when all is text.

    A message whose first letter was made a capital has "begun", too, and one whose first letter was made small "small".
    """
    pieces = reader().read(text)
    if not any(isinstance(piece, Said) for piece in pieces):
        return []
    return [piece if isinstance(piece, str) else _json(piece) for piece in pieces]


def of_json(said: Any) -> tuple[Piece, ...]:
    """Empty for what another version kept in another shape."""
    if not isinstance(said, list):
        return ()
    try:
        return tuple(each if isinstance(each, str) else _said(each) for each in said)
    except (KeyError, TypeError):
        return ()


def written(pieces: Sequence[Piece]) -> str:
    """The English text again. What does not give the text that the hash is over is not believed."""
    try:
        return "".join(piece if isinstance(piece, str) else piece.written for piece in pieces)
    except (IndexError, TypeError):
        return ""


def _json(piece: Said) -> dict[str, Any]:
    marks = {name: True for name in ("begun", "small") if getattr(piece, name)}
    return {"id": piece.id, "values": list(piece.values), **marks}


def _said(kept: Any) -> Said:
    begun, small = (kept.get(name) is True for name in ("begun", "small"))
    return Said(str(kept["id"]), tuple(map(str, kept["values"])), begun=begun, small=small)
