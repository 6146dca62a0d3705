"""Several messages as one: by what they say first, then by place; the newest of a place says how it is now."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

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
    """What its subject begins with, such as "Turned back"; of "Approved by 1 of 2" that it is approved."""
    begins = content.subject.partition(":")[0]
    return next((kind for kind in _TIMES if f"{begins} ".startswith(f"{kind} ")), begins)


#: One sentence a kind, so that each can be told whole; "Only" so much time is left.
_TIMES: Mapping[str, Callable[[int], str]] = {
    "Tealgate": lambda n: counted(n, "× about Tealgate itself", "× about Tealgate itself"),
    "Waits for you": lambda n: counted(n, "× waits for you", "× waits for you"),
    "Still waits for you": lambda n: counted(n, "× still waits for you", "× still waits for you"),
    "Waits for approval": lambda n: counted(n, "× waits for approval", "× waits for approval"),
    "Still waits for approval": lambda n: counted(n, "× still waits for approval", "× still waits for approval"),
    "Only": lambda n: counted(n, "× little time left", "× little time left"),
    "Approved": lambda n: counted(n, "× approved", "× approved"),
    "Rejected": lambda n: counted(n, "× rejected", "× rejected"),
    "Nobody decided": lambda n: counted(n, "× nobody decided", "× nobody decided"),
    "Live": lambda n: counted(n, "× live", "× live"),
    "Turned back": lambda n: counted(n, "× turned back", "× turned back"),
    "Turning back": lambda n: counted(n, "× turning back", "× turning back"),
    "Stopped": lambda n: counted(n, "× stopped", "× stopped"),
    "Roll back failed": lambda n: counted(n, "× roll back failed", "× roll back failed"),
    "Failed": lambda n: counted(n, "× failed", "× failed"),
    "Stuck": lambda n: counted(n, "× stuck", "× stuck"),
    "Moves again": lambda n: counted(n, "× moves again", "× moves again"),
    "Somebody is at it": lambda n: counted(n, "× somebody is at it", "× somebody is at it"),
    "That is over": lambda n: counted(n, "× over", "× over"),
    "Turned off": lambda n: counted(n, "× address turned off", "× address turned off"),
}


def _times(kind: str, count: int) -> str:
    """Of a kind that is not known here, such as another version's, in its own words."""
    said = _TIMES.get(kind)
    return said(count) if said else f"{count} × {kind.lower()}"


def _place(content: Content) -> str:
    return content.place or "Tealgate"
