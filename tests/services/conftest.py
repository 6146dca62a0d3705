import pytest
from django.contrib.auth.models import User

from deployments.services import roles
from tests.conftest import group_of
from tests.engine.world import World, make_environment, make_release


@pytest.fixture
def shop(requester: User, approver: User) -> World:
    """Production of the shop with a release to deploy; nothing is under way."""
    environment = make_environment()
    return World(
        environment=environment,
        release=make_release(environment.application),
        requester=requester,
        approver=approver,
    )


@pytest.fixture
def administrator(db: None) -> User:
    person = User.objects.create_user("administrator", is_staff=True)
    person.groups.add(group_of(roles.ADMINISTRATORS))
    return person


@pytest.fixture
def second_approver(approver: User) -> User:
    person = User.objects.create_user("second_approver")
    person.groups.set(approver.groups.all())
    return person
