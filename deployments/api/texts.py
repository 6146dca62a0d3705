"""Kinds of text in what is asked. Which are too long, or hold what no database keeps, is said by the schema already."""

from typing import Annotated

from pydantic import StringConstraints


def _text(most: int, least: int = 0) -> StringConstraints:
    return StringConstraints(min_length=least, max_length=most, pattern=r"^[^\x00]*$")


#: a slug, a version, an enumeration's word
Name = Annotated[str, _text(100, 1)]
#: a reason, a message
Line = Annotated[str, _text(500)]
#: notes
Long = Annotated[str, _text(10_000)]
#: an image's address, a commit
Address = Annotated[str, _text(512, 1)]
