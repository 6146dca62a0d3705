"""Somebody stops ours in CodeDeploy, or waits for its end, and deploys to the ECS service: named, or waited for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.appspecs import BadAppSpec, task_definition_of
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.decisions import Advance, Decision, Fail, Note, Wait
from deployments.vocabulary import Role, Slot, Stage
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps.cases import NOON, rule, seconds
from tests.swaps.code_deploy_cases import CONTROLLER, at, decide, deployment

OLD, NEW, HOTFIX = (SHOP.task_definition(number) for number in (1, 2, 9))
STOPPED = deployment("Stopped", error_code="MANUAL_STOP", completed_at=NOON - seconds(60))
WHOSE = "CodeDeploy's deployment d-9 of 2026-03-02 12:00:00 UTC (created by user: hotfix by jane)"
DEPLOYS = f"{WHOSE} deploys shop:9 (shop:hotfix) to shop; it was left alone."


def theirs(status: str = "InProgress", brings: str = HOTFIX) -> CodeDeployment:
    return deployment(
        status, id="d-9", created_at=NOON, creator="user", description="hotfix by jane",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"sha256": brings}},
    )  # fmt: skip


def account(other: CodeDeployment, ours: CodeDeployment = STOPPED, percent: int = 0, primary: str = OLD) -> FakeGateway:
    """Ours has ended, and the production rule has so much on new 1.1.0."""
    gateway = FakeGateway.pair()
    live = gateway.task_definitions[OLD]
    container = {**live.document["containerDefinitions"][0], "image": "registry/shop:hotfix"}
    document = {**live.document, "containerDefinitions": [container]}
    gateway.task_definitions |= {
        arn: replace(live, arn=arn, document=document if arn == HOTFIX else live.document) for arn in (NEW, HOTFIX)
    }
    gateway.codedeploy |= {"d-1": ours, "d-9": other}
    gateway.appspecs |= {arn: appspec(arn) for arn in (OLD, NEW, HOTFIX)}
    gateway.rules[SHOP.production_rule] = rule(100 - percent, percent)
    service = gateway.ecs[SHOP.cluster, "shop-blue"]
    service.name, service.controller, service.task_definition = "shop", "CODE_DEPLOY", primary
    gateway.ecs[SHOP.cluster, "shop"] = service
    return gateway


def appspec(task_definition: str) -> str:
    service = {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": task_definition}}
    return json.dumps({"version": 0.0, "Resources": [{"TargetService": service}]})


def look(snapshot: Snapshot, gateway: FakeGateway) -> Decision:
    known = replace(snapshot.facts, source_task_definition=OLD, task_definition=NEW)
    snapshot = replace(snapshot, facts=known)
    return decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))


def going_back(stage: str = Stage.PRODUCTION_TRAFFIC_SHIFT, **changes: Any) -> Snapshot:
    return at(stage, back=True, **changes)


@pytest.mark.parametrize("stage", [Stage.SCALE_UP, Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.BAKE_TIME])
def test_who_stopped_ours_to_deploy_is_named_at_once_with_what_it_brings(stage: str) -> None:
    decision = look(at(stage), account(theirs()))

    assert isinstance(decision, Fail)
    assert "Somebody stopped it in CodeDeploy" in decision.reason
    assert decision.reason.endswith(DEPLOYS)


def test_a_release_that_somebody_deployed_once_more_is_turned_back_from_the_slot_that_it_is_in() -> None:
    ours = deployment("Succeeded", completed_at=NOON - seconds(60))
    moved = look(going_back(), account(theirs("Succeeded", brings=NEW), ours, percent=0, primary=NEW))

    assert isinstance(moved, Note)
    assert (
        moved.reason
        == f"{WHOSE} has deployed shop:2 once more: it has all traffic, from the other slot now (blue slot)"
    )
    assert (moved.slots, moved.live) == ((Slot.GREEN, Slot.BLUE), Role.TARGET)

    swapped = replace(going_back(), source=Slot.GREEN, target=Slot.BLUE)
    told = look(swapped, account(theirs("Succeeded", brings=NEW), ours, percent=0, primary=NEW))

    assert isinstance(told, Note)
    assert "it has all traffic. shop:1 is deployed again" in told.reason


def test_where_nobody_deploys_nobody_is_named() -> None:
    gateway = account(theirs())
    del gateway.codedeploy["d-9"]

    assert "created by" not in look(at(Stage.SCALE_UP), gateway).reason


AGAIN = "shop:1 was deployed again already, by CodeDeploy's deployment d-9"


@pytest.mark.parametrize(
    ("other", "percent", "kind", "words"),
    [
        (theirs(), 0, Advance, "All production traffic is on old 1.0.0"),
        (theirs(), 50, Fail, f"{DEPLOYS} Deploy the release that you want once theirs has ended, or *Adopt*"),
        (theirs("Succeeded"), 100, Fail, f"{WHOSE} has put shop:9 (shop:hotfix) on shop; it was left alone. Deploy"),
        (theirs("Failed"), 100, Fail, "Set the listener right by hand."),
        (theirs(brings=OLD), 50, Wait, f"{WHOSE} deploys shop:1 again already; it is waited for"),
        (theirs("Succeeded", OLD), 100, Advance, AGAIN),
    ],
)
def test_after_ours_was_stopped_theirs_is_left_alone_or_waited_for(
    other: CodeDeployment, percent: int, kind: type[Decision], words: str
) -> None:
    decision = look(going_back(), account(other, percent=percent))

    assert isinstance(decision, kind), decision
    assert words in decision.reason
    assert decision.live is None or other.status == "Failed"


def test_what_the_way_forward_ended_with_is_not_said_again() -> None:
    decision = look(going_back(status_reason=f"Stopped. {DEPLOYS}"), account(theirs(), percent=50))

    assert decision.reason.startswith("nothing is left to turn back. Deploy the release that you want")


def test_a_way_back_that_is_done_says_who_deploys_by_then() -> None:
    decision = look(going_back(Stage.CLEAN_UP), account(theirs()))

    assert isinstance(decision, Advance)
    assert decision.reason == (
        f"All traffic was on old 1.0.0 again, and nothing of 1.1.0 is left. {DEPLOYS} Deploy the release that you "
        f"want once "
        "theirs has ended, or *Adopt* what it brings"
    )
    again = look(going_back(Stage.CLEAN_UP, status_reason=f"Stopped. {DEPLOYS}"), account(theirs()))
    assert again.reason.startswith(
        "All traffic was on old 1.0.0 again, and nothing of 1.1.0 is left. Deploy the release"
    )


def test_the_share_is_noted_before_who_puts_the_source_back_is_waited_for() -> None:
    decision = look(going_back(facts={"percent": 100.0}), account(theirs(brings=OLD)))

    assert isinstance(decision, Note)
    assert decision.facts
    assert decision.facts.percent == 0


@pytest.mark.parametrize(
    ("other", "percent", "primary", "kind", "words"),
    [
        (theirs(), 100, NEW, Fail, DEPLOYS),
        (theirs(brings=OLD), 50, NEW, Wait, "deploys shop:1 again already; it is waited for"),
        (theirs("Succeeded", OLD), 0, OLD, Advance, f"shop has shop:1 again, by {WHOSE}"),
        (theirs("Succeeded", NEW), 100, NEW, Note, "shop:1 is deployed again"),
    ],
)
def test_where_codedeploy_had_finished_ours_theirs_is_left_alone_or_waited_for(
    other: CodeDeployment, percent: int, primary: str, kind: type[Decision], words: str
) -> None:
    gateway = account(other, deployment("Succeeded"), percent, primary)
    snapshot = going_back(done=("create", *(() if kind is Note else ("overtaken#0",))))

    decision = look(snapshot, gateway)

    assert isinstance(decision, kind), decision
    assert words in decision.reason


def test_an_appspec_that_cannot_be_read_leaves_the_deployment_named() -> None:
    gateway = account(theirs())
    gateway.appspecs.clear()

    assert f"{WHOSE} deploys another revision to shop" in look(at(Stage.BAKE_TIME), gateway).reason


@pytest.mark.parametrize(
    "document",
    [
        {"Resources": [{"TargetService": {"Properties": {"TaskDefinition": "shop:9"}}}]},
        {"resources": [{"target": {"properties": {"taskDefinition": "shop:9"}}}]},
    ],
)
def test_an_appspec_tells_its_task_definition_however_it_is_written(document: Mapping[str, Any]) -> None:
    assert task_definition_of(json.dumps(document)) == "shop:9"
    with pytest.raises(BadAppSpec):
        task_definition_of(json.dumps({"Resources": [{"TargetService": {"Properties": {}}}]}))
