"""ROLLING's way back, its watch, and what it reads and keeps."""

from dataclasses import replace

import pytest

from deployments.aws.actions import UpdateService
from deployments.aws.values import Alarm, Service, Traffic
from deployments.frozen import GateSpec
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, OpenGate, Wait
from deployments.swaps.rolling.facts import Snapshot
from deployments.vocabulary import Stage, Strategy
from tests.fakes.aws import API, FakeGateway
from tests.swaps.cases import NOON, seconds
from tests.swaps.rolling_cases import (
    CONTROLLER,
    FOREIGN,
    NEW,
    OLD,
    UPDATED,
    at,
    decide,
    deployment,
    old,
    returning,
    service,
    settings,
)

WRITTEN = {"done": ("register", "update", "back#0"), "ecs_deployment": "ecs-svc/3"}
JUST = {"updated_at": NOON}
AGAIN = deployment(OLD, 3)
REPLACED = deployment(NEW, 2, status="ACTIVE", desired=0)


@pytest.mark.parametrize(
    ("snapshot", "seen", "kind", "fragment"),
    [
        (returning(), service(deployment(rollout_state="IN_PROGRESS"), old()), Act, "api gets api:1 back"),
        (returning(), service(deployment()), Act, "api gets api:1 back"),
        (returning(), service(AGAIN), Advance, "2 tasks of api run api:1 again"),
        (returning(), service(deployment(OLD, 3, rollout_state="IN_PROGRESS"), REPLACED), Wait, "Back to api:1: 2 of"),
        (returning(**WRITTEN), service(AGAIN), Advance, "2 tasks of api run api:1 again"),
        (returning(**WRITTEN, **JUST), service(deployment()), Wait, "ECS does not show api:1 on api yet"),
        (returning(**WRITTEN), service(deployment()), Fail, "Someone else put api:2 on api again."),
        (returning(), service(deployment(FOREIGN, 4)), Fail, "Someone else put api:9 on api; it was left alone."),
        (returning(), None, Fail, "Service api does not exist any more, so there is nothing to roll back."),
        (returning(), service(status="INACTIVE"), Fail, "Service api is INACTIVE"),
        (returning(**WRITTEN), service(AGAIN, desired=0), Fail, "but a desired count of 0"),
        (
            returning(**WRITTEN),
            service(deployment(OLD, 3, rollout_state="FAILED", rollout_reason="tasks failed.")),
            Fail,
            "ECS gave up api:1: tasks failed.",
        ),
        (
            returning(**WRITTEN),
            service(deployment(OLD, 3, running=0, failed_tasks=3, rollout_state="IN_PROGRESS")),
            Fail,
            "3 tasks of api:1 failed in a row.",
        ),
    ],
)  # fmt: skip
def test_way_back(snapshot: Snapshot, seen: Service | None, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, seen)

    assert isinstance(decision, kind)
    assert fragment in decision.reason


def test_what_somebody_else_put_there_is_said_once_with_what_to_do() -> None:
    said = "Someone else put api:9 on api; it was left alone. api runs api:9, which is not api:2 (1.1.0)."

    decision = decide(replace(returning(), status_reason=said), service(deployment(FOREIGN, 4)))

    assert isinstance(decision, Fail)
    assert decision.reason.startswith("nothing is left to turn back. Deploy the release that you want")


def test_the_way_back_is_given_up_when_it_takes_too_long() -> None:
    snapshot = at(Stage.SCALE_UP, back=True, facts={**UPDATED, **WRITTEN}, environment={"scale_up_timeout_seconds": 9})

    decision = decide(snapshot, service(deployment(OLD, 3, running=1, rollout_state="IN_PROGRESS"), REPLACED))

    assert isinstance(decision, Fail)
    assert "api:1 was not up after 9 s" in decision.reason


def test_an_update_that_nobody_heard_the_end_of_is_written_over() -> None:
    unsure = returning(in_flight=({"operation": "UpdateService"},))

    decision = decide(unsure, service())

    assert isinstance(decision, Act)
    assert decision.action == UpdateService(cluster="api", service="api", task_definition=OLD)


def baking(**changes: object) -> Snapshot:
    return at(Stage.BAKE_TIME, facts=UPDATED, environment=changes, step_started_at=NOON - seconds(30))


BUSY = Traffic(requests=40, errors_5xx=4, latency_ms=80)


@pytest.mark.parametrize(
    ("snapshot", "seen", "observed", "kind", "fragment"),
    [
        (baking(), service(deployment()), {}, Wait, "Watching until 12:00:30 UTC: 2 of 2 tasks run"),
        (baking(bake_seconds=20), service(deployment()), {}, Advance, "2 of 2 tasks run"),
        (baking(), service(deployment(FOREIGN, 3)), {}, Fail, "Someone else put api:9 on api"),
        (baking(), service(deployment(NEW, 3)), {}, Note, "Somebody started its tasks anew, with the same api:2"),
        (
            baking(bake_seconds=20),
            service(deployment(rollout_state="IN_PROGRESS"), deployment(NEW, 1, status="ACTIVE", desired=0)),
            {},
            Wait,
            "ECS still replaces tasks by others of the same release: 2 of 2 new tasks run; 2 old still run",
        ),
        (
            baking(bake_seconds=20, scale_up_timeout_seconds=50),
            service(deployment(rollout_state="IN_PROGRESS")),
            {},
            Fail,
            "ecs-svc/2, which somebody started, was not done after 50 s",
        ),
        (
            baking(),
            service(deployment(rollout_state="FAILED", rollout_reason="tasks failed to start.")),
            {},
            Fail,
            "ECS gave up 1.1.0 on api: tasks failed to start.",
        ),
        (
            baking(),
            service(deployment(desired=0, running=0), desired=0),
            {},
            Fail,
            "api was set to a desired count of 0, so no task shows whether 1.1.0 works.",
        ),
        (baking(), service(), {}, Fail, "api was put back to api:1"),
        (baking(), None, {}, Fail, "Service api does not exist any more."),
        (baking(), service(deployment(running=0)), {}, Fail, "No task of api runs."),
        (baking(alarms=("5xx",)), service(deployment()), {}, Fail, "Alarm 5xx does not exist any more"),
        (
            baking(alarms=("5xx",)),
            service(deployment()),
            {"alarms": {"5xx": Alarm(name="5xx", state="ALARM", reason="too many")}},
            Fail,
            "Alarm 5xx is in ALARM: too many",
        ),
        (baking(), service(deployment()), {"traffic": BUSY}, Fail, "Api answered 4 of 40 requests (10.0 %) with 5xx"),
        (
            baking(max_5xx_percent=20, max_latency_ms=50),
            service(deployment()),
            {"traffic": BUSY},
            Fail,
            "Api took 80 ms on average",
        ),
        (
            baking(max_5xx_percent=20),
            service(deployment()),
            {"traffic": BUSY},
            Wait,
            "2 of 2 tasks run; api answered 40 requests, 10.0 % of them 5xx",
        ),
        (
            baking(bake_seconds=20, gates=(GateSpec(stage=Stage.BAKE_TIME),)),
            service(deployment()),
            {},
            OpenGate,
            "1 approval by anyone with the right to approve",
        ),
    ],
)
def test_bake_time(
    snapshot: Snapshot, seen: Service | None, observed: dict[str, object], kind: type[Decision], fragment: str
) -> None:
    decision = decide(snapshot, seen, **observed)

    assert isinstance(decision, kind)
    assert fragment in decision.reason


def test_the_plan_has_only_the_stages_that_something_happens_at() -> None:
    bare = CONTROLLER.plan(settings(bake_seconds=0), Strategy.ROLLING)
    gated = CONTROLLER.plan(settings(gates=(GateSpec(stage=Stage.PRE_SCALE_UP),)), Strategy.ROLLING)

    assert [step.stage for step in bare.steps] == [Stage.RECONCILE_SERVICE, Stage.SCALE_UP]
    assert [step.stage for step in gated.steps][1:] == [Stage.PRE_SCALE_UP, Stage.SCALE_UP, Stage.BAKE_TIME]
    assert [step.stage for step in bare.way_back] == [Stage.SCALE_UP]


def test_no_other_strategy_is_known() -> None:
    with pytest.raises(ValueError, match="knows only ROLLING"):
        CONTROLLER.plan(settings(), Strategy.CANARY)


def test_what_runs_now_is_told_without_a_slot() -> None:
    live = CONTROLLER.live(settings(), FakeGateway.single())

    assert live.slot is None
    assert list(live.images) == [API.container]


def test_a_failure_is_kept_with_health_events_and_log() -> None:
    aws = FakeGateway.single()
    aws.ecs[API.cluster, API.name].events = ("(service api) is unhealthy",)
    aws.log_lines = ("booting", "no database")

    kept = CONTROLLER.diagnose(at(Stage.SCALE_UP, facts={**UPDATED, "task_definition": OLD}), aws)

    assert kept.health is not None and len(kept.health) == 2
    assert (kept.events, kept.log) == (("(service api) is unhealthy",), ("booting", "no database"))
