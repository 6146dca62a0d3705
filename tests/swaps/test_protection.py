"""Tasks that ECS does not stop, because they are protected from scale-in: waited for, and said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.values import ProtectedTask
from deployments.swaps import get
from deployments.swaps.decisions import Fail, Snapshot, Wait
from deployments.swaps.reports import HeldTask
from deployments.swaps.steps.protection import PATIENCE, explained
from deployments.vocabulary import Stage
from tests.fakes.aws import API, SHOP, FakeGateway
from tests.swaps import cases, code_deploy_cases, express_cases, rolling_cases, test_ecs_owner
from tests.swaps.cases import NOON, seconds

UNTIL = NOON + seconds(40 * 60)
SAID = "it is protected from scale-in until 2026-03-02 12:40 UTC (ecs:UpdateTaskProtection)"
LONG_AGO = NOON - PATIENCE - seconds(1)


def task(until: datetime | None = UNTIL) -> ProtectedTask:
    return ProtectedTask(id="t1", task_definition=cases.OLD, until=until)


def scaled_to_0(name: str, **changes: Any) -> FakeGateway:
    """One task of this slot goes on running."""
    aws = FakeGateway.pair(live="blue" if name == "shop-green" else "green")
    service = aws.ecs[SHOP.cluster, name]
    service.desired, service.running = 0, 1
    aws.protected[f"{name}0"] = UNTIL
    for field, value in changes.items():
        setattr(service, field, value)
    return aws


def cleaning(*, kept_until: datetime = NOON, started: datetime = NOON) -> Snapshot[Any]:
    done = ("scaling:green", "scaling:blue", "scale_down")
    weights = {cases.BLUE: 0, cases.GREEN: 100}
    snapshot = cases.at(Stage.CLEAN_UP, done=done, facts={"weights": weights})
    return replace(snapshot, source_kept_until=kept_until, step_started_at=started)


def going_back(started: datetime = NOON) -> Snapshot[Any]:
    done = ("back#0", "back_scaling:green#0", "back_scale_down#0")
    return cases.at(Stage.CLEAN_UP, back=True, done=done, step_started_at=started)


def look(snapshot: Snapshot[Any], aws: FakeGateway) -> Any:
    controller = get(snapshot.settings.controller)
    return controller.decide(snapshot, controller.observe(snapshot, aws, NOON), NOON)


@pytest.mark.parametrize(
    ("snapshot", "name", "told_at"),
    [
        (cleaning(), "shop-blue", NOON),
        (cleaning(kept_until=LONG_AGO, started=LONG_AGO), "shop-blue", None),
        (going_back(), "shop-green", NOON),
        (going_back(LONG_AGO), "shop-green", None),
    ],
)
def test_a_clean_up_says_until_when_a_task_is_protected(
    snapshot: Snapshot[Any], name: str, told_at: datetime | None
) -> None:
    decision = look(snapshot, scaled_to_0(name, protected_since=told_at))

    assert type(decision) is Wait
    assert decision.reason == f"{name} still drains 1 task; {SAID}"


@pytest.mark.parametrize(
    ("snapshot", "told_at"),
    [(cleaning(), None), (cleaning(started=LONG_AGO), None), (cleaning(), NOON - seconds(1)), (cleaning(), LONG_AGO)],
)
def test_a_quick_clean_up_does_not_ask(snapshot: Snapshot[Any], told_at: datetime | None) -> None:
    aws = scaled_to_0("shop-blue", protected_since=told_at)

    assert look(snapshot, aws).reason == "shop-blue still drains 1 task"
    assert not aws.calls["protected_tasks"]


def test_a_role_that_may_not_ask_waits_all_the_same() -> None:
    aws = scaled_to_0("shop-blue", protected_since=NOON)
    aws.fail_next("protected_tasks", errors.Denied)

    decision = look(cleaning(), aws)

    assert type(decision) is Wait
    assert decision.reason == "shop-blue still drains 1 task"


def test_an_answer_that_is_missing_is_asked_for_again() -> None:
    aws = scaled_to_0("shop-blue", protected_since=NOON)
    aws.fail_next("protected_tasks", errors.Throttled)

    with pytest.raises(errors.Throttled):
        look(cleaning(), aws)


@pytest.mark.parametrize(
    ("protected", "running", "said"),
    [
        ((), 1, ""),
        ((task(),), 1, f"; {SAID}"),
        ((task(),), 3, f"; {SAID.replace('it is', '1 is')}"),
        ((task(None),), 1, "; it is protected from scale-in (ecs:UpdateTaskProtection)"),
        (
            (task(NOON), task()),
            None,
            "; 2 are protected from scale-in, the last until 2026-03-02 12:40 UTC (ecs:UpdateTaskProtection)",
        ),
    ],
)
def test_protected_tasks_are_counted(protected: tuple[ProtectedTask, ...], running: int | None, said: str) -> None:
    assert explained(protected, running) == said


# ECS and CodeDeploy: one service, whose previous tasks AWS removes


@pytest.mark.parametrize(
    ("started", "asked", "said"),
    [(LONG_AGO, 1, f"; {SAID.replace('it is', '1 is')}"), (NOON, 0, "")],
)
@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (test_ecs_owner.told(Stage.CLEAN_UP, service_deployment="ours"), "ECS removes the previous release's tasks"),
        (code_deploy_cases.at(Stage.CLEAN_UP), "CodeDeploy removes the source's tasks"),
    ],
)
def test_aws_own_clean_up_is_explained_once_it_takes_long(
    snapshot: Snapshot[Any], words: str, started: datetime, asked: int, said: str
) -> None:
    aws = FakeGateway.pair()
    service = aws.ecs[SHOP.cluster, "shop-blue"]
    aws.ecs[snapshot.settings.cluster, snapshot.settings.service_name] = service
    aws.protected["shop-blue0"] = UNTIL
    aws.set_weights(SHOP.production_rule, {cases.BLUE: 0, cases.GREEN: 100})
    aws.native["ours"] = replace(test_ecs_owner.native("IN_PROGRESS", stage="CLEAN_UP"), production_percent=100)
    aws.codedeploy["d-1"] = code_deploy_cases.deployment()

    decision = look(replace(snapshot, step_started_at=started), aws)

    assert type(decision) is Wait
    assert decision.reason == f"{words}{said}"
    assert aws.calls["protected_tasks"] == asked
    assert [each.id for each in (decision.facts or snapshot.facts).held] == ["shop-blue0"] * asked


# ROLLING


def held(*, told_at: datetime | None = NOON, old: int = 1, protected: tuple[str, ...] = ("api0",)) -> FakeGateway:
    """All new tasks run, and so do `old` ones; `protected` are ids of old ones."""
    aws = FakeGateway.single()
    service = aws.ecs[API.cluster, API.name]
    service.protected_since, service.running = told_at, old
    running = rolling_cases.service(
        rolling_cases.deployment(rollout_state="IN_PROGRESS"),
        rolling_cases.old(running=old),
        protected_since=told_at,
    )
    aws.protected |= dict.fromkeys(protected, UNTIL)
    aws.services = lambda cluster, names: {API.name: running}  # type: ignore[method-assign]
    return aws


def late(snapshot: Snapshot[Any]) -> Snapshot[Any]:
    return replace(snapshot, step_started_at=NOON - seconds(snapshot.settings.scale_up_timeout_seconds + 1))


WAITS = "2 of 2 new tasks run; 1 old still run"


@pytest.mark.parametrize("lately", [lambda snapshot: snapshot, late])
def test_a_rolling_release_waits_for_a_protected_task_as_long_as_it_takes(
    lately: Callable[[Snapshot[Any]], Snapshot[Any]],
) -> None:
    decision = look(lately(rolling_cases.updating()), held())

    assert type(decision) is Wait
    assert decision.reason == f"{WAITS}; {SAID.replace('it is', '1 is')}"


def test_the_way_back_waits_for_a_protected_task_of_the_release_too() -> None:
    aws, before = held(), rolling_cases.OLD
    aws.ecs[API.cluster, API.name].running_task_definition = rolling_cases.NEW
    back = rolling_cases.service(
        rolling_cases.deployment(before, 3, rollout_state="IN_PROGRESS"),
        rolling_cases.deployment(rolling_cases.NEW, 2, status="ACTIVE", desired=0, running=1),
    )
    aws.services = lambda cluster, names: {API.name: back}  # type: ignore[method-assign]

    decision = look(late(rolling_cases.returning(done=("register", "update", "back#0"))), aws)

    assert type(decision) is Wait
    assert decision.reason.endswith(SAID.replace("it is", "1 is"))


def test_a_late_rolling_release_whose_old_tasks_are_not_protected_fails_as_ever() -> None:
    decision = look(late(rolling_cases.updating()), held(protected=()))

    assert type(decision) is Fail
    assert "1.1.0 was not up after 30 min" in decision.reason


def test_a_task_whose_protection_ended_has_time_to_drain() -> None:
    waited = look(late(rolling_cases.updating()), held())
    free = replace(late(rolling_cases.updating()), facts=waited.facts)

    decision = look(free, held(protected=()))

    assert type(decision) is Wait
    assert decision.reason == WAITS
    too_long = replace(free, facts=replace(free.facts, held_at=free.step_started_at))
    assert type(look(too_long, held(protected=()))) is Fail


def test_a_new_task_that_protects_itself_holds_nothing_up() -> None:
    aws = held()
    aws.ecs[API.cluster, API.name].running_task_definition = rolling_cases.NEW

    assert look(rolling_cases.updating(), aws).reason == WAITS


def test_a_rolling_release_does_not_ask_while_old_tasks_go_as_usual() -> None:
    aws = held(told_at=None)

    assert look(rolling_cases.updating(), aws).reason == WAITS
    assert not aws.calls["protected_tasks"]


def test_a_rolling_release_asks_when_nothing_moves() -> None:
    waited = look(rolling_cases.updating(), held(told_at=None))
    stuck = replace(rolling_cases.updating(), facts=replace(waited.facts, phase_since=LONG_AGO))

    assert look(stuck, held(told_at=None)).reason == f"{WAITS}; {SAID.replace('it is', '1 is')}"


@pytest.mark.parametrize("told_at", [NOON, None])
def test_which_tasks_are_waited_for_is_known_until_they_are_gone(told_at: datetime | None) -> None:
    waits = look(cleaning(started=LONG_AGO, kept_until=LONG_AGO), scaled_to_0("shop-blue", protected_since=told_at))

    assert waits.facts.held == (HeldTask(id="shop-blue0", task_definition=cases.OLD, until=UNTIL),)
    aws = scaled_to_0("shop-blue", protected_since=told_at)
    aws.protected.clear()
    free = look(replace(cleaning(started=LONG_AGO, kept_until=LONG_AGO), facts=waits.facts), aws)
    assert type(free) is Wait
    assert free.facts is not None
    assert free.facts.held == ()


def test_a_rolling_release_knows_which_old_tasks_hold_it_up() -> None:
    decision = look(rolling_cases.updating(), held())

    assert [task.until for task in decision.facts.held] == [UNTIL]


def test_express_mode_names_them_too() -> None:
    snapshot = express_cases.at(Stage.CLEAN_UP, facts=express_cases.SHIFTED)

    decision = express_cases.decide(snapshot, native=express_cases.native(Stage.CLEAN_UP), protected=(task(),))

    assert type(decision) is Wait
    assert decision.reason == f"ECS removes the previous release's tasks; {SAID.replace('it is', '1 is')}"
    assert [each.id for each in express_cases.learnt(decision).held] == ["t1"]
