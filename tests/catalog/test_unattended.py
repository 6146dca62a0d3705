"""Who says that CodeDeploy goes on from Ready although nobody approves, and why."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission

from deployments.catalog import unattended
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery.engine import servers_world as servers
from tests.delivery.engine.world import NOON, World


@pytest.fixture
def codedeployed(shop: World) -> World:
    shop.requester.user_permissions.add(Permission.objects.get(codename="change_environment"))
    Environment.objects.update(controller="CODE_DEPLOY")
    shop.environment.refresh_from_db()
    return shop


def say(shop: World, reason: str = "Staging") -> None:
    person = Principal.person(type(shop.requester).objects.get(pk=shop.requester.pk))
    unattended.let_go_on(environment=shop.environment, principal=person, reason=reason, now=NOON)


def test_it_keeps_who_when_and_why_and_is_frozen_with_the_deployment(codedeployed: World) -> None:
    say(codedeployed, " Staging. ")

    sentence = "requester said at 2026-03-02 12:00 UTC that it may go on by itself: Staging."
    assert Environment.objects.get().unattended_sentence == sentence
    assert freeze(Environment.objects.get()).unattended == sentence
    event = Event.objects.get()
    assert (event.kind, event.actor) == ("environment.unattended", "requester")
    assert event.message == "CodeDeploy may go on from Ready by itself: Staging."


def test_it_needs_a_reason_and_is_said_once(codedeployed: World) -> None:
    with pytest.raises(Refused, match="Say why nobody has to approve"):
        say(codedeployed, "  ")
    say(codedeployed)
    with pytest.raises(Refused, match="requester said at .*: Staging"):
        say(codedeployed, "again")

    assert Event.objects.count() == 1


def test_it_is_taken_back(codedeployed: World) -> None:
    say(codedeployed)
    person = Principal.person(type(codedeployed.requester).objects.get(pk=codedeployed.requester.pk))

    unattended.ask_again(environment=codedeployed.environment, principal=person, now=NOON)

    assert Environment.objects.get().unattended_sentence == ""
    assert [event.kind for event in Event.objects.all()] == ["environment.unattended", "environment.attended"]
    with pytest.raises(Refused, match="Nobody has said"):
        unattended.ask_again(environment=codedeployed.environment, principal=person, now=NOON)


def test_only_who_may_change_environments_may_say_it(shop: World) -> None:
    Environment.objects.update(controller="CODE_DEPLOY")
    shop.environment.refresh_from_db()

    with pytest.raises(Refused, match="do not have the right to change environments"):
        say(shop)


def test_nothing_but_codedeploy_waits_in_ready(codedeployed: World) -> None:
    Environment.objects.update(controller="ROLLING")
    codedeployed.environment.refresh_from_db()

    with pytest.raises(Refused, match="is not deployed to by CodeDeploy"):
        say(codedeployed)


@pytest.mark.parametrize("is_known", [True, False])
def test_servers_that_are_installed_on_in_place_wait_for_nobody(
    db: None, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    world = servers.make_servers_world()
    world.requester.user_permissions.add(Permission.objects.get(codename="change_environment"))
    place = servers.PLACE
    world.aws.codedeploy_groups[place] = replace(world.aws.codedeploy_groups[place], style="IN_PLACE")
    monkeypatch.setattr(unattended, "connect", lambda binding: world.aws)
    assert unattended.may_wait(world.environment)
    if is_known:
        servers.told(world, world.request("GROUP_CONFIG"))
        assert not unattended.may_wait(world.environment)

    with pytest.raises(Refused, match="installs in place on the servers of web, so nothing there waits in Ready"):
        say(world)
    assert Environment.objects.get().unattended_at is None


def test_servers_that_are_replaced_may_wait(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    world = servers.make_servers_world()
    world.requester.user_permissions.add(Permission.objects.get(codename="change_environment"))
    place = servers.PLACE
    world.aws.codedeploy_groups[place] = replace(world.aws.codedeploy_groups[place], style="BLUE_GREEN")
    monkeypatch.setattr(unattended, "connect", lambda binding: world.aws)

    say(world)

    assert Environment.objects.get().unattended_reason == "Staging"
