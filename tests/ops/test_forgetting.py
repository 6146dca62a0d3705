"""Answers to requests with a key are forgotten a day later, whether or not their token asks again."""

from datetime import timedelta

import pytest

from deployments import tasks
from deployments.ops import forgetting
from deployments.ops.models import Answered
from tests.delivery.engine.world import NOON, Clock

pytestmark = pytest.mark.django_db


def answered(count: int, *, hours: int) -> None:
    at = NOON - timedelta(hours=hours)
    rows = [Answered(who=f"retired-ci-{hours}", key=str(number), request="x", at=at) for number in range(count)]
    Answered.objects.bulk_create(rows)


def test_those_of_tokens_that_are_used_no_more_go_and_young_ones_stay() -> None:
    answered(3, hours=25)
    answered(2, hours=23)

    assert forgetting.forget(NOON) is False
    assert set(Answered.objects.values_list("who", flat=True)) == {"retired-ci-23"}


def test_the_heartbeat_forgets_a_few_at_each_look_until_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "MOST", 2)
    answered(5, hours=25)
    heart, clock = tasks.Heart("one"), Clock()

    def left() -> int:
        heart.beat(clock())
        clock.forward(seconds=1)
        return Answered.objects.count()

    assert [left() for _ in range(4)] == [3, 1, 0, 0]
    answered(1, hours=26)
    assert left() == 1
    clock.forward(minutes=10)
    assert left() == 0
