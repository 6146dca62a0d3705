"""PRODUCTION_TRAFFIC_SHIFT, BAKE_TIME and CLEAN_UP: the target answers real people."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import SetWeights, SuspendScaling, UpdateService
from deployments.aws.values import Alarm, Rule, ScalableTarget, Service, Target, Traffic
from deployments.frozen import TaskSpec
from deployments.swaps.decisions import Act, Advance, Decision, ExpireGate, Fail, Note, OpenGate, Wait
from deployments.swaps.reports import CheckResult, OneOffTaskRun
from deployments.swaps.service_pair.facts import PairFacts, Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.vocabulary import GateStatus, Slot, Stage
from tests.evidence import cases as evidence
from tests.swaps.cases import (
    BLUE,
    ELSEWHERE,
    GREEN,
    HEALTHY,
    NEW,
    NOON,
    at,
    decide,
    gate,
    learnt,
    pair,
    rule,
    seconds,
    service,
    targets,
    wants_approval,
)

BOTH = {Slot.BLUE: HEALTHY, Slot.GREEN: HEALTHY}
TENTH = {"weights": {BLUE: 90, GREEN: 10}, "percent": 10, "shifted_at": NOON - seconds(5)}
ALL = {"weights": {BLUE: 0, GREEN: 100}, "percent": 100, "shifted_at": NOON - seconds(300)}


def look(production: Rule | None = None, green: tuple[Target, ...] = HEALTHY, **changes: Any) -> Observed:
    usual = {"production": production or rule(), "health": {**BOTH, Slot.GREEN: green}, "services": pair()}
    return Observed(**evidence.look(**{**usual, **changes}))


def first_rung(**changes: Any) -> Snapshot:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10, **changes)


def watched(**changes: Any) -> Snapshot:
    """Ten percent were shifted five seconds ago; the rung bakes for sixty."""
    snapshot = first_rung(**changes)
    return first_rung(**{"facts": TENTH, **changes}, done=(f"shift:{snapshot.position}",))


def grown(blue: int, green: int, **changes: Any) -> dict[Slot, Service]:
    return pair(service("shop-blue", desired=blue), service("shop-green", desired=green, **changes))


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "fragment"),
    [
        (first_rung(), look(), Act, "Production: 10 % to new 1.1.0, 90 % stay on old 1.0.0"),
        (first_rung(), look(rule(90, 10)), Act, "Production: 10 % to new 1.1.0"),
        (
            first_rung(),
            look(rule(50, 50)),
            Fail,
            "it shows 50 % on old 1.0.0, 50 % on new 1.1.0, but 0 % on new 1.1.0 was expected.",
        ),
        (
            first_rung(),
            look(rule(weights={ELSEWHERE: 1})),
            Fail,
            "Someone else changed the production rule: it forwards to maintenance.",
        ),
        (first_rung(), look(services={}), Fail, "Service shop-blue (of old 1.0.0) does not exist any more."),
        (
            first_rung(),
            look(services=pair(green=service(status="INACTIVE"))),
            Fail,
            "Service shop-green (of new 1.1.0) does not exist any more.",
        ),
        (
            first_rung(),
            look(services=grown(5, 2)),
            Act,
            "shop-green scaled to 5 tasks, as many as old 1.0.0 has now",
        ),
        (
            first_rung(),
            look(green=targets("healthy", "initial")),
            Wait,
            "all targets have to be healthy; 1 of 2 targets of new 1.1.0 are healthy: 10.0.0.2:8000 initial",
        ),
        (
            first_rung(step_started_at=NOON - seconds(1801)),
            look(green=targets("healthy")),
            Fail,
            "Only 1 of 2 targets of new 1.1.0 are healthy: all registered targets are healthy; no more traffic",
        ),
        (
            at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=100, facts=TENTH),
            look(rule(90, 10)),
            Act,
            "Production: 100 % to new 1.1.0",
        ),
    ],
)
def test_shifting_production(snapshot: Snapshot, observed: Observed, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, observed)

    assert type(decision) is kind
    assert fragment in decision.reason


def test_the_share_is_written_over_what_was_just_read() -> None:
    snapshot = first_rung()

    decision = decide(snapshot, look(rule(1, 0)))

    assert isinstance(decision, Act)
    assert decision.action == SetWeights(rule=rule().arn, weights={GREEN: 10, BLUE: 90}, expected={BLUE: 1, GREEN: 0})
    assert decision.mark == f"shift:{snapshot.position}"
    assert decision.facts == replace(snapshot.facts, weights={GREEN: 10, BLUE: 90}, percent=10, shifted_at=NOON)


def test_a_target_that_grew_with_the_source_is_remembered() -> None:
    decision = decide(first_rung(), look(services=grown(5, 2)))

    assert isinstance(decision, Act)
    assert decision.action == UpdateService(cluster="shop", service="shop-green", desired=5)
    assert learnt(decision).desired == 5


def test_the_target_grows_once_a_step() -> None:
    snapshot = first_rung()
    again = first_rung(done=(f"grow:{snapshot.position}:5",), facts={"desired": 5})

    decision = decide(again, look(services=grown(5, 4)))

    assert isinstance(decision, Wait)
    assert "2 of 5 targets of new 1.1.0" in decision.reason


@pytest.mark.parametrize("stage", [Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.BAKE_TIME])
def test_a_rule_that_was_not_read_never_lets_traffic_move(stage: Stage) -> None:
    snapshot = watched() if stage == Stage.PRODUCTION_TRAFFIC_SHIFT else at(stage, facts=ALL)

    if stage == Stage.PRODUCTION_TRAFFIC_SHIFT:
        with pytest.raises(ValueError, match="was not read"):
            decide(snapshot, Observed())
    else:
        assert decide(snapshot, Observed()) == Fail(reason="The production rule was not read.")


# Watching a rung

RUNG_GATE = wants_approval(Stage.PRODUCTION_TRAFFIC_SHIFT)
OVER = {**TENTH, "shifted_at": NOON - seconds(60)}


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "fragment"),
    [
        (watched(), look(rule(90, 10)), Wait, "Watching until 12:00:55 UTC: new 1.1.0 answered no requests, too few"),
        (
            watched(environment={"canary_bake_seconds": 3 * 86400}),
            look(rule(90, 10)),
            Wait,
            "Watching until 2026-03-05 11:59:55 UTC: new 1.1.0 answered no requests",
        ),
        (watched(facts=OVER), look(rule(90, 10)), Advance, "new 1.1.0 answered no requests"),
        (watched(), look(rule(100, 0)), Fail, "it shows 100 % on old 1.0.0, but 10 % on new 1.1.0 was expected."),
        (watched(), look(rule(90, 10), green=()), Fail, "No target of new 1.1.0 is healthy"),
        (
            watched(),
            look(rule(90, 10), traffic={Slot.GREEN: Traffic(requests=100, errors_5xx=50)}),
            Fail,
            "New 1.1.0 answered 50 of 100 requests (50.0 %) with 5xx",
        ),
        (
            watched(environment={"alarms": ("shop-5xx",)}),
            look(rule(90, 10), alarms={"shop-5xx": Alarm(name="shop-5xx", state="ALARM")}),
            Fail,
            "Alarm shop-5xx is in ALARM",
        ),
        (watched(facts=OVER, environment=RUNG_GATE), look(rule(90, 10)), OpenGate, "Waiting for 1 approval"),
        (watched(environment=RUNG_GATE), look(rule(90, 10)), Wait, "Watching until 12:00:55"),
        (
            watched(facts=OVER, environment=RUNG_GATE, gate=gate(GateStatus.AWAITING_ACTION)),
            look(rule(90, 10)),
            Wait,
            "not by the requester; new 1.1.0 answered no requests",
        ),
        (
            watched(facts=OVER, environment=RUNG_GATE, gate=gate(GateStatus.AWAITING_ACTION)),
            look(rule(90, 10), green=()),
            Fail,
            "No target of new 1.1.0 is healthy",
        ),
        (
            watched(facts=OVER, environment=RUNG_GATE, gate=gate(GateStatus.AWAITING_ACTION, expires_at=NOON)),
            look(rule(90, 10)),
            ExpireGate,
            "Nobody decided",
        ),
        (
            watched(facts=OVER, environment=RUNG_GATE, gate=gate(GateStatus.FAILED, reason="rejected by approver: no")),
            look(rule(90, 10)),
            Fail,
            "rejected by approver: no",
        ),
        (
            watched(facts=OVER, environment=RUNG_GATE, gate=gate(GateStatus.SUCCEEDED)),
            look(rule(90, 10)),
            Advance,
            "new 1.1.0 answered",
        ),
    ],
)
def test_watching_a_rung(snapshot: Snapshot, observed: Observed, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, observed)

    assert type(decision) is kind
    assert fragment in decision.reason


def test_the_watch_goes_on_while_people_think() -> None:
    snapshot = watched(facts=OVER, environment=RUNG_GATE, gate=gate(GateStatus.AWAITING_ACTION))

    decision = decide(snapshot, look(rule(90, 10)))

    assert isinstance(decision, Wait)
    assert (decision.until, decision.at_most) == (None, NOON + seconds(3600))


def test_a_look_never_oversleeps_the_end_of_the_bake() -> None:
    decision = decide(watched(), look(rule(90, 10)))

    assert isinstance(decision, Wait)
    assert decision.at_most == NOON + seconds(55)


def test_no_traffic_moves_while_an_alarm_speaks_against_it() -> None:
    """People may have approved days after preflight looked at the alarms."""
    alarms = {"shop-5xx": Alarm(name="shop-5xx", state="ALARM", reason="Threshold crossed")}
    snapshot = at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10, environment={"alarms": ("shop-5xx",)})

    decision = decide(snapshot, look(rule(100, 0), alarms=alarms))

    assert isinstance(decision, Fail)
    assert decision.reason == ("Alarm shop-5xx is in ALARM: Threshold crossed. No more traffic was given to new 1.1.0.")


# BAKE_TIME


def baking(ago: float, **changes: Any) -> Snapshot:
    return at(Stage.BAKE_TIME, facts=ALL, step_started_at=NOON - seconds(ago), **changes)


def test_the_bake_counts_from_the_start_of_the_step() -> None:
    assert isinstance(decide(baking(299), look(rule(0, 100))), Wait)
    assert isinstance(decide(baking(300), look(rule(0, 100))), Advance)


def test_after_the_bake_the_source_is_kept_warm() -> None:
    decision = decide(baking(300, environment={"termination_wait_seconds": 900}), look(rule(0, 100)))

    assert isinstance(decision, Advance)
    assert decision.keep_source_until == NOON + seconds(900)


def test_what_an_approver_sees_at_a_gate() -> None:
    snapshot = baking(
        300,
        environment={
            **wants_approval(Stage.BAKE_TIME),
            "alarms": ("shop-5xx", "shop-latency"),
            "one_off_tasks": (TaskSpec(name="migrate", command=("migrate",)),),
        },
    )
    facts = {
        **vars(snapshot.facts),
        "healthy_at": NOON - seconds(90),
        "smoke": (CheckResult(path="/", ok=True, status=200, milliseconds=3, sentence="Fine."),),
        "tasks": (OneOffTaskRun(name="migrate", task="arn", exit_code=0, log=("done",)),),
    }
    alarms = {name: Alarm(name=name, state="OK") for name in snapshot.settings.alarms}
    traffic = {Slot.GREEN: Traffic(requests=40, errors_5xx=0, latency_ms=9.5)}

    decision = decide(
        at(Stage.BAKE_TIME, facts=facts, environment=vars(snapshot.settings), step_started_at=snapshot.step_started_at),
        look(rule(0, 100), alarms=alarms, traffic=traffic),
    )

    assert isinstance(decision, OpenGate)
    assert decision.evidence == {
        "at": NOON.isoformat(),
        "version": "1.1.0",
        "images": {"web": "docker.io/library/shop@sha256:" + "2" * 64},
        "task_definition": NEW,
        "weights": {"blue": 0, "green": 100},
        "health": {"blue": "2 of 2 healthy", "green": "2 of 2 healthy"},
        "alarms": {"shop-5xx": "OK", "shop-latency": "OK"},
        "smoke": [{"path": "/", "ok": True, "status": 200, "milliseconds": 3, "sentence": "Fine."}],
        "tasks": [{"name": "migrate", "exit_code": 0}],
        "minutes_on_target": 1.5,
        "traffic": {"green": {"requests": 40, "errors_5xx": 0, "latency_ms": 9.5}},
    }


def test_evidence_says_when_an_alarm_is_missing() -> None:
    snapshot = at(Stage.POST_TEST_TRAFFIC_SHIFT, environment={**wants_approval(), "alarms": ("shop-5xx",)})

    decision = decide(snapshot, Observed(**evidence.look(alarms={})))

    assert isinstance(decision, OpenGate)
    assert decision.evidence["alarms"] == {"shop-5xx": "missing"}
    assert (decision.evidence["weights"], decision.evidence["minutes_on_target"]) == ({}, None)


# CLEAN_UP


def cleaning(*done: str, **changes: Any) -> Snapshot:
    return at(Stage.CLEAN_UP, facts=ALL, done=done, **{"source_kept_until": NOON, **changes})


def scaling(*, blue: bool, green: bool) -> dict[Slot, ScalableTarget]:
    return {
        slot: ScalableTarget(resource_id=f"service/shop/shop-{slot.value}", minimum=1, maximum=9, suspended=suspended)
        for slot, suspended in ((Slot.BLUE, blue), (Slot.GREEN, green))
    }


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "fragment"),
    [
        (
            cleaning("scaling_handed_over", source_kept_until=NOON + seconds(60)),
            look(rule(0, 100)),
            Wait,
            "Old 1.0.0 is kept warm until 12:01:00 UTC",
        ),
        (
            cleaning("scaling_handed_over", source_kept_until=NOON + seconds(86400)),
            look(rule(100, 0)),
            Fail,
            "it shows 100 % on old 1.0.0, but 100 % on new 1.1.0 was expected. Old 1.0.0 was not scaled down.",
        ),
        (
            cleaning("scaling_handed_over", source_kept_until=NOON + seconds(86400)),
            look(rule(0, 100)),
            Wait,
            "Old 1.0.0 is kept warm until 2026-03-03 12:00:00 UTC",
        ),
        (cleaning(), look(rule(1, 99)), Fail, "100 % on new 1.1.0 was expected. Old 1.0.0 was not scaled down."),
        (cleaning(), look(rule(0, 100), scaling=scaling(blue=False, green=True)), Act, "shop-green resumed"),
        (cleaning(), look(rule(0, 100), scaling=scaling(blue=False, green=False)), Act, "shop-blue suspended"),
        (cleaning(), look(rule(0, 100), scaling=scaling(blue=True, green=False)), Act, "shop-blue scaled to 0"),
        (cleaning(source_kept_until=None), look(rule(0, 100)), Act, "shop-blue scaled to 0"),
        (cleaning(), look(rule(0, 100), services={}), Advance, "Service shop-blue is gone already"),
        (
            cleaning(),
            look(rule(0, 100), services=pair(service("shop-blue", status="INACTIVE"))),
            Advance,
            "Service shop-blue is gone already",
        ),
        (
            cleaning("scale_down"),
            look(rule(0, 100), services=pair(service("shop-blue", desired=0, running=1))),
            Wait,
            "shop-blue still drains 1 task",
        ),
        (
            cleaning("scale_down"),
            look(rule(0, 100), services=pair(service("shop-blue", desired=0))),
            Advance,
            "1.1.0 has all traffic; shop-blue is scaled to 0",
        ),
    ],
)
def test_cleaning_up(snapshot: Snapshot, observed: Observed, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, observed)

    assert type(decision) is kind
    assert fragment in decision.reason


def test_a_source_that_is_warm_for_less_than_ten_minutes_is_looked_at_again_only_at_the_end() -> None:
    decision = decide(cleaning("scaling_handed_over", source_kept_until=NOON + seconds(60)), look(rule(0, 100)))

    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(60)


def test_autoscaling_is_handed_over_before_the_source_is_kept_warm() -> None:
    """The live slot has to grow with its load, and the source to keep the tasks that a roll back needs."""
    warm = cleaning(source_kept_until=NOON + seconds(60))

    resumed = decide(warm, look(rule(0, 100), scaling=scaling(blue=False, green=True)))
    suspended = decide(warm, look(rule(0, 100), scaling=scaling(blue=False, green=False)))
    waiting = decide(warm, look(rule(0, 100), scaling=scaling(blue=True, green=False)))

    assert [decision.reason for decision in (resumed, suspended)] == [
        "Autoscaling of shop-green resumed",
        "Autoscaling of shop-blue suspended",
    ]
    assert isinstance(waiting, Wait)
    assert waiting.facts == warm.facts.marked("scaling_handed_over")
    assert isinstance(decide(warm, look(rule(1, 99))), Fail), "somebody else moved the traffic"


def test_what_the_owner_has_suspended_goes_with_the_traffic() -> None:
    seen = scaling(blue=False, green=True)
    seen[Slot.BLUE] = replace(seen[Slot.BLUE], suspensions=("ScheduledScalingSuspended",))

    noted = decide(cleaning(), look(rule(0, 100), scaling=seen))
    assert isinstance(noted, Note)
    assert isinstance(noted.facts, PairFacts)
    assert "shop-blue has ScheduledScaling suspended" in noted.reason

    resumed = decide(replace(cleaning(), facts=noted.facts), look(rule(0, 100), scaling=seen))
    assert isinstance(resumed, Act)
    assert resumed.action == SuspendScaling(
        resource_id="service/shop/shop-green", suspended=False, kept=("ScheduledScalingSuspended",)
    )


def test_autoscaling_is_handed_from_the_source_to_the_target() -> None:
    resumed = decide(cleaning(), look(rule(0, 100), scaling=scaling(blue=False, green=True)))

    assert isinstance(resumed, Act)
    assert resumed.action == SuspendScaling(resource_id="service/shop/shop-green", suspended=False)
    assert resumed.mark == "scaling:green"
