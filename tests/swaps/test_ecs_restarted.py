"""Somebody starts another deployment while ECS bakes ours: the same release goes on, any other is named."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import ContinueServiceDeployment
from deployments.aws.values import NativeDeployment, PauseHook, ServiceRevision
from deployments.swaps import get
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Snapshot, Wait
from deployments.vocabulary import Stage
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps.cases import NEW, NOON, OLD
from tests.swaps.test_one_service_as_planned import BAD, GOOD, THEIRS, of_ecs

ECS = get("ECS")
NAME = "arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/shop-blue"
OURS, RESTART = f"{NAME}/1", f"{NAME}/2"
HOOK = PauseHook(id="h-9", status="AWAITING_ACTION")
FACTS = {"done": ("register", "update"), "updated_at": NOON, "service_deployment": OURS, "percent": 100.0}
BAKING = of_ecs(Stage.BAKE_TIME, facts=FACTS)


def deployment(arn: str, revision: str, status: str = "IN_PROGRESS", **changes: Any) -> NativeDeployment:
    usual = {"reason": "", "stage": "SCALE_UP", "target_revision": revision, "created_at": NOON, **changes}
    return NativeDeployment(arn=arn, status=status, **usual)


def world(task_definition: str = NEW, digest: str = GOOD) -> FakeGateway:
    """Ours was stopped, and the newest deployment brings this."""
    aws = FakeGateway.pair()
    service = aws.ecs[SHOP.cluster, "shop-blue"]
    service.task_definition = service.running_task_definition = task_definition
    service.digests = {"web": digest}
    aws.native[OURS] = deployment(OURS, "r-1", "STOPPED", reason="superseded")
    aws.native[RESTART] = deployment(RESTART, "r-2")
    aws.revisions["r-1"] = ServiceRevision(arn="r-1", task_definition=NEW)
    aws.revisions["r-2"] = ServiceRevision(arn="r-2", task_definition=task_definition)
    return aws


def look(snapshot: Snapshot[Any], aws: FakeGateway) -> Decision:
    decision: Decision = ECS.decide(snapshot, ECS.observe(snapshot, aws, NOON), NOON)
    return decision


def restarted(**members: Any) -> Decision:
    """The restart has come so far."""
    aws = world()
    noted = look(BAKING, aws)
    assert noted.facts
    aws.native[RESTART] = replace(aws.native[RESTART], **members)
    return look(replace(BAKING, facts=noted.facts), aws)


def test_a_restart_of_the_same_release_is_followed_and_said() -> None:
    decision = look(BAKING, world())

    assert isinstance(decision, Note)
    assert decision.reason.startswith("Somebody started its tasks anew")
    assert decision.reason.endswith(f"with the same shop:2 and the same images, so ECS shifts to it again as {RESTART}")
    assert decision.facts
    assert (decision.facts.service_deployment, decision.facts.percent) == (RESTART, 0)  # type: ignore[attr-defined]


def test_its_pauses_are_answered_because_people_have_decided() -> None:
    decision = restarted(stage="POST_TEST_TRAFFIC_SHIFT", hooks=(HOOK,))

    assert isinstance(decision, Act)
    assert decision.action == ContinueServiceDeployment(service_deployment=RESTART, hook="h-9", answer="CONTINUE")


def test_it_is_waited_for_and_its_share_is_told() -> None:
    assert isinstance(restarted(stage="SCALE_UP"), Wait)
    baking = restarted(stage="BAKE_TIME", production_percent=100.0)
    assert isinstance(baking, Note)
    assert baking.reason == "ECS sends 100 % of production to 1.1.0 again"
    assert baking.facts
    assert baking.facts.percent == 100


def test_a_restart_that_ecs_turns_back_turns_the_deployment_back() -> None:
    assert isinstance(restarted(status="ROLLBACK_IN_PROGRESS", rollback_reason="circuit breaker"), Fail)


def test_the_same_task_definition_with_another_image_is_no_restart() -> None:
    assert isinstance(look(BAKING, world(digest=BAD)), Fail)


def test_another_release_is_named_with_its_deployment_on_both_ways() -> None:
    told = "shop-blue runs shop:9, which is not shop:2 (1.1.0). It was changed outside Tealgate (ECS's deployment ecs-"

    forward = look(BAKING, world(THEIRS))
    assert isinstance(forward, Fail)
    assert told in forward.reason

    back = of_ecs(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, facts=FACTS)
    decision = look(back, world(THEIRS))
    assert isinstance(decision, Fail)
    assert f"that one was left alone. {told}" in decision.reason
    once = look(replace(back, status_reason=forward.reason), world(THEIRS))
    assert once.reason == (
        "nothing is left to turn back. Deploy the release that you want once theirs has ended, or *Adopt* "
        "what it brings."
    )


def test_before_it_is_told_to_go_back_the_service_is_looked_at_again() -> None:
    """Between what was said and the write, a pipeline may have deployed."""
    aws = world(THEIRS)
    aws.native[OURS] = deployment(OURS, "r-1", "SUCCESSFUL", stage="CLEAN_UP")
    back = of_ecs(
        Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, facts={**FACTS, "done": ("register", "update", "overtaken#0")}
    )

    decision = look(back, aws)

    assert isinstance(decision, Fail)
    assert "ECS was not told to go back: someone else put shop:9 on shop-blue since" in decision.reason
    aws.ecs[SHOP.cluster, "shop-blue"].task_definition = NEW
    assert isinstance(look(back, aws), Act)
    assert back.facts.source_task_definition == OLD


def test_whoever_deploys_after_ecs_has_gone_back_is_named() -> None:
    aws = world(THEIRS)
    aws.native[OURS] = deployment(OURS, "r-1", "SUCCESSFUL", stage="CLEAN_UP")
    aws.native[RESTART] = deployment(RESTART, "r-2", "SUCCESSFUL", stage="CLEAN_UP")
    aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 0, SHOP.target_group("green"): 100})
    done = ("register", "update", "overtaken#0", "again#0", "give_back")
    back = of_ecs(Stage.CLEAN_UP, back=True, facts={**FACTS, "done": done, "again": RESTART, "again_at": NOON})

    decision = look(back, aws)

    assert isinstance(decision, Fail)
    assert (
        "but now the production rule shows 100 % on new 1.1.0. Someone else put shop:9 on shop-blue" in decision.reason
    )


@pytest.mark.parametrize(
    ("members", "kind", "words"),
    [
        ({}, Wait, " deploys shop:1 again already; it is waited for"),
        ({"stage": "POST_TEST_TRAFFIC_SHIFT", "hooks": (HOOK,)}, Act, "ECS may go on after POST_TEST_TRAFFIC_SHIFT"),
        ({"status": "SUCCESSFUL"}, Advance, "shop:1 was deployed again already, by ECS's deployment ecs-svc/"),
        ({"status": "ROLLBACK_SUCCESSFUL"}, Fail, "another deployment of the service was started"),
    ],
)
def test_whoever_takes_ours_off_and_puts_the_source_back_is_waited_for(
    members: dict[str, Any], kind: type[Decision], words: str
) -> None:
    aws = world(OLD)
    aws.ecs[SHOP.cluster, "shop-blue"].service_deployment = RESTART
    aws.native[RESTART] = replace(aws.native[RESTART], **members)

    decision = look(of_ecs(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, facts=FACTS), aws)

    assert isinstance(decision, kind), decision
    assert words in decision.reason


def test_the_source_that_somebody_put_back_is_judged_by_what_its_tasks_run() -> None:
    back = of_ecs(Stage.CLEAN_UP, back=True, facts=FACTS | {"source_digests": {"web": GOOD}})
    aws = world(OLD)
    aws.ecs[SHOP.cluster, "shop-blue"].service_deployment = RESTART
    aws.native[RESTART] = replace(aws.native[RESTART], status="SUCCESSFUL")
    good = look(back, aws)
    aws.ecs[SHOP.cluster, "shop-blue"].digests = {"web": BAD}

    assert isinstance(good, Advance)
    bad = look(back, aws)
    assert isinstance(bad, Fail)
    assert "which is not" in bad.reason
