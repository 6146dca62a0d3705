"""What people type into a list's search, brought to what its columns hold."""

import re
import unicodedata
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

#: More words narrow nothing further, and SQLite takes no expression of any depth.
MOST_WORDS = 12
LONGEST_WORD = 200
#: As pages write a deployment: "1.1.0 to shop/production", "1.1.0 → shop/production".
_BETWEEN = re.compile(r"\s(?:→|to)\s")


class SearchedAsTyped:
    """Each word has to be somewhere in a row; what stands on a page is found when it is pasted."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found: tuple[QuerySet[Any], bool] = super().get_search_results(  # type: ignore[misc]
            request, queryset, as_typed(search_term)
        )
        return found


def as_typed(text: str) -> str:
    """As Django's search takes it. What begins with a quotation mark stays as it is."""
    return text.strip()[:LONGEST_WORD] if text.strip()[:1] in ("'", '"') else " ".join(words_of(text))


def words_of(text: str) -> list[str]:
    """ "1.1.0 to shop/production" is three words."""
    composed = unicodedata.normalize("NFC", text.replace('"', " "))
    words = _BETWEEN.sub(" ", composed).replace("/", " ").split()
    return [word[:LONGEST_WORD] for word in words[:MOST_WORDS]]
