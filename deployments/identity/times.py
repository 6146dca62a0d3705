"""Whether now is within the time for which an ID token was made. Both clocks are said: one of them may be wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

#: By how much the issuer's clock and ours may differ.
LEEWAY = timedelta(seconds=60)


def trouble(claims: Mapping[str, Any], now: datetime, *, leeway: timedelta = LEEWAY) -> str:
    """In sentences with a next step; "" when it is in time."""
    if (ends := moment(claims.get("exp"))) is None:
        return "The ID token does not say until when it is good (exp)."
    for name in ("nbf", "iat"):
        if name in claims and (begins := moment(claims[name])) is None:
            return f"The ID token's {name} is no time."
        if name in claims and begins and now + leeway < begins:
            return (
                f"The ID token is good from {_clock(begins)} on ({name}), and it is {_clock(now)} here: the clocks are "
                f"{_apart(begins - now)} apart. Set the one right that is wrong, then send a new one."
            )
    if now > later(ends, leeway):
        return (
            f"The ID token was good until {_clock(ends)} (exp), and it is {_clock(now)} here. Ask the CI for a new "
            "one; if it was made just now, one of the clocks is wrong."
        )
    return ""


def moment(value: Any) -> datetime | None:
    """Of seconds since 1970; None for what is no such number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):  # also of what is infinite, or no number
        return None


def later(at: datetime, by: timedelta) -> datetime:
    """At the end of the calendar its last moment: what an issuer calls a time may be there."""
    last = datetime.max.replace(tzinfo=UTC)
    return at + by if at < last - by else last


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _apart(difference: timedelta) -> str:
    seconds = round(difference.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
