"""A gate at 10 %: AWS tells of alarms and tasks instead of being asked, where its events are known to arrive."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import PutEvents
from deployments.aws.eventbridge import AwsEvent
from deployments.aws.values import Alarm, Metric
from deployments.frozen import GateSpec
from deployments.swaps.decisions import Act, ExpireGate, Fail, OpenGate, Wait
from deployments.swaps.facts import Echo
from deployments.swaps.service_pair.facts import PairFacts, Snapshot
from deployments.swaps.service_pair.observe import Observed, services_needed
from deployments.swaps.steps import event_watch
from deployments.vocabulary import GateStatus, Slot, Stage
from tests.evidence import cases as evidence
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps.cases import BLUE, CONTROLLER, GREEN, HEALTHY, NOON, at, decide, gate, learnt, rule, seconds, settings

BALANCER = {"LoadBalancer": "app/shop/50dc6c495c0c9188"}
OF_GREEN = {**BALANCER, "TargetGroup": GREEN.rpartition(":")[2]}
OPEN = gate(GateStatus.AWAITING_ACTION)
TENTH_GATE = GateSpec(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10, timeout_minutes=60)


def alarm(*metrics: Metric, state: str = "OK") -> dict[str, Alarm]:
    return {"shop-5xx": Alarm(name="shop-5xx", state=state, metrics=metrics)}


ERRORS = alarm(Metric(name="HTTPCode_Target_5XX_Count", dimensions=BALANCER))


def tenth(*, baked: bool = True, changes: Mapping[str, Any] | None = None, **facts: Any) -> Snapshot:
    """Ten percent are on green; the queue was read five seconds ago."""
    environment = {"alarms": ("shop-5xx",), "gates": (TENTH_GATE,)}
    shifted_at = NOON - seconds(300 if baked else 5)
    usual = {"weights": {BLUE: 90, GREEN: 10}, "percent": 10, "shifted_at": shifted_at}
    snapshot = at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10, environment=environment)
    done = (*snapshot.facts.done, f"shift:{snapshot.position}")
    if "echo" in facts:
        facts["echo"] = Echo(position=snapshot.position, **facts["echo"])
    return replace(
        snapshot,
        facts=replace(snapshot.facts, **{**usual, "done": done, **facts}),
        **{"listened_at": NOON - seconds(5), **(changes or {})},
    )


def asked(seconds_ago: float = 1) -> dict[str, Any]:
    return {"events_heard": 4, "at": NOON - seconds(seconds_ago)}


def waiting(events_heard: int = 5, looked: int = 5, **changes: Any) -> Snapshot:
    """The gate is open, the echo was heard."""
    return tenth(
        echo=asked(),
        looked=looked,
        watch="green answered",
        changes={"gate": OPEN, "events_heard": events_heard, **changes},
    )


def look(alarms: Mapping[str, Alarm] = ERRORS, **changes: Any) -> Observed:
    both = {Slot.BLUE: HEALTHY, Slot.GREEN: HEALTHY}
    return Observed(**evidence.look(**{"production": rule(90, 10), "health": both, "alarms": alarms, **changes}))


def test_an_echo_is_asked_for_as_soon_as_the_watch_begins() -> None:
    snapshot = tenth(baked=False)

    decision = decide(snapshot, look())

    assert isinstance(decision, Act)
    assert decision.action == PutEvents(echo_of="7-abc")
    assert learnt(decision).echo == Echo(position=snapshot.position, events_heard=0, at=NOON)


@pytest.mark.parametrize(
    ("snapshot", "alarms"),
    [
        pytest.param(tenth(baked=False, changes={"listened_at": None}), ERRORS, id="there is no queue"),
        pytest.param(tenth(baked=False, changes={"listened_at": NOON - seconds(60)}), ERRORS, id="nobody reads it"),
        pytest.param(tenth(baked=False), {}, id="the alarm is gone"),
        pytest.param(tenth(baked=False), alarm(), id="a composite alarm measures nothing itself"),
        pytest.param(
            tenth(baked=False),
            alarm(Metric(name="HTTPCode_Target_5XX_Count", dimensions={**BALANCER, "TargetGroup": "of/blue"})),
            id="it measures another target group",
        ),
        pytest.param(
            tenth(baked=False),
            alarm(Metric(name="HTTPCode_Target_5XX_Count", dimensions={**OF_GREEN, "AvailabilityZone": "a"})),
            id="it measures one zone only",
        ),
        pytest.param(
            tenth(baked=False, changes={"settings": settings(alarms=("shop-5xx",), max_latency_ms=300)}),
            ERRORS,
            id="nothing measures the latency that is asked for",
        ),
        pytest.param(tenth(baked=False, echo=asked()), ERRORS, id="it was asked for already"),
    ],
)
def test_no_echo_is_asked_for_where_events_could_not_be_relied_on(
    snapshot: Snapshot, alarms: Mapping[str, Alarm]
) -> None:
    assert not isinstance(decide(snapshot, look(alarms)), Act | OpenGate)


@pytest.mark.parametrize("dimensions", [BALANCER, OF_GREEN])
def test_what_measures_all_targets_or_those_of_the_release_will_do(dimensions: Mapping[str, str]) -> None:
    measured = alarm(
        Metric(name="HTTPCode_Target_5XX_Count", dimensions=dimensions),
        Metric(name="TargetResponseTime", dimensions=dimensions),
    )
    fast = replace(tenth(baked=False).settings, max_latency_ms=300)

    assert isinstance(decide(tenth(baked=False, changes={"settings": fast}), look(measured)), Act)


def test_the_gate_is_not_opened_before_the_echo_was_heard() -> None:
    early = decide(tenth(echo=asked(), changes={"events_heard": 4}), look())
    heard = decide(tenth(echo=asked(), changes={"events_heard": 5}), look())
    late = decide(tenth(echo=asked(11), changes={"events_heard": 4}), look())

    assert isinstance(early, Wait)
    assert (early.reason, early.at_most) == ("Waiting for an echo of AWS's events", NOON + seconds(9))
    assert isinstance(heard, OpenGate)
    assert learnt(heard).looked == 5
    assert learnt(heard).watch.endswith("; AWS tells of alarms and of tasks that stop, so it is not asked meanwhile")
    assert isinstance(late, OpenGate)
    assert learnt(late).looked is None


def test_nothing_is_asked_while_people_think() -> None:
    snapshot, aws = waiting(), FakeGateway.pair()

    observed = CONTROLLER.observe(snapshot, aws, NOON)
    decision = decide(snapshot, observed)

    assert not aws.calls
    assert not services_needed(snapshot, NOON)
    assert isinstance(decision, Wait)
    # Until then the queue has to be read again, or AWS is asked.
    assert decision.until == NOON + seconds(55)
    assert decision.reason.endswith("; green answered")


def test_the_gate_does_not_expire_late() -> None:
    soon = gate(GateStatus.AWAITING_ACTION, expires_at=NOON + seconds(3))

    decision = decide(waiting(gate=soon), Observed())

    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(3)
    assert isinstance(decide(waiting(gate=gate(GateStatus.AWAITING_ACTION, expires_at=NOON)), look()), ExpireGate)


def test_an_event_is_reason_to_look_once() -> None:
    snapshot, aws = waiting(events_heard=6), FakeGateway.pair()
    CONTROLLER.observe(snapshot, aws, NOON)

    fine = decide(snapshot, look())
    bad = decide(snapshot, look(alarm(state="ALARM")))

    assert {"alarms", "traffic", "rule", "target_health"} <= set(aws.calls)
    assert isinstance(fine, Wait)
    assert learnt(fine).looked == 6
    assert isinstance(bad, Fail)
    assert "Alarm shop-5xx is in ALARM" in bad.reason


def test_an_alarm_that_is_changed_to_measure_something_else_is_relied_on_no_more() -> None:
    elsewhere = alarm(Metric(name="HTTPCode_Target_5XX_Count", dimensions={"LoadBalancer": "app/other/1"}))

    decision = decide(waiting(events_heard=6), look(elsewhere))

    assert learnt(decision).looked is None
    assert "AWS is asked, as none of the alarms measures HTTPCode_Target_5XX_Count" in decision.reason


def test_after_a_time_in_which_nobody_listened_there_is_a_look_before_aws_is_relied_on_again() -> None:
    snapshot, aws = waiting(), FakeGateway.pair()
    silent = replace(snapshot, listened_at=NOON - seconds(90))

    asked_meanwhile = decide(silent, look())
    listening = replace(snapshot, facts=learnt(asked_meanwhile))
    CONTROLLER.observe(listening, aws, NOON)

    assert learnt(asked_meanwhile).looked is None
    assert aws.calls["alarms"] == 1
    assert learnt(decide(listening, look())).looked == 5


@pytest.mark.parametrize(
    ("snapshot", "alarms", "why"),
    [
        (waiting(listened_at=NOON - seconds(61)), ERRORS, "as its events were last read at 11:58:59 UTC"),
        (tenth(changes={"gate": OPEN}), alarm(), "as none of the alarms measures HTTPCode_Target_5XX_Count"),
        (tenth(echo={"refused": True}, changes={"gate": OPEN}), ERRORS, "as it refused the event that shows whether"),
        (tenth(echo=asked(20), changes={"gate": OPEN, "events_heard": 4}), ERRORS, "as its events do not arrive"),
    ],
)
def test_where_aws_is_asked_all_the_same_people_are_told_why(
    snapshot: Snapshot, alarms: Mapping[str, Alarm], why: str
) -> None:
    decision = decide(snapshot, look(alarms))

    assert isinstance(decision, Wait)
    assert decision.until is None
    assert f"AWS is asked, {why}" in decision.reason


def test_without_a_queue_there_is_nothing_to_explain() -> None:
    decision = decide(tenth(changes={"gate": OPEN, "listened_at": None}), look())

    assert isinstance(decision, Wait)
    assert "AWS" not in decision.reason


ASKED = PairFacts(echo=Echo(position=6, events_heard=0, at=NOON))
HERE = {"account": "123456789012", "region": "eu-central-1"}


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        (AwsEvent(**HERE, echo_of="7-abc"), True),
        (AwsEvent(**HERE, echo_of="8-abc"), False),
        (AwsEvent(**HERE, alarm="shop-5xx"), True),
        (AwsEvent(**HERE, alarm="other-5xx"), False),
        (AwsEvent(**{**HERE, "region": "eu-west-1"}, alarm="shop-5xx"), False),
        (AwsEvent(**{**HERE, "account": "210987654321"}, alarm="shop-5xx"), False),
        (AwsEvent(**HERE, cluster=SHOP.cluster, service="shop-green"), True),
        (AwsEvent(**HERE, cluster=SHOP.cluster, service="api"), False),
        (AwsEvent(**HERE, cluster="elsewhere", service="shop-green"), False),
    ],
)
def test_an_event_concerns_those_whose_alarm_or_service_it_names(told: AwsEvent, ours: bool) -> None:
    frozen = settings(alarms=("shop-5xx",), account_id="123456789012")

    assert event_watch.concerns(told, frozen, "7-abc", position=6, facts=ASKED) is ours


@pytest.mark.parametrize("facts", [PairFacts(), ASKED])
def test_before_an_echo_was_asked_for_at_this_step_only_the_echo_concerns_anybody(facts: PairFacts) -> None:
    frozen = settings(alarms=("shop-5xx",), account_id="123456789012")

    assert not event_watch.concerns(AwsEvent(**HERE, alarm="shop-5xx"), frozen, "7-abc", position=7, facts=facts)
    assert event_watch.concerns(AwsEvent(**HERE, echo_of="7-abc"), frozen, "7-abc", position=7, facts=facts)
