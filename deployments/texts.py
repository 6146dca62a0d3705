"""What people type: as it is kept, and never longer than it may be. And what others say, as it can be kept."""

import re

from deployments.refused import Refused

#: Control characters, by which a terminal is told things, those that turn the text around which they stand, and half
#: an emoji, as a field that counts halves cuts it off.
_HIDING = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def typed(text: str, *, most: int, what: str, field: str) -> str:
    """Without white space around it, with newlines as browsers count them, and without what hides or turns text.

    `what` begins the sentence of the refusal, such as "The reason". Raises Refused for more than `most` characters
    and for the one character that no database keeps.
    """
    text = _HIDING.sub("", text.replace("\r\n", "\n")).strip()
    if "\0" in text:
        raise Refused(f"{what} has a null character; leave it out.", field=field)
    if len(text) > most:
        raise Refused(f"{what} has {len(text)} characters; {most} is the most.", field=field)
    return text


def printable(text: str) -> str:
    """With a sign in place of each letter that no page shows or no database keeps."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
