"""Several messages as one: by what they say first, then by place; the newest of a place says how it is now."""

from collections import Counter
from collections.abc import Iterator, Sequence

from deployments.telling.notifications.content import Content, Tone
from deployments.words import counted

#: A place whose messages are many is told of by its newest ones.
_MOST_OF_A_PLACE, _MOST_PLACES = 5, 20
_WORST_FIRST: tuple[Tone, ...] = ("bad", "waits", "good", "plain")


def summary(contents: Sequence[Content]) -> Content:
    """`contents`: the oldest first; at least one."""
    if len(contents) == 1:
        return contents[0]
    kinds = Counter(_kind(content) for content in contents)
    told = ", ".join(_times(kind, count) for kind, count in kinds.most_common())
    return Content(
        subject=f"{counted(len(contents), 'message')}: {told}",
        sentences=("These came while messages were held back. The newest is the first of each place.",),
        facts=tuple(_by_place(contents)),
        path=_PAGE,
        link_text="See all that you were told",
        tone=min((content.tone for content in contents), key=_WORST_FIRST.index),
    )


#: Of a person's messages; it shows what is still open.
_PAGE = "/deployments/notice/"


def _by_place(contents: Sequence[Content]) -> Iterator[tuple[str, str]]:
    places: dict[str, list[Content]] = {}
    for content in reversed(contents):
        places.setdefault(_place(content), []).append(content)
    for place, told in list(places.items())[:_MOST_PLACES]:
        lines = [content.subject for content in told[:_MOST_OF_A_PLACE]]
        if len(told) > _MOST_OF_A_PLACE:
            lines.append(f"and {counted(len(told) - _MOST_OF_A_PLACE, 'earlier one')}")
        yield f"{place} ({len(told)})", "\n".join(lines)
    if len(places) > _MOST_PLACES:
        yield "Elsewhere", f"{counted(sum(map(len, list(places.values())[_MOST_PLACES:])), 'message')}"


def _kind(content: Content) -> str:
    """What its subject begins with, such as "Turned back"."""
    return content.subject.partition(":")[0]


def _times(kind: str, count: int) -> str:  # noqa: C901, PLR0911 - one sentence a kind, so that each can be told whole
    match kind:
        case "Tealgate":
            return counted(count, "× about Tealgate itself", "× about Tealgate itself")
        case "Waits for you":
            return counted(count, "× waits for you", "× waits for you")
        case "Still waits for you":
            return counted(count, "× still waits for you", "× still waits for you")
        case "Waits for approval":
            return counted(count, "× waits for approval", "× waits for approval")
        case "Still waits for approval":
            return counted(count, "× still waits for approval", "× still waits for approval")
        case "Approved":
            return counted(count, "× approved", "× approved")
        case "Rejected":
            return counted(count, "× rejected", "× rejected")
        case "Nobody decided":
            return counted(count, "× nobody decided", "× nobody decided")
        case "Live":
            return counted(count, "× live", "× live")
        case "Turned back":
            return counted(count, "× turned back", "× turned back")
        case "Turning back":
            return counted(count, "× turning back", "× turning back")
        case "Stopped":
            return counted(count, "× stopped", "× stopped")
        case "Roll back failed":
            return counted(count, "× roll back failed", "× roll back failed")
        case "Failed":
            return counted(count, "× failed", "× failed")
        case "Stuck":
            return counted(count, "× stuck", "× stuck")
        case "Moves again":
            return counted(count, "× moves again", "× moves again")
        case "Over":
            return counted(count, "× over", "× over")
    return f"{count} × {kind.lower()}"


def _place(content: Content) -> str:
    return content.place or "Tealgate"
