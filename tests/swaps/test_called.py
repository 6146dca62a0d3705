"""How people are told of the two releases, whatever the colours of their slots."""

from deployments.swaps.steps import called, rules
from deployments.vocabulary import Slot, Stage
from tests.swaps.cases import at, rule


def test_the_two_releases_are_told_apart_by_their_versions() -> None:
    there = at(Stage.SCALE_UP)

    assert (called.old(there), called.new(there)) == ("old 1.0.0", "new 1.1.0")
    assert called.by_side(there) == {"blue": "old 1.0.0", "green": "new 1.1.0"}


def test_a_release_that_goes_to_the_other_slot_is_told_of_in_the_same_words() -> None:
    there = at(Stage.SCALE_UP, source=Slot.GREEN, target=Slot.BLUE)

    assert called.by_side(there) == {"blue": "new 1.1.0", "green": "old 1.0.0"}
    assert rules.describe(there, rule(10, 90)) == "10 % on new 1.1.0, 90 % on old 1.0.0"


def test_what_tealgate_has_not_deployed_has_no_version() -> None:
    assert called.old(at(Stage.SCALE_UP, source_version="")) == "what was live before"


def test_beside_a_first_release_there_is_nothing() -> None:
    assert called.old(at(Stage.SCALE_UP, environment={"kind": "FIRST"})) == "the empty slot"


def test_before_the_live_slot_is_read_rules_are_told_of_by_target_groups() -> None:
    there = at(Stage.RECONCILE_SERVICE, source=None, target=None)

    assert called.by_side(there) == {}
    assert rules.describe(there, rule(50, 50)) == "50 % on shop-blue, 50 % on shop-green"
