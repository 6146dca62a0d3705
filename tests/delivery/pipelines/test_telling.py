"""A pipeline that waits is told what became of the deployment, once, and of no other."""

from datetime import timedelta
from typing import Any

import pytest
from django_q.models import OrmQ
from structlog.testing import capture_logs

from deployments.aws import errors
from deployments.catalog.models import Environment, GatePolicy, Release
from deployments.delivery import approvals, turning_back, warm_time
from deployments.delivery.models import Deployment, PipelineAnswer
from deployments.delivery.pipelines import telling
from deployments.ops.errands import Errands
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.vocabulary import Status
from tests.delivery.engine.told import AwsEvent
from tests.delivery.engine.world import NOON, World, made, make_release, make_world
from tests.fakes.names import ACCOUNT
from tests.fakes.pipeline import ACTION

pytestmark = pytest.mark.django_db

OURS = "Build of main. tealgate: shop 1.1.0"
LONG_AGO = NOON - timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return make_world(gate=False, approval_action=ACTION, termination_wait_seconds=1, bake_seconds=1)


def tell(world: World, *, times: int = 1) -> None:
    for _ in range(times):
        telling.tell("worker", world.clock, lambda binding: world.aws, lambda: False)


def later(world: World, deployment: Deployment) -> None:
    """At the next look."""
    world.clock.now = max(world.clock.now, row(deployment).due_at)
    tell(world)


def row(deployment: Deployment) -> PipelineAnswer:
    return PipelineAnswer.objects.get(deployment=deployment)


_told = AwsEvent()


def live(world: World, release: Release | None = None) -> Deployment:
    return _told.again(f"live {release}", world, lambda: world.run(world.request(release=release)))


def turned_back(world: World) -> Deployment:
    def story() -> Deployment:
        deployment = world.run(world.request(), until="PRODUCTION_TRAFFIC_SHIFT")
        turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
        return world.run(deployment)

    return _told.again("turned back", world, story)


def told(world: World) -> list[str]:
    return [verdict for verdict, _ in world.aws.pipeline.answers]


def test_a_pipeline_is_told_once_the_deployment_has_ended_well(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = world.run(world.request(), until="BAKE_TIME")
    tell(world)
    assert told(world) == []

    world.run(deployment)
    tell(world, times=3)

    ((verdict, summary),) = world.aws.pipeline.answers
    assert (verdict, summary.partition(": ")[2]) == ("Approved", "1.1.0 to shop/production is live.")
    assert (row(deployment).told, row(deployment).closed_at) == ("Approved", world.clock())
    assert deployment.events.get(kind="deployment.pipeline_told").message == (
        "Told Approved to action Wait-for-Tealgate in stage Production of CodePipeline's shop (eu-central-1)."
    )


def test_a_pipeline_is_told_why_a_deployment_was_turned_back(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = turned_back(world)

    tell(world)

    ((verdict, summary),) = world.aws.pipeline.answers
    assert verdict == "Rejected"
    assert summary.endswith(f"1.1.0 to shop/production is rolled back: {deployment.status_reason}")


def test_a_pipeline_that_comes_later_is_told_then(world: World) -> None:
    deployment = live(world)
    tell(world)
    assert row(deployment).said == "It does not wait for an answer just now."

    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    later(world, deployment)

    assert told(world) == ["Approved"]


def test_looks_for_a_pipeline_that_does_not_come_get_seldomer_and_end_after_a_week(world: World) -> None:
    deployment = live(world)
    looks = 0
    while row(deployment).closed_at is None:
        later(world, deployment)
        looks += 1

    assert looks < 500
    assert timedelta(days=7) < world.clock() - (deployment.finished_at or NOON) < timedelta(days=7, hours=1)
    event = deployment.events.get(kind="deployment.pipeline_not_told")
    assert "Given up after 7 days. It does not wait" in event.message


@pytest.mark.parametrize(
    ("custom_data", "why"),
    [
        ("", "does not say for which one release"),
        ("Please approve 1.1.0 of shop", "does not say for which one release"),
        ("tealgate: shop 1.1.0-rc1", "It waits for shop 1.1.0-rc1, and this is shop 1.1.0."),
        ("tealgate: search 1.1.0", "It waits for search 1.1.0, and this is shop 1.1.0."),
        ("tealgate: shop 1.1.0, for: tealgate: shop 1.2.0", "does not say for which one release"),
        ("tealgate: shop #{Source.CommitId}", "It waits for shop #{Source.CommitId}"),
    ],
)
def test_what_waits_for_something_else_is_not_answered(world: World, custom_data: str, why: str) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, custom_data)
    deployment = live(world)

    tell(world)

    assert (told(world), why in row(deployment).said) == ([], True)


def test_an_execution_that_began_after_the_deployment_was_requested_is_not_its(world: World) -> None:
    deployment = live(world)
    world.aws.pipeline.come("again", world.clock(), OURS)

    later(world, deployment)
    assert "after this deployment was requested. Deploy it again" in row(deployment).said
    world.clock.forward(minutes=1)
    anew = live(world)
    tell(world)

    assert (told(world), row(anew).told) == (["Approved"], "Approved")


def test_of_two_deployments_of_one_release_the_newer_one_answers(world: World) -> None:
    first = turned_back(world)
    tell(world)
    second = live(world)
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    later(world, second)

    assert told(world) == ["Approved"]
    assert (row(first).told, row(first).said) == ("", f"Deployment {second.pk} of the same release answers instead.")


def test_deployments_of_two_releases_answer_their_own_executions(world: World) -> None:
    """As in a pipeline that keeps them QUEUED."""
    first = live(world)
    second = live(world, make_release(world.environment.application, "1.2.0", "3"))
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    for deployment in (second, first):
        later(world, deployment)
    world.aws.pipeline.come("e-2", LONG_AGO, "tealgate: shop 1.2.0")
    later(world, second)

    assert [summary.partition(": ")[2][:5] for _, summary in world.aws.pipeline.answers] == ["1.1.0", "1.2.0"]


def test_a_pipeline_that_is_parallel_has_no_token_and_is_not_answered(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS, parallel=True)
    deployment = live(world)

    tell(world)

    assert "no token of a pipeline in the mode PARALLEL" in row(deployment).said


def test_a_stage_that_is_tried_again_is_told_by_the_next_deployment(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    turned_back(world)
    tell(world)
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    live(world)
    tell(world, times=2)

    assert told(world) == ["Rejected", "Approved"]


# Told by its gates


@pytest.fixture
def gated() -> World:
    world = make_world(approval_action=ACTION, answered_when="GATES", termination_wait_seconds=600)
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    return world


def test_a_pipeline_that_waits_for_the_gate_is_told_once_people_approved(gated: World) -> None:
    deployment = gated.run(gated.request())
    tell(gated)
    assert told(gated) == []

    gated.approve(deployment)
    tell(gated)

    assert gated.aws.pipeline.answers[0][1].endswith("1.1.0 to shop/production was approved.")
    assert not gated.advance(deployment).is_terminal


def test_a_pipeline_that_waits_for_the_gate_is_told_when_somebody_says_no(gated: World) -> None:
    deployment = gated.run(gated.request())
    approvals.reject(
        gate=deployment.gates.open().get(), principal=Principal.person(gated.approver), comment="too slow",
        now=gated.clock(),
    )  # fmt: skip
    gated.run(deployment)

    tell(gated)

    assert told(gated) == ["Rejected"]
    assert "too slow" in gated.aws.pipeline.answers[0][1]


def test_a_pipeline_that_waits_for_the_gates_waits_for_the_last_of_them(gated: World) -> None:
    made(GatePolicy(environment=gated.environment, stage="BAKE_TIME", timeout_minutes=60))
    deployment = gated.run(gated.request())
    gated.approve(deployment)
    gated.run(deployment)
    gated.clock.forward(seconds=30)
    tell(gated)
    assert (deployment.stage, told(gated)) == ("BAKE_TIME", [])

    gated.approve(deployment)
    gated.clock.forward(seconds=30)
    tell(gated)

    assert told(gated) == ["Approved"]


def test_a_gate_that_went_on_by_itself_was_approved_by_nobody(gated: World) -> None:
    gated.environment.gate_policies.update(timeout_action="CONTINUE")
    deployment = gated.run(gated.request())
    gated.clock.forward(hours=2)
    gated.run(deployment, until="BAKE_TIME")
    tell(gated)
    assert told(gated) == []

    gated.run(deployment)
    tell(gated)

    assert told(gated) == ["Approved"]


# What gets lost, comes twice, or comes from somebody else


class Killed(BaseException):
    """As by SIGKILL: nobody catches it."""


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_is_killed_while_it_answers_answers_once(world: World, after: bool) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = live(world)
    world.aws.fail_next("PutApprovalResult", Killed(), after_write=after)
    with pytest.raises(Killed):
        tell(world)
    tell(world)
    assert told(world) == ["Approved"] * after  # the dead one still holds it

    world.clock.forward(seconds=90)
    tell(world, times=2)

    assert told(world) == ["Approved"]
    assert (row(deployment).told, deployment.events.filter(kind="deployment.pipeline_told").count()) == ("Approved", 1)


def test_an_answer_that_was_lost_is_not_given_to_the_execution_that_follows(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = live(world)
    world.aws.fail_next("PutApprovalResult", errors.Unavailable, after_write=True)
    tell(world)
    world.aws.pipeline.come("e-2", LONG_AGO, OURS)

    later(world, deployment)

    assert told(world) == ["Approved"]
    assert row(deployment).said == "It is Succeeded already, which is what Approved makes of it."


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("Rejected", "It is Failed already: somebody else answered, or its time was over."),
        ("Approved", "It is Succeeded already, which is what Approved makes of it."),
    ],
)
def test_who_answers_at_the_same_moment_is_not_overruled(world: World, verdict: str, said: str) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = live(world)
    somebody_else = errors.Invalid("PutApprovalResult", "ApprovalAlreadyCompletedException", "Already completed.")
    world.aws.fail_next("PutApprovalResult", somebody_else)
    tell(world)
    world.aws.pipeline.answer(verdict, "clicked in CodePipeline")

    later(world, deployment)

    assert (row(deployment).told, row(deployment).said) == ("", said)
    assert deployment.events.filter(kind="deployment.pipeline_not_told").count() == 1


def test_a_token_that_is_no_longer_valid_is_read_again(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = live(world)
    stale = errors.Invalid("PutApprovalResult", "InvalidApprovalTokenException", "The approval token is invalid.")
    world.aws.fail_next("PutApprovalResult", stale)
    tell(world)
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)

    later(world, deployment)

    assert told(world) == ["Approved"]


def test_an_approval_whose_time_was_over_is_said_and_left(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    world.aws.pipeline.expire()
    deployment = live(world)

    tell(world)

    assert row(deployment).said == "It does not wait for an answer just now; its last run is Failed."


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        ("approval", errors.Denied, "AWS answered"),
        ("approval", errors.Unavailable, "AWS answered"),
        ("approval_run", errors.Throttled, "AWS answered"),
        ("PutApprovalResult", errors.Denied, "AWS answered"),
    ],
)
def test_what_aws_refuses_is_tried_again(world: World, call: str, error: Any, said: str) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = live(world)
    world.aws.fail_next(call, error)
    tell(world)
    assert (told(world), said in row(deployment).said) == ([], True)

    later(world, deployment)

    assert told(world) == ["Approved"]


def test_a_pipeline_that_is_gone_is_said(world: World) -> None:
    world.environment.approval_action = ACTION.replace(":shop/", ":shop-old/")
    world.environment.save()
    deployment = live(world)

    tell(world)

    assert "does not have a pipeline with name 'shop-old'" in row(deployment).said


def test_a_pipeline_of_the_same_name_in_another_account_is_not_answered(world: World) -> None:
    world.environment.approval_action = ACTION.replace(ACCOUNT, "210987654321")
    world.environment.save()
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = live(world)

    tell(world)

    assert told(world) == []
    assert row(deployment).said == f"It is in account 210987654321, and the environment's role in {ACCOUNT}."


def test_a_reason_that_is_too_long_for_codepipeline_is_cut(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = turned_back(world)
    Deployment.objects.filter(pk=deployment.pk).update(status_reason="long " * 200)

    tell(world)

    assert len(world.aws.pipeline.answers[0][1]) == 512


def test_an_execution_that_was_stopped_in_its_stage_is_not_answered(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    world.aws.pipeline.expire("Abandoned")
    deployment = live(world)

    tell(world)

    assert (told(world), row(deployment).said.endswith("its last run is Abandoned.")) == ([], True)


def test_an_environment_that_is_retired_tells_nothing_any_more(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    live(world)
    Environment.objects.update(retired_at=world.clock())

    tell(world)

    assert told(world) == []


def test_the_token_is_neither_kept_nor_told(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    with capture_logs() as logged:
        world.aws.fail_next("PutApprovalResult", errors.Throttled)
        deployment = live(world)
        tell(world)
        later(world, deployment)

    (token,) = world.aws.pipeline.tokens
    (action,) = (each for each in world.aws.performed if each.operation == "PutApprovalResult")
    kept = [*PipelineAnswer.objects.values(), *Event.objects.values(), *Deployment.objects.values(), action.as_json()]
    assert told(world) == ["Approved"]
    assert token not in repr((kept, logged, action))


def test_two_workers_answer_once(world: World) -> None:
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = live(world)
    PipelineAnswer.objects.update(lease_token="other", lease_expires_at=world.clock() + timedelta(seconds=60))

    tell(world)

    assert (told(world), row(deployment).lease_token) == ([], "other")


def test_an_environment_without_an_action_has_nothing_to_tell() -> None:
    world = make_world(gate=False)
    live(world)

    tell(world)

    assert (PipelineAnswer.objects.count(), world.aws.calls["approval"]) == (0, 0)


def test_a_release_that_is_kept_warm_is_told_once_that_is_over(world: World) -> None:
    world.environment.termination_wait_seconds = 600
    world.environment.save()
    world.aws.pipeline.come("e-1", LONG_AGO, OURS)
    deployment = world.request()
    while not deployment.is_warm:
        world.clock.now = max(world.clock.now, deployment.next_check_at or NOON)
        world.advance(deployment)
    tell(world)
    assert told(world) == []

    warm_time.finish_now(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    tell(world)

    assert (told(world), deployment.status) == (["Approved"], Status.SUCCESSFUL)


# The heartbeat asks for it


def test_the_heartbeat_has_it_told_as_soon_as_it_is_due_and_does_not_ask_all_the_time(
    world: World,
) -> None:
    world.request()
    errands = Errands()
    errands.ask(NOON)
    assert asked_for() == 0

    world.run(Deployment.objects.get())
    now = world.clock()
    errands.ask(now)
    assert asked_for() == 1
    errands.ask(now + timedelta(seconds=1))
    assert asked_for() == 1
    errands.ask(now + timedelta(seconds=3))
    assert asked_for() == 2  # nobody took it up


def asked_for() -> int:
    return sum(queued.task["func"] == "deployments.tasks.tell_pipelines" for queued in OrmQ.objects.all())
