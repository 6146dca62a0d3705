"""What others do to the service while ROLLING deploys: compared before each write, at each look, and at the end."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import RegisterTaskDefinition, RunTask, UpdateService
from deployments.aws.values import Service, Task
from deployments.frozen import GateSpec, TaskSpec
from deployments.swaps.decisions import Act, Advance, Decision, Fail, GateState, Note, Wait
from deployments.swaps.rolling.observe import Observed
from deployments.swaps.steps import pinned
from deployments.vocabulary import GateStatus, Role, Stage
from tests.fakes.aws import FakeGateway
from tests.swaps.cases import NOON, seconds
from tests.swaps.rolling_cases import (
    CONTROLLER,
    FOREIGN,
    NEW,
    OLD,
    REGISTERED,
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
from tests.swaps.test_pinned import LIVE, MOVED, RAN, task

PINNED = NEW.replace(":2", ":3")
TAGGED: dict[str, Any] = {"source_by_tag": ("web",), "source_digests": {"web": RAN}}
MIGRATE = (TaskSpec(name="migrate", command=("migrate",)),)
BEFORE_TASKS = at(Stage.PRE_SCALE_UP, environment={"one_off_tasks": MIGRATE}, facts=TAGGED)


@pytest.mark.parametrize(
    ("seen", "tasks", "fragment"),
    [
        (
            service(deployment(FOREIGN, 3)),
            (task(),),
            "Someone else put api:9 on api; it was left alone. api runs ",
        ),
        (service(deployment(OLD, 1), deployment(NEW, 0, status="ACTIVE")), (task(),), "Someone else started a deploym"),
        (service(desired=0), (task(),), "api was set to a desired count of 0, so no task shows"),
        (service(), (task(MOVED),), "1 task of api runs sha256:bbbbbbbbbbbb in container web, which is not sha256:aaa"),
        (None, (), "Service api does not exist any more."),
    ],
)
def test_no_task_is_run_and_nothing_written_once_somebody_else_has_deployed(
    seen: Service | None, tasks: tuple[Task, ...], fragment: str
) -> None:
    before = decide(BEFORE_TASKS, seen, compared=True, tasks=tasks)

    assert isinstance(before, Fail)
    assert fragment in before.reason
    if seen:
        written = decide(at(Stage.SCALE_UP, facts=TAGGED), seen, tasks=tasks)
        assert isinstance(written, Fail)
        assert fragment in written.reason


def test_the_service_is_read_right_before_a_task_unless_preflight_has_just_looked() -> None:
    aws = FakeGateway.single()
    asked = at(Stage.PRE_SCALE_UP, environment={"one_off_tasks": MIGRATE}, facts={"looked_at": NOON - seconds(30)})
    fresh = replace(asked, facts=replace(asked.facts, looked_at=NOON - seconds(1)))

    assert not CONTROLLER.observe(fresh, aws, NOON).compared
    assert aws.calls == {}
    assert CONTROLLER.services(fresh, NOON) == ()
    assert CONTROLLER.observe(asked, aws, NOON).compared
    assert aws.calls == {"services": 1}
    assert CONTROLLER.services(asked, NOON) == ("api",)


def test_it_is_read_after_a_gate_however_quick_people_were() -> None:
    aws = FakeGateway.single()
    gates = {"gates": (GateSpec(stage=Stage.PRE_SCALE_UP),)}

    observed = CONTROLLER.observe(
        at(Stage.SCALE_UP, environment=gates, facts={"looked_at": NOON - seconds(1)}), aws, NOON
    )

    assert not observed.just_looked
    assert aws.calls == {"services": 1}


def test_the_digests_are_read_with_it_where_a_tag_names_the_image() -> None:
    aws = FakeGateway.single()

    CONTROLLER.observe(BEFORE_TASKS, aws, NOON)
    CONTROLLER.observe(at(Stage.SCALE_UP, facts=TAGGED), aws, NOON)

    assert aws.calls == {"services": 2, "running_tasks": 2}


def test_a_forced_deployment_of_the_same_is_no_reason_not_to_go_on() -> None:
    anew = service(deployment(OLD, 4), old())

    assert isinstance(run := decide(BEFORE_TASKS, anew, compared=True, tasks=(task(),)), Act)
    assert isinstance(run.action, RunTask)
    assert isinstance(decide(at(Stage.SCALE_UP, facts=TAGGED), anew, tasks=(task(),)), Act)


@pytest.mark.parametrize("stage", [Stage.SCALE_UP, Stage.BAKE_TIME])
def test_a_forced_deployment_of_the_release_is_followed_and_said(stage: str) -> None:
    snapshot = at(stage, facts={**UPDATED, "target_digests": {"web": RAN}})
    anew = service(deployment(NEW, 5, rollout_state="IN_PROGRESS", created_at=NOON), old())

    decision = decide(snapshot, anew, tasks=(task(task_definition=NEW),))

    assert isinstance(decision, Note)
    assert decision.reason == (
        f"Somebody started its tasks anew since {NOON:%Y-%m-%d} 12:00:00 UTC, with the same api:2: "
        "ecs-svc/5 is followed"
    )
    assert (learnt(decision).ecs_deployment, learnt(decision).updated_at) == ("ecs-svc/5", NOON)


def test_one_that_pulled_another_image_for_the_same_tag_is_not() -> None:
    snapshot = at(Stage.BAKE_TIME, facts={**UPDATED, "target_digests": {"web": RAN}})

    decision = decide(snapshot, service(deployment(NEW, 5)), tasks=(task(MOVED, task_definition=NEW),))

    assert isinstance(decision, Fail)
    assert "which is not sha256:aaaaaaaaaaaa (1.1.0). It was changed outside Tealgate." in decision.reason


def test_what_the_tags_of_the_release_stand_for_is_noted_once_it_runs() -> None:
    by_tag, digest = updating(target_by_tag=("web",)), updating()
    aws = FakeGateway.single()
    shown = aws.ecs["api", "api"]
    shown.task_definition = shown.running_task_definition = NEW

    CONTROLLER.observe(digest, aws, NOON)
    assert aws.calls == {"services": 1}
    CONTROLLER.observe(by_tag, aws, NOON)
    assert aws.calls == {"services": 2, "running_tasks": 1}

    decision = decide(by_tag, service(deployment()), tasks=(task(task_definition=NEW),))
    assert isinstance(decision, Advance)
    assert learnt(decision).target_digests == {"web": RAN}


BACK, PIN = returning(**TAGGED), pinned.Seen(live=LIVE)
GOES_BACK = returning(**TAGGED, source_pinned=PINNED, done=("register", "update", "pin"))
WENT_BACK = returning(
    **TAGGED, source_pinned=PINNED, done=("register", "update", "pin", "back#0"), ecs_deployment="ecs-svc/3"
)
ON_PINNED = service(deployment(PINNED, 3))
UNKNOWN = returning(source_by_tag=("web",))


@pytest.mark.parametrize(
    ("snapshot", "seen", "observed", "kind", "fragment"),
    [
        (BACK, service(deployment()), {"to_pin": PIN}, Act, "A revision of api:1 names the digests that ran"),
        (GOES_BACK, service(deployment()), {}, Act, "api gets api:3 (api:1 with the digests that ran before) back"),
        (WENT_BACK, ON_PINNED, {"tasks": (task(task_definition=PINNED),)}, Advance,
         "2 tasks of api run api:3 (api:1 with the digests that ran before) again"),
        (WENT_BACK, ON_PINNED, {"tasks": (task(MOVED, task_definition=PINNED),)}, Fail, "runs sha256:bbbbbbbbbbbb"),
        (BACK, service(deployment(OLD, 3)), {"tasks": (task(),)}, Advance,
         "2 tasks of api run api:1 again, by the digests that ran before"),
        (BACK, service(deployment(OLD, 3)), {"tasks": (task(digests={}),)}, Advance, "; its tasks tell no digests to"),
        (BACK, service(deployment(OLD, 3)), {"tasks": (task(MOVED),), "to_pin": PIN}, Act, "A revision of api:1"),
        (BACK, service(deployment(OLD, 3, rollout_state="IN_PROGRESS")), {}, Wait, "Back to api:1"),
        (WENT_BACK, service(deployment(PINNED, 7)), {"tasks": (task(task_definition=PINNED),)}, Advance,
         "; somebody started its tasks anew, with the same api:3"),
        (UNKNOWN, service(deployment()), {}, Act, "api gets api:1 back; which image the tag of container web"),
    ],
)  # fmt: skip
def test_the_way_back_goes_to_the_digests_that_ran(
    snapshot: Any, seen: Service, observed: dict[str, Any], kind: type[Decision], fragment: str
) -> None:
    decision = decide(snapshot, seen, **observed)

    assert isinstance(decision, kind)
    assert fragment in decision.reason
    if isinstance(decision, Act):
        wanted = RegisterTaskDefinition if "revision" in fragment else UpdateService
        assert isinstance(decision.action, wanted)


@pytest.mark.parametrize(
    ("seen", "tasks", "live"),
    [
        (service(deployment()), (), Role.TARGET),
        (service(deployment(OLD, 3)), (task(),), Role.SOURCE),
        (service(deployment(OLD, 3)), (task(MOVED),), None),
        (service(deployment(OLD, 3)), (), None),
        (service(deployment(OLD, 3, running=1)), (), None),
    ],
)
def test_production_is_called_as_before_only_by_what_its_tasks_run(
    seen: Service, tasks: tuple[Task, ...], live: Role | None
) -> None:
    decision = CONTROLLER.decide(BACK, Observed(service=seen, tasks=tasks), NOON)

    assert decision.live is live


def test_the_way_back_reads_tasks_only_where_a_tag_may_have_moved() -> None:
    aws = FakeGateway.single()
    plain = at(Stage.SCALE_UP, back=True, facts={**REGISTERED, **UPDATED})

    CONTROLLER.observe(plain, aws, NOON)
    assert aws.calls == {"services": 1}
    CONTROLLER.observe(BACK, aws, NOON)
    assert aws.calls == {"services": 2, "running_tasks": 1}


GATE = (GateSpec(stage=Stage.PRE_SCALE_UP),)
OPEN = GateState(status=GateStatus.AWAITING_ACTION, expires_at=NOON + seconds(3600), timeout_action="ROLLBACK")


@pytest.mark.parametrize("gate", [None, OPEN])
def test_people_are_not_asked_about_what_somebody_else_has_overtaken(gate: GateState | None) -> None:
    gated = at(Stage.PRE_SCALE_UP, environment={"gates": GATE}, gate=gate)

    decision = decide(gated, service(deployment(FOREIGN, 3)), compared=True)

    assert isinstance(decision, Fail)
    assert "Someone else put api:9 on api" in decision.reason


def test_while_people_decide_one_read_a_look_tells_them_what_others_did() -> None:
    aws = FakeGateway.single()
    gated = at(Stage.PRE_SCALE_UP, environment={"gates": GATE}, facts=TAGGED, gate=OPEN)

    CONTROLLER.observe(gated, aws, NOON)
    decision = decide(gated, service(desired=0), compared=True)

    assert aws.calls == {"services": 1}
    assert CONTROLLER.services(gated, NOON) == ("api",)
    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(30)
    assert decision.reason.endswith("; api was set to a desired count of 0")


def test_a_restart_while_people_decide_is_compared_by_its_digests() -> None:
    aws = FakeGateway.single()
    aws.ecs["api", "api"].generation = 4

    CONTROLLER.observe(at(Stage.PRE_SCALE_UP, environment={"gates": GATE}, facts=TAGGED, gate=OPEN), aws, NOON)

    assert aws.calls == {"services": 1, "running_tasks": 1}
