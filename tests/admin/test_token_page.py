"""API tokens on their page: made, shown once, ended."""

import re
from typing import Any

from django.contrib.auth.models import Permission, User
from django.urls import reverse

from deployments.catalog.models import Token
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

ADD = "admin:deployments_token_add"
LIST = "admin:deployments_token_changelist"
SECRET = re.compile(r"tealgate_[0-9A-Za-z]{46}")


def make(browse: Browser, person: User, **changes: Any) -> str:
    data = {"name": "storefront-ci", "days": "30", "scopes": ["read"]} | changes
    answer = browse(person).post(reverse(ADD), data)
    assert "no-store" in answer.headers["Cache-Control"]
    return str(answer.content.decode())


def test_a_token_is_shown_once_and_never_again(world: World, browse: Browser) -> None:
    shown = SECRET.search(make(browse, world.requester, environments=[world.environment.pk]))

    assert shown
    token = Token.objects.get()
    for address in (reverse(LIST), reverse("admin:deployments_token_change", args=[token.pk])):
        page = browse(world.requester).get(address).content.decode()
        assert "storefront-ci" in page
        assert "shop/production" in page
        assert not SECRET.search(page)


def test_a_token_is_seen_whole_on_a_phone(world: World, browse: Browser) -> None:
    """A line of input shows its first thirty characters there."""
    assert re.search(r"<textarea[^>]* readonly[^>]*>tealgate_[0-9A-Za-z]{46}</textarea>", make(browse, world.requester))


def test_what_is_wrong_stands_beside_its_field(world: World, browse: Browser) -> None:
    make(browse, world.requester)

    assert "There is, or was, a token storefront-ci" in make(browse, world.requester)
    assert "call it otherwise" in make(browse, world.requester, name="Self-registration of shop")
    assert "is not one of the available choices" in make(browse, world.requester, name="x", scopes=["gates:decide"])
    assert "This field is required" in make(browse, world.requester, name="x", scopes=[])
    assert Token.objects.count() == 1


def test_a_token_that_acts_for_an_agent_says_so(world: World, browse: Browser) -> None:
    make(browse, world.requester, for_agent="on")

    for address in (reverse(LIST), reverse("admin:deployments_token_change", args=[Token.objects.get().pk])):
        assert "An agent" in browse(world.requester).get(address).content.decode()


def test_a_scope_that_its_maker_lacks_cannot_be_ticked(world: World, browse: Browser) -> None:
    world.requester.groups.clear()
    world.requester.user_permissions.add(*_rights("add_token", "view_token"))

    page = browse(world.requester).get(reverse(ADD)).content.decode()

    assert "You do not have this right yourself" in page
    assert "cannot give away what you do not have" in make(browse, world.requester, scopes=["locks:write"])


def test_it_is_revoked_by_a_click(world: World, browse: Browser, outsider: User) -> None:
    make(browse, world.requester)
    address = reverse("admin:deployments_token_change", args=[Token.objects.get().pk])

    assert browse(outsider).post(address).status_code == 403
    page = browse(world.requester).post(address, follow=True).content.decode()

    assert "opens nothing any more" in page
    assert "Revoked" in page


def test_whoever_may_not_make_tokens_is_told_so(world: World, browse: Browser) -> None:
    assert browse(world.approver).get(reverse(ADD)).status_code == 403
    assert browse(world.approver).get(reverse(LIST)).status_code == 403


def _rights(*codenames: str) -> Any:
    return Permission.objects.filter(codename__in=codenames)
