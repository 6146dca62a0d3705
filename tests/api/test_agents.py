"""A token that acts for an agent: everything says so, and on whose behalf, and it decides nothing."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from deployments.catalog import environments, tokens
from deployments.catalog.models import Token
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.delivery.views.board import board_view
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES
from deployments.record.models import Event
from deployments.vocabulary import ActorKind
from tests.api.conftest import Pipeline
from tests.api.test_deploying import PATH, registered
from tests.api.test_door import problem
from tests.delivery import stages
from tests.delivery.engine.world import NOON, World
from tests.fakes.aws import FakeGateway

SAID = "an agent (robin), on behalf of requester"


def agent(world: World, *scopes: str) -> Pipeline:
    _, secret = tokens.make(
        name="robin", scopes=scopes or tuple(SCOPES), environments=(), for_agent=True,
        principal=Principal.person(world.requester), now=timezone.now(),
    )  # fmt: skip
    return Pipeline(secret)


def test_what_an_agent_asks_for_is_told_so_everywhere(world: World) -> None:
    robin = agent(world)
    made = robin.post(PATH, {"version": world.release.version, "reason": "the tests pass"}).json()

    assert made["requested_by"] == SAID
    event = Event.objects.get(kind="deployment.requested")
    assert event.message == f"{world.release.version} requested by {SAID}: the tests pass"
    assert (event.actor_kind, event.actor) == (ActorKind.TOKEN, "robin")
    assert event.data["agent"] is True
    assert event.data["on_behalf_of"] == "requester"
    board = board_view(principal=Principal.person(world.approver), waiting_for_me=())
    assert board.running[0].requested_by == SAID


def test_the_board_says_that_an_agent_brought_what_is_live(world: World) -> None:
    agent(world).post(PATH, {"version": world.release.version, "reason": "the tests pass"})
    deployment = world.run(Deployment.objects.get())
    world.approve(deployment)
    world.run(deployment)

    cell = board_view(principal=Principal.person(world.approver), waiting_for_me=()).rows[0].cells[0]
    assert cell
    assert cell.live_by == SAID


def test_who_is_to_decide_sees_on_the_board_that_an_agent_asked(world: World) -> None:
    agent(world).post(PATH, {"version": world.release.version, "reason": "the tests pass"})
    world.run(Deployment.objects.get())
    principal = Principal.person(world.approver)

    board = board_view(principal=principal, waiting_for_me=Gate.objects.for_person(principal))

    assert board.waiting_for_me[0].requested_by == SAID


def test_a_release_says_that_an_agent_registered_it(world: World, ecr: FakeGateway) -> None:
    assert registered(agent(world)).json()["registered_by"] == SAID
    assert SAID in Event.objects.get(kind="release.registered").message


def test_an_agents_lock_is_not_told_as_its_persons(world: World) -> None:
    robin = agent(world)
    said = robin.put("/environments/shop/production/lock", {"message": "freeze"}).json()

    assert said["lock"]["by"] == SAID
    world.environment.refresh_from_db()
    assert f"is locked by {SAID} since" in world.environment.lock_sentence
    board = board_view(principal=Principal.person(world.approver), waiting_for_me=())
    cell = board.rows[0].cells[0]
    assert cell and cell.lock and cell.lock.by == SAID
    told = robin.get("/events?kind=environment.locked").json()["items"][0]
    assert (told["by"], told["actor"], told["message"]) == (SAID, "robin", "Locked: freeze")
    assert robin.delete("/environments/shop/production/lock").json()["lock"] is None
    environments.lock(
        environment=world.environment, principal=Principal.person(world.requester), message="mine", now=NOON
    )
    world.environment.refresh_from_db()
    assert world.environment.lock_holder == "requester"


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_an_agent_with_every_scope_of_a_superuser_decides_nothing(world: World, verdict: str) -> None:
    world.requester.is_superuser = True
    world.requester.save()
    gate = stages.at_gate(world, requester_may_approve=True)

    said = problem(agent(world).post(f"/gates/{gate.pk}/{verdict}", {"comment": "LGTM"}))

    assert (said["status"], said["title"]) == (403, "People decide")
    assert not Approval.objects.exists()


def test_an_agent_stops_and_rolls_back_only_with_the_scope_for_it(world: World) -> None:
    pk = stages.pending(world).pk
    robin = agent(world, "read", "releases:write", "deployments:write", "locks:write")

    for verb in ("stop", "roll-back", "retry", "finish"):
        assert "use one with the scope deployments:stop" in problem(robin.post(f"/deployments/{pk}/{verb}"))["detail"]
    assert problem(robin.post(f"/deployments/{pk}/extend", {"minutes": 5}))["status"] == 403


def test_no_scope_lets_anything_decide() -> None:
    given = {right for scope in SCOPES.values() for right in scope.rights}
    assert not given & {"deployments.decide_gate", "deployments.add_token", "deployments.change_environment"}


def test_an_agent_is_always_on_somebodys_behalf(world: World) -> None:
    with pytest.raises(ValueError, match="nobody says on whose behalf"):
        Principal(ActorKind.TOKEN, "robin", is_agent=True)
    with pytest.raises(ValueError, match="is nobody who signs in at a terminal"):
        Principal(ActorKind.TOKEN, "robin", owner=world.requester, through="terminal")


def test_a_persons_token_has_no_scopes_that_an_older_tealgate_would_honour(world: World) -> None:
    agent(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.update(kind="PERSON")


def test_somebody_at_a_terminal_makes_no_token_that_would_outlive_theirs(world: World) -> None:
    assert "on the page API tokens" in rights.token_refusal(Principal.person(world.requester, through="terminal (1)"))
