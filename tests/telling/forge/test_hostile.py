"""Forges that answer what no forge should: each is said, and keeps no other deployment waiting."""

import time
from typing import Any

import pytest

from deployments.delivery.models import Deployment
from deployments.telling.forge import calling
from deployments.telling.forge.models import Forge, ForgeTelling
from deployments.vocabulary import Status
from tests.delivery.engine.world import World
from tests.telling.forge.conftest import SHA, ended, tell
from tests.telling.forge.github_server import GitHub

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("repository")]


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([(403, {"message": "slow down"}, {"Retry-After": "9" * 5000})], "does not allow it (HTTP 403: slow down)"),
        ([(422, {"message": "no\0 \ud800"}, {})], "refuses it (HTTP 422: no\ufffd \ufffd)"),
        (["lost", (200, [{"payload": "[" * 200_000}], {})], "made Tealgate fail (RecursionError: "),
    ],
    ids=["asks for ages", "no letters", "nested"],
)
def test_what_github_answers_to_one_deployment_keeps_no_other_waiting(
    world: World, github: GitHub, faults: list[Any], said: str
) -> None:
    first, second = ended(world), ended(world)
    Deployment.objects.filter(pk=first.pk).update(status=Status.ROLLBACK_SUCCESSFUL)
    github.faults.extend(["", *faults])
    found = []
    for _ in range(4):
        tell(world)
        found += [ForgeTelling.objects.get(deployment=first).said, *_troubles()]
        world.clock.forward(seconds=20)

    assert said in " ".join(found)
    rows = ForgeTelling.objects.order_by("deployment").values_list("deployment", "told", "said", "due_at")
    assert list(rows) == [(first.pk, "failure", "", None), (second.pk, "success", "", None)]


@pytest.mark.parametrize("answer", [{"token": "\u20ac"}, {"token": "a\nb"}, {"token": "a", "expires_at": "never"}])
def test_a_token_that_is_none_is_not_sent(world: World, github: GitHub, answer: Any) -> None:
    ended(world)
    github.faults.append((201, {"expires_at": "2030-01-01T00:00:00", **answer}, {}))

    tell(world)

    assert (Forge.objects.get().trouble, len(github.calls)) == ("GitHub gave no token for its app.", 1)


def test_a_time_without_its_zone_is_that_of_utc(world: World, github: GitHub) -> None:
    github.fine_grained = "early"
    github.faults.append((201, {"token": "early", "expires_at": "2030-01-01T00:00:00"}, {}))
    ended(world)

    tell(world)

    assert github.states() == ["success"]


def test_a_github_that_answers_slowly_does_not_end_the_process_that_asks_it(
    world: World, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task has 75 s, in which four slow steps may not have room."""
    monkeypatch.setattr(calling, "TURN_SECONDS", 0.3)
    good = github.answered

    def slowly(*said: Any) -> Any:
        time.sleep(0.1)
        return good(*said)

    monkeypatch.setattr(github, "answered", slowly)
    deployment = ended(world)
    tell(world)
    assert (len(github.calls) < 4, Forge.objects.get().trouble) == (
        True, "GitHub answers slowly; it is asked for the rest later.",
    )  # fmt: skip

    for _ in range(12):
        world.clock.forward(minutes=1)
        tell(world)

    assert (len(github.deployments), github.states(), github.commit_states(SHA)) == (1, ["success"], ["success"])
    assert ForgeTelling.objects.get(deployment=deployment).due_at is None


def test_what_is_given_up_costs_no_request_while_the_repository_rests(world: World, github: GitHub) -> None:
    deployments = [ended(world) for _ in range(5)]
    Deployment.objects.filter(pk__in=[each.pk for each in deployments[:-1]]).update(status=Status.FAILED)
    github.repositories = {}
    tell(world)
    world.clock.forward(days=3, minutes=1)
    github.calls.clear()

    tell(world)

    assert [path for _, path in github.calls if "access_tokens" not in path] == ["/repos/shop/storefront/deployments"]
    rows = ForgeTelling.objects.values_list("due_at", "said")
    assert {(due_at, said.partition(". ")[0]) for due_at, said in rows} == {(None, "Given up after 3 days")}
    assert all("was renamed, moved or deleted" in said for _, said in rows)


def _troubles() -> list[str]:
    forge = Forge.objects.get()
    return [forge.trouble, *(each.trouble for each in forge.repositories.all())]
