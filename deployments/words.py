"""Numbers and statuses as people say them."""

from datetime import datetime, timedelta

from deployments.vocabulary import Stage, Status

#: Within it a time of day alone is read as it is meant, also some hours later.
_SOON = timedelta(hours=6)

#: The groups that Tealgate makes.
ROLE_NAMES = ("Viewers", "Release managers", "Approvers", "Administrators")


class Name(str):
    """What somebody called something. Whoever reads another language is told it as it was typed, though it may be a
    word of ours, such as an application that is called "Users"."""

    __slots__ = ()


def status_label(value: str) -> str:
    try:
        return Status(value).label
    except ValueError:
        return stage_label(value)


def stage_label(value: str) -> str:
    """Also for stages that AWS adds and we do not know yet."""
    try:
        return Stage(value).label
    except ValueError:
        return value.replace("_", " ").capitalize()


def duration_words(seconds: float, *, short: bool = False) -> str:
    """3723 becomes "1 h 2 min"; short leaves out the smaller unit."""
    total = max(0, round(seconds))
    units = [(total // 86400, "d"), (total % 86400 // 3600, "h"), (total % 3600 // 60, "min"), (total % 60, "s")]
    said = [f"{count} {unit}" for count, unit in units if count]
    return " ".join(said[: 1 if short else 2]) or "0 s"


def countdown_words(seconds: float) -> str:
    """2:03 in the last hour; before that 1 h 2 min or 2 d 3 h, since 23:59:13 would be read as a time of day."""
    total = max(0, round(seconds))
    if total >= 3600:
        return duration_words(total // 60 * 60)
    minutes, left = divmod(total, 60)
    return f"{minutes}:{left:02}"


def share_words(percent: float) -> str:
    """2.5, 0.04 or <0.01: what there was of something is not rounded to nothing."""
    if 0 < percent < 0.01:
        return "<0.01"
    said = f"{percent:.2f}"
    return said if percent < 1 and not said.endswith("0") else f"{percent:.1f}"


def clock_words(at: datetime, now: datetime) -> str:
    """12:30:00, for a sentence that says UTC after it; with its day where that may be another one than today."""
    return f"{at:%H:%M:%S}" if abs(at - now) < _SOON else f"{at:%Y-%m-%d %H:%M:%S}"


def counted(number: int, one: str, many: str = "") -> str:
    """1 and "task" become "1 task", 2 "2 tasks"; `many` is the plural that an s does not make."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def tasks_run(running: int, wanted: int) -> str:
    """Such as "1 of 2 tasks run"."""
    return f"{running} of 1 task runs" if wanted == 1 else f"{running} of {wanted} tasks run"


def full_stop(sentence: str) -> str:
    """The sentence with an end, so that another can follow; AWS ends some of its messages and others not."""
    said = sentence.strip()
    return said if not said or said[-1] in ".!?" else f"{said}."


def begun(words: str) -> str:
    """As a sentence begins: only the first letter changes."""
    return f"{words[:1].upper()}{words[1:]}"


def joined(names: list[str], word: str = "and") -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def in_one_line(error: BaseException) -> str:
    """What it says, for the log; its kind when it says nothing."""
    return " ".join(str(error).split())[:300] or type(error).__name__
