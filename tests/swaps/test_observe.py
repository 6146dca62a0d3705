"""What is read from AWS at each stage, and what is kept of it. AWS is in memory."""

from collections.abc import Mapping
from typing import Any

import pytest

from deployments import swaps
from deployments.aws.listeners import load_balancer_of
from deployments.aws.values import Task, Traffic
from deployments.evidence import Reading
from deployments.frozen import TaskSpec
from deployments.swaps.reports import Failure, OneOffTaskRun, Reconciled, TargetState
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed, services_needed
from deployments.vocabulary import GateStatus, Slot, Stage
from tests.evidence import cases as evidence
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps.cases import (
    BLUE,
    CONTROLLER,
    GREEN,
    NEW,
    NOON,
    OLD,
    at,
    gate,
    release,
    rule,
    seconds,
    settings,
    targets,
    wants_approval,
)

PAIR = ("shop-blue", "shop-green")
SHIFTED = {"shifted_at": NOON}
MIGRATE = {"one_off_tasks": (TaskSpec(name="migrate", command=("migrate",)),)}
WARM = NOON + seconds(60)
#: Both services, and all rules by one call: what is compared while nothing is written.
COMPARED = {"services": 1, "rules_named": 1}


def read(snapshot: Snapshot, aws: FakeGateway | None = None) -> dict[str, int]:
    aws = aws or FakeGateway.pair()
    CONTROLLER.observe(snapshot, aws, NOON)
    return dict(aws.calls)


@pytest.mark.parametrize(
    ("snapshot", "calls"),
    [
        (at(Stage.SCALE_UP), {"services": 1, "target_health": 1, "rule": 1, "scalable_targets": 1}),
        (at(Stage.SCALE_UP, done=("scale_up",)), {"services": 1, "target_health": 1}),
        (at(Stage.TEST_TRAFFIC_SHIFT), {"services": 1, "rule": 1}),
        (at(Stage.TEST_TRAFFIC_SHIFT, done=("test_shift",)), {"rule": 1}),
        (at(Stage.POST_TEST_TRAFFIC_SHIFT), {}),
        (at(Stage.POST_TEST_TRAFFIC_SHIFT, environment=wants_approval()), {**COMPARED, "target_health": 2}),
        (
            at(
                Stage.POST_TEST_TRAFFIC_SHIFT,
                environment=wants_approval(),
                gate=gate(GateStatus.AWAITING_ACTION),
            ),
            COMPARED,
        ),
        (at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10), {"rule": 1, "target_health": 2, "services": 1}),
        (
            at(Stage.BAKE_TIME, facts=SHIFTED, environment={"alarms": ("shop-5xx",)}),
            {"services": 1, "rule": 1, "target_health": 2, "traffic": 1, "alarms": 1},
        ),
        (at(Stage.CLEAN_UP, source_kept_until=WARM), {"rule": 1, "scalable_targets": 1}),
        (at(Stage.CLEAN_UP, source_kept_until=WARM, done=("scaling_handed_over",)), {"services": 1, "rule": 1}),
        (
            at(Stage.CLEAN_UP, source_kept_until=NOON),
            {"routes": 1, "services": 1, "scalable_targets": 1, "target_health": 1},
        ),
        (at(Stage.CLEAN_UP, source_kept_until=NOON, done=("scale_down",)), {"rule": 1, "services": 1}),
        (at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=100, done=("shift:5",)), {}),
        (at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True), {"rule": 1, "services": 1, "target_health": 1}),
        (at(Stage.PRE_SCALE_UP, environment=MIGRATE), COMPARED),
        (at(Stage.PRE_SCALE_UP, environment=MIGRATE, step_started_at=NOON), {}),
        (at(Stage.PRE_SCALE_UP, environment=wants_approval(Stage.PRE_SCALE_UP)), {}),
        (
            at(
                Stage.PRE_SCALE_UP,
                environment={**MIGRATE, **wants_approval(Stage.PRE_SCALE_UP)},
                gate=gate(GateStatus.SUCCEEDED),
                step_started_at=NOON,
            ),
            COMPARED,
        ),
        (
            at(
                Stage.PRE_SCALE_UP,
                environment=wants_approval(Stage.PRE_SCALE_UP),
                gate=gate(GateStatus.AWAITING_ACTION),
            ),
            COMPARED,
        ),
        (at(Stage.PRE_SCALE_UP, environment=MIGRATE, done=("task:0",)), {"tasks": 1}),
        (at(Stage.PRE_SCALE_UP, environment=MIGRATE, intent={"operation": "RunTask"}), {**COMPARED, "tasks": 1}),
        (at(Stage.PRE_SCALE_UP, environment=MIGRATE, facts={"tasks": (OneOffTaskRun(name="migrate"),)}), {}),
    ],
)
def test_no_more_is_read_than_the_step_needs(snapshot: Snapshot, calls: Mapping[str, int]) -> None:
    assert read(snapshot) == calls


def test_the_services_are_looked_at_when_the_source_is_too_small_to_go_back_to() -> None:
    aws = FakeGateway.pair(desired=1)

    assert read(at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True), aws)["services"] == 1


def test_the_log_of_a_one_off_task_is_read_once_it_has_ended() -> None:
    aws = FakeGateway.pair()
    aws.log_lines = ("no such table",)
    aws.one_off["arn:task/1"] = Task(
        arn="arn:task/1", task_definition=NEW, last_status="RUNNING", desired_status="RUNNING",
        started_by="tealgate-7-abc-0",
    )  # fmt: skip
    snapshot = at(Stage.PRE_SCALE_UP, environment=MIGRATE, done=("task:0",))

    running = CONTROLLER.observe(snapshot, aws, NOON)
    aws.one_off["arn:task/1"] = Task(**{**vars(running.one_off.task), "last_status": "STOPPED"})
    stopped = CONTROLLER.observe(snapshot, aws, NOON)

    assert (running.one_off.log, stopped.one_off.log) == ((), ("no such table",))


def test_a_task_definition_is_looked_for_only_after_a_lost_answer() -> None:
    fresh = at(Stage.RECONCILE_SERVICE)
    lost = at(Stage.RECONCILE_SERVICE, intent={"operation": "RegisterTaskDefinition"})

    assert "registered_by" not in read(fresh)
    assert read(lost)["registered_by"] == 1


def test_a_failed_preflight_reads_no_further() -> None:
    aws = FakeGateway.pair()
    aws.who = type(aws.who)(account="999999999999", arn=aws.who.arn, clock_offset=0)

    observed = CONTROLLER.observe(at(Stage.RECONCILE_SERVICE, environment={"account_id": "123456789012"}), aws, NOON)

    assert not observed.report.passed
    assert observed.production is None


def test_two_live_slots_leave_the_live_definition_unread() -> None:
    aws = FakeGateway.pair()
    aws.set_weights(SHOP.production_rule, {BLUE: 1, GREEN: 1})

    observed = CONTROLLER.observe(at(Stage.RECONCILE_SERVICE), aws, NOON)

    assert observed.live_definition is None


def test_reconcile_goes_by_what_preflight_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change in between is noticed in SCALE_UP, before anything is started."""
    aws = FakeGateway.pair()
    read, changed = aws.services, {BLUE: 1, GREEN: 1}

    def services(*asked: Any) -> Any:
        aws.set_weights(SHOP.production_rule, changed)
        return read(*asked)

    monkeypatch.setattr(aws, "services", services)
    observed = CONTROLLER.observe(at(Stage.RECONCILE_SERVICE), aws, NOON)

    assert observed.report.passed
    assert dict(observed.production.weights) == {BLUE: 100, GREEN: 0}
    assert aws.calls["services"] == 1


def test_what_is_reconciled_is_not_looked_at_again() -> None:
    aws = FakeGateway.pair()
    facts = {"reconciled": Reconciled(source=Slot.BLUE, reason="Blue is live")}

    CONTROLLER.observe(at(Stage.RECONCILE_SERVICE, facts=facts), aws, NOON)

    assert aws.calls == {}


@pytest.mark.parametrize(
    ("snapshot", "names"),
    [
        (at(Stage.RECONCILE_SERVICE), PAIR),
        (at(Stage.SCALE_UP), PAIR),
        (at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10), PAIR),
        (at(Stage.POST_TEST_TRAFFIC_SHIFT), ()),
        (at(Stage.POST_TEST_TRAFFIC_SHIFT, environment=wants_approval()), PAIR),
        (at(Stage.PRE_SCALE_UP, environment=MIGRATE), PAIR),
        (at(Stage.TEST_TRAFFIC_SHIFT), PAIR),
        (at(Stage.BAKE_TIME), PAIR),
        (at(Stage.CLEAN_UP), PAIR),
        (at(Stage.CLEAN_UP, source_kept_until=WARM), ()),
        (at(Stage.CLEAN_UP, back=True, source_kept_until=WARM), PAIR),
    ],
)
def test_services_are_announced_for_reading_together(snapshot: Snapshot, names: tuple[str, ...]) -> None:
    assert services_needed(snapshot, NOON) == names
    assert CONTROLLER.services(snapshot, NOON) == names


def test_the_load_balancer_is_named_by_its_rule() -> None:
    assert load_balancer_of(SHOP.production_rule) == SHOP.load_balancer


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({}, False),
        ({"done": ("task:0", "stop_task:0")}, False),
        ({"done": ("suspend_target",)}, True),
        ({"done": ("scale_up",)}, True),
        ({"intent": {"operation": "RegisterTaskDefinition"}}, False),
        ({"intent": {"operation": "RunTask"}}, False),
        ({"intent": {"operation": "UpdateService"}}, True),
        ({"intent": {"operation": "SetWeights"}}, True),
        ({"facts": {"in_flight": ({"operation": "SuspendScaling"},)}}, True),
    ],
)
def test_whether_there_is_anything_to_put_back(changes: Mapping[str, Any], changed: bool) -> None:
    assert CONTROLLER.changed_anything(at(Stage.SCALE_UP, **changes)) is changed


def test_a_controller_is_found_by_its_name() -> None:
    assert swaps.get("SERVICE_PAIR") is CONTROLLER


# The difference that people see before they confirm


def difference(aws: FakeGateway, **changes: Any) -> list[str] | None:
    lines = CONTROLLER.difference(settings(), release(**changes), aws)
    return None if lines is None else [f"{sign} {text.strip()}" for sign, text in lines if sign != " "]


def test_the_difference_is_with_what_is_live() -> None:
    aws = FakeGateway.pair(live="green")

    assert difference(aws, images={"web": "shop@sha256:new"}) == [
        '- "image": "shop@sha256:' + "1" * 64 + '",',
        '+ "image": "shop@sha256:new",',
    ]


def test_a_release_that_is_what_runs_already_changes_nothing() -> None:
    assert difference(FakeGateway.pair(live="green"), images={"web": "shop@sha256:" + "1" * 64}) == []


def test_without_one_live_slot_there_is_nothing_to_compare_with() -> None:
    aws = FakeGateway.pair()
    aws.set_weights(SHOP.production_rule, {BLUE: 1, GREEN: 1})

    assert difference(aws) is None


def test_without_the_live_service_there_is_nothing_to_compare_with() -> None:
    aws = FakeGateway.pair()
    del aws.ecs[SHOP.cluster, "shop-blue"]

    assert difference(aws) is None


def test_a_release_for_another_container_is_not_compared() -> None:
    assert difference(FakeGateway.pair(), images={"worker": "x"}) is None


# What is kept


def test_a_reading_is_kept_of_each_slot_that_was_looked_at() -> None:
    seen = evidence.look(
        production=rule(90, 10),
        health={Slot.GREEN: targets("healthy", "unhealthy")},
        traffic={Slot.BLUE: Traffic(requests=9, errors_5xx=1, latency_ms=2.5)},
    )

    assert CONTROLLER.readings(at(Stage.BAKE_TIME), Observed(**seen)) == {
        Slot.BLUE: Reading(percent=90, requests=9, errors_5xx=1, latency_ms=2.5),
        Slot.GREEN: Reading(percent=10, healthy=1, targets=2),
    }


def test_no_reading_is_kept_of_what_was_not_looked_at() -> None:
    assert CONTROLLER.readings(at(Stage.SCALE_UP), Observed(production=rule())) == {}
    assert CONTROLLER.readings(at(Stage.SCALE_UP), Observed(**evidence.look(health={Slot.GREEN: ()}))) == {
        Slot.GREEN: Reading(healthy=0, targets=0)
    }


def test_a_failure_is_captured_with_its_stopped_tasks_and_log() -> None:
    aws = FakeGateway.pair()
    aws.log_lines = ("booting", "no database")
    green = aws.ecs[SHOP.cluster, "shop-green"]
    green.stopped = [
        Task(
            arn="arn:task/9", task_definition=NEW, last_status="STOPPED", desired_status="STOPPED",
            stopped_reason="Essential container exited", exit_codes={"web": 1},
        ),
        Task(arn="arn:task/8", task_definition=OLD, last_status="STOPPED", desired_status="STOPPED"),
    ]  # fmt: skip

    captured = CONTROLLER.diagnose(at(Stage.CLEAN_UP, back=True), aws)

    assert [(task.id, task.exit_codes) for task in captured.stopped_tasks] == [("9", {"web": 1})]
    assert captured.log == ("booting", "no database")


def test_a_failure_without_tasks_is_captured_by_its_targets() -> None:
    aws = FakeGateway.pair(live="green")
    aws.set_health(OLD, "unhealthy", "Target.Timeout", "Request timed out")

    captured = CONTROLLER.diagnose(at(Stage.CLEAN_UP, back=True), aws)

    assert captured.health is not None
    assert captured.health[0] == TargetState(
        target="10.0.0.1:8000", state="unhealthy", reason="Target.Timeout", description="Request timed out"
    )
    assert (captured.stopped_tasks, captured.log) == ((), ())


def test_before_the_slots_are_known_there_is_nothing_to_capture() -> None:
    assert CONTROLLER.diagnose(at(Stage.SCALE_UP, target=None), FakeGateway.pair()) == Failure(health=())
