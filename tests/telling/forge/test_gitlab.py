"""GitLab is told what becomes of a deployment: its environments show it, once each."""

from collections.abc import Iterator
from typing import Any

import pytest

from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.telling.forge.models import Forge, ForgeKind, ForgeRepository, ForgeTelling
from tests.delivery.engine.world import World
from tests.telling.forge.conftest import SHA, ended, tell
from tests.telling.forge.gitlab_server import TOKEN, GitLab
from tests.telling.forge.server import served

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def gitlab(world: World) -> Iterator[GitLab]:
    gitlab = GitLab(world.clock)
    with served(gitlab, "/api/v4"):
        forge = Forge.objects.create(name="GitLab", kind=ForgeKind.GITLAB, api_url=gitlab.base, secret=TOKEN)
        ForgeRepository.objects.create(
            forge=forge, application=world.environment.application, repository="shop/web/storefront"
        )
        yield gitlab


def row(deployment: Deployment) -> ForgeTelling:
    return ForgeTelling.objects.get(deployment=deployment)


def test_gitlab_is_told_each_state_in_its_order(world: World, gitlab: GitLab) -> None:
    deployment = world.request()
    tell(world)
    world.run(deployment)
    tell(world)
    tell(world)

    made = gitlab.deployments[500]
    assert (made["environment"], made["sha"], made["ref"], made["tag"]) == ("production", SHA, "trunk", False)
    assert gitlab.states[500] == ["running", "success"]
    assert (row(deployment).told, row(deployment).due_at) == ("success", None)


def test_a_project_may_be_named_by_its_number(world: World, gitlab: GitLab) -> None:
    ForgeRepository.objects.update(repository="17")
    deployment = ended(world)
    tell(world)

    assert row(deployment).told == "success"


def test_what_ends_otherwise_has_failed_or_was_canceled(world: World, gitlab: GitLab) -> None:
    turned = world.run(world.request(), until="BAKE_TIME")
    turning_back.roll_back(deployment=turned, principal=Principal.person(world.requester), now=world.clock())
    world.run(turned)
    tell(world)
    stopped = world.request()
    tell(world)
    turning_back.stop(deployment=stopped, principal=Principal.person(world.requester), now=world.clock())
    world.run(stopped)
    tell(world)

    assert [gitlab.states[number] for number in (500, 501)] == [["failed"], ["running", "canceled"]]


@pytest.mark.parametrize("call", range(3))
def test_an_answer_that_is_lost_makes_nothing_twice(world: World, gitlab: GitLab, call: int) -> None:
    """The branch is asked for, the deployment made; then its end is told."""
    deployment = world.request()
    gitlab.faults.extend(["lost" if number == call else "" for number in range(2)])
    tell(world)
    world.clock.forward(seconds=10)
    tell(world)
    world.run(deployment)
    gitlab.faults.extend(["lost"] if call == 2 else [])
    tell(world)
    world.clock.forward(seconds=10)
    tell(world)

    assert gitlab.states == {500: ["running", "success"]}
    assert row(deployment).told == "success"


@pytest.mark.parametrize("fault", ["lost", (502, {"message": "Bad gateway"}, {})])
def test_two_deployments_of_one_commit_are_not_taken_for_each_other(world: World, gitlab: GitLab, fault: Any) -> None:
    """Whether the second was made or not."""
    ended(world)
    tell(world)
    second = ended(world)
    gitlab.faults.extend(["", fault])
    tell(world)
    world.clock.forward(seconds=10)
    tell(world)

    assert (row(second).forge_id, len(gitlab.deployments)) == ("501", 2)


def test_a_state_that_gitlab_has_already_is_not_refused(world: World, gitlab: GitLab) -> None:
    """As when somebody set it there by hand."""
    deployment = world.request()
    tell(world)
    gitlab.deployments[500]["status"] = "success"
    world.run(deployment)
    tell(world)

    assert (row(deployment).told, row(deployment).said) == ("success", "")


@pytest.mark.parametrize(
    ("role", "token", "repository", "sentence"),
    [
        ("Reporter", TOKEN, "shop/web/storefront", "GitLab does not allow it (HTTP 403: 403 Forbidden)."),
        (
            "Developer",
            "glpat-another-one",
            "shop/web/storefront",
            "GitLab does not take this connection's key",
        ),
        ("Developer", TOKEN, "shop/other", "GitLab does not show this repository (HTTP 404: 404 Project Not Found)."),
    ],
)
def test_what_gitlab_refuses_is_said(
    world: World, gitlab: GitLab, role: str, token: str, repository: str, sentence: str
) -> None:
    gitlab.role = role
    forge = Forge.objects.get()
    forge.secret = token
    forge.save()
    ForgeRepository.objects.update(repository=repository)
    deployment = ended(world)
    tell(world)

    assert sentence in row(deployment).said
    assert gitlab.deployments == {}


def test_a_deployment_that_somebody_deleted_on_gitlab_is_told_no_more(world: World, gitlab: GitLab) -> None:
    deployment = world.request()
    tell(world)
    gitlab.deployments.clear()
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    tell(world)

    assert "Somebody deleted this deployment on GitLab" in row(deployment).said
    assert deployment.events.filter(kind="deployment.forge_not_told").count() == 1
