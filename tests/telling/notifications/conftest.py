import pytest

from tests.delivery.engine.world import World, make_world
from tests.telling.notifications.people import join


@pytest.fixture
def world(db: None) -> World:
    """Both of the stock see what they decide on; others come as tests need them."""
    world = make_world()
    for person in (world.requester, world.approver):
        join(person.username, "Viewers")
    return world
