from collections.abc import Mapping

import pytest

from deployments.aws.values import Rule
from deployments.swaps.service_pair import weights
from deployments.swaps.steps import rules
from deployments.vocabulary import Slot, Stage
from tests.swaps.cases import BLUE, ELSEWHERE, GREEN, at, rule

SNAPSHOT = at(Stage.SCALE_UP)


@pytest.mark.parametrize(
    ("seen", "wanted", "same"),
    [
        (rule(100, 0), {BLUE: 100, GREEN: 0}, True),
        (rule(100, 0), {BLUE: 1}, True),
        (rule(1, 0), {BLUE: 100, GREEN: 0}, True),
        (rule(9, 1), {BLUE: 90, GREEN: 10}, True),
        (rule(1, 2), {BLUE: 33, GREEN: 66}, True),
        (rule(90, 10), {BLUE: 10, GREEN: 90}, False),
        (rule(90, 11), {BLUE: 90, GREEN: 10}, False),
        (rule(0, 0), {BLUE: 100}, False),
        (rule(weights={BLUE: 50, ELSEWHERE: 50}), {BLUE: 50, GREEN: 50}, False),
    ],
)
def test_weights_are_the_same_when_the_shares_are(seen: Rule, wanted: Mapping[str, int], same: bool) -> None:
    assert rules.same(seen, wanted) is same


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (rule(100, 0), "100 % on old 1.0.0"),
        (rule(90, 10), "90 % on old 1.0.0, 10 % on new 1.1.0"),
        (rule(2, 1), "66.6667 % on old 1.0.0, 33.3333 % on new 1.1.0"),
        (rule(weights={BLUE: 1, ELSEWHERE: 1}), "50 % on old 1.0.0, 50 % on maintenance"),
        (rule(0, 0), "no weight on any target group"),
    ],
)
def test_weights_are_said_by_release(seen: Rule, words: str) -> None:
    assert rules.describe(SNAPSHOT, seen) == words


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (rule(50, 50), ""),
        (rule(weights={ELSEWHERE: 1}), "it forwards to maintenance"),
        (rule(weights={BLUE: 1, ELSEWHERE: 0}), "it forwards to maintenance"),
        (rule(weights={}, forwards=False), "it no longer forwards to target groups"),
    ],
)
def test_a_rule_that_goes_elsewhere_is_not_ours(seen: Rule, why: str) -> None:
    assert rules.strangers(SNAPSHOT, seen) == why


def test_a_share_leaves_the_rest_to_the_other_slot() -> None:
    assert weights.for_share(SNAPSHOT, Slot.GREEN, 10) == {BLUE: 90, GREEN: 10}
    assert weights.for_share(SNAPSHOT, Slot.BLUE, 100) == {BLUE: 100, GREEN: 0}
