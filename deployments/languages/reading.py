"""Message ids and values, read back from an English text.

A text is one message or several, with punctuation between them: of all ways to divide it that one is taken in which the
messages' own letters cover most. What no message covers, such as a person's words or AWS's, stays as it is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice

from deployments.languages import typed
from deployments.languages.chance import is_by_chance, is_sure
from deployments.languages.cutting import cuts_of
from deployments.languages.pieces import HERE, PLAIN, Piece, Said, left_to_others, merged, put_in
from deployments.languages.shapes import WEAK, Shape, has_places, shape

#: "1 h 30 min", each of whose units is told.
DURATION = re.compile(r"(\d+) (d|h|min|s)(?: (\d+) (h|min|s))?")
#: How the rooms call whose measurements those are.
_SIDES = ("new {0}", "old {0}")
#: In more than these an id with few letters of its own is not looked for.
_FEW_WORDS = 6
_GOES_ON = re.compile(r"[.!?:;,]\s")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SENTENCE = re.compile(r"[.!?…]\s")
#: They end what stands before them, and are nobody's value.
_STOPS = frozenset(".!?:;,…")
#: What the rooms add to a person's words, in letters and in sentences.
_LONGEST_ADDED, _MOST_ADDED = 500, 8
_ADDED = re.compile(r"\s?[,;:.(]\s?|\s")
#: Such as "shop 1.1.0".
_VERSION = re.compile(r"[\w./-]+ [\w.+-]*\d[\w.+-]*")
#: Parts of a text that one message may take up, and in a text of so many parts: what is tried grows with its cube.
_WIDEST = 30
_MANY, _WIDEST_OF_MANY = 40, 8
_LONGEST = 4000


_Rank = tuple[int, int, int, str]


@dataclass(frozen=True)
class _Way:
    """To divide a text up to some place: its last piece, and the way up to that. It keeps no list, of which a long text
    would have a copy for each of its ways.

    `covered`: letters that are messages' own, those within values too; `own` without these. `left`: words that no
    message has; `loose`: letters and digits of such.
    """

    covered: int = 0
    left: int = 0
    messages: int = 0
    own: int = 0
    loose: int = 0
    stops: int = 0
    last: Piece = ""
    before: "_Way | None" = None

    def with_words(self, part: str) -> "_Way":
        left, loose = self.left + len(_WORD.findall(part)), self.loose + sum(map(str.isalnum, part))
        return _Way(self.covered, left, self.messages, self.own, loose, self.stops, part, self)

    def with_message(self, letters: int, said: Said, stops: int) -> "_Way":
        own, stops = self.own + _letters(said.id), self.stops + stops
        return _Way(self.covered + letters, self.left, self.messages + 1, own, self.loose, stops, said, self)

    @property
    def rank(self) -> tuple[int, ...]:
        """A value says less for sure than a message's own letters do."""
        return self.covered, -self.left, -self.messages, self.own, -self.loose, self.stops

    def pieces(self) -> list[Piece]:
        found: list[Piece] = []
        way = self
        while way.before:
            found.append(way.last)
            way = way.before
        return found[::-1]


class Reader:
    """Of the messages of one installation. `inside`: ids of a single word that may stand within a longer text."""

    def __init__(self, ids: Collection[str], inside: Collection[str] = ()) -> None:
        # one with places says nothing without their values, so a text that looks like it is somebody's own
        self._whole = frozenset(each for each in ids if not has_places(each))
        self._inside = frozenset(inside)
        self._by_word = _by_rarest_word([shape(each) for each in ids if has_places(each)])
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, text: str) -> tuple[Piece, ...]:
        """The text in its order; put together again, with each id filled, it is the text."""
        if not text.strip() or len(text) > _LONGEST:
            return (text,)
        if text in self._whole:
            return (Said(text),)
        at = typed.begins(text)
        if at is None:
            return tuple(merged(left_to_others(self._divided(text))))
        end = self._end_of_typed(text, at)
        pieces = left_to_others(self._divided(f"{text[:at]}{HERE}{text[end:]}"))
        return tuple(merged([put for piece in pieces for put in put_in(piece, text[at:end])]))

    def _end_of_typed(self, text: str, at: int) -> int:
        """A person's words go on to the end, or to where nothing but whole sentences of the rooms follows."""
        for found in islice(_SENTENCE.finditer(text, max(at, len(text) - _LONGEST_ADDED)), _MOST_ADDED):
            if all(map(_is_added, self._sentences(found, text))):
                return found.start()
        return len(text)

    def _sentences(self, found: "re.Match[str]", text: str) -> list[Piece]:
        rest = text[found.end() :]
        return [each for each in self._divided(rest) if isinstance(each, Said) or _WORD.search(each)] or [rest]

    def reads(self, text: str) -> bool:
        """Whether nothing but messages stands in it, numbers and punctuation aside."""
        return not any(isinstance(piece, str) and _WORD.search(piece) for piece in self.read(text))

    def _divided(self, text: str) -> list[Piece]:
        cuts, within = cuts_of(text)
        widest = _WIDEST if len(cuts) <= _MANY else _WIDEST_OF_MANY
        best = [_Way()]
        for j in range(1, len(cuts)):
            options = []
            for i in range(j - 1, max(-1, j - 1 - widest), -1):
                part = text[cuts[i] : cuts[j]]
                if i == j - 1:
                    options.append(best[i].with_words(part))
                found = self._message(part)
                if found and _stands_alone(found[1], cuts[i] in within, cuts[j] in within):
                    options.append(best[i].with_message(*found, self._stops(found[1])))
            best.append(max(options, key=lambda way: way.rank))
        return best[-1].pieces()

    def _message(self, part: str) -> tuple[int, Said] | None:
        """The one whose own letters are most."""
        if not part or part != part.strip():
            return None
        found = self._as_it_stands(part)
        small = self._as_it_stands(part[0].lower() + part[1:]) if part[0].isupper() else None
        if small and (not found or small[0] > found[0]):
            return small[0], replace(small[1], begun=True)
        return found

    def _as_it_stands(self, part: str) -> tuple[int, Said] | None:
        if part in self._whole and (" " in part or part in self._inside):
            return _sure(part), Said(part)
        best: tuple[_Rank, Said] | None = None
        for each in self._candidates(part):
            values = each.values_in(part, self._among)
            if values is None or _STOPS.intersection(values) or not self._believable(each, values):
                continue
            covered = each.letters + sum(self._covered(value) for value in values)
            # Of two that cover as much, each process has to take the same one, whichever it tried first.
            rank = covered, each.letters, -len(values), each.id
            if not best or rank > best[0]:
                best = rank, Said(each.id, values)
        return (best[0][0], best[1]) if best else None

    def _among(self, text: str, places: int) -> list[str]:
        """Places that stand together hold a value and what is said of it, or nothing: " (abc)", ", for an agent"."""
        if places == 1:
            return [text]
        cut = next((cut for cut in _tails(text) if self.reads(text[cut:])), len(text))
        return [text[:cut], *self._among(text[cut:], places - 1)]

    def _candidates(self, part: str) -> Iterator[Shape]:
        words = set(_WORD.findall(part))
        # An address is one word, however many dots it has.
        least = WEAK if sum(bool(_WORD.search(each)) for each in part.split()) > _FEW_WORDS else 0
        for word in words:
            for each in self._by_word.get(word, ()):
                if each.letters >= least and each.words <= words:
                    yield each

    def _covered(self, text: str) -> int:
        """How many of its letters are messages' own; one less where it goes on behind a comma or a full stop."""
        if " " not in text.strip():
            return 0
        if DURATION.fullmatch(text):
            return _letters(text) + 1  # rather whole than divided
        covered = sum(
            _sure(piece.id) + sum(self._covered(value) for value in piece.values)
            for piece in self.read(text)
            if isinstance(piece, Said)
        )
        return covered - bool(covered and _GOES_ON.search(text.strip(" ,;:.(")))

    def _stops(self, said: Said) -> int:
        """Without its full stop a sentence within another looks like one that says less, and covers as much."""
        within = (self.read(value) for value in said.values if value.endswith("."))
        stops = (self._stops(piece) for pieces in within for piece in pieces if isinstance(piece, Said))
        return said.id.endswith(".") + sum(stops)

    def _believable(self, said: Shape, values: Sequence[str]) -> bool:
        """Each a single word, a duration, a name and its version, or a message that is none by chance."""
        if is_by_chance(said, values, self._inside):
            return False
        return said.letters >= WEAK or all(" " not in value.strip() or self._is_value(value) for value in values)

    def _is_value(self, text: str) -> bool:
        if DURATION.fullmatch(text) or _VERSION.fullmatch(text) or not _WORD.search(text):
            return True
        # Whatever goes on for sentences is no value of so few words, and takes long to read.
        return not _SENTENCE.search(text) and is_sure(self.read(text)[0]) and self.reads(text)


@cache
def _letters(message_id: str) -> int:
    return shape(message_id).letters


def _sure(message_id: str) -> int:
    """None of a word for a state, which may as well be somebody's name: "new Ready" is a release that is called so."""
    return _letters(message_id) if " " in message_id else 0


def _is_added(piece: Piece) -> bool:
    return isinstance(piece, Said) and (_letters(piece.id) >= PLAIN or piece.id.startswith(typed.BEHIND))


def _tails(text: str) -> Iterator[int]:
    """Where something may be added to a name."""
    return (found.start() for found in _ADDED.finditer(text) if _WORD.search(text[found.start() :]))


def _by_rarest_word(shapes: Sequence[Shape]) -> dict[str, list[Shape]]:
    """Each under the one of its words that fewest have, so that few are tried."""
    common = Counter(word for each in shapes for word in each.words)
    found: dict[str, list[Shape]] = defaultdict(list)
    for each in shapes:
        if each.words:
            found[min(each.words, key=lambda word: (common[word], word))].append(each)
    return dict(found)


def _stands_alone(said: Said, begins_within: bool, ends_within: bool) -> bool:
    """What is said of "new 1.1.0", or of a name, has letters enough to be no part of a person's own sentence."""
    if ends_within:
        return said.id in _SIDES and not said.values[0].isalpha()
    return not begins_within or _letters(said.id) >= WEAK
