"""An application's page: what comes next, and the form before what is seldom changed."""

from django.contrib.auth.models import User
from django.urls import reverse

from deployments.catalog.models import Application, Environment
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World


def page(browse: Browser, person: User, application: Application) -> str:
    address = reverse("admin:deployments_application_change", args=[application.pk])
    return browse(person).get(address).content.decode()


def test_it_says_what_comes_next_until_there_is_something_to_deploy(browse: Browser, administrator: User) -> None:
    application = Application.objects.create(name="Shop", slug="shop")
    assert "Next: say where it runs and who approves." in page(browse, administrator, application)

    Environment.objects.create(application=application, name="production", rank=20)
    text = page(browse, administrator, application)
    assert "Next: say what to deploy." in text and "Next: say where it runs" not in text

    application.releases.create(version="1.0.0")
    assert "Next: " not in page(browse, administrator, application)


def test_the_form_stands_before_what_is_seldom_changed(world: World, browse: Browser, administrator: User) -> None:
    text = page(browse, administrator, world.environment.application)

    places = [
        text.index(part) for part in ("Environments <a", 'name="slug"', 'id="self-registering"', 'id="link-values"')
    ]
    assert places == sorted(places)


def test_whoever_only_reads_it_is_told_of_nothing_to_do(world: World, browse: Browser, outsider: User) -> None:
    text = page(browse, outsider, world.environment.application)

    for words in ("Next: ", "They are edited", 'id="link-values"', "Switch on", 'name="slug"'):
        assert words not in text
    release = reverse("admin:deployments_release_change", args=[world.release.pk])
    assert ">Deploy<" not in browse(outsider).get(release).content.decode()
