import pytest

from deployments.swaps.steps.ladder import Rung, ladder, parse
from deployments.vocabulary import Strategy
from tests.swaps.cases import settings

TENS = (10, 20, 30, 40, 50, 60, 70, 80, 90)


@pytest.mark.parametrize(
    ("strategy", "rungs"),
    [
        (Strategy.BLUE_GREEN, [(100, 0)]),
        (Strategy.CANARY, [(10, 60), (100, 0)]),
        (Strategy.LINEAR, [(25, 30), (50, 30), (75, 30), (100, 0)]),
        (Strategy.LADDER, [(1, 300), (50, 0), (100, 0)]),
        (Strategy.ALL_AT_ONCE, [(100, 0)]),
        (Strategy.CANARY_10_5, [(10, 300), (100, 0)]),
        (Strategy.CANARY_10_15, [(10, 900), (100, 0)]),
        (Strategy.LINEAR_10_1, [*((percent, 60) for percent in TENS), (100, 0)]),
        (Strategy.LINEAR_10_3, [*((percent, 180) for percent in TENS), (100, 0)]),
    ],
)
def test_every_strategy_is_a_ladder_that_ends_at_100(strategy: Strategy, rungs: list[tuple[int, int]]) -> None:
    environment = settings(linear_percent=25, linear_bake_seconds=30, ladder="1:300, 50, 100")

    assert ladder(environment, strategy) == tuple(Rung(*rung) for rung in rungs)


def test_a_strategy_that_shifts_no_weights_is_no_ladder() -> None:
    with pytest.raises(ValueError, match="is not a ladder of weights."):
        ladder(settings(), Strategy.ROLLING)


def test_linear_steps_that_do_not_meet_100_end_there_all_the_same() -> None:
    rungs = ladder(settings(linear_percent=30), Strategy.LINEAR)

    assert [rung.percent for rung in rungs] == [30, 60, 90, 100]


@pytest.mark.parametrize(
    ("text", "rungs"),
    [
        ("100", [(100, 0)]),
        (" 5 : 600 ,100 ", [(5, 600), (100, 0)]),
        ("1,2:3,100:900", [(1, 0), (2, 3), (100, 0)]),
    ],
)
def test_a_ladder_is_read_generously(text: str, rungs: list[tuple[int, int]]) -> None:
    assert parse(text) == tuple(Rung(*rung) for rung in rungs)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no ladder of its own; write one such as 5:600, 25:600, 100"),
        ("   ", "no ladder of its own"),
        ("5%, 100", "“5%” is not a rung; write percent or percent:seconds"),
        ("5:10m, 100", "“5:10m” is not a rung"),
        ("-5, 100", "“-5” is not a rung"),
        ("5:600, 100,", "“” is not a rung"),
        ("5:600; 100", "“5:600; 100” is not a rung"),
        ("25, 5, 100", "has to climb"),
        ("5, 5, 100", "has to climb"),
        ("0:60, 100", "has to climb, from 1 % upwards"),
        ("5:600, 50:600", "has to end at 100"),
        ("5:600, 101", "has to end at 100"),
    ],
)
def test_a_bad_ladder_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        ladder(settings(ladder=text), Strategy.LADDER)

    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")
