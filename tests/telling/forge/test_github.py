"""GitHub is told what becomes of a deployment: in order, once, and never in its way."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from deployments.delivery import retiring, turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.telling.forge import calling, connecting, telling
from deployments.telling.forge.models import Forge, ForgeKind, ForgeRepository, ForgeTelling
from deployments.vocabulary import Status
from tests.delivery.engine.world import World
from tests.telling.forge.conftest import SHA, another_release, ended, tell, with_commit
from tests.telling.forge.github_server import GitHub

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("repository")]

OTHER_SHA = "decade" + "1" * 34


def row(deployment: Deployment) -> ForgeTelling:
    return ForgeTelling.objects.get(deployment=deployment)


def live(world: World, **said: Any) -> Deployment:
    deployment = ended(world, **said)
    tell(world)
    return deployment


def administrator() -> User:
    user = User.objects.create_user("administrator")
    user.user_permissions.add(Permission.objects.get(codename="change_forge"))
    return user


def later(world: World, **delta: float) -> None:
    world.clock.forward(**delta)
    tell(world)


def test_github_is_told_each_state_in_its_order_and_success_at_the_very_end(world: World, github: GitHub) -> None:
    deployment = world.request()
    tell(world)
    world.run(deployment, until="PRODUCTION_TRAFFIC_SHIFT")
    tell(world)
    world.run(deployment, until="BAKE_TIME")
    tell(world)
    before = github.states()

    world.run(deployment)
    tell(world)
    tell(world)

    assert (before, github.states()) == (["queued", "in_progress"], ["queued", "in_progress", "success"])
    assert github.commit_states(SHA) == ["pending", "success"]
    made = github.deployments[1]
    assert (made["ref"], made["environment"], made["payload"]) == (SHA, "production", {"tealgate": deployment.key})
    assert (made["auto_merge"], made["required_contexts"], made["production_environment"]) == (False, [], True)
    status = github.statuses[1][-1]
    assert status["log_url"] == f"http://testserver/deployments/deployment/{deployment.pk}/change/"
    assert (status["environment_url"], status["auto_inactive"]) == ("https://shop.example", False)
    assert github.commit_statuses[SHA][-1]["context"] == "tealgate/production"
    assert (row(deployment).told, row(deployment).due_at) == ("success", None)


def test_one_token_of_the_installation_does_for_an_hour(world: World, github: GitHub) -> None:
    live(world)
    assert len(github.tokens) == 1

    world.clock.forward(minutes=59)
    live(world)

    assert len(github.tokens) == 2


def test_a_token_that_was_revoked_early_is_got_anew(world: World, github: GitHub) -> None:
    live(world)
    github.tokens.clear()

    deployment = live(world)

    assert row(deployment).told == "success"


def test_what_another_release_overtook_is_inactive(world: World, github: GitHub) -> None:
    """GitHub itself does so for no environment of production."""
    github.commits.add(OTHER_SHA)
    live(world)
    live(world, release=another_release(world, "1.2.0", OTHER_SHA))

    assert (github.states(1)[-2:], github.states(2)[-1]) == (["success", "inactive"], "success")
    assert github.commit_states(SHA)[-1] == "success"


def test_what_was_overtaken_while_github_was_away_does_not_look_as_if_it_went_on(world: World, github: GitHub) -> None:
    """Statuses that stay pending for ever are what people complain of most."""
    github.commits.add(OTHER_SHA)
    deployment = world.request()
    tell(world)
    Deployment.objects.filter(pk=deployment.pk).update(status=Status.SUCCESSFUL, finished_at=world.clock())
    live(world, release=another_release(world, "1.2.0", OTHER_SHA))

    assert (github.states(1), github.commit_states(SHA)) == (["queued", "inactive"], ["pending", "success"])


def test_what_was_over_before_github_heard_of_it_is_not_told(world: World, github: GitHub) -> None:
    github.commits.add(OTHER_SHA)
    first = ended(world)
    live(world, release=another_release(world, "1.2.0", OTHER_SHA))

    assert [each["ref"] for each in github.deployments.values()] == [OTHER_SHA]
    assert (row(first).told, row(first).due_at) == ("", None)


def test_what_is_live_in_an_environment_that_is_retired_is_inactive(world: World, github: GitHub) -> None:
    live(world)
    person = world.requester
    person.user_permissions.add(Permission.objects.get(codename="retire_environment"))
    principal = Principal.person(User.objects.get(pk=person.pk))
    retiring.retire(environment=world.environment, reason="gone", principal=principal, now=world.clock())
    tell(world)

    assert github.states() == ["success", "inactive"]


def test_a_roll_back_is_a_failure(world: World, github: GitHub) -> None:
    deployment = world.run(world.request(), until="BAKE_TIME")
    tell(world)
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    tell(world)

    assert (github.states()[-1], github.commit_states(SHA)[-1]) == ("failure", "failure")
    assert github.statuses[1][-1]["description"].startswith("1.1.0 is rolled back: ")


def test_what_was_stopped_before_anything_moved_is_inactive(world: World, github: GitHub) -> None:
    deployment = world.request()
    tell(world)
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    tell(world)

    assert (github.states(), github.commit_states(SHA)) == (["queued", "inactive"], ["pending", "error"])


def test_a_release_without_a_commit_is_told_to_nobody(world: World, github: GitHub) -> None:
    live(with_commit(world, ""))

    assert (github.calls, ForgeTelling.objects.count()) == ([], 0)


def test_an_environment_is_called_as_github_calls_it(world: World, github: GitHub, repository: ForgeRepository) -> None:
    ForgeRepository.objects.update(environment_names="production = shop/eu prod\nstaging=Staging")
    live(world)

    assert github.deployments[1]["environment"] == "shop/eu prod"
    repository.refresh_from_db()
    assert (repository.ours("shop/eu prod"), repository.ours("production")) == ("production", "")


def test_a_fine_grained_token_does_as_well(world: World, github: GitHub) -> None:
    github.fine_grained = "github_pat_1"
    Forge.objects.update(kind=ForgeKind.GITHUB_TOKEN)
    forge = Forge.objects.get()
    forge.secret = "github_pat_1"
    forge.save()

    assert row(live(world)).told == "success"
    assert github.tokens == {}


# What goes wrong


@pytest.mark.parametrize("fault", ["lost", (502, {"message": "Bad gateway"}, {})])
@pytest.mark.parametrize("write", range(4))
def test_an_answer_that_is_lost_makes_nothing_twice(world: World, github: GitHub, fault: Any, write: int) -> None:
    """The token, the deployment, its status, its commit's."""
    deployment = ended(world)
    github.faults.extend([""] * write + [fault])
    tell(world)
    for _ in range(3):
        later(world, seconds=10)

    assert (len(github.deployments), github.states(), github.commit_states(SHA)) == (1, ["success"], ["success"])
    assert (row(deployment).told, row(deployment).said) == ("success", "")
    assert Forge.objects.get().trouble == ""


@pytest.mark.parametrize("write", range(4))
def test_a_worker_that_is_killed_at_any_point_leaves_nothing_to_be_told_twice(
    world: World, github: GitHub, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    """Right after GitHub has done it, and before it could be recorded."""
    deployment = ended(world)
    read, left = calling.read, [write]

    def killed(*said: Any) -> Any:
        answer = read(*said)
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(calling, "read", killed)
        with pytest.raises(KeyboardInterrupt):
            tell(world)
            raise KeyboardInterrupt
    tell(world, "another")
    assert row(deployment).lease_token != "another"
    later(world, minutes=2)

    assert (len(github.deployments), github.states(), github.commit_states(SHA)) == (1, ["success"], ["success"])
    assert row(deployment).due_at is None


def test_a_limit_of_github_is_waited_for_by_all_that_goes_over_the_connection(world: World, github: GitHub) -> None:
    first = ended(world)
    reset = str(int((world.clock() + timedelta(minutes=20)).timestamp()))
    limits = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    github.faults.extend(["", (403, {"message": "API rate limit exceeded"}, limits)])
    tell(world)
    calls = len(github.calls)
    later(world, minutes=19)
    assert (len(github.calls), github.deployments) == (calls, {})
    assert "GitHub asks to wait until 2026-03-02" in Forge.objects.get().trouble

    later(world, minutes=2)

    assert (row(first).told, Forge.objects.get().trouble) == ("success", "")


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ((429, {"message": "Too many"}, {"Retry-After": "77"}), 77),
        ((403, {"message": "You have exceeded a secondary rate limit."}, {}), 60),
        ((503, {"message": "Busy"}, {"Retry-After": "999999999"}), 7200),
    ],
)
def test_how_long_github_asks_to_wait_is_kept(world: World, github: GitHub, answer: Any, seconds: int) -> None:
    ended(world)
    github.faults.extend(["", answer])
    tell(world)

    assert Forge.objects.get().rests_until == world.clock() + timedelta(seconds=seconds)


def test_a_github_that_hangs_costs_one_request_each_half_hour(
    world: World, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "SECONDS", 0.05)
    for _ in range(3):
        ended(world)
    github.faults.extend(["hang"] * 20)
    for _ in range(4):
        later(world, hours=1)

    assert len(github.calls) == 4
    assert "did not answer within" in Forge.objects.get().trouble
    assert Deployment.objects.filter(status=Status.SUCCESSFUL).count() == 3


def test_a_permission_that_is_missing_is_said_and_found_when_it_is_there(
    world: World, github: GitHub, repository: ForgeRepository
) -> None:
    del github.permissions["deployments"]
    deployment = live(world)
    repository.refresh_from_db()
    assert "Resource not accessible by integration" in repository.trouble
    assert "Give the app or token the permissions" in row(deployment).said

    github.permissions["deployments"] = "write"
    later(world, minutes=1)

    repository.refresh_from_db()
    assert (row(deployment).told, repository.trouble) == ("success", "")


def test_a_key_that_is_not_the_apps_is_said(world: World, github: GitHub) -> None:
    forge = Forge.objects.get()
    forge.secret = "-----BEGIN RSA {0}-----\nnonsense\n-----END RSA {0}-----".format("PRIVATE KEY")
    forge.save()
    live(world)

    assert "private key of this connection cannot be read" in Forge.objects.get().trouble
    assert github.calls == []


def test_an_app_that_was_uninstalled_is_said(world: World, github: GitHub) -> None:
    Forge.objects.update(installation_id="1")
    live(world)

    assert "knows no installation 1 of the app 4711" in Forge.objects.get().trouble


def test_a_repository_with_a_new_name_is_followed_on_the_same_host_and_said(
    world: World, github: GitHub, repository: ForgeRepository
) -> None:
    github.repositories, github.moved = {"shop/front": 99}, {"shop/storefront": 99}
    deployment = live(world)

    repository.refresh_from_db()
    assert (row(deployment).told, repository.moved) == ("success", True)


def test_a_redirect_to_another_host_is_not_followed(world: World, github: GitHub) -> None:
    elsewhere = {"Location": "http://localhost:1/repositories/99/deployments"}
    github.faults.extend(["", (307, {"message": "Moved"}, elsewhere)])
    live(world)

    assert "redirect to another host" in Forge.objects.get().trouble
    assert github.deployments == {}


def test_a_repository_that_is_gone_is_given_up_after_three_days(
    world: World, github: GitHub, repository: ForgeRepository
) -> None:
    github.repositories = {}
    deployment = live(world)
    repository.refresh_from_db()
    assert "was renamed, moved or deleted" in repository.trouble
    looks = 0
    while row(deployment).due_at is not None:
        later(world, hours=12)
        looks += 1

    assert 6 <= looks <= 7
    assert len([call for call in github.calls if "access_tokens" not in call[1]]) <= 8
    event = deployment.events.get(kind="deployment.forge_not_told")
    assert "Given up after 3 days. GitHub does not show this repository" in event.message

    github.repositories = {"shop/storefront": 99}
    forge = Forge.objects.get()
    person = administrator()
    connecting.saved(forge=forge, before=None, secrets=(), principal=Principal.person(person), now=world.clock())
    tell(world)
    assert row(deployment).told == "success"


def test_a_commit_that_github_does_not_know_yet_is_tried_again(world: World, github: GitHub) -> None:
    github.commits.clear()
    deployment = live(world)
    assert f"No ref found for: {SHA}" in row(deployment).said

    github.commits.add(SHA)
    later(world, minutes=1)

    assert row(deployment).told == "success"


def test_a_deployment_that_somebody_deleted_on_github_is_told_no_more(world: World, github: GitHub) -> None:
    deployment = world.request()
    tell(world)
    github.deployments.clear()
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    tell(world)

    assert row(deployment).due_at is None
    assert "Somebody deleted this deployment on GitHub" in row(deployment).said


def test_a_commit_with_as_many_statuses_as_github_keeps_is_left_as_it_is(world: World, github: GitHub) -> None:
    full = "Validation Failed", "This SHA and context has reached the maximum number of statuses."
    deployment = ended(world)
    github.faults.extend(["", "", "", (422, {"message": full[0], "errors": [{"message": full[1]}]}, {})])
    tell(world)

    assert (row(deployment).told, row(deployment).due_at) == ("success", None)


def test_an_event_that_comes_while_it_is_told_is_not_overlooked(world: World, github: GitHub) -> None:
    deployment = world.request()
    tell(world)
    ForgeTelling.objects.update(due_at=world.clock())
    claimed = telling._Turn(row(deployment).pk, "", world.clock)
    ForgeTelling.objects.update(asks=5)

    claimed.take()

    assert row(deployment).due_at == world.clock()


def test_nothing_secret_is_in_what_is_shown_of_a_connection(world: World, keys: tuple[str, str]) -> None:
    live(world)
    forge = Forge.objects.get()

    assert "PRIVATE" not in f"{forge!r} {forge} {vars(forge)}"
    assert not any("ghs_" in str(vars(each)) for each in ForgeTelling.objects.all())
