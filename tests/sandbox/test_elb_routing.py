from collections.abc import Iterator

import pytest

from tests.sandbox.load_balancing import Balanced, balanced, weighted


@pytest.fixture(scope="module")
def world() -> Iterator[Balanced]:
    with balanced() as world:
        yield world


def test_requests_are_shared_by_weight(world: Balanced) -> None:
    blue, green = world.target_group("share-blue"), world.target_group("share-green")
    world.serving(blue, "blue"), world.serving(green, "green")
    listener = world.listener(world.load_balancer("share"), weighted((blue, 90), (green, 10)))
    world.wait_for(green, "healthy")

    tally = world.answers(listener, 1500)

    # Four standard deviations of a binomial share.
    assert 103 <= tally["green"] <= 197
    assert tally["blue"] + tally["green"] == 1500
