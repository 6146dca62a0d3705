"""Around the one UpdateService that tells ECS to deploy: what changed before it, and turning back right after it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import ContinueServiceDeployment
from deployments.aws.values import NativeDeployment, PauseHook
from deployments.swaps import get
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.ecs.facts import EcsFacts, Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.vocabulary import Slot, Stage, Strategy
from tests.evidence import cases as evidence
from tests.fakes.aws import SHOP
from tests.swaps import cases
from tests.swaps.cases import NOON, rule, seconds, service, targets

ECS = get("ECS")
UNHEARD = {"in_flight": ({"operation": "UpdateService"},)}


def at(stage: str, *, back: bool = False, facts: Mapping[str, Any] | None = None, since: int = 5) -> Snapshot:
    settings = cases.settings(controller="ECS", service_name="shop-blue")
    plan = ECS.plan(settings, Strategy.CANARY)
    steps = plan.way_back if back else plan.steps
    return Snapshot(
        source_version="1.0.0",
        key="7-abc",
        settings=settings,
        artefact=cases.release(),
        plan=plan,
        position=[step.stage for step in steps].index(stage),
        rolling_back=back,
        source=Slot.BLUE,
        target=Slot.GREEN,
        facts=EcsFacts(**{**cases.REGISTERED, **(facts or {})}),
        step_started_at=NOON - seconds(since),
    )


def turned_back(facts: Mapping[str, Any], *, since: int = 5) -> Snapshot:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, facts=facts, since=since)


def look(**changes: Any) -> Observed:
    return Observed(**{"service": service("shop-blue"), "production": rule(), **changes})


def test_ecs_is_told_when_nothing_has_changed_and_what_was_there_is_noted() -> None:
    noted = ECS.decide(at(Stage.SCALE_UP), look(), NOON)
    assert isinstance(noted, Note)

    decision = ECS.decide(at(Stage.SCALE_UP, facts=vars(noted.facts)), look(), NOON)

    assert isinstance(decision, Act)
    assert decision.action.operation == "UpdateService"


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        ({"production": rule(0, 100)}, "it shows 100 % on new 1.1.0, but all traffic was on old 1.0.0"),
        (
            {"service": service("shop-blue", task_definition=SHOP.task_definition(9))},
            "shop-blue runs shop:9, which is not shop:1. It",
        ),
        ({"service": service("shop-blue", status="DRAINING")}, "shop-blue is DRAINING."),
        ({"service": None}, "shop-blue does not exist any more."),
    ],
)
def test_what_changed_while_people_thought_is_left_alone(meanwhile: Mapping[str, Any], words: str) -> None:
    decision = ECS.decide(at(Stage.SCALE_UP), look(**meanwhile), NOON)

    assert isinstance(decision, Fail)
    assert words in decision.reason
    assert not ECS.changed_anything(at(Stage.SCALE_UP))


def test_an_update_that_nobody_heard_of_is_not_taken_for_somebody_elses() -> None:
    assert isinstance(ECS.decide(at(Stage.SCALE_UP, facts=UNHEARD), Observed(), NOON), Act)


def told(ago: int) -> dict[str, Any]:
    return {"done": ("register", "update"), "updated_at": NOON - seconds(ago)}


@pytest.mark.parametrize(
    ("snapshot", "kind"),
    [
        (turned_back(told(1)), Wait),
        (turned_back(told(59)), Wait),
        (turned_back(told(60)), Advance),
        (turned_back(UNHEARD, since=9), Wait),
        (turned_back(UNHEARD, since=10), Advance),
    ],
)
def test_a_deployment_that_is_not_listed_is_waited_for(snapshot: Snapshot, kind: type[Decision]) -> None:
    """Otherwise ECS would go on with a release that counts as rolled back."""
    assert isinstance(ECS.decide(snapshot, Observed(), NOON), kind)


def test_a_release_that_never_gets_healthy_says_what_its_targets_answered() -> None:
    arn = "arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/shop/1"
    native = NativeDeployment(arn=arn, status="IN_PROGRESS", reason="", stage="SCALE_UP", target_revision="r")
    facts = {**told(30), "service_deployment": arn}
    sick = {Slot.GREEN: targets("unhealthy", description="Health checks failed with these codes: [503]")}
    codes = "10.0.0.1:8000 unhealthy (Health checks failed with these codes: [503])"

    waiting = ECS.decide(at(Stage.SCALE_UP, facts=facts), Observed(**evidence.look(native=native, health=sick)), NOON)
    assert isinstance(waiting, Wait)
    assert codes in waiting.reason

    later = at(Stage.SCALE_UP, facts=vars(waiting.facts), since=4000)
    turned = replace(native, status="ROLLBACK_IN_PROGRESS", rollback_reason="circuit breaker")
    for seen in (native, turned):
        decision = ECS.decide(later, Observed(native=seen), NOON)
        assert isinstance(decision, Fail)
        assert codes in decision.reason


def test_a_hook_on_the_way_back_waits_for_nobody() -> None:
    ours = NativeDeployment(arn="ours", status="SUCCESSFUL", reason="", stage="CLEAN_UP", target_revision="r")
    hook = PauseHook(id="h-1", status="AWAITING_ACTION", expires_at=None, timeout_action="ROLLBACK")
    again = replace(ours, arn="again", status="IN_PROGRESS", stage="POST_SCALE_UP", hooks=(hook,))
    facts = {"done": ("register", "update", "overtaken#0", "again#0"), "again": "again", "again_at": NOON}
    seen = look(native=ours, again=again, production=rule(0, 100))

    decision = ECS.decide(turned_back({**facts, "service_deployment": "ours"}), seen, NOON)

    assert isinstance(decision, Act)
    answer = ContinueServiceDeployment(service_deployment="again", hook="h-1", answer="CONTINUE")
    assert decision.action == answer
