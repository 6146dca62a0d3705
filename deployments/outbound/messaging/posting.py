"""One message to one place by apprise, once, and what came of it in sentences that tell nothing of the address."""

import json
import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from deployments.outbound.errors import PrivateAddress
from deployments.outbound.fetching import Answer, place_of
from deployments.outbound.messaging import places
from deployments.outbound.messaging.places import Unsendable

Form = Literal["text", "markdown"]
Level = Literal["info", "success", "warning", "failure"]

#: Of what a service says so much is kept.
_MOST_SAID = 200
_BLOTTED = "[…]"
_BETWEEN = re.compile(r"[/?&=:@#+,]+")
_SHORTEST_TOKEN = 6
#: Where services put what was wrong.
_REASONS = ("error", "message", "description", "errorDescription", "detail", "title", "errors")


@dataclass(frozen=True, kw_only=True)
class Posted:
    ok: bool
    said: str
    status: int | None = None
    #: of the last answer, as it came
    retry_after: str = ""
    #: whether it may have arrived all the same
    maybe: bool = False


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`written`: its body in a form that the service knows, in at most so many characters."""

    title: str
    written: Callable[[Form, int], str]
    level: Level = "info"


def prepare() -> None:
    """Load what it takes, as the first message would."""
    from deployments.outbound.messaging import door

    with door.exchange(public=True, seconds=0):
        places.plugin_of("json://localhost", site_url="")


def post(url: str, letter: Letter, *, site_url: str, public: bool, seconds: float) -> Posted:
    """It raises nothing that it can say."""
    from deployments.outbound.messaging import door

    try:
        with door.exchange(public=public, seconds=seconds) as opened:
            took = _notified(url, letter, site_url)
    except Unsendable as why:
        return Posted(ok=False, said=f"Not sent: {why}")
    if opened.trouble and not took:
        return _not_asked(opened.trouble, url, opened.hosts)
    if not opened.answers:
        return Posted(ok=False, said="Not sent: the address is not as its service needs it.")
    asked, answer = opened.answers[-1]
    return _answered(took, place_of(asked), answer, lambda text: blotted(text, url, opened.hosts))


def _notified(url: str, letter: Letter, site_url: str) -> bool:
    """All in one request: what is cut in several could arrive by half. Raises Unsendable.

    apprise's object is gone when it returns: some of them ask once more then, such as to sign out.
    """
    plugin = places.plugin_of(url, site_url=site_url)
    is_marked = plugin.resolve_format("markdown").value == "markdown"
    form: Form = "markdown" if is_marked else "text"  # of which apprise makes HTML, escaped, where that is wanted
    body = letter.written(form, plugin.body_maxlen)
    return bool(
        plugin.notify(body=body, title=letter.title, notify_type=letter.level, body_format=form, overflow="truncate")
    )


def _not_asked(trouble: Any, url: str, hosts: Collection[str]) -> Posted:
    said = blotted(str(trouble), url, hosts)
    if isinstance(trouble, PrivateAddress):
        return Posted(ok=False, said=f"Not sent: {said} If it is meant, say that it is inside your network.")
    return Posted(ok=False, said=f"Not delivered: {said}", maybe=trouble.timed_out)


def _answered(took: bool, place: str, answer: Answer, shown: Callable[[str], str]) -> Posted:
    """`shown`: blots out what could be a token."""
    status = answer.status
    if took:
        return Posted(ok=True, said=f"{place} took it with HTTP {status}.", status=status)
    reason = shown(_reason(answer.body))
    because = f": {reason}" if reason else ""
    retry_after = answer.headers.get("retry-after", "") or _asked_in(answer.body)
    if 200 <= status < 300:
        said = f"{place} answered HTTP {status}, and that it did not take it{because}."
        return Posted(ok=False, said=said, status=status, retry_after=retry_after, maybe=not reason)
    if 300 <= status < 400:
        said = f"{place} answered HTTP {status} and leads elsewhere. No redirect is followed: give the address there."
        return Posted(ok=False, said=said, status=status)
    said = f"{place} answered HTTP {status}{because}."
    return Posted(ok=False, said=said, status=status, retry_after=retry_after)


def _reason(body: bytes) -> str:
    """What a JSON answer says is wrong, or a short line of text."""
    text = body.decode("utf-8", "replace").strip()
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return "" if text.startswith("<") or "\n" in text or text.lower() == "ok" else text[:_MOST_SAID].rstrip(".")
    if isinstance(said, dict):
        found = next((said[name] for name in _REASONS if said.get(name)), "")
        return (found if isinstance(found, str) else json.dumps(found))[:_MOST_SAID].rstrip(".") if found else ""
    return ""


def _asked_in(body: bytes) -> str:
    """Telegram and Discord say in JSON for how many seconds to wait."""
    try:
        said = json.loads(body)
        seconds = max(math.ceil(float((said.get("parameters") or said)["retry_after"])), 1)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return ""
    return str(seconds)


def blotted(text: str, url: str, hosts: Collection[str] = ()) -> str:
    """Without what of the address could be a token: answers and errors repeat what they were asked.

    `hosts`: that were asked. Of many services a token stands where others have a host, as in pbul://TOKEN.
    """
    known = {urlsplit(url).scheme, *hosts}
    pieces = {piece for written in (url, unquote(url)) for piece in _BETWEEN.split(written)} - known
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= _SHORTEST_TOKEN:
            text = text.replace(piece, _BLOTTED)
    return text
