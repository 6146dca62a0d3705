"""What a claim has to be: a text to the letter, in which * stands for a part of it.

A * never stands for a / or a :, so `refs/heads/*` is no way to a branch below another one, and `repo:shop/*:ref:x` none
to a subject of another form. It stands for at least one character. Small and capital letters differ.
"""

import re

LONGEST = 300
_BARRIERS = re.compile("([/:])")


def trouble(pattern: str) -> str:
    """Why it cannot be used, in a sentence; "" when it can."""
    if not pattern:
        return "Say what it has to be; * stands for anything but / and :."
    if len(pattern) > LONGEST:
        return f"It has {len(pattern)} characters; {LONGEST} is the most."
    if not pattern.isprintable():
        return "It has characters that cannot be seen; type it anew."
    if "**" in pattern:
        return "Write one *: it stands for anything but / and :, and nothing stands for those."
    return ""


def fits(pattern: str, text: str) -> bool:
    wanted, seen = _BARRIERS.split(pattern), _BARRIERS.split(text)
    return len(wanted) == len(seen) and all(_part_fits(*pair) for pair in zip(wanted, seen, strict=True))


def _part_fits(pattern: str, text: str) -> bool:
    """In time that grows with the text only, whatever the pattern: strangers choose the text."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    *middle, last = others
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        found = text.find(piece, at + 1)
        if found < 0:
            return False
        at = found + len(piece)
    return text.endswith(last) and len(text) - len(last) > at
