"""What ECS does not judge while it replaces tasks: early success, and tasks that ran and ended by themselves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.values import Alarm, Service, Target, Task
from deployments.evidence import Measured
from deployments.evidence.providers.cloudwatch_alarms import ALARMS
from deployments.evidence.providers.stopped_tasks import STOPPED_TASKS
from deployments.evidence.providers.target_health import TARGET_HEALTH
from deployments.swaps.decisions import Advance, Decision, Fail, Wait
from deployments.swaps.rolling.observe import Observed
from deployments.vocabulary import Stage
from tests.fakes.aws import API, FakeGateway
from tests.swaps.cases import NOON, seconds
from tests.swaps.rolling_cases import (
    CONTROLLER,
    NEW,
    OLD,
    UPDATED,
    at,
    decide,
    deployment,
    learnt,
    old,
    returning,
    service,
    updating,
)

CRITERIA = {"enable": True, "healthyPercent": 50, "sourceServiceRevisionCleanup": "DEFERRED"}
HALF = deployment(running=1)
UPDATE = NOON - seconds(60)


HEALTHY = Target(id="10.0.0.1", port=8000, state="healthy")


def early(*shown: Any, **configured: Any) -> Service:
    return service(*shown, deployment_configuration={"earlySuccessCriteria": CRITERIA, **configured})


def exited(number: int = 1, **changes: Any) -> Task:
    usual = Task(
        arn=f"arn:task/{number}", task_definition=NEW, last_status="STOPPED", desired_status="STOPPED",
        stop_code="EssentialContainerExited", stopped_reason="Essential container in task exited",
        exit_codes={"web": 1}, ended_at=NOON - seconds(5),
    )  # fmt: skip
    return replace(usual, **changes)


def judge(seen: Service, *stopped: Task, alarms: dict[str, Alarm] | None = None) -> Decision:
    answers: dict[str, Any] = {STOPPED_TASKS.name: stopped} if stopped else {}
    answers |= {ALARMS.name: alarms} if alarms is not None else {}
    answers[TARGET_HEALTH.name] = {"api": (HEALTHY, HEALTHY)}
    observed = Observed(service=seen, measured=Measured(answers))
    return CONTROLLER.decide(updating(), observed, NOON)


@pytest.mark.parametrize(
    "seen", [early(HALF, old(running=1)), early(HALF), early(deployment(), old(running=1)), early(deployment(), old())]
)
def test_what_ecs_calls_successful_early_is_watched_until_all_tasks_run_and_the_old_are_gone(seen: Service) -> None:
    decision = decide(updating(), seen)

    assert isinstance(decision, Wait)
    assert "ECS called it successful once 50 % of its tasks were healthy (earlySuccessCriteria)" in decision.reason
    assert learnt(decision).early_at == NOON
    assert decision.until and decision.until <= NOON + seconds(16)


def test_it_is_done_once_they_are() -> None:
    assert isinstance(decide(updating(), early(deployment(), old(running=0))), Advance)
    back = returning(done=("register", "update", "back#0"))
    replaced = deployment(NEW, 2, status="ACTIVE", desired=0)
    assert isinstance(decide(back, early(deployment(OLD, 3), replaced)), Wait)
    assert isinstance(decide(back, early(deployment(OLD, 3))), Advance)


@pytest.mark.parametrize("enabled", [True, False])
def test_from_then_on_the_alarms_of_the_service_are_watched_as_well(enabled: bool) -> None:
    alarms = {"alarmNames": ["theirs"], "enable": enabled, "rollback": True}
    seen = early(HALF, old(running=1), alarms=alarms)

    decision = judge(seen, alarms={"theirs": Alarm(name="theirs", state="ALARM", reason="too slow")})

    assert isinstance(decision, Fail) is enabled
    assert not enabled or decision.reason == "Alarm theirs is in ALARM: too slow"


def test_alarms_and_traffic_are_asked_only_from_then_on() -> None:
    aws = FakeGateway.single()
    shown = aws.ecs[API.cluster, API.name]
    shown.task_definition, shown.rollout_state = NEW, "IN_PROGRESS"
    snapshot = at(Stage.SCALE_UP, facts=UPDATED, environment={"alarms": (API.alarm,)})

    CONTROLLER.observe(snapshot, aws, NOON)
    assert aws.calls == {"services": 1}
    shown.rollout_state = "COMPLETED"
    CONTROLLER.observe(snapshot, aws, NOON)
    assert (aws.calls["services"], aws.calls["alarms"], aws.calls["traffic"]) == (2, 1, 1)


ALL_UP = deployment(rollout_state="IN_PROGRESS")
DIED = tuple(exited(number) for number in range(3))


@pytest.mark.parametrize(
    ("seen", "stopped", "kind"),
    [
        (service(ALL_UP, old(running=1)), DIED, Fail),
        (service(ALL_UP, old(running=1)), DIED[:2], Wait),
        (service(ALL_UP, old(running=1)), tuple(replace(each, task_definition=OLD) for each in DIED), Wait),
        (service(ALL_UP, old(running=1)), tuple(replace(each, ended_at=UPDATE - seconds(1)) for each in DIED), Wait),
        (
            service(ALL_UP, old(running=1)),
            tuple(replace(each, stop_code="ServiceSchedulerInitiated", stopped_reason="Scaling") for each in DIED),
            Wait,
        ),
        (service(ALL_UP, old(running=1)), tuple(replace(each, stop_code="UserInitiated") for each in DIED), Wait),
        (early(HALF, old(running=1)), DIED, Fail),
    ],
)  # fmt: skip
def test_tasks_that_ran_and_ended_by_themselves_turn_it_back(
    seen: Service, stopped: tuple[Task, ...], kind: type[Decision]
) -> None:
    decision = judge(seen, *stopped)

    assert isinstance(decision, kind)
    if isinstance(decision, Fail):
        assert decision.reason == ("Api had 3 tasks that stopped by themselves (exit code 1); at most 2 are allowed.")


@pytest.mark.parametrize(
    ("failed", "starts", "judged", "reads"),
    [
        (0, 2, "", 0),
        (0, 3, "", 1),
        (0, 3, "ecs-svc/2:3-0", 0),
        (0, 4, "ecs-svc/2:3-0", 1),
        (1, 3, "", 0),
    ],
)
def test_stopped_tasks_are_read_once_more_were_started_than_are_wanted_and_ecs_counts_none(
    failed: int, starts: int, judged: str, reads: int
) -> None:
    aws = FakeGateway.single()
    shown = aws.ecs[API.cluster, API.name]
    shown.task_definition, shown.rollout_state, shown.generation = NEW, "IN_PROGRESS", 2
    shown.failed_tasks = failed
    shown.starts = ((NOON - seconds(10), starts - 2), (NOON - seconds(50), 2), (UPDATE - seconds(9), 7))

    CONTROLLER.observe(updating(judged=judged), aws, NOON)

    assert aws.calls["stopped_tasks"] == reads


def test_a_number_that_nobody_limits_is_not_looked_at() -> None:
    aws = FakeGateway.single()
    shown = aws.ecs[API.cluster, API.name]
    shown.task_definition, shown.starts = NEW, ((NOON, 9),)
    shown.rollout_state = "IN_PROGRESS"

    CONTROLLER.observe(at(Stage.SCALE_UP, facts=UPDATED, environment={"max_stopped_tasks": None}), aws, NOON)

    assert aws.calls == {"services": 1}
    assert UPDATED["updated_at"] == UPDATE == NOON - timedelta(minutes=1)
