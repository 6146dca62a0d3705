"""What one message says, as values. All of it is plain text, as people and AWS typed it: only `rendering` escapes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, get_args

Tone = Literal["waits", "good", "bad", "plain"]
_TONES: Mapping[Any, Tone] = {tone: tone for tone in get_args(Tone)}


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

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in ((), "", None, False)}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Members may be missing, and there may be others: what another version kept is read, too."""
        gate = kept.get("gate")
        return cls(
            subject=str(kept.get("subject", "")),
            sentences=_lines(kept, "sentences"),
            facts=tuple((str(label), str(value)) for label, value in kept.get("facts") or ()),
            changes=_lines(kept, "changes"),
            evidence=_lines(kept, "evidence"),
            log_tail=str(kept.get("log_tail", "")),
            path=str(kept.get("path", "")),
            link_text=str(kept.get("link_text", "")),
            tone=_TONES.get(kept.get("tone"), "plain"),
            place=str(kept.get("place", "")),
            is_news=kept.get("is_news") is True,
            gate=gate if isinstance(gate, int) else None,
            seen=str(kept.get("seen", "")),
            answered_in=_lines(kept, "answered_in"),
        )


def _lines(kept: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(line) for line in kept.get(name) or ())
