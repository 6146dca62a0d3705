"""A number and its unit, as the reader's language writes them."""

import re

from django.utils.translation import get_language

#: Languages that leave nothing between the two.
_AT_ITS_NUMBER = frozenset({"ko"})
_AMOUNT = re.compile(r"([\d.,]+)[ \u00a0](%|ms)")


def with_unit(number: str, unit: str) -> str:
    """ "10 %" in English, with a blank at which no line breaks; "10%" in Korean."""
    return f"{number}{_between(get_language())}{unit}"


def amount(text: str, language: str) -> str | None:
    """What the rooms write as "5 %"; None for what is none."""
    found = _AMOUNT.fullmatch(text)
    return f"{found[1]}{_between(language)}{found[2]}" if found else None


def _between(language: str | None) -> str:
    return "" if language in _AT_ITS_NUMBER else "\u00a0"
