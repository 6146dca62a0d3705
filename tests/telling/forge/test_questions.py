"""A job on GitHub waits for a gate here: who is believed, what decides, and that it is answered once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from deployments.catalog.models import Environment, GatePolicy, Release
from deployments.delivery import approvals, turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.record import outbox
from deployments.record.models import Event
from deployments.telling.forge import answering, asking, calling
from deployments.telling.forge.models import Forge, ForgeKind, ForgeQuestion, ForgeRepository
from tests.delivery.engine.world import World, made, make_environment
from tests.telling.forge.asking import question, send
from tests.telling.forge.conftest import RUN, SHA, another_release, ended, with_commit
from tests.telling.forge.github_server import GitHub

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("repository")]


def asked(world: World, github: GitHub, **changes: Any) -> ForgeQuestion:
    """By GitHub, at the world's time, and looked at once."""
    github.waiting[RUN, changes.get("environment", "production")] = []
    response = send(question(github, **changes))
    assert (response.status_code, response.json()) == (202, {"is_answered": True})
    row = ForgeQuestion.objects.get()
    ForgeQuestion.objects.update(asked_at=world.clock(), due_at=world.clock())
    look(world)
    return row


def look(world: World, holder: str = "worker", **later: float) -> None:
    world.clock.forward(**later)
    outbox.deliver(holder, world.clock, lambda: False)
    answering.answer(holder, world.clock, lambda: False)


def reviews(github: GitHub, environment: str = "production") -> list[str]:
    return [review["state"] for review in github.waiting[RUN, environment]]


def test_a_job_goes_on_once_the_release_of_its_commit_is_live(world: World, github: GitHub) -> None:
    row = asked(world, github)
    deployment = world.request()
    look(world)
    assert reviews(github) == []
    world.run(deployment)
    look(world)
    look(world, minutes=30)

    assert reviews(github) == ["approved"]
    assert github.reports == [
        "1.1.0 has not been deployed to shop/production: request that in Tealgate.",
        f"1.1.0 to shop/production decides, and is under way: http://testserver/deployments/deployment/"
        f"{deployment.pk}/change/",
    ]
    row.refresh_from_db()
    assert (row.answered, row.deployment, row.closed_at is not None) == ("approved", deployment, True)
    event = deployment.events.get(kind="forge.answered")
    assert event.message.startswith("The job of shop/storefront that waits for production was approved: 1.1.0")
    assert event.data["commit"] == SHA


def test_where_the_connection_says_so_a_job_goes_on_once_all_gates_are_approved(world: World, github: GitHub) -> None:
    Forge.objects.update(answered_when="GATES")
    made(GatePolicy(environment=world.environment, timeout_minutes=60))
    deployment = world.run(world.request())
    asked(world, github)
    assert reviews(github) == []

    world.approve(deployment)
    look(world)

    assert reviews(github) == ["approved"]
    assert not Deployment.objects.get().is_terminal


def test_without_a_gate_there_is_no_approval_and_the_release_has_to_be_live(world: World, github: GitHub) -> None:
    Forge.objects.update(answered_when="GATES")
    world.request()
    asked(world, github)

    assert reviews(github) == []


def test_a_gate_that_went_on_by_itself_was_approved_by_nobody(world: World, github: GitHub) -> None:
    Forge.objects.update(answered_when="GATES")
    made(GatePolicy(environment=world.environment, timeout_minutes=1, timeout_action="CONTINUE"))
    deployment = world.run(world.request())
    asked(world, github)
    world.clock.forward(minutes=2)
    world.run(deployment, until="BAKE_TIME")
    look(world)

    assert deployment.gates.get().status == "TIMED_OUT"
    assert reviews(github) == []


def test_a_rejection_at_a_gate_turns_the_job_away(world: World, github: GitHub) -> None:
    made(GatePolicy(environment=world.environment, timeout_minutes=60))
    deployment = world.run(world.request())
    asked(world, github)
    approvals.reject(
        gate=deployment.gates.get(), principal=Principal.person(world.approver), comment="typo", now=world.clock()
    )
    world.run(deployment)
    look(world)

    assert reviews(github) == ["rejected"]
    assert "1.1.0 to shop/production is rolled back" in github.waiting[RUN, "production"][0]["comment"]


def test_what_ended_badly_before_the_job_asked_says_nothing_about_it(world: World, github: GitHub) -> None:
    deployment = world.request()
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    world.clock.forward(minutes=1)
    asked(world, github)
    assert "since before this job asked. Deploy it again" in github.reports[0]

    ended(world)
    look(world)

    assert reviews(github) == ["approved"]


def test_what_was_live_and_is_so_no_more_lets_nobody_through(world: World, github: GitHub) -> None:
    ended(world)
    ended(world, release=another_release(world, "1.2.0", "decade" + "1" * 34))
    asked(world, github)

    assert (reviews(github), "something else is by now" in github.reports[0]) == ([], True)


def test_what_somebody_else_put_there_since_lets_nobody_through(world: World, github: GitHub) -> None:
    ended(world)
    Environment.objects.update(live_release=None)
    asked(world, github)

    assert reviews(github) == []


def test_the_beginning_of_a_commit_is_no_proof(world: World, github: GitHub) -> None:
    """Anybody can make a commit that begins with the same seven digits."""
    with_commit(world, SHA[:7])
    ended(world)
    asked(world, github)

    assert reviews(github) == []
    assert github.reports == [
        f"No release of commit {SHA} is registered in Tealgate yet. 1.1.0 has only the beginning of it: register with "
        "all 40 digits."
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"environment": "qa"}, "Shop has no environment that is called qa here"),
        ({"environment": "Production"}, "Shop has no environment that is called Production here"),
        (
            {
                "repository": {"full_name": "shop/front"},
                "deployment_callback_url": f"/repositories/99/actions/runs/{RUN}/deployment_protection_rule",
            },
            "No application in Tealgate is shop/front: connect it under the forge GitHub.",
        ),
    ],
)
def test_a_job_that_nobody_here_can_mean_is_turned_away(
    world: World, github: GitHub, changes: dict[str, Any], why: str
) -> None:
    if "deployment_callback_url" in changes:
        changes = {**changes, "deployment_callback_url": github.base + changes["deployment_callback_url"]}
    ended(world)
    row = asked(world, github, **changes)

    (review,) = github.waiting[RUN, changes.get("environment", "production")]
    assert (review["state"], why in review["comment"]) == ("rejected", True)
    assert Event.objects.get(kind="forge.answered").chain.name == ("forges")
    assert ForgeQuestion.objects.get(pk=row.pk).answered == "rejected"


def test_two_applications_of_one_repository_need_names_of_their_own(world: World, github: GitHub) -> None:
    other = type(world.environment.application).objects.create(name="Search", slug="search")
    make_environment(application=other, region="eu-west-1")
    both = ForgeRepository.objects.create(forge=Forge.objects.get(), application=other, repository="Shop/Storefront")
    ended(world)
    asked(world, github)
    assert reviews(github) == ["rejected"]

    both.environment_names = "production = search"
    both.save()
    ForgeQuestion.objects.all().delete()
    asked(world, github)
    assert reviews(github) == ["approved"]


def test_a_job_that_nobody_lets_through_is_given_up_before_github_does(world: World, github: GitHub) -> None:
    asked(world, github)
    look(world, days=28)
    assert reviews(github) == []
    look(world, days=2)

    assert reviews(github) == ["rejected"]
    assert len(github.reports) == 1


# Who is believed


def test_whoever_does_not_know_the_secret_is_not_believed(world: World, github: GitHub) -> None:
    said = question(github)

    for refused in (
        send(said, secret="guessed"),
        send(said, **dict[str, Any]({"X-Hub-Signature-256": ""})),
        send(said, **dict[str, Any]({"X-Hub-Signature-256": "sha256=é"})),
        send(said, **dict[str, Any]({"X-Hub-Signature-256": "sha1=" + "0" * 40})),
    ):
        assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/problem+json")
    Forge.objects.update(webhook_secret="")
    assert send(said, secret="").status_code == 401
    Forge.objects.update(kind=ForgeKind.GITHUB_TOKEN)
    assert send(said).status_code == 404
    assert not ForgeQuestion.objects.exists()


def test_the_signature_is_over_the_bytes_as_they_came(world: World, github: GitHub) -> None:
    body = b"  " + json.dumps(question(github), indent=3).encode() + b"\n"

    assert send(None, body=body).status_code == 202


def test_a_delivery_is_taken_once_whatever_it_is_called_the_second_time(world: World, github: GitHub) -> None:
    """The header that names it is not signed."""
    said = question(github)

    again = [send(said), send(said), send(said, delivery="00000000-0000")]

    assert [answer.status_code for answer in again] == [202, 409, 409]
    assert ForgeQuestion.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.com/repos/shop/storefront/actions/runs/1/deployment_protection_rule",
        "{other}/repos/shop/storefront/actions/runs/1/deployment_protection_rule",
        "{base}.evil.example.com/repos/shop/storefront/actions/runs/1/deployment_protection_rule",
        "{base}@evil.example.com/repos/shop/storefront/actions/runs/1/deployment_protection_rule",
        "{base}/repos/other/repository/actions/runs/1/deployment_protection_rule",
        "{base}/repos/shop/storefront/../../../user/actions/runs/1/deployment_protection_rule",
        "{base}/repos/shop/storefront/actions/runs/1/deployment_protection_rule?x=1",
        "{base}/repos/shop/storefront/actions/runs/\u0667/deployment_protection_rule",
        "{base}/repos/shop/storefront/dispatches",
        "",
    ],
)
def test_an_answer_goes_to_the_connections_own_api_only(world: World, github: GitHub, address: str) -> None:
    address = address.format(base=github.base, other=github.base.replace("127.0.0.1", "127.0.0.2"))
    refused = send(question(github, deployment_callback_url=address))

    assert refused.status_code == 409
    assert not ForgeQuestion.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"installation": {"id": 1}},
        {"installation": None},
        {"deployment": {"id": 1, "sha": "main"}},
        {"deployment": {"id": "\u0667", "sha": SHA}},
        {"deployment": {"sha": SHA}},
        {"deployment": []},
        {"environment": ""},
        {"environment": "x" * 256},
        {"environment": "a\0b"},
        {"environment": ["production"]},
        {"repository": {"full_name": 1}},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(world: World, github: GitHub, changes: dict[str, Any]) -> None:
    refused = send(question(github, **changes))

    assert (refused.status_code, refused.headers["Content-Type"]) == (409, "application/problem+json")
    assert not ForgeQuestion.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 409), (b"[]", 409), (b"[" * 100_000, 409), (b"\xff", 409), (b" " * (1024 * 1024 + 1), 413)],
)
def test_a_body_that_is_no_question_is_refused(world: World, github: GitHub, body: bytes, status: int) -> None:
    assert send(None, body=body).status_code == status


def test_other_events_are_taken_and_nothing_comes_of_them(world: World, github: GitHub) -> None:
    for event in ("ping", "installation"):
        assert send({"zen": "Keep it"}, **dict[str, Any]({"X-GitHub-Event": event})).json() == {"is_answered": False}
    assert send(question(github, action="completed")).json() == {"is_answered": False}
    assert not ForgeQuestion.objects.exists()


# What goes wrong


def test_an_answer_that_is_lost_is_not_given_twice(world: World, github: GitHub) -> None:
    ended(world)
    github.faults.extend(["", "lost"])
    row = asked(world, github)
    assert ForgeQuestion.objects.get().closed_at is None
    look(world, minutes=1)

    row.refresh_from_db()
    assert (reviews(github), row.answered) == (["approved"], "approved")
    assert sum("deployment_protection_rule" in path for _, path in github.calls) == 1


@pytest.mark.parametrize("call", [0, 1])
def test_a_worker_that_is_killed_while_it_answers_leaves_it_to_the_next(
    world: World, github: GitHub, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    ended(world)
    outbox.deliver("worker", world.clock, lambda: False)
    read, left = calling.read, [call]

    def killed(*said: Any) -> Any:
        answer = read(*said)
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return answer

    with monkeypatch.context() as patched:
        patched.setattr("deployments.telling.forge.app_tokens.read", killed)
        patched.setattr(calling, "read", killed)
        with pytest.raises(KeyboardInterrupt):
            asked(world, github)
    look(world, "another")
    assert ForgeQuestion.objects.get().closed_at is None
    look(world, "another", minutes=2)

    assert (reviews(github), ForgeQuestion.objects.get().answered) == (["approved"], "approved")


def test_what_somebody_went_past_is_closed(world: World, github: GitHub) -> None:
    asked(world, github)
    github.waiting.clear()
    ended(world)
    look(world)

    row = ForgeQuestion.objects.get()
    assert (row.answered, row.closed_at is not None) == ("", True)
    assert row.said.startswith("Nothing waits for an answer any more.")


def test_a_report_that_github_does_not_take_ends_nothing(world: World, github: GitHub) -> None:
    github.faults.extend(["", (422, {"message": "Too many reports"}, {})])
    asked(world, github)
    assert ForgeQuestion.objects.get().closed_at is None

    ended(world)
    look(world)

    assert reviews(github) == ["approved"]


def test_a_missing_permission_is_tried_again(world: World, github: GitHub) -> None:
    del github.permissions["deployments"]
    ended(world)
    asked(world, github)
    assert "Resource not accessible by integration" in ForgeQuestion.objects.get().said

    github.permissions["deployments"] = "write"
    look(world, minutes=1)

    assert reviews(github) == ["approved"]


def test_a_job_is_told_eight_times_at_most_why_it_waits(world: World, github: GitHub) -> None:
    asked(world, github)
    for number in range(9):
        Release.objects.filter(pk=world.release.pk).update(version=f"2.{number}")
        look(world, minutes=11)

    assert len(github.reports) == answering.MOST_REPORTS


def test_an_event_that_comes_while_it_is_looked_at_is_not_overlooked(world: World, github: GitHub) -> None:
    row = asked(world, github)
    ForgeQuestion.objects.update(due_at=world.clock())
    turn = answering._Turn(row.pk, "", world.clock)
    soon = world.clock() + timedelta(seconds=1)
    ForgeQuestion.objects.update(due_at=soon)

    turn.take()

    assert ForgeQuestion.objects.get().due_at == soon


def test_the_rule_answers_by_what_it_is_asked_about_only() -> None:
    assert asking._CALLBACK.fullmatch("/repositories/9/actions/runs/1/deployment_protection_rule")
    assert not asking._CALLBACK.fullmatch("/repositories/9/actions/runs/1/approvals")


def test_a_job_of_one_of_two_applications_in_a_repository_hears_of_it_at_once(world: World, github: GitHub) -> None:
    other = type(world.environment.application).objects.create(name="Search", slug="search")
    make_environment(application=other, region="eu-west-1")
    ForgeRepository.objects.create(
        forge=Forge.objects.get(), application=other, repository="shop/storefront",
        environment_names="production = search",
    )  # fmt: skip
    asked(world, github)

    ended(world)
    look(world)

    assert reviews(github) == ["approved"]
