"""Durations as people write them: "10 min", "1 h 30 min", "45 s"; read also from seconds and ISO 8601 (PT10M)."""

import re

_UNITS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
_WORDS = {
    **{"d": "d", "day": "d", "days": "d", "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h"},
    **{"m": "min", "min": "min", "mins": "min", "minute": "min", "minutes": "min"},
    **{"s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s"},
}
_PART = re.compile(r"\s*(\d{1,9})\s*([a-z]+)\s*,?")
_ISO = re.compile(r"p(?:(\d{1,6})d)?(?:t(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?)?")
LIKE = "Write it as 10 min, 1 h 30 min or 45 s."


def parse(text: str, *, alone: str = "s") -> int:
    """Seconds. A number by itself counts `alone` (a unit). Raises ValueError, a sentence."""
    said = text.strip().lower()
    if said.isascii() and said.isdecimal() and len(said) < 10:
        return int(said) * _UNITS[alone]
    iso = _ISO.fullmatch(said)
    if iso and any(iso.groups()):
        return sum(int(count or 0) * seconds for count, seconds in zip(iso.groups(), _UNITS.values(), strict=True))
    return _sum_of_parts(text, said)


def shown(seconds: int) -> str:
    """Exactly, so that it can be read again: 5400 becomes "1 h 30 min"."""
    parts, left = [], seconds
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"


def _sum_of_parts(text: str, said: str) -> int:
    total, at, seen = 0, 0, ""
    while said and at < len(said):
        found = _PART.match(said, at)
        unit = _WORDS.get(found[2], "") if found else ""
        if not found or not unit:
            raise ValueError(f"“{text.strip()}” is no duration. {LIKE}")
        if seen and _UNITS[unit] >= _UNITS[seen]:
            raise ValueError(
                f"“{text.strip()}” names {seen} before {unit}; the larger unit comes first, each once. {LIKE}"
            )
        total, at, seen = total + int(found[1]) * _UNITS[unit], found.end(), unit
    if not seen:
        raise ValueError(f"“{text.strip()}” is no duration. {LIKE}")
    return total
