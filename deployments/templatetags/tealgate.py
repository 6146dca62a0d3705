"""How times, statuses and slots look everywhere. Each tag works without JavaScript; scripts only refine."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from deployments import clock, words
from deployments.languages.told import told
from deployments.languages.units import with_unit
from deployments.templatetags.tones import status_tone
from deployments.words import countdown_words, duration_words, status_label

register = template.Library()
#: A sentence of the rooms in the reader's language; names and people's own words need it not.
register.filter("told", told)


@register.filter
def told_each(sentences: Iterable[str], between: str) -> str:
    """One text of several sentences. Django's `join` would mark it safe: it was not told then, and escaped twice."""
    return between.join(map(told, sentences))


@register.simple_tag
def when(moment: datetime | str | None, empty: str = "–", *, exact: bool = False) -> SafeString | str:
    """A moment in UTC, which times.js turns into the reader's own zone; `exact`: with its seconds on any day."""
    moment = _moment(moment)
    if moment is None:
        return empty
    utc = moment.astimezone(tz=None) if moment.tzinfo is None else moment
    if exact:
        shown = f"{_utc(utc):%Y-%m-%d %H:%M:%S}"
        return format_html('<time datetime="{}" data-local="exact">{} UTC</time>', utc.isoformat(), shown)
    return format_html('<time datetime="{}" data-local>{} UTC</time>', utc.isoformat(), f"{_utc(utc):%Y-%m-%d %H:%M}")


@register.simple_tag
def ago(moment: datetime | str | None, empty: str = "–") -> SafeString | str:
    moment = _moment(moment)
    if moment is None:
        return empty
    seconds = (clock.now() - moment).total_seconds()
    return format_html(
        '<time datetime="{}" data-ago title="{} UTC">{}</time>',
        moment.isoformat(),
        f"{_utc(moment):%Y-%m-%d %H:%M:%S}",
        told(f"{duration_words(seconds, short=True)} ago"),
    )


@register.simple_tag
def elapsed(start: datetime | None, end: datetime | None = None) -> SafeString | str:
    """How long it took, or how long it has been running, which times.js keeps counting."""
    if start is None:
        return ""
    if end is not None:
        return told(duration_words((end - start).total_seconds()))
    seconds = (clock.now() - start).total_seconds()
    return format_html('<span data-elapsed="{}">{}</span>', start.isoformat(), told(duration_words(seconds)))


@register.simple_tag
def countdown(until: datetime | str | None) -> SafeString | str:
    until = _moment(until)
    if until is None:
        return ""
    return format_html(
        '<span class="tg-num" data-countdown="{}" title="{} UTC">{}</span>',
        until.isoformat(),
        f"{_utc(until):%Y-%m-%d %H:%M:%S}",
        told(countdown_words((until - clock.now()).total_seconds())),
    )


@register.simple_tag
def server_now() -> str:
    """In seconds, for scripts: a browser's clock may be minutes off."""
    return f"{clock.now().timestamp():.1f}"


@register.simple_tag
def slot(name: str, text: str = "") -> SafeString | str:
    """Colour and word together, so that the colour alone never carries the meaning."""
    if not name:
        return ""
    return format_html('<span class="tg-slot tg-slot-{}">{}</span>', name, text or told(name.capitalize()).lower())


@register.simple_tag
def status(value: str, *, waiting: bool = False) -> SafeString:
    if waiting:
        return pill("Waiting for approval", "attention")
    return pill(status_label(value), status_tone(value))


@register.simple_tag
def pill(text: str, tone: str = "quiet") -> SafeString:
    # A word that a template itself names is marked safe, and would be taken for a page's.
    return format_html('<span class="tg-pill tg-pill-{}">{}</span>', tone, told(text + ""))


@register.simple_tag
def counted(count: float | None, one: str, many: str = "") -> str:
    """ "1 request", "1 204 requests"; a dash for what was not counted."""
    noun = words.counted(round(count or 0), one, many).partition(" ")[2]
    return told(f"{number(count)} {noun}")


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html('<span class="material-symbols-outlined tg-icon" aria-hidden="true">{}</span>', name)


@register.filter
def duration(seconds: float | None) -> str:
    return "" if seconds is None else told(duration_words(float(seconds)))


@register.filter
def minutes(value: float) -> str:
    return told(duration_words(60 * value))


# Korean writes its particles on: "12:30:00 UTC까지". No word ends before them, so what may not follow is said in ASCII.
_CLOCK = r"\b((?:\d{4}-\d\d-\d\d )?\d\d:\d\d(?::\d\d)?) UTC(?![A-Za-z0-9_])"
_ARN = r"\b(arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[^\s,;()가-힣]*[^\s,;().가-힣])"
_QUOTED = r"`([^`]+)`"
_TELLING = re.compile(f"{_CLOCK}|{_ARN}|{_QUOTED}")


@register.filter
def clocks(text: object, around: datetime | None = None) -> SafeString:
    """A sentence in the reader's language, with times ("until 12:30:00 UTC") in the reader's zone, ARNs shortened and
    `commands` set off."""
    day, said = around or clock.now(), told(text)
    pieces: list[tuple[SafeString | str]] = []
    end = 0
    for found in _TELLING.finditer(said):
        pieces.append((said[end : found.start()],))
        time_said, arn, quoted = found.groups()
        command = format_html("<code>{}</code>", quoted)
        pieces.append((_clock(time_said, day) if time_said else _short(arn) if arn else command,))
        end = found.end()
    return format_html_join("", "{}", [*pieces, (said[end:],)])


def _short(arn: str) -> SafeString:
    """As people call it: shop-blue, shop:7, or what stands after the kind."""
    kind, _, rest = arn.split(":", 5)[-1].partition("/")
    parts = rest.split("/")
    name = {"targetgroup": parts[0], "loadbalancer": parts[1] if len(parts) > 1 else rest}.get(kind, rest)
    return format_html('<code title="{}">{}</code>', arn, name or kind)


def _clock(text: str, around: datetime) -> SafeString | str:
    """The moment with this time of day that is closest; what people typed as 24:00 stays as it is."""
    try:
        moment = datetime.fromisoformat(text) if len(text) > 8 else _closest(time.fromisoformat(text), _utc(around))
    except ValueError:
        return f"{text} UTC"
    # Of another day than this, the time alone would be taken for today's.
    shown = text if len(text) > 8 or moment.date() == _utc(clock.now()).date() else f"{moment:%Y-%m-%d} {text}"
    to = "" if text.count(":") > 1 else "minutes"
    return format_html('<time datetime="{}+00:00" data-local="{}">{} UTC</time>', moment.isoformat(), to, shown)


def _closest(at: time, base: datetime) -> datetime:
    moment = datetime.combine(base.date(), at)
    return min((moment + timedelta(days=d) for d in (-1, 0, 1)), key=lambda m: abs(m - base))


@register.filter
def digest(value: str) -> str:
    """sha256:0123456789abcdef… as people compare it: the first twelve digits."""
    algorithm, found, digits = str(value).partition(":")
    return f"{algorithm}:{digits[:12]}" if found else str(value)[:12]


@register.simple_tag
def commit(sha: str, address: str) -> SafeString | str:
    """A commit by its first ten digits, with a link to the commit itself where there is one."""
    if not sha:
        return "–"
    short = format_html('<code title="{}">{}</code>', sha, sha[:10])
    return format_html('<a href="{}" rel="noreferrer">{}</a>', address, short) if address else short


@register.filter
def pinned(value: str) -> str:
    """repository@digest as people know it: the repository's name, and the digest's beginning."""
    repository, found, sha = str(value).partition("@")
    return f"{repository.rpartition('/')[2]}@{digest(sha)}" if found else str(value)


@register.filter
def changed_lines(difference: Sequence[tuple[str, str]]) -> int:
    return sum(sign != " " for sign, _ in difference)


@register.filter
def arn_name(value: str) -> str:
    """The part of an ARN that people recognise."""
    text = str(value)
    return text.split(":", 5)[-1].removeprefix("task-definition/") if text.startswith("arn:") else text


@register.filter
def percent(value: float | None) -> str:
    return "?" if value is None else with_unit(f"{value:g}", "%")


@register.filter
def figure(value: float | None, unit: str = "") -> str:
    """As precise as it matters, such as "0.4 %"; a dash for what was not measured."""
    if value is None:
        return "–"
    said = number(value) if value >= 10 or value == int(value) else words.share_words(value)
    return with_unit(said, unit) if unit else said


@register.filter
def number(value: Any) -> str:
    return "–" if value is None else f"{value:,.0f}".replace(",", "\u202f")


def _moment(value: datetime | str | None) -> datetime | None:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _utc(moment: datetime) -> datetime:
    offset = moment.utcoffset() or timedelta()
    return moment.replace(tzinfo=None) - offset
