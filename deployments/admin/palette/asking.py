"""What was typed, as words, and how well it fits a name. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

LONGEST = 200
MOST_WORDS = 8
#: They say nothing by themselves: "deploy 1.1.0 to production".
_BETWEEN = frozenset(("to", "on", "of", "in", "at", "the", "a", "an", "and"))
#: What people call what they want to do, whatever language they read; what was typed begins one of these.
_ENGLISH = {
    "approve": ("approve", "reject", "decide", "review"),
    "deploy": ("deploy", "redeploy", "ship", "promote"),
    "back": ("roll", "back", "rollback", "revert", "undo", "stop", "abort"),
    "lock": ("lock", "unlock", "freeze", "unfreeze"),
    "check": ("check", "preflight"),
    "add": ("add", "new", "create", "make", "register", "connect", "trust"),
}
_KOREAN = {
    "approve": ("승인", "승인하기", "반려", "반려하기", "거절", "결정", "검토"),
    "deploy": ("배포", "배포하기", "재배포", "출시"),
    "back": ("롤백", "롤백하기", "되돌리기", "되돌려", "중지", "중지하기", "중단", "중단하기"),
    "lock": ("잠금", "잠그기", "동결", "잠금해제"),
    "check": ("점검", "점검하기", "사전", "확인"),
    "add": ("추가", "추가하기", "등록", "등록하기", "만들기", "새로", "연결", "연결하기"),
}
VERBS = {name: (*words, *_KOREAN[name]) for name, words in _ENGLISH.items()}
#: Behind a name: "1.1.0을 production에 배포".
_PARTICLE = re.compile(r"(?<=[a-z0-9])(?:에서|으로|에|로|을|를|의|이|가|은|는)$")
_APART = re.compile(r"[\s/→,;:#()]+")
_PARTS = re.compile(r"[\s/→,;:#()@_-]+")

EXACT, BEGINS, INSIDE = 6, 4, 1


def words_of(text: str) -> tuple[str, ...]:
    """In small letters, composed; without words that only join others, unless there is nothing else."""
    words = [_PARTICLE.sub("", word) for word in _APART.split(folded(text[:LONGEST])) if word]
    telling = [word for word in words if word not in _BETWEEN]
    return tuple((telling or words)[:MOST_WORDS])


def folded(text: str) -> str:
    """Hangul typed in pieces is what was typed whole, and large letters are small ones."""
    return unicodedata.normalize("NFC", text).casefold()


def fits(word: str, names: Iterable[str]) -> int:
    """How well: 0 is not at all. A single letter has to begin something, for it is inside of almost everything."""
    return max((_fit(word, *_parts(name)) for name in names if name), default=0)


def _fit(word: str, name: str, parts: str) -> int:
    if f"\n{word}" in parts:
        return EXACT if f"\n{word}\n" in parts else BEGINS
    return INSIDE if len(word) > 1 and word in name else 0


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, str]:
    """All of it, and a line for each part: one text is searched much faster than a list, and there are thousands.

    Kept, as the same names are asked for at each letter that somebody types.
    """
    whole = folded(name)
    return whole, "\n".join(("", whole, *_PARTS.split(whole), ""))


def all_fit(words: Sequence[str], names: Sequence[str]) -> int:
    """The mean in hundredths, when each word fits some name; else 0."""
    found = [fits(word, names) for word in words]
    return 100 * sum(found) // len(found) if found and all(found) else 0


def left_over(words: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Those that fit none of these names."""
    return tuple(word for word in words if not fits(word, names))


def says_what_to_do(word: str) -> bool:
    return any(fits(word, words) >= BEGINS for words in VERBS.values())
