"""Too few requests are no proof: said at the gate and at the end, and where they are required somebody is asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from deployments import swaps
from deployments.aws.values import Traffic
from deployments.evidence import measure, verdict
from deployments.swaps.decisions import Advance, Decision, Fail, OpenGate, Snapshot, Wait
from deployments.vocabulary import GateStatus, Stage
from tests.evidence import stories
from tests.evidence.cases import BALANCER, watched
from tests.fakes.aws import API, LANDING, SHOP, FakeGateway
from tests.swaps.cases import NOON, gate, seconds, wants_approval

FEW = "Only 3 requests of {} were seen, too few to judge (from 20)."
OURS, AWS_OWN = ("SERVICE_PAIR", "ROLLING"), ("ECS", "CODE_DEPLOY", "EXPRESS_MODE")
LATER = NOON + seconds(400)


def requests(aws: FakeGateway, count: int) -> None:
    for group in (API.target_group, SHOP.target_group("green"), LANDING.target_groups[1]):
        aws.measured[group] = Traffic(requests=count)


def look(snapshot: Snapshot[Any], aws: FakeGateway, now: datetime) -> Decision:
    swap = swaps.get(snapshot.settings.controller)
    return swap.decide(snapshot, swap.observe(snapshot, aws, now), now)


def baking(swap: str, **policy: Any) -> tuple[Snapshot[Any], FakeGateway]:
    snapshot, aws = stories.watching(swap)
    requests(aws, 3)
    return replace(snapshot, settings=replace(snapshot.settings, **policy)), aws


def at_its_end(swap: str, **policy: Any) -> tuple[Snapshot[Any], FakeGateway]:
    snapshot, aws = baking(swap, **policy)
    if swap in ("ECS", "EXPRESS_MODE"):
        arn = next(iter(aws.native))
        aws.native[arn] = replace(aws.native[arn], status="SUCCESSFUL")
    return snapshot, aws


@pytest.mark.parametrize("swap", OURS)
def test_a_gate_says_so_before_anybody_decides(swap: str) -> None:
    story, stage = stories.ALL[swap]
    snapshot, aws = story(wants_approval(stage))
    requests(aws, 3)

    opened = look(snapshot, aws, NOON)

    assert isinstance(opened, OpenGate)
    assert opened.evidence["warnings"] == [FEW.format(stories.called(swap))]


@pytest.mark.parametrize("swap", [*OURS, *AWS_OWN])
def test_the_end_of_the_watch_says_so_for_good(swap: str) -> None:
    snapshot, aws = at_its_end(swap)

    ended = look(snapshot, aws, LATER)

    assert isinstance(ended, Advance), ended
    assert ended.facts
    assert ended.facts.warnings == (FEW.format(stories.called(swap)),)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "No requests of {} were seen"), (1, "Only 1 request of {} was seen"), (3, "Only 3 requests")],
)
def test_none_one_and_some_are_told_apart(count: int, said: str) -> None:
    story, stage = stories.ALL["SERVICE_PAIR"]
    snapshot, aws = story(wants_approval(stage))
    requests(aws, count)

    opened = look(snapshot, aws, NOON)

    assert isinstance(opened, OpenGate)
    assert opened.evidence["warnings"][0].startswith(said.format(stories.called("SERVICE_PAIR")))


@pytest.mark.parametrize("swap", [*OURS, *AWS_OWN])
def test_enough_requests_leave_nothing_to_say(swap: str) -> None:
    snapshot, aws = at_its_end(swap)
    requests(aws, 20)

    ended = look(snapshot, aws, LATER)

    assert isinstance(ended, Advance), ended
    assert not (ended.facts or snapshot.facts).warnings


def test_a_worker_without_a_load_balancer_has_no_requests_to_miss() -> None:
    snapshot, aws = at_its_end("ROLLING", requires_min_requests=True)
    worker = replace(snapshot, facts=replace(snapshot.facts, target_group="", load_balancer=""))

    ended = look(worker, aws, LATER)

    assert isinstance(ended, Advance), ended
    assert not (ended.facts or worker.facts).warnings


@pytest.mark.parametrize("swap", OURS)
def test_where_they_are_required_it_waits_and_then_asks(swap: str) -> None:
    snapshot, aws = baking(swap, requires_min_requests=True, min_requests_wait_seconds=600, too_few_action="CONTINUE")

    waiting = look(snapshot, aws, LATER)
    opened = look(snapshot, aws, LATER + seconds(900))

    assert isinstance(waiting, Wait)
    assert waiting.reason.startswith("Waiting for 20 requests until ")
    assert isinstance(opened, OpenGate)
    assert opened.evidence["warnings"] == [FEW.format(stories.called(swap))]
    assert (opened.spec.stage, opened.spec.timeout_action) == (snapshot.step.stage, "CONTINUE")


@pytest.mark.parametrize("swap", OURS)
def test_enough_of_them_end_the_wait(swap: str) -> None:
    snapshot, aws = baking(swap, requires_min_requests=True)
    requests(aws, 20)

    assert isinstance(look(snapshot, aws, LATER), Advance)


@pytest.mark.parametrize("swap", OURS)
@pytest.mark.parametrize(
    ("status", "kind"),
    [(GateStatus.AWAITING_ACTION, Wait), (GateStatus.SUCCEEDED, Advance), (GateStatus.FAILED, Fail)],
)
def test_the_answer_counts(swap: str, status: GateStatus, kind: type[Decision]) -> None:
    """Also when requests came meanwhile: whoever was asked is to say it."""
    snapshot, aws = baking(swap, requires_min_requests=True)
    asked = replace(snapshot, gate=replace(gate(status), expires_at=LATER + timedelta(days=1)))
    requests(aws, 30)

    assert isinstance(look(asked, aws, LATER + seconds(3600)), kind)


@pytest.mark.parametrize("swap", AWS_OWN)
def test_where_aws_waits_for_nobody_it_is_turned_back_before_aws_goes_on(swap: str) -> None:
    snapshot, aws = baking(swap, requires_min_requests=True)
    until = NOON + seconds(200)
    warm = replace(snapshot, source_kept_until=until)

    waiting = look(warm, aws, NOON + seconds(100))
    turned = look(warm, aws, until - seconds(15))

    assert isinstance(waiting, Wait)
    assert waiting.at_most == until - seconds(20)
    assert isinstance(turned, Fail)
    few = FEW.format(stories.called(swap))
    assert turned.reason == (f"{few} AWS waits for nobody here, and the environment requires 20: it is turned back.")


@pytest.mark.parametrize("swap", AWS_OWN)
def test_unless_the_environment_says_that_it_goes_on_then(swap: str) -> None:
    snapshot, aws = at_its_end(swap, requires_min_requests=True, too_few_action="CONTINUE")

    ended = look(snapshot, aws, LATER)

    assert isinstance(ended, Advance), ended
    assert ended.facts
    assert ended.facts.warnings == (FEW.format(stories.called(swap)),)


def test_who_ends_the_warm_time_by_a_click_is_not_turned_back_for_it() -> None:
    snapshot, aws = baking("CODE_DEPLOY", requires_min_requests=True)
    clicked = replace(snapshot, source_kept_until=NOON - seconds(1))

    assert not isinstance(look(clicked, aws, NOON), Fail)


def test_a_network_load_balancer_has_no_requests_to_ask_for_and_that_is_said() -> None:
    aws = FakeGateway.pair()
    network = watched(load_balancer=BALANCER.replace("/app/", "/net/"), environment={"alarms": ()}, wanted=2)
    seen = measure(network, aws, NOON)

    assert "traffic" not in aws.calls
    assert verdict.doubts(network, seen) == (
        "A Network Load Balancer counts no requests, so none shows that new 1.1.0 works.",
    )
    assert verdict.summary(network, seen) == "new 1.1.0 has no requests counted"


@pytest.mark.parametrize(
    ("swap", "policy", "words"),
    [
        *((swap, {}, "; after fewer than 20 requests somebody is asked") for swap in OURS),
        *((swap, {}, "; after fewer than 20 requests it is turned back") for swap in AWS_OWN),
        *((swap, {"too_few_action": "CONTINUE"}, "; after fewer than 20 requests it goes on") for swap in AWS_OWN),
    ],
)
def test_the_plan_says_so_before_anybody_confirms_it(swap: str, policy: dict[str, Any], words: str) -> None:
    snapshot, _ = baking(swap, requires_min_requests=True, bake_seconds=0, **policy)
    controller = swaps.get(swap)
    strategy = controller.strategies(snapshot.settings)[0]

    plan = controller.plan(snapshot.settings, strategy)
    without = controller.plan(replace(snapshot.settings, requires_min_requests=False), strategy)

    assert [words in step.summary for step in plan.steps if step.stage == Stage.BAKE_TIME] == [True]
    assert not any("requests" in step.summary for step in without.steps)
