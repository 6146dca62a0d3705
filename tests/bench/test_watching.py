"""What bench.outages takes for time in which nobody looked at a deployment, and for written down."""

from datetime import UTC, datetime, timedelta

from bench.soaking.watching import Gap, Look, gaps, read, unwritten

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LINE = (
    "2026-01-01T12:00:00.250000Z [info     ] deployment.decision            [deployments.delivery.engine.one_pass] "
    "decision=Wait deployment=7 environment=shop/production reason='Watching' stage=BAKE_TIME"
)


def look(seconds: float, planned: float = 0) -> Look:
    return Look(seconds, NOON + timedelta(seconds=seconds), timedelta(seconds=planned))


def test_a_decision_in_the_log_is_a_look_and_other_lines_are_none() -> None:
    assert list(read(["Traceback (most recent call last):", LINE, LINE.replace("decision ", "noted ")])) == [7]


def test_a_wait_that_was_planned_is_no_gap_and_a_late_look_neither() -> None:
    assert list(gaps(7, [look(0, 60), look(59), look(80)])) == []


def test_what_is_longer_is_a_gap_whatever_time_tealgate_goes_by() -> None:
    after = Look(100.0, NOON)

    assert list(gaps(7, [look(0, 15), after])) == [Gap(7, 85.0, NOON)]


def test_a_gap_is_written_down_by_an_event_of_the_look_that_ended_it() -> None:
    gap = Gap(7, 85.0, NOON)

    assert unwritten([gap], {7: [NOON - timedelta(seconds=8)]}) == []
    assert unwritten([gap], {7: [NOON + timedelta(minutes=1)], 8: [NOON]}) == [gap]
