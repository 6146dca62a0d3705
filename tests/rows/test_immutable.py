import pytest
from django.db.models import ProtectedError

from deployments.catalog.models import Release, ReleaseImage
from deployments.record.append import append_event
from deployments.record.models import Event, Immutable
from tests.delivery.engine.world import NOON, make_environment, make_release, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def release() -> Release:
    return make_release(make_environment().application)


@pytest.fixture
def event(release: Release) -> Event:
    return append_event(release.application, "release.registered", "Release 1.1.0 registered", now=NOON)


def test_a_release_never_changes(release: Release) -> None:
    release.notes = "Faster checkout"

    with pytest.raises(Immutable, match="Release shop 1.1.0 cannot change; register a new version instead."):
        release.save()


def test_the_images_of_a_release_never_change(release: Release) -> None:
    image = release.images.get()
    image.digest = "sha256:" + "9" * 64

    with pytest.raises(Immutable, match="The images of shop 1.1.0 cannot change"):
        image.save()

    assert ReleaseImage.objects.get().digest == "sha256:" + "2" * 64


def test_an_event_never_changes(event: Event) -> None:
    event.message = "Nothing happened"

    with pytest.raises(Immutable, match="Events are append-only."):
        event.save()


def test_an_event_is_never_deleted(event: Event) -> None:
    with pytest.raises(Immutable, match="Events are append-only."):
        event.delete()

    assert Event.objects.count() == 1


def test_a_release_with_a_deployment_cannot_be_deleted() -> None:
    world = make_world()
    world.request()

    with pytest.raises(ProtectedError):
        world.release.delete()


def test_a_deployment_with_events_cannot_be_deleted() -> None:
    deployment = make_world().request()

    with pytest.raises(ProtectedError):
        deployment.delete()


def test_a_release_says_what_it_pins(release: Release) -> None:
    digest = "sha256:" + "2" * 64

    assert release.pinned == {"web": f"docker.io/library/shop@{digest}"}
    assert [str(image) for image in release.images.all()] == ["web: docker.io/library/shop:1.1.0"]
