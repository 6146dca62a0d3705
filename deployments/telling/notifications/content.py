"""What one message says, as values. All of it is plain text, as people and AWS typed it: only `rendering` escapes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self, get_args

from deployments.languages.told import KEPT

Tone = Literal["waits", "good", "bad", "plain"]
_TONES: Mapping[Any, Tone] = {tone: tone for tone in get_args(Tone)}
#: Of a message that another version wrote.
UNREADABLE: Final = "Something happened that this version of Tealgate cannot read"


@dataclass(frozen=True, kw_only=True)
class Content:
    #: tells it all, in one line; such as "Waits for you: shop 1.4.2 to production"
    subject: str
    #: what happened, in the order in which to read it; a sentence each, or somebody's own words
    sentences: tuple[str, ...] = ()
    #: label and value, such as ("Reason", "Mends the cart")
    facts: tuple[tuple[str, str], ...] = ()
    #: what differs between what is live and the release, a line each
    changes: tuple[str, ...] = ()
    #: what was measured, a line each
    evidence: tuple[str, ...] = ()
    #: the end of the log of a task that stopped, lines; "" = none
    log_tail: str = ""
    #: of the page on this site, such as /deployments/deployment/7/change/; "" = no link
    path: str = ""
    #: what the link says
    link_text: str = ""
    tone: Tone = "plain"
    #: what it is about among others, such as storefront/production; "" = Tealgate itself
    place: str = ""
    #: of what changes an earlier message: whether it is sent anew where that one cannot be changed
    is_news: bool = False
    #: the one that can be answered from the message; None = nothing to answer
    gate: int | None = None
    #: the fingerprint of what of that gate is shown; an answer names it
    seen: str = ""
    #: in which chats it can be answered, by ChatKind
    answered_in: tuple[str, ...] = ()
    #: which of its lines and values somebody typed, which no language changes
    typed: tuple[str, ...] = ()
    #: in which it is told; what is kept is English
    language: str = KEPT

    def as_json(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in asdict(self).items()
            if name != "language" and value not in ((), "", None, False)
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Members may be missing, there may be others, and of another shape: what another version kept is read, too.

        A message that cannot be read as a whole is told as far as it can.
        """
        if not isinstance(kept, Mapping):
            return cls(subject=_text(kept) or UNREADABLE)
        gate = kept.get("gate")
        return cls(
            subject=_text(kept.get("subject")) or UNREADABLE,
            sentences=_lines(kept, "sentences"),
            facts=tuple(_pairs(kept.get("facts"))),
            changes=_lines(kept, "changes"),
            evidence=_lines(kept, "evidence"),
            log_tail=_text(kept.get("log_tail")),
            path=_text(kept.get("path")),
            link_text=_text(kept.get("link_text")),
            tone=_TONES.get(_text(kept.get("tone")), "plain"),
            place=_text(kept.get("place")),
            is_news=kept.get("is_news") is True,
            gate=gate if type(gate) is int and gate > 0 else None,
            seen=_text(kept.get("seen")),
            answered_in=_lines(kept, "answered_in"),
            typed=_lines(kept, "typed"),
        )


def _text(kept: object) -> str:
    return "" if kept is None else str(kept)


def _lines(kept: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(_text(line) for line in _list(kept.get(name)))


def _list(kept: object) -> Sequence[object]:
    """One that stands alone is a list of itself."""
    if isinstance(kept, list | tuple):
        return kept
    return () if kept in (None, "") else (kept,)


def _pairs(kept: object) -> Iterator[tuple[str, str]]:
    """What has no label is told, too."""
    for each in kept.items() if isinstance(kept, Mapping) else _list(kept):
        label, value = each if isinstance(each, list | tuple) and len(each) == 2 else ("More", each)
        yield _text(label), _text(value)
