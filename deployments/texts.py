"""What people type: as it is kept, and never longer than it may be. And what others say, as it can be kept."""

from deployments.refused import Refused


def typed(text: str, *, most: int, what: str, field: str) -> str:
    """Without white space around it, with newlines as browsers count them.

    `what` begins the sentence of the refusal, such as "The reason". Raises Refused for more than `most` characters
    and for the one character that no database keeps.
    """
    text = text.replace("\r\n", "\n").strip()
    if "\0" in text:
        raise Refused(f"{what} has a null character; leave it out.", field=field)
    if len(text) > most:
        raise Refused(f"{what} has {len(text)} characters; {most} is the most.", field=field)
    return text


def printable(text: str) -> str:
    """With a sign in place of each letter that no page shows or no database keeps."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
