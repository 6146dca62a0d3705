"""Who says that nobody has to approve, and why; and the gate that is proposed until somebody does."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission

from deployments import swaps
from deployments.catalog import unattended
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.vocabulary import Controller, Stage
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

    sentence = "requester said at 2026-03-02 12:00 UTC that nobody has to approve: Staging."
    assert Environment.objects.get().unattended_sentence == sentence
    assert freeze(Environment.objects.get()).unattended == sentence
    event = Event.objects.get()
    assert (event.kind, event.actor) == ("environment.unattended", "requester")
    assert event.message == "Nobody has to approve: Staging."


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


def test_where_a_gate_asks_people_anyway_it_cannot_be_said(codedeployed: World) -> None:
    Environment.objects.update(controller="ROLLING")
    codedeployed.environment.refresh_from_db()
    codedeployed.environment.gate_policies.create(stage=Stage.PRE_SCALE_UP)

    with pytest.raises(Refused, match="has a gate, where people are asked. Delete it first"):
        say(codedeployed)

    codedeployed.environment.gate_policies.all().delete()
    say(codedeployed)
    assert unattended.why_unasked(Environment.objects.get()).endswith("that nobody has to approve: Staging.")


def test_the_board_says_of_a_place_without_a_gate_that_nobody_has_said_why(codedeployed: World) -> None:
    assert unattended.why_unasked(codedeployed.environment) == "Nobody has said why nobody has to approve."

    codedeployed.environment.gate_policies.create(stage=Stage.PRE_SCALE_UP)

    assert unattended.why_unasked(codedeployed.environment) == ""


@pytest.mark.parametrize("controller", list(Controller))
def test_the_proposed_gate_is_one_that_the_controller_can_stop_at(controller: str) -> None:
    gate = unattended.default_gate(controller)

    assert gate.stage in swaps.get(controller).gate_stages
    assert gate.groups == ("Approvers",)
    assert gate.stage not in (Stage.BAKE_TIME, Stage.POST_PRODUCTION_TRAFFIC_SHIFT)


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

    say(world)
    assert Environment.objects.get().unattended_reason == "Staging", "it has no gate"

    world.environment.gate_policies.create(stage=Stage.PRE_SCALE_UP)
    unattended.ask_again(environment=world.environment, principal=Principal.person(world.requester), now=NOON)
    with pytest.raises(Refused, match="has a gate, where people are asked"):
        say(world)


def test_servers_that_are_replaced_may_wait(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    world = servers.make_servers_world()
    world.requester.user_permissions.add(Permission.objects.get(codename="change_environment"))
    place = servers.PLACE
    world.aws.codedeploy_groups[place] = replace(world.aws.codedeploy_groups[place], style="BLUE_GREEN")
    monkeypatch.setattr(unattended, "connect", lambda binding: world.aws)

    say(world)

    assert Environment.objects.get().unattended_reason == "Staging"
