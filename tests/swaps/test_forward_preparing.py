"""RECONCILE_SERVICE and PRE_SCALE_UP: nothing is started yet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import Made, RegisterTaskDefinition, RunTask, StopTask
from deployments.aws.values import Rule, Task, TaskDefinition
from deployments.frozen import TaskSpec
from deployments.preflight import report
from deployments.swaps.decisions import Act, Advance, Decision, ExpireGate, Fail, Note, OpenGate, Wait
from deployments.swaps.reports import OneOffTaskRun
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.steps.one_off_tasks import Seen
from deployments.vocabulary import GateStatus, Slot, Stage
from tests.swaps.cases import (
    BLUE,
    ELSEWHERE,
    NEW,
    NOON,
    OLD,
    at,
    decide,
    gate,
    learnt,
    pair,
    release,
    rule,
    seconds,
    service,
    wants_approval,
)

DOCUMENT = {"family": "shop", "containerDefinitions": [{"name": "web", "image": "shop@sha256:1"}]}
LIVE = TaskDefinition(arn=OLD, family="shop", revision=1, status="ACTIVE", document=DOCUMENT, tags={"team": "checkout"})
FINE = report.Report((report.ok("role", "The role can be assumed."),))
BAD = report.Report(
    (
        report.error("image", "The tag 1.1.0 does not exist.", "Push it."),
        report.error("network", "The target groups are in two networks.", ""),
    )
)
FRESH: Mapping[str, Any] = {"done": ()}


def look(production: Rule | None = None, **changes: Any) -> Observed:
    usual = {"report": FINE, "production": production or rule(), "services": pair(), "live_definition": LIVE}
    return Observed(**{**usual, **changes})


@pytest.mark.parametrize(
    ("observed", "fragment"),
    [
        (Observed(report=BAD), "Preflight stopped it: The tag 1.1.0 does not exist. Push it. (1 more error)"),
        (Observed(report=FINE), "Exactly one slot has to be live, but the production rule shows nothing."),
        (look(rule(50, 50)), "shows 50 % on old 1.0.0, 50 % on new 1.1.0."),
        (look(rule(0, 0)), "shows no weight on any target group."),
        (look(rule(weights={ELSEWHERE: 1})), "shows 100 % on maintenance."),
        (look(rule(weights={BLUE: 1, ELSEWHERE: 0})), "shows 100 % on old 1.0.0."),
        (look(services={}), "What is live (blue slot) has traffic but no running tasks"),
        (look(services=pair(blue=service("shop-blue", running=0))), "has traffic but no running tasks"),
        (look(live_definition=None), "has traffic but no running tasks"),
    ],
)
def test_reconcile_fails_closed(observed: Observed, fragment: str) -> None:
    decision = decide(at(Stage.RECONCILE_SERVICE, facts=FRESH), observed)

    assert isinstance(decision, Fail)
    assert fragment in decision.reason


def test_reconcile_keeps_the_report_of_a_failed_preflight() -> None:
    decision = decide(at(Stage.RECONCILE_SERVICE, facts=FRESH), Observed(report=BAD))

    assert learnt(decision).preflight == BAD.results


def test_reconcile_without_a_report_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="preflight was not run"):
        decide(at(Stage.RECONCILE_SERVICE), Observed())


def test_a_release_for_another_container_fails() -> None:
    snapshot = at(Stage.RECONCILE_SERVICE, facts=FRESH, artefact=release(images={"worker": "x"}))

    decision = decide(snapshot, look())

    assert isinstance(decision, Fail)
    assert "image for worker" in decision.reason


def test_the_task_definition_is_registered_with_tags_that_find_it_again() -> None:
    decision = decide(at(Stage.RECONCILE_SERVICE, facts=FRESH), look())

    assert isinstance(decision, Act)
    assert isinstance(decision.action, RegisterTaskDefinition)
    assert decision.action.tags == {
        "team": "checkout",
        "tealgate:deployment": "7-abc",
        "tealgate:release": "1.1.0",
    }
    assert (decision.mark, decision.found) == ("register", None)


def test_a_task_definition_that_an_earlier_try_registered_is_taken() -> None:
    registered = TaskDefinition(arn=NEW, family="shop", revision=2, status="ACTIVE", document=DOCUMENT)

    decision = decide(at(Stage.RECONCILE_SERVICE, facts=FRESH), look(registered=registered))

    assert isinstance(decision, Act)
    assert decision.found == Made(task_definition=NEW)


@pytest.mark.parametrize(("live", "slots"), [((1, 0), (Slot.BLUE, Slot.GREEN)), ((0, 1), (Slot.GREEN, Slot.BLUE))])
def test_the_release_goes_to_the_slot_that_is_not_live(live: tuple[int, int], slots: tuple[Slot, Slot]) -> None:
    registered = decide(at(Stage.RECONCILE_SERVICE, facts=FRESH), look(rule(*live)))

    decision = decide(at(Stage.RECONCILE_SERVICE, facts=vars(learnt(registered))), Observed())

    assert isinstance(decision, Advance)
    assert decision.slots == slots
    assert decision.reason == (
        f"What is live has 2 tasks ({slots[0]} slot); new 1.1.0 goes to the other slot ({slots[1]} slot)"
    )


def test_reconcile_notes_what_the_way_back_needs() -> None:
    observed = look(services=pair(blue=service("shop-blue", desired=0, running=3)))

    facts = learnt(decide(at(Stage.RECONCILE_SERVICE), observed))

    assert facts.source_task_definition == OLD
    assert facts.desired == 1
    assert facts.weights == dict(rule().weights)
    assert ("-", '      "image": "shop@sha256:1",') in facts.difference


# PRE_SCALE_UP

MIGRATE = TaskSpec(name="migrate", command=("python", "manage.py", "migrate"), timeout_seconds=60)
SEED = TaskSpec(name="seed", command=("seed",), container="tools")
STARTED = {"task": "arn:task/1", "task_started_at": NOON - seconds(30)}
LATE = {**STARTED, "task_started_at": NOON - seconds(61)}
MIGRATED = OneOffTaskRun(name="migrate", task="arn:task/1", exit_code=0)


def before(*tasks: TaskSpec, done: tuple[str, ...] = (), **changes: Any) -> Snapshot:
    environment = {"one_off_tasks": tasks, **changes.pop("environment", {})}
    return at(Stage.PRE_SCALE_UP, environment=environment, done=done, **changes)


def task(status: str = "RUNNING", **changes: Any) -> Task:
    return Task(arn="arn:task/1", task_definition=NEW, last_status=status, desired_status=status, **changes)


def ended(**changes: Any) -> Task:
    """By itself."""
    return task("STOPPED", stop_code="EssentialContainerExited", **changes)


def never_ran(**changes: Any) -> Task:
    return task("STOPPED", stop_code="TaskFailedToStart", **changes)


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "fragment"),
    [
        (before(MIGRATE, done=("task:0",), facts=STARTED), Observed(), Wait, "migrate is being started"),
        (
            before(MIGRATE, done=("task:0",), facts=STARTED),
            Observed(one_off=Seen(task=task())),
            Wait,
            "migrate is running (running)",
        ),
        (
            before(MIGRATE, done=("task:0",), facts=LATE),
            Observed(one_off=Seen(task=task())),
            Act,
            "migrate did not end within 1 min; stopping it",
        ),
        (before(MIGRATE, done=("task:0",), facts=LATE), Observed(), Act, "migrate did not end within 1 min"),
        (
            before(MIGRATE, done=("task:0", "stop_task:0"), facts=LATE),
            Observed(one_off=Seen(task=task())),
            Fail,
            "migrate did not end within 1 min and was stopped.",
        ),
        (
            before(MIGRATE, done=("task:0",), facts=STARTED),
            Observed(one_off=Seen(task=ended(exit_codes={"web": 0}))),
            Note,
            "migrate ended with exit code 0",
        ),
        (
            before(MIGRATE, done=("task:0",), facts=STARTED),
            Observed(one_off=Seen(task=ended(exit_codes={"web": 1}), log=("migrating", "no such table"))),
            Fail,
            "migrate ended with exit code 1. Last line: no such table",
        ),
        (
            before(MIGRATE, done=("task:0",), facts=STARTED),
            Observed(one_off=Seen(task=never_ran(reasons={"web": "CannotPullContainerError"}))),
            Fail,
            "migrate ended with no exit code (CannotPullContainerError).",
        ),
        (
            before(MIGRATE, done=("task:0",), facts=STARTED),
            Observed(one_off=Seen(task=task("STOPPED", stopped_reason="Host EC2 terminated"))),
            Fail,
            "no exit code (Host EC2 terminated)",
        ),
        (
            before(MIGRATE, done=("task:0",), facts=STARTED),
            Observed(one_off=Seen(task=task("STOPPED"))),
            Fail,
            "no exit code (no reason given)",
        ),
        (before(MIGRATE, facts={"tasks": (MIGRATED,)}), Observed(), Advance, "One-off task done: migrate"),
        (
            before(environment=wants_approval(Stage.PRE_SCALE_UP), gate=gate(GateStatus.SUCCEEDED)),
            Observed(),
            Advance,
            "Nothing to run",
        ),
        (
            before(MIGRATE, environment=wants_approval(Stage.PRE_SCALE_UP)),
            Observed(),
            OpenGate,
            "Waiting for 1 approval",
        ),
        (
            before(
                MIGRATE,
                environment=wants_approval(Stage.PRE_SCALE_UP),
                gate=gate(GateStatus.AWAITING_ACTION, expires_at=NOON),
            ),
            Observed(),
            ExpireGate,
            "Nobody decided",
        ),
    ],
)
def test_one_off_tasks(snapshot: Snapshot, observed: Observed, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, observed)

    assert type(decision) is kind
    assert fragment in decision.reason


@pytest.mark.parametrize(
    ("stopped", "done", "words"),
    [
        (
            {"stop_code": "UserInitiated", "stopped_reason": "Stopped by deploy-bot."},
            (),
            "migrate was stopped before its own end (UserInitiated: Stopped by deploy-bot); it ended with exit code 0.",
        ),
        ({"stop_code": "SpotInterruption"}, (), "before its own end (SpotInterruption); it ended with exit code 0."),
        ({"stop_code": "ServiceSchedulerInitiated"}, (), "before its own end (ServiceSchedulerInitiated)"),
        ({"stop_code": "TerminationNotice"}, (), "before its own end (TerminationNotice)"),
        ({"stop_code": "SomethingThatAwsAddedSince"}, (), "before its own end (SomethingThatAwsAddedSince)"),
        ({"stop_code": ""}, (), "migrate stopped, and ECS does not say that this was its own end"),
        (
            {"stop_code": "UserInitiated"},
            ("stop_task:0",),
            "migrate did not end within 1 min and was stopped; it ended with exit code 0. How far it came",
        ),
        ({"stop_code": "EssentialContainerExited"}, ("stop_task:0",), "did not end within 1 min and was stopped"),
    ],
)
def test_exit_code_0_of_a_task_that_was_stopped_is_no_success(
    stopped: dict[str, str], done: tuple[str, ...], words: str
) -> None:
    seen = Seen(task=task("STOPPED", exit_codes={"web": 0}, **stopped))

    decision = decide(before(MIGRATE, done=("task:0", *done), facts=LATE), Observed(one_off=seen))

    assert isinstance(decision, Fail)
    assert words in decision.reason
    assert learnt(decision).tasks[0].cut_short


def test_a_one_off_task_carries_the_token_that_finds_it_again() -> None:
    decision = decide(before(MIGRATE), Observed())

    assert isinstance(decision, Act)
    assert decision.action == RunTask(
        cluster="shop",
        like_service="shop-blue",
        task_definition=NEW,
        container="web",
        command=("python", "manage.py", "migrate"),
        client_token="tealgate-7-abc-0",
        started_by="tealgate-7-abc-0",
    )
    assert (decision.mark, decision.found) == ("task:0", None)


def test_a_task_that_an_earlier_try_started_is_taken() -> None:
    decision = decide(before(MIGRATE), Observed(one_off=Seen(task=task())))

    assert isinstance(decision, Act)
    assert decision.found == Made(task="arn:task/1")


def test_the_second_task_follows_in_its_own_container() -> None:
    decision = decide(before(MIGRATE, SEED, facts={"tasks": (MIGRATED,)}), Observed())

    assert isinstance(decision, Act)
    assert isinstance(decision.action, RunTask)
    assert (decision.action.container, decision.action.client_token) == ("tools", "tealgate-7-abc-1")


def test_a_late_task_is_stopped_with_the_reason() -> None:
    decision = decide(before(MIGRATE, done=("task:0",), facts=LATE), Observed(one_off=Seen(task=task())))

    assert isinstance(decision, Act)
    assert decision.action == StopTask(cluster="shop", task="arn:task/1", reason="migrate did not end within 1 min")


def test_the_record_of_a_task_keeps_its_log() -> None:
    observed = Observed(one_off=Seen(task=ended(exit_codes={"web": 1}), log=("no such table",)))

    facts = learnt(decide(before(MIGRATE, done=("task:0",), facts=STARTED), observed))

    assert facts.tasks == (OneOffTaskRun(name="migrate", task="arn:task/1", exit_code=1, log=("no such table",)),)


def test_a_tag_of_a_sidecar_that_the_base_brings_is_known_to_be_one() -> None:
    sidecar = {**DOCUMENT, "containerDefinitions": [*DOCUMENT["containerDefinitions"], {"name": "log", "image": "f:3"}]}
    brought = replace(LIVE, arn=NEW, revision=2, document=sidecar)

    decision = decide(at(Stage.RECONCILE_SERVICE, facts=FRESH), look(base=brought))

    assert isinstance(decision, Act)
    assert learnt(decision).target_by_tag == ("log",)
