"""Forges on their page: connected, their secrets never shown, and what is in trouble said wherever it matters."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from deployments.catalog.models import Release
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.telling.forge import connecting
from deployments.telling.forge.models import Forge, ForgeKind, ForgeRepository, ForgeTelling
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

ADD = "admin:deployments_forge_add"
LIST = "admin:deployments_forge_changelist"
TOKEN = "glpat-0123456789abcdef"  # noqa: S105
RIGHTS = ("view_forge", "add_forge", "change_forge", "delete_forge", "view_application", "view_deployment")


@pytest.fixture
def administrator(db: None) -> User:
    user = User.objects.create_user("administrator", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    return user


def said(world: World, **changes: Any) -> dict[str, Any]:
    repositories = {
        "repositories-TOTAL_FORMS": "1", "repositories-INITIAL_FORMS": "0", "repositories-0-id": "",
        "repositories-0-application": world.environment.application.pk, "repositories-0-repository": "shop/storefront",
        "repositories-0-environment_names": "",
    }  # fmt: skip
    return {
        "name": "GitLab", "kind": "GITLAB", "api_url": "https://gitlab.example.com/api/v4/", "app_id": "",
        "installation_id": "", "secret": TOKEN, "webhook_secret": "", "answered_when": "END", **repositories, **changes,
    }  # fmt: skip


def change(forge: Forge) -> str:
    return reverse("admin:deployments_forge_change", args=[forge.pk])


def connected(world: World, browse: Browser, administrator: User) -> Forge:
    browse(administrator).post(reverse(ADD), said(world))
    return Forge.objects.get()


def saved_again(forge: Forge, world: World, **changes: Any) -> dict[str, Any]:
    repository = forge.repositories.get()
    kept = {
        "repositories-INITIAL_FORMS": "1", "repositories-0-id": repository.pk, "repositories-0-forge": forge.pk,
        "secret": "",
    }  # fmt: skip
    return said(world, **{**kept, **changes})


def test_a_forge_is_connected_and_its_secret_is_never_shown(world: World, browse: Browser, administrator: User) -> None:
    forge = connected(world, browse, administrator)

    assert (forge.secret, forge.api_url) == (TOKEN, "https://gitlab.example.com/api/v4")
    event = Event.objects.get(kind="forge.added")
    assert (event.actor, event.data["values"]["repositories"]) == ("administrator", {"shop": ["shop/storefront", ""]})
    for address in (reverse(LIST), change(forge)):
        page = browse(administrator).get(address).content.decode()
        assert ("GitLab" in page, TOKEN in page, "gAAAA" in page) == (True, False, False)
    assert TOKEN not in str(event.data)


def test_a_secret_that_is_left_empty_stays_and_what_rested_is_tried_at_once(
    world: World, browse: Browser, administrator: User
) -> None:
    forge = connected(world, browse, administrator)
    Forge.objects.update(trouble="GitLab is away.", rests_until=world.clock(), failures=9)
    assert "GitLab is away." in browse(administrator).get(change(forge)).content.decode()

    browse(administrator).post(change(forge), saved_again(forge, world, **{"repositories-0-repository": "shop/front"}))

    forge.refresh_from_db()
    assert (forge.secret, forge.trouble, forge.rests_until, forge.failures) == (TOKEN, "", None, 0)
    event = Event.objects.get(kind="forge.changed")
    assert event.message == "Forge GitLab: repositories changed"
    assert event.data["changed"]["repositories"]["after"] == {"shop": ["shop/front", ""]}


@pytest.mark.parametrize("changed", [{"api_url": "https://evil.example.com"}, {"kind": "GITHUB_TOKEN"}])
def test_a_secret_that_is_kept_goes_to_no_other_address(
    world: World, browse: Browser, administrator: User, changed: dict[str, str]
) -> None:
    forge = connected(world, browse, administrator)

    page = browse(administrator).post(change(forge), saved_again(forge, world, **changed)).content.decode()

    assert "Give it again with another kind or address" in page
    assert Forge.objects.get().api_url == "https://gitlab.example.com/api/v4"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"api_url": "http://gitlab.example.com/api/v4"}, "Give it https://"),
        ({"api_url": "https://gitlab.example.com/api/v4?x=1"}, "Leave out what stands behind"),
        ({"api_url": "https://me:pass@gitlab.example.com/api/v4"}, "Leave out the user and the password"),
        ({"secret": ""}, "or the token"),
        ({"kind": "GITHUB_APP"}, "An app has one."),
        ({"kind": "GITHUB_APP", "app_id": "1", "installation_id": "2", "secret": "MII"}, "This is no private key"),
        ({"webhook_secret": "It is long enough"}, "Only an app has jobs wait"),
        ({"kind": "GITHUB_APP", "webhook_secret": "short"}, "at least 16 random characters"),
        ({"repositories-0-repository": "../../admin"}, "Such as shop/storefront."),
        ({"repositories-0-repository": "storefront"}, "Such as shop/storefront."),
        ({"repositories-0-environment_names": "production: Prod"}, "is no pair of names"),
        ({"repositories-0-environment_names": "production = A\nstaging = A"}, "another line has already"),
    ],
)
def test_what_is_wrong_with_a_connection_stands_beside_its_field(
    world: World, browse: Browser, administrator: User, changed: dict[str, str], sentence: str
) -> None:
    page = browse(administrator).post(reverse(ADD), said(world, **changed)).content.decode()

    assert sentence in page
    assert not Forge.objects.exists()


def test_an_apps_key_is_read_before_it_is_kept(world: World, browse: Browser, administrator: User) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    app = {"kind": "GITHUB_APP", "app_id": "1", "installation_id": "2", "secret": pem.decode()}
    page = browse(administrator).post(reverse(ADD), said(world, **app)).content.decode()

    assert "This is no private key" in page


def test_whoever_lacks_the_right_sees_no_forge(world: World, browse: Browser, outsider: User) -> None:
    for address in (reverse(LIST), reverse(ADD)):
        assert browse(outsider).get(address).status_code == 403


def test_whoever_lacks_the_right_changes_none_by_any_door(
    world: World, browse: Browser, administrator: User, outsider: User
) -> None:
    forge, before = connected(world, browse, administrator), Event.objects.count()
    said: dict[str, Any] = {"forge": forge, "principal": Principal.person(outsider), "now": world.clock()}

    with pytest.raises(Refused, match="right to connect forges"):
        connecting.saved(before=None, secrets=(), **said)
    with pytest.raises(Refused, match="right to connect forges"):
        connecting.delete(**said)
    assert (Event.objects.count(), Forge.objects.count()) == (before, 1)


def test_a_forge_that_is_deleted_is_told(world: World, browse: Browser, administrator: User) -> None:
    forge = connected(world, browse, administrator)

    browse(administrator).post(reverse("admin:deployments_forge_delete", args=[forge.pk]), {"post": "yes"})

    assert not ForgeRepository.objects.exists()
    assert Event.objects.get(kind="forge.deleted").message == "Forge GitLab deleted"


def test_the_applications_page_says_what_keeps_its_forge_from_being_told(
    world: World, browse: Browser, administrator: User
) -> None:
    connected(world, browse, administrator)
    ForgeRepository.objects.update(trouble="GitLab does not show this repository.", moved=True)
    address = reverse("admin:deployments_application_change", args=[world.environment.application.pk])

    page = browse(administrator).get(address).content.decode()

    assert "GitLab does not show this repository." in page
    assert "shop/storefront has another name by now" in page


def test_a_deployments_page_says_what_the_forge_knows(world: World, browse: Browser, administrator: User) -> None:
    repository = connected(world, browse, administrator).repositories.get()
    Forge.objects.update(kind=ForgeKind.GITHUB_TOKEN, api_url="https://api.github.com")
    deployment = world.request()
    address = reverse("admin:deployments_deployment_change", args=[deployment.pk])
    assert "registered without its git commit" in browse(administrator).get(address).content.decode()

    Release.objects.update(git_sha="c0ffee1")
    now = world.clock()
    row = ForgeTelling.objects.create(
        deployment=deployment, repository=repository, asked_at=now, due_at=now, told="in_progress", told_at=now
    )
    page = browse(administrator).get(address).content.decode()
    assert 'GitHub knows: <a href="https://github.com/shop/storefront/deployments/production"' in page
    assert "To be told: queued." in page

    row.said, row.due_at = "HTTP 404", None
    row.save()
    assert "Not told any more: HTTP 404" in browse(administrator).get(address).content.decode()
