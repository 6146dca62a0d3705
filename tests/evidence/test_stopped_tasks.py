"""Tasks of the release that stopped by themselves speak against it, in every way to swap. AWS is in memory."""

from dataclasses import replace
from typing import Any

import pytest

from deployments import swaps
from deployments.aws.values import Task
from deployments.evidence.providers.stopped_tasks import why
from deployments.swaps.decisions import Advance, Decision, Fail, OpenGate, Snapshot, Wait
from tests.evidence import stories
from tests.evidence.test_healthy_targets import release_of
from tests.fakes.aws import FakeGateway
from tests.swaps.cases import NOON, seconds, wants_approval

SINCE = NOON - seconds(300)
MEMORY = "OutOfMemoryError: Container killed due to memory usage"


def look(snapshot: Snapshot[Any], aws: FakeGateway) -> Decision:
    swap = swaps.get(snapshot.settings.controller)
    return swap.decide(snapshot, swap.observe(snapshot, aws, NOON), NOON)


def task(snapshot: Snapshot[Any], **changes: Any) -> Task:
    usual = Task(
        arn="task/1",
        task_definition=snapshot.facts.task_definition,
        last_status="STOPPED",
        desired_status="STOPPED",
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
        exit_codes={"web": 137},
        reasons={"web": MEMORY},
        ended_at=NOON - seconds(5),
    )
    return replace(usual, **changes)


def up(story: stories.Story, gate: Any = None) -> tuple[Snapshot[Any], FakeGateway]:
    """All of it runs for five minutes; a target drains and ECS has started another task, so something went."""
    snapshot, aws = story(gate or {})
    facts = replace(snapshot.facts, healthy_at=SINCE)
    if hasattr(facts, "completed_at"):
        facts = replace(facts, completed_at=SINCE)
    settings = replace(
        snapshot.settings, service_name=snapshot.settings.service_name and release_of(snapshot, aws).name
    )
    release_of(snapshot, aws).draining = 1
    release_of(snapshot, aws).started_tasks_at = NOON - seconds(3)
    return replace(snapshot, facts=facts, settings=settings), aws


@pytest.fixture(params=stories.ALL)
def watching(request: pytest.FixtureRequest) -> tuple[Snapshot[Any], FakeGateway]:
    return up(stories.ALL[request.param][0])


def test_more_than_are_allowed_turn_it_back(watching: tuple[Snapshot[Any], FakeGateway]) -> None:
    snapshot, aws = watching
    release_of(snapshot, aws).stopped = [task(snapshot)] * 3

    decision = look(snapshot, aws)

    assert isinstance(decision, Fail), decision
    assert (
        f"had 3 tasks that stopped by themselves (exit code 137, {MEMORY}); at most 2 are allowed." in decision.reason
    )


def test_a_few_are_said_and_it_goes_on(watching: tuple[Snapshot[Any], FakeGateway]) -> None:
    snapshot, aws = watching
    release_of(snapshot, aws).stopped = [task(snapshot)] * 2

    decision = look(snapshot, aws)

    assert isinstance(decision, Wait), decision
    assert "2 tasks that stopped by themselves (exit code 137" in decision.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"stop_code": "SpotInterruption"},
        {"stop_code": "TerminationNotice"},
        {"stop_code": "InfrastructureHealth"},
        {"stop_code": "UserInitiated", "stopped_reason": "Task stopped by user"},
        {"stop_code": "ServiceSchedulerInitiated", "stopped_reason": "Scaling activity initiated by (deployment 1)"},
        {"task_definition": "shop:1"},
        {"ended_at": SINCE},
        {"ended_at": None},
    ],
)
def test_what_is_not_the_release_s_doing_does_not_count(
    watching: tuple[Snapshot[Any], FakeGateway], changes: dict[str, Any]
) -> None:
    snapshot, aws = watching
    release_of(snapshot, aws).stopped = [task(snapshot, **changes)] * 9

    decision = look(snapshot, aws)

    assert isinstance(decision, Wait), decision
    assert "stopped by" not in decision.reason


def test_one_that_failed_its_health_checks_counts(watching: tuple[Snapshot[Any], FakeGateway]) -> None:
    snapshot, aws = watching
    failed = {
        "stop_code": "ServiceSchedulerInitiated",
        "stopped_reason": "Task failed ELB health checks in (target-group)",
    }
    release_of(snapshot, aws).stopped = [task(snapshot, **failed)] * 3

    assert isinstance(look(snapshot, aws), Fail)


@pytest.mark.parametrize("swap", ["SERVICE_PAIR", "ROLLING"])
def test_the_gate_keeps_how_many_there_were(swap: str) -> None:
    story, stage = stories.ALL[swap]
    snapshot, aws = up(story, wants_approval(stage))
    release_of(snapshot, aws).stopped = [task(snapshot)]

    opened = look(snapshot, aws)

    assert isinstance(opened, OpenGate)
    assert [(each["title"], each["value"]) for each in opened.evidence["figures"]] == [
        ("Tasks that stopped by themselves", 1)
    ]


def test_they_are_not_asked_for_while_nothing_shows_that_any_went(
    watching: tuple[Snapshot[Any], FakeGateway],
) -> None:
    snapshot, aws = watching
    release_of(snapshot, aws).draining = 0
    release_of(snapshot, aws).started_tasks_at = SINCE

    look(snapshot, aws)

    assert "stopped_tasks" not in aws.calls


@pytest.mark.parametrize("swap", ["SERVICE_PAIR", "ROLLING"])
@pytest.mark.parametrize("shown", [{"started_tasks_at": NOON - seconds(9)}, {"running": 1}])
def test_where_services_are_read_ecs_shows_that_tasks_went(swap: str, shown: dict[str, Any]) -> None:
    snapshot, aws = up(stories.ALL[swap][0])
    service = release_of(snapshot, aws)
    service.draining, service.started_tasks_at = 0, None
    for name, value in shown.items():
        setattr(service, name, value)

    look(snapshot, aws)

    assert aws.calls["stopped_tasks"] == 1


def test_an_owner_may_leave_them_uncounted(watching: tuple[Snapshot[Any], FakeGateway]) -> None:
    snapshot, aws = watching
    release_of(snapshot, aws).stopped = [task(snapshot)] * 9
    uncounted = replace(snapshot, settings=replace(snapshot.settings, max_stopped_tasks=None))

    assert isinstance(look(uncounted, aws), Wait)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, f"exit code 137, {MEMORY}"),
        ({"reasons": {}}, "exit code 137"),
        ({"stopped_reason": "Task failed container health checks."}, "Task failed container health checks"),
        ({"exit_codes": {"web": None}, "reasons": {}}, "Essential container in task exited"),
    ],
)
def test_why_it_stopped_is_said_in_aws_s_words(changes: dict[str, Any], words: str) -> None:
    snapshot, _ = stories.watching("ECS")

    assert why(task(snapshot, **changes)) == words


@pytest.mark.parametrize("swap", stories.ALL)
def test_those_that_were_allowed_are_told_for_good_at_the_end(swap: str) -> None:
    snapshot, aws = up(stories.ALL[swap][0])
    snapshot = replace(snapshot, settings=replace(snapshot.settings, min_requests=0))
    release_of(snapshot, aws).stopped = [task(snapshot)]
    if swap in ("ECS", "EXPRESS_MODE"):
        ours = next(iter(aws.native))
        aws.native[ours] = replace(aws.native[ours], status="SUCCESSFUL")

    later = NOON + seconds(400)
    controller = swaps.get(swap)
    ended = controller.decide(snapshot, controller.observe(snapshot, aws, later), later)

    assert isinstance(ended, Advance), ended
    assert ended.facts
    (warning,) = ended.facts.warnings
    assert f"had 1 task that stopped by itself (exit code 137, {MEMORY})." in warning


@pytest.mark.parametrize("swap", ["ECS", "CODE_DEPLOY", "EXPRESS_MODE"])
def test_those_that_died_between_two_looks_are_found_at_the_last_one(swap: str) -> None:
    """Their targets had drained and new ones were healthy before anybody looked."""
    snapshot, aws = up(stories.ALL[swap][0])
    release_of(snapshot, aws).draining = 0
    release_of(snapshot, aws).stopped = [task(snapshot)] * 4
    assert isinstance(look(snapshot, aws), Wait)

    decision = look(stories.baked(swap, snapshot, aws), aws)

    assert isinstance(decision, Fail), decision
    assert "had 4 tasks that stopped by themselves (exit code 137" in decision.reason


def test_where_they_leave_no_healthy_target_the_sentence_says_how_they_ended(
    watching: tuple[Snapshot[Any], FakeGateway],
) -> None:
    snapshot, aws = watching
    release_of(snapshot, aws).stopped = [task(snapshot)] * 2
    aws.set_health(release_of(snapshot, aws).running_task_definition, "unhealthy", "Target.Timeout", "no answer")

    decision = look(snapshot, aws)

    assert isinstance(decision, Fail), decision
    assert f"2 tasks that stopped by themselves (exit code 137, {MEMORY})" in decision.reason
