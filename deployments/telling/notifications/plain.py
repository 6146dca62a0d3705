"""What people, AWS and containers wrote, as it can be shown: harmless, and cut where a letter ends."""

import re
import unicodedata

#: Control characters but tab and newline, what turns text around, and what nobody sees. The two joiners stay, since
#: emoji and several scripts are written with them; so do the tags of a flag.
_HIDING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb]|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_ESCAPES = re.compile("\x1b\\[[0-9;?]*[ -/]*[@-~]")
_JOINER = "\N{ZERO WIDTH JOINER}"
#: More marks on one letter than that are no letter.
_LONGEST_LETTER = 32


def block(text: str) -> str:
    """Several lines, with newlines as we count them; without colours of terminals and what hides or turns text."""
    text = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _HIDING.sub("", text.replace("\r", "\n")))


def line(text: str) -> str:
    """One line, with single spaces: what a header or a list can hold."""
    return " ".join(block(text).split())


def cut(text: str, most: int) -> str:
    """At most so many characters, the last of them "…" where there were more. No letter or emoji is cut in two."""
    if len(text) <= most:
        return text
    end = _start_of_letter(text, most - 1)
    return f"{text[:end].rstrip()}…"


def _start_of_letter(text: str, index: int) -> int:
    """The last place up to `index` where the text can be cut."""
    for place in range(index, max(index - _LONGEST_LETTER, 0), -1):
        if not _belong_together(text, place):
            return place
    return index if index > _LONGEST_LETTER else 0


def _belong_together(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if after == _JOINER or before == _JOINER or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    return _is_half_a_flag(after) and _letters_of_flags(text, place) % 2 == 1


def _is_half_a_flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _letters_of_flags(text: str, place: int) -> int:
    """How many stand right before it."""
    first = place
    while first and _is_half_a_flag(text[first - 1]):
        first -= 1
    return place - first
