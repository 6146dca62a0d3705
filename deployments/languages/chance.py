"""Whether a text that fits a message with few words of its own is that message, or AWS's or a person's by chance."""

import re
from collections.abc import Sequence

from deployments.languages.pieces import PLAIN, Piece
from deployments.languages.shapes import WEAK, Shape, shape

#: What no name begins with: "the service is gone" says nothing of a service that is called "is".
_VERB = re.compile(r"(?:is|are|was|were|has|have|does|do|did|can|could|will)\b(?!-)")
#: What no word of a language has: "1.1.0", "/healthz", "shop-blue", "2 approvals".
_CODE = re.compile(r"[\d/._:-]")
#: Letters of ids such as "{0} to {1}" and "{0} and {1}".
_LITTLE = 4


def is_by_chance(said: Shape, values: Sequence[str], vocabulary: frozenset[str]) -> bool:
    """Of "{0} to {1}" nothing is left but a word that everybody writes: something in it has to be no word of a
    language, or all of it words for states, as in "1.1.0 to production" but not in "failed to start"."""
    if said.letters < PLAIN and values and _VERB.match(values[0]):
        return True
    if not said.is_open or said.letters > _LITTLE:
        return False
    return not (any(map(_CODE.search, values)) or vocabulary.issuperset(values))


def is_sure(piece: Piece) -> bool:
    """A value that is one of ours: words of the rooms, a count, "new 1.1.0". Not such as "the {0}" fits by chance."""
    if isinstance(piece, str):
        return False
    said = shape(piece.id)
    return (
        said.counts
        or said.letters >= WEAK
        or (any(map(_CODE.search, piece.values)) or not piece.values)
        and not any(" " in value.strip() for value in piece.values)
    )
