"""A rule that AWS does not move, made since preflight: told at the end when it sends requests to the empty slot."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.conditions import Condition
from deployments.aws.listeners import listener_of
from deployments.aws.values import Route, Rule
from deployments.swaps import get
from deployments.swaps.code_deploy.facts import Snapshot as CodeDeploying
from deployments.swaps.code_deploy.observe import observe as observe_code_deploy
from deployments.swaps.decisions import Advance, Decision
from deployments.swaps.ecs.observe import Observed, observe
from deployments.swaps.steps.left_behind import Seen
from deployments.vocabulary import Stage
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps import code_deploy_cases as code_deploy
from tests.swaps.cases import NOON, rule
from tests.swaps.test_ecs_owner import ARN, native, told
from tests.swaps.test_ecs_owner import ON_GREEN as MEASURED

ECS = get("ECS")
VERSION = f"{SHOP.production_rule}-version"
PATH = Condition(field="path-pattern", values=("/version",))
OTHER_LISTENER = f"{listener_of(SHOP.production_rule)}-other"
ON_BLUE, ON_GREEN, IN_BOTH = (100, 0), (0, 100), (99, 1)
GIVEN_BACK = ("register", "update", "give_back#0")


def version(blue: int, green: int, **changes: Any) -> Rule:
    return rule(blue, green, arn=VERSION, conditions=(PATH,), **changes)


def left(*rules: Rule, listener: str = OTHER_LISTENER) -> Seen:
    return Seen(routes=tuple(Route(listener=listener, port=80, protocol="HTTP", rule=each) for each in rules))


def ecs_ends(seen: Seen, *, back: bool = False, **facts: Any) -> Decision:
    status, share = ("ROLLBACK_SUCCESSFUL", ON_BLUE) if back else ("SUCCESSFUL", ON_GREEN)
    look = Observed(native=native(status), production=rule(*share), measured=MEASURED, left=seen)
    return ECS.decide(told(Stage.CLEAN_UP, back=back, **facts), look, NOON)


def code_deploy_ends(seen: Seen, *, back: bool = False, **group: Any) -> Decision:
    look = code_deploy.seen("AfterAllowTraffic", "Stopped" if back else "Succeeded", percent=0 if back else 100)
    undoing = code_deploy.deployment("Succeeded", id="d-2") if back else None
    facts = {"group": replace(code_deploy.GROUP, **group)}
    snapshot = code_deploy.at(Stage.CLEAN_UP, back=back, facts=facts)
    return code_deploy.decide(snapshot, replace(look, undoing=undoing, left=seen))


@pytest.mark.parametrize("ends", [ecs_ends, code_deploy_ends])
@pytest.mark.parametrize(
    ("back", "stays", "old", "new"), [(False, "blue", "blue", "green"), (True, "green", "green", "blue")]
)
def test_the_end_tells_of_a_rule_that_sends_requests_to_the_empty_slot(
    ends: Any, back: bool, stays: str, old: str, new: str
) -> None:
    decision = ends(left(version(*(ON_GREEN if back else IN_BOTH))), back=back)

    assert isinstance(decision, Advance), decision
    assert decision.reason.endswith(
        f". The rule {VERSION} still sends requests with path /version on port 80 to shop-{old}, which has no tasks "
        f"any more: point it at shop-{new} now, and take both target groups out of it before the next deployment"
    )


@pytest.mark.parametrize("ends", [ecs_ends, code_deploy_ends])
@pytest.mark.parametrize("back", [False, True])
def test_a_rule_that_sends_the_empty_slot_nothing_is_not_told(ends: Any, back: bool) -> None:
    quiet = ends(left(), back=back)

    assert isinstance(quiet, Advance)
    assert ends(left(version(*(ON_BLUE if back else ON_GREEN))), back=back).reason == quiet.reason
    assert ends(left(version(0, 0, weights={}, forwards=False)), back=back).reason == quiet.reason


def test_each_rule_that_ecs_leaves_behind_is_told_and_none_that_it_moves() -> None:
    moved = [rule(*ON_BLUE, arn=arn) for arn in (SHOP.production_rule, SHOP.test_rule, "of the service")]
    seen = left(*moved, version(*ON_BLUE), rule(*ON_BLUE, arn="another"))

    reason = ecs_ends(seen, test_rule="of the service").reason

    assert [told.split()[0] for told in reason.split("The rule ")[1:]] == [VERSION, "another"]


@pytest.mark.parametrize("listener", [listener_of(SHOP.production_rule), "the groups test listener"])
def test_codedeploy_moves_every_rule_of_its_listeners(listener: str) -> None:
    seen = left(version(*ON_BLUE), listener=listener)

    assert "still sends" not in code_deploy_ends(seen, test_listener="the groups test listener").reason


def test_where_the_group_keeps_the_source_the_rule_reaches_the_previous_release() -> None:
    decision = code_deploy_ends(left(version(*ON_BLUE)), terminates=False)

    assert "to shop-blue, which keeps the previous release: point it at shop-green" in decision.reason


# Looks


def account(status: str = "SUCCESSFUL") -> FakeGateway:
    aws = FakeGateway.pair()
    aws.native[ARN] = native(status)
    return aws


@pytest.mark.parametrize(
    ("stage", "status", "done", "reads"),
    [
        (Stage.BAKE_TIME, "IN_PROGRESS", (), 0),
        (Stage.BAKE_TIME, "SUCCESSFUL", (), 0),
        (Stage.CLEAN_UP, "IN_PROGRESS", (), 0),
        (Stage.CLEAN_UP, "SUCCESSFUL", GIVEN_BACK, 1),
    ],
)
def test_the_rules_are_read_once_ecs_has_finished(stage: str, status: str, done: tuple[str, ...], reads: int) -> None:
    aws = account(status)

    observe(told(stage, done=done or ("register", "update")), aws, NOON)

    assert aws.calls["routes"] == reads


@pytest.mark.parametrize(("strategy", "reads"), [("CANARY", 0), ("LINEAR", 1)])
def test_the_rules_are_not_read_before_the_owners_settings_are_given_back(strategy: str, reads: int) -> None:
    aws = account()
    aws.ecs[SHOP.cluster, "shop-blue"].deployment_configuration = {"strategy": strategy}

    seen = observe(told(Stage.CLEAN_UP), aws, NOON)

    assert seen.service is not None
    assert aws.calls["routes"] == reads


@pytest.mark.parametrize(
    ("snapshot", "status", "reads"),
    [
        (code_deploy.at(Stage.BAKE_TIME), "Succeeded", 0),
        (code_deploy.at(Stage.CLEAN_UP), "InProgress", 0),
        (code_deploy.at(Stage.CLEAN_UP), "Succeeded", 1),
        (code_deploy.at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True), "Stopped", 0),
        (code_deploy.at(Stage.CLEAN_UP, back=True), "Stopped", 1),
    ],
)
def test_the_rules_are_read_once_codedeploy_has_finished(snapshot: CodeDeploying, status: str, reads: int) -> None:
    aws = account()
    aws.codedeploy["d-1"] = code_deploy.deployment(status)

    observe_code_deploy(snapshot, aws, NOON)

    assert aws.calls["routes"] == reads


@pytest.mark.parametrize(
    "refusal",
    [
        errors.Denied("DescribeListeners", "AccessDenied", "not allowed"),
        errors.NotFound("DescribeRules", "ListenerNotFound", "it is gone"),
    ],
)
def test_what_may_not_be_read_is_said_and_undoes_nothing(refusal: errors.AwsError) -> None:
    aws = account()
    aws.fail_next("routes", refusal)
    seen = observe(told(Stage.CLEAN_UP, done=GIVEN_BACK), aws, NOON)

    decision = ecs_ends(seen.left)

    assert isinstance(decision, Advance)
    assert f"another rule still sends requests to shop-blue could not be read: {refusal.sentence}" in decision.reason


def test_an_answer_that_does_not_come_is_waited_for() -> None:
    aws = account()
    aws.fail_next("routes", errors.Unavailable("DescribeListeners", "503", "no answer"))

    with pytest.raises(errors.Unavailable):
        observe(told(Stage.CLEAN_UP, done=GIVEN_BACK), aws, NOON)
