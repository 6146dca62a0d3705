"""EXPRESS_MODE on its way back: while ECS still shifts, when it had finished, and when AWS refuses."""

from typing import Any

import pytest

from deployments.aws.actions import StopServiceDeployment, UpdateExpressGatewayService
from deployments.aws.values import Service, ServiceDeployment, TaskDefinition
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.express.observe import Observed
from deployments.swaps.steps import pinned
from deployments.vocabulary import Role, Stage
from tests.swaps import express_cases
from tests.swaps.cases import NOON, seconds
from tests.swaps.express_cases import (
    AGAIN,
    FOREIGN,
    NEW,
    OLD,
    OURS,
    SERVICE,
    SHIFTED,
    TOLD,
    at,
    decide,
    learnt,
    native,
    proof,
    rule,
    service,
    task,
)

ENDED = native(status="SUCCESSFUL", stage=Stage.CLEAN_UP, production_percent=100.0)
REFUSED = {**SHIFTED, "done": (*TOLD["done"], "back#0", "stop_refused#0")}
ONCE_MORE = {**SHIFTED, "percent": 100, "again_at": NOON, "done": (*TOLD["done"], "again#0")}


def turning(facts: Any = SHIFTED, **changes: Any) -> Any:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, facts=facts, **changes)


def test_ecs_is_told_to_stop_its_deployment_once_and_then_followed() -> None:
    told = decide(turning(), native=native(production_percent=5.0), rule=rule(5))
    waits = decide(turning({**SHIFTED, "done": (*TOLD["done"], "back#0")}), native=native(), rule=rule(5))
    moving = decide(turning(), native=native(status="ROLLBACK_IN_PROGRESS"), rule=rule(5))
    there = decide(turning(), native=native(status="ROLLBACK_IN_PROGRESS"), rule=rule(0))

    assert isinstance(told, Act)
    assert told.action == StopServiceDeployment(service_deployment=OURS)
    assert isinstance(waits, Wait)
    assert isinstance(moving, Wait)
    assert moving.reason == "ECS moves traffic back; the release has 5 % of it"
    assert isinstance(there, Advance)
    assert (there.live, learnt(there).percent) == (Role.SOURCE, 0)


def test_where_aws_refuses_to_stop_it_the_previous_task_definition_is_given_instead() -> None:
    told = decide(turning(), native=native(production_percent=5.0), rule=rule(5))
    assert isinstance(told, Act)
    assert told.if_refused is not None
    assert "stop_refused#0" in told.if_refused.done

    instead = decide(turning(REFUSED), native=native(production_percent=5.0), service=service(NEW), rule=rule(5))

    assert isinstance(instead, Act)
    assert instead.action == UpdateExpressGatewayService(service=SERVICE, task_definition=OLD)
    assert instead.reason.startswith("AWS does not let the deployment be stopped: landing:1 is deployed again")


def test_a_rule_that_does_not_agree_is_a_failed_roll_back() -> None:
    decision = decide(turning(), native=native(status="ROLLBACK_SUCCESSFUL"), rule=rule(100))

    assert isinstance(decision, Fail)
    assert "its rule still shows 100 % on the release's target group" in decision.reason
    assert decision.live is Role.TARGET


def test_a_roll_back_is_done_when_the_tasks_run_what_ran_before() -> None:
    back = native(status="ROLLBACK_SUCCESSFUL")
    snapshot = at(Stage.CLEAN_UP, back=True, facts=SHIFTED)

    good, bad = decide(snapshot, native=back, **proof(OLD, 0)), decide(snapshot, native=back, **proof(FOREIGN, 0))

    assert isinstance(good, Advance)
    assert good.live is Role.SOURCE
    assert isinstance(bad, Fail)
    assert "landing runs landing:9" in bad.reason


@pytest.mark.parametrize(
    ("facts", "kind", "words"),
    [
        ({"updated_at": NOON - seconds(5), "done": ("register", "update")}, Wait, "may list the deployment yet"),
        ({"updated_at": NOON - seconds(61), "done": ("register", "update")}, Advance, "ECS never started it"),
        ({"in_flight": ({"operation": "UpdateExpressGatewayService"},)}, Advance, "ECS never started it"),
        (SHIFTED, Fail, "ECS no longer knows the deployment"),
    ],
)
def test_a_deployment_that_is_not_there_is_waited_for_first(facts: dict[str, Any], kind: type, words: str) -> None:
    decision = decide(turning(facts), native=None)

    assert type(decision) is kind
    assert words in decision.reason


def test_what_had_ended_is_deployed_again_and_its_canary_followed() -> None:
    told = decide(turning(), native=ENDED, service=service(NEW), rule=rule(100))
    listed = decide(turning(ONCE_MORE), native=ENDED, again=native(arn=AGAIN, production_percent=0.0), rule=rule(100))
    facts = vars(learnt(listed))
    half = decide(turning(facts), native=ENDED, again=native(arn=AGAIN, production_percent=5.0), rule=rule(95))
    there = decide(turning(facts), native=ENDED, again=native(arn=AGAIN, production_percent=100.0), rule=rule(0))

    assert isinstance(told, Act)
    assert told.action == UpdateExpressGatewayService(service=SERVICE, task_definition=OLD)
    assert told.reason.startswith("ECS had finished with 1.1.0 before it could be turned back: landing:1 is deployed")
    assert isinstance(listed, Note)
    assert learnt(listed).again == AGAIN
    assert isinstance(half, Wait)
    assert learnt(half).percent == 95
    assert isinstance(there, Advance)
    assert there.live is Role.SOURCE


def test_what_has_it_back_already_is_not_told_again() -> None:
    decision = decide(turning(), native=ENDED, service=service(OLD), rule=rule(100))

    assert isinstance(decision, Act)
    assert decision.found is not None


@pytest.mark.parametrize(
    ("seen", "words"),
    [(service(FOREIGN), "someone else put landing:9 on landing since"), (None, "does not exist any more")],
)
def test_what_somebody_put_there_since_is_left_alone(seen: Any, words: str) -> None:
    decision = decide(turning(), native=ENDED, service=seen, rule=rule(100))

    assert isinstance(decision, Fail)
    assert words in decision.reason


def test_a_second_canary_that_ecs_turned_back_is_a_failed_roll_back() -> None:
    again = native(arn=AGAIN, status="ROLLBACK_SUCCESSFUL", rollback_reason="Alarms fired")

    decision = decide(turning({**ONCE_MORE, "again": AGAIN}), native=ENDED, again=again, rule=rule(100))

    assert isinstance(decision, Fail)
    assert decision.reason == "ECS did not go back to landing:1: Alarms fired"


def test_where_the_task_definition_before_names_a_tag_it_goes_back_to_the_digest_that_ran() -> None:
    digest = f"sha256:{'1' * 64}"
    by_tag = {**SHIFTED, "source_by_tag": ("Main",), "source_digests": {"Main": digest}}
    live = TaskDefinition(
        arn=OLD,
        family="landing",
        revision=1,
        status="ACTIVE",
        document={"family": "landing", "containerDefinitions": [{"name": "Main", "image": "shop:stable"}]},
    )

    pin = decide(turning(by_tag), native=ENDED, service=service(NEW), rule=rule(100), pin=pinned.Seen(live=live))
    told = decide(turning({**by_tag, "source_pinned": FOREIGN}), native=ENDED, service=service(NEW), rule=rule(100))

    assert isinstance(pin, pinned.Pin)
    assert digest[:19] in pin.reason
    assert isinstance(told, Act)
    assert told.action == UpdateExpressGatewayService(service=SERVICE, task_definition=FOREIGN)


def test_there_are_no_slots_to_draw_and_nothing_to_batch_on_the_way_back() -> None:
    controller, snapshot = express_cases.CONTROLLER, turning()

    assert controller.services(snapshot, NOON) == ()
    assert controller.followed(snapshot) == {"service_deployments": (OURS,)}
    assert controller.readings(snapshot, Observed()) == {}


def beside(*definitions: str) -> Service:
    """The newest first, each of a deployment of its own."""
    shown = [
        ServiceDeployment(
            id=f"ecs-svc/{number}", status="ACTIVE" if number < 2 else "PRIMARY", task_definition=definition, desired=2,
            running=2, pending=0, failed_tasks=0, rollout_state="", rollout_reason="",
        )
        for number, definition in zip((2, 1), definitions, strict=False)
    ]  # fmt: skip
    return service(definitions[0], deployments=tuple(shown))


@pytest.mark.parametrize(
    ("seen", "kind", "words"),
    [
        ({"service": beside(OLD, FOREIGN)}, Wait, "ECS's deployment ecs-svc/2 deploys landing:1 again already; it is"),
        ({"service": beside(OLD)}, Advance, "landing:1 was deployed again already, by ECS's deployment ecs-svc/2"),
        ({"service": beside(FOREIGN, OLD)}, Fail, "another deployment of landing was started, which runs landing:9"),
        ({"service": None}, Fail, "the service landing was deleted"),
    ],
)
def test_whoever_takes_ours_off_and_puts_the_source_back_is_waited_for(
    seen: dict[str, Any], kind: type[Decision], words: str
) -> None:
    for stage in (Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.CLEAN_UP):
        decision = decide(at(stage, back=True), native=native(status="STOPPED"), **seen)

        assert isinstance(decision, kind), decision
        assert words in decision.reason


def test_the_source_that_somebody_put_back_is_judged_by_its_digests() -> None:
    back = at(Stage.CLEAN_UP, back=True, facts={"source_digests": {"Main": "sha256:good"}})
    bad = task(OLD, digests={"Main": "sha256:bad"})

    decision = decide(back, native=native(status="STOPPED"), service=beside(OLD), tasks=(bad,))

    assert isinstance(decision, Fail)
