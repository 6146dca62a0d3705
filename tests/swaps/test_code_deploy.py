"""CODE_DEPLOY on ECS, decision by decision: no AWS, no database."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.actions import ContinueDeployment, CreateDeployment, Made
from deployments.aws.values import Service
from deployments.swaps.code_deploy import appspec
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, OpenGate, Wait
from deployments.vocabulary import GateStatus, Slot, Stage, Strategy
from tests.swaps import cases
from tests.swaps.cases import NEW, NOON, OLD, gate, rule, seconds, targets, wants_approval
from tests.swaps.code_deploy_cases import READY, at, decide, deployment, learnt, seen

#: the service with what it ran when preflight passed
BEFORE = cases.service("shop", task_definition=OLD)

# ---------------------------------------------------------------- told once


def test_it_is_told_once_with_a_preset_and_the_key_in_the_description() -> None:
    decision = decide(at(Stage.SCALE_UP, done=()), Observed(service=BEFORE, production=rule()))

    assert isinstance(decision, Act)
    assert isinstance(decision.action, CreateDeployment)
    assert decision.action.config == "CodeDeployDefault.ECSCanary10Percent5Minutes"
    assert decision.action.description == "[tealgate 7-abc] 1.1.0 to shop/production"
    assert (decision.mark, decision.found) == ("create", None)


def test_the_groups_own_configuration_is_none_of_ours() -> None:
    snapshot = at(Stage.SCALE_UP, done=(), strategy=Strategy.GROUP_CONFIG)

    decision = decide(snapshot, Observed(service=BEFORE, production=rule()))

    assert isinstance(decision, Act)
    assert isinstance(decision.action, CreateDeployment)
    assert decision.action.config == ""


def test_what_an_unanswered_try_made_is_taken() -> None:
    observed = Observed(service=cases.service("shop"), production=rule(), deployment=deployment())

    decision = decide(at(Stage.SCALE_UP, done=()), observed)

    assert isinstance(decision, Act)
    assert decision.found == Made(code_deployment="d-1")


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (Observed(stranger=deployment(id="d-9")), "already runs d-9 (InProgress)"),
        (Observed(service=BEFORE, production=rule(50, 50)), "Someone else changed the listener"),
        (Observed(production=rule()), "does not exist"),
    ],
)
def test_it_fails_closed_before_anything_is_told(observed: Observed, words: str) -> None:
    decision = decide(at(Stage.SCALE_UP, done=()), observed)

    assert isinstance(decision, Fail)
    assert words in decision.reason


def test_the_appspec_keeps_what_the_live_task_set_has() -> None:
    service = replace(
        cases.service("shop"),
        subnets=("s-1",),
        security_groups=("sg-1",),
        platform_version="1.4.0",
        capacity_provider_strategy=({"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0},),
    )

    revision = appspec.revision(cases.settings(), service, NEW)

    document = json.loads(revision["appSpecContent"]["content"])
    properties = document["Resources"][0]["TargetService"]["Properties"]
    assert properties["TaskDefinition"] == NEW
    assert properties["LoadBalancerInfo"] == {"ContainerName": "web", "ContainerPort": 8000}
    assert properties["PlatformVersion"] == "1.4.0"
    assert properties["CapacityProviderStrategy"] == [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1, "Base": 0}]
    assert properties["NetworkConfiguration"]["AwsvpcConfiguration"] == {
        "Subnets": ["s-1"],
        "SecurityGroups": ["sg-1"],
        "AssignPublicIp": "DISABLED",
    }


# ---------------------------------------------------------------- followed

NEVER = NOON + seconds(2000)


@pytest.mark.parametrize(
    ("stage", "observed", "now", "kind", "words"),
    [
        (Stage.SCALE_UP, seen("BeforeInstall"), NOON, Wait, "before Install"),
        (Stage.SCALE_UP, seen("AfterInstall"), NOON, Advance, "2 of 2 tasks"),
        (Stage.SCALE_UP, seen("BeforeInstall"), NEVER, Fail, "not ready after 30 min"),
        (Stage.SCALE_UP, Observed(), NOON, Fail, "no longer knows the deployment d-1"),
        (Stage.TEST_TRAFFIC_SHIFT, seen("AfterInstall"), NOON, Wait, "before AllowTestTraffic"),
        (Stage.TEST_TRAFFIC_SHIFT, seen("AfterAllowTestTraffic"), NOON, Advance, "Test traffic"),
        (Stage.CLEAN_UP, seen("AfterAllowTraffic", percent=100), NOON, Wait, "removes the source"),
        (Stage.CLEAN_UP, seen("AfterAllowTraffic", "Baking", percent=100), NOON, Wait, "removes the source"),
        (Stage.CLEAN_UP, seen("AfterAllowTraffic", "Succeeded", percent=100), NOON, Advance, "has all traffic"),
        (Stage.CLEAN_UP, seen("AfterAllowTraffic", "Succeeded", percent=0), NOON, Fail, "but the listener shows"),
    ],
)
def test_its_stages(stage: str, observed: Observed, now: Any, kind: type[Decision], words: str) -> None:
    decision = decide(at(stage), observed, now)

    assert isinstance(decision, kind), decision
    assert words in decision.reason


@pytest.mark.parametrize(
    ("service", "words"),
    [
        (None, "the service shop does not exist any more"),
        (cases.service("shop", status="INACTIVE"), "the service shop is INACTIVE"),
        (cases.service("shop", task_definition=cases.OLD), f"the primary task set of shop runs {cases.OLD}"),
    ],
)
def test_a_success_that_is_none_is_not_believed(service: Service | None, words: str) -> None:
    decision = decide(at(Stage.CLEAN_UP), seen("AfterAllowTraffic", "Succeeded", percent=100, service=service))

    assert isinstance(decision, Fail)
    assert decision.reason == f"CodeDeploy says that it succeeded, but {words}."


@pytest.mark.parametrize("stage", [Stage.SCALE_UP, Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.BAKE_TIME, Stage.CLEAN_UP])
@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_an_end_behind_our_back_says_why_and_what_to_do(stage: str, status: str) -> None:
    ended = deployment(status, error_code="MANUAL_STOP", error_message="Stopped by jo")

    decision = decide(at(stage), seen(deployment=ended))

    assert isinstance(decision, Fail)
    assert "d-1: Stopped by jo. Somebody stopped it in CodeDeploy" in decision.reason


SICK = {Slot.GREEN: targets("unhealthy", description="Health checks failed with these codes: [503]")}
CODES = "10.0.0.1:8000 unhealthy (Health checks failed with these codes: [503])"


def test_a_release_that_never_gets_healthy_says_what_its_targets_answered() -> None:
    snapshot = at(Stage.SCALE_UP)
    waiting = decide(snapshot, seen("BeforeInstall", health=SICK))
    assert CODES in waiting.reason

    gone = {Slot.GREEN: targets("initial")}  # ECS has replaced the task
    later = replace(snapshot, facts=learnt(waiting))

    assert CODES in decide(later, seen("BeforeInstall", health=gone), NEVER).reason
    assert CODES in decide(later, seen("BeforeInstall", "Failed", health=gone)).reason


def test_lifecycle_events_are_kept_for_the_pages() -> None:
    decision = decide(at(Stage.SCALE_UP), seen("BeforeInstall"))

    (told,) = learnt(decision).targets
    assert (told.target, told.status) == ("shop:shop", "InProgress")
    assert told.events[0].name == "BeforeInstall"
    assert told.events[0].ended == NOON


# ---------------------------------------------------------------- Ready

GATED = wants_approval(READY)
AT_READY = {"ready_at": NOON}


def test_the_gate_opens_at_ready_and_ends_before_codedeploy_does() -> None:
    environment = {"gates": (replace(GATED["gates"][0], timeout_minutes=1440),)}

    noted = decide(at(READY, environment=environment), seen("AfterAllowTestTraffic", "Ready"))
    opened = decide(at(READY, environment=environment, facts=AT_READY), seen("AfterAllowTestTraffic", "Ready"))

    assert isinstance(noted, Note)
    assert learnt(noted).ready_at == NOON
    assert isinstance(opened, OpenGate)
    assert opened.expires_at == NOON + timedelta(minutes=59, seconds=30)


def test_an_approval_is_answered_with_ready_wait() -> None:
    snapshot = at(READY, environment=GATED, facts=AT_READY, gate=gate(GateStatus.SUCCEEDED))

    decision = decide(snapshot, seen("AfterAllowTestTraffic", "Ready"))

    assert isinstance(decision, Act)
    assert decision.action == ContinueDeployment(deployment="d-1", wait="READY_WAIT")


def test_somebody_elses_answer_fails_closed_but_a_lost_echo_does_not() -> None:
    snapshot = at(READY, environment=GATED, facts=AT_READY)
    gone_on = seen("AllowTraffic", percent=100)

    assert isinstance(decide(snapshot, gone_on), Fail)
    answered = replace(snapshot, intent=ContinueDeployment(deployment="d-1", wait="READY_WAIT").as_json())
    assert isinstance(decide(answered, gone_on), Advance)


def test_a_group_that_waits_where_no_gate_is_set_is_not_answered() -> None:
    decision = decide(at(Stage.PRODUCTION_TRAFFIC_SHIFT), seen("AfterAllowTestTraffic", "Ready"))

    assert isinstance(decision, Wait)
    assert "continue d-1 in CodeDeploy within 1 h, or it is stopped" in decision.reason


def test_a_group_goes_on_from_ready_where_its_owner_has_said_so() -> None:
    said = "ada said that nobody has to approve: staging."
    unasked = at(Stage.PRODUCTION_TRAFFIC_SHIFT, environment={"unattended": said})

    decision = decide(unasked, seen("AfterAllowTestTraffic", "Ready"))

    assert isinstance(decision, Act)
    assert decision.action == ContinueDeployment(deployment="d-1", wait="READY_WAIT")
    assert said in decision.reason
