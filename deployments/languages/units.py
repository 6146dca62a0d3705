"""A number and its unit, as the reader's language writes them."""

from django.utils.translation import get_language

#: Languages that leave nothing between the two.
_AT_ITS_NUMBER = frozenset({"ko"})


def with_unit(number: str, unit: str) -> str:
    """ "10 %" in English, with a blank at which no line breaks; "10%" in Korean."""
    between = "" if get_language() in _AT_ITS_NUMBER else "\u00a0"
    return f"{number}{between}{unit}"
