"""Pauses before something that failed is tried again."""

from datetime import timedelta


def backoff(failures: int, *, shortest: timedelta, longest: timedelta) -> timedelta:
    """`shortest` after the first failure, twice as long after each more, up to `longest`."""
    times: int = 2 ** min(max(failures - 1, 0), 20)  # more would be no timedelta any more
    return min(shortest * times, longest)
