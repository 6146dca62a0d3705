"""A message id with places for values, "Waiting until {0} UTC" or "{n} tasks", and a text that was made of it."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: {n} is a number, and the first value.
_PLACE = re.compile(r"\{(\d+|n)\}")
#: In a translation: {0!n} holds what somebody or something is called.
_FILLED = re.compile(r"\{(\d+|n)(!n)?\}")
_NUMBER = re.compile(r"[\d., \u00a0\u202f]*\d")
_WORD = re.compile(r"(?<![\w{}])[A-Za-z]{2,}(?![\w{}])")
#: Below so many letters of its own an id fits too much to be believed.
WEAK = 10
#: A text, and among how many places it is to be divided.
Divide = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True)
class Shape:
    """`literals` stand around the places, one more than there are; `order` tells which value each place holds.

    `letters`: how many it has of its own. `words`: those that stand in each of its texts, not such as touch a place,
    which a value may go on with. `runs`: how many places stand together, with no letter between them, and what stands
    before the first of them.
    """

    id: str
    literals: tuple[str, ...]
    order: tuple[int, ...]
    counts: bool
    letters: int
    words: frozenset[str]
    runs: tuple[tuple[str, int], ...]

    @property
    def is_open(self) -> bool:
        """Whether a value stands at both of its ends."""
        return not (self.literals[0] or self.literals[-1])

    def values_in(self, text: str, divided: Divide) -> tuple[str, ...] | None:
        """What stands in its places, the first ones as short as can be; a place may be empty.

        `divided` tells how a text is divided among places that stand together.
        """
        last = self.literals[-1]
        if not self.order:
            return () if text == self.id else None
        if not text.startswith(self.literals[0]) or not text.endswith(last):
            return None
        found, at, end = list[str](), len(self.literals[0]), len(text) - len(last)
        for (_, places), (literal, _) in pairwise(self.runs):
            place = text.find(literal, at, end)
            if place < 0:
                return None
            found += divided(text[at:place], places)
            at = place + len(literal)
        if at > end:
            return None
        values = self._by_number([*found, *divided(text[at:end], self.runs[-1][1])])
        return values if values and (not self.counts or _NUMBER.fullmatch(values[0])) else None

    def _by_number(self, found: Sequence[str]) -> tuple[str, ...] | None:
        """An id may hold a value twice, which then has to be the same."""
        values: dict[int, str] = {}
        for number, value in zip(self.order, found, strict=True):
            if values.setdefault(number, value) != value:
                return None
        return tuple(values[number] for number in sorted(values))


def has_places(message_id: str) -> bool:
    return bool(_PLACE.search(message_id))


def shape(message_id: str) -> Shape:
    parts = _PLACE.split(message_id)
    literals = tuple(parts[::2])
    return Shape(
        id=message_id,
        literals=literals,
        order=tuple(_index(number) for number in parts[1::2]),
        counts="n" in parts[1::2],
        letters=sum(letter.isalpha() for literal in literals for letter in literal),
        words=frozenset(_WORD.findall(message_id)),
        runs=_runs(literals),
    )


def _runs(literals: Sequence[str]) -> tuple[tuple[str, int], ...]:
    runs: list[tuple[str, int]] = []
    for literal in literals[:-1]:
        if runs and not literal:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((literal, 1))
    return tuple(runs)


def filled(message: str, values: Sequence[str], names: Sequence[str] = ()) -> str:
    """The message with its values; one may leave a value out that its language has no use for.

    `names` are the same values for places that hold a name. Raises IndexError where it has a place for which there is
    no value.
    """
    return _FILLED.sub(lambda place: (names or values if place[2] else values)[_index(place[1])], message)


def with_names(message: str, places: Collection[int]) -> str:
    """A translation that says which of its places hold names."""
    return _FILLED.sub(lambda place: f"{{{place[1]}!n}}" if _index(place[1]) in places else place[0], message)


def _index(number: str) -> int:
    return 0 if number == "n" else int(number)
