"""Pauses that grow."""

from datetime import timedelta

from deployments.backoff import backoff

SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=30)


def pauses(*failures: int) -> list[int]:
    return [backoff(each, shortest=SHORTEST, longest=LONGEST).seconds for each in failures]


def test_each_failure_doubles_the_pause_up_to_the_longest() -> None:
    assert pauses(1, 2, 3, 9, 10) == [5, 10, 20, 1280, 1800]


def test_what_failed_for_years_is_still_tried_again() -> None:
    assert pauses(100_000) == [1800]
