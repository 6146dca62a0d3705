"""Durations are read as people write them, shown back the same, and refused in words."""

import pytest

from deployments import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 min", 600),
        ("10min", 600),
        ("1 h 30 min", 5400),
        ("1h30m", 5400),
        ("45 s", 45),
        ("2 days, 3 hours", 183_600),
        (" 1 Minute ", 60),
        ("0", 0),
        ("300", 300),
        ("PT10M", 600),
        ("P1DT2H", 93_600),
        ("pt1h30m15s", 5415),
    ],
)
def test_people_write_them_in_many_ways(text: str, seconds: int) -> None:
    assert durations.parse(text) == seconds
    assert durations.parse(durations.shown(seconds)) == seconds


def test_a_number_alone_counts_what_the_column_counts() -> None:
    assert durations.parse("90", alone="min") == 5400


@pytest.mark.parametrize("text", ["", "soon", "10 parsecs", "1.5 h", "-5 min", "P", "PT", "10 min ago", "5 min;", "²"])
def test_what_is_none_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration. Write it as 10 min, 1 h 30 min or 45 s."):
        durations.parse(text)


@pytest.mark.parametrize("text", ["30 min 1 h", "5 min 5 min"])
def test_units_come_once_and_the_larger_first(text: str) -> None:
    with pytest.raises(ValueError, match="the larger unit comes first, each once"):
        durations.parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (600, "10 min"), (5400, "1 h 30 min"), (93_784, "1 d 2 h 3 min 4 s")]
)
def test_they_are_shown_exactly(seconds: int, text: str) -> None:
    assert durations.shown(seconds) == text
