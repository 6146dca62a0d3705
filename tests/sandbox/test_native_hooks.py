"""Pauses and their answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of, eventually
from tests.sandbox.native import FAST, PRODUCTION, TEST, Native, pause

SCALE = FAST
GATED = "POST_TEST_TRAFFIC_SHIFT"


def test_a_pause_says_until_when_it_waits_and_what_happens_then(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause(GATED, minutes=60, action="CONTINUE")])

    arn = native.deploy("1.1.0")
    native.paused(arn)

    (hook,) = native.at(arn)["lifecycleHookDetails"]
    assert hook["hookId"].startswith("ecs-pause-")
    assert (hook["targetType"], hook["timeoutAction"]) == ("PAUSE", "CONTINUE")
    # An hour of AWS is half a minute here, and the time is one that clocks on this machine show.
    assert timedelta() < hook["expiresAt"] - datetime.now(UTC) <= timedelta(seconds=3600 / FAST)
    native.stop(arn)


def test_an_answer_of_rollback_takes_test_traffic_back_and_removes_the_target(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause(GATED)])
    before = native.service()["taskDefinition"]

    arn = native.deploy("1.1.0")
    hook = native.paused(arn)
    assert native.version_at(TEST) == "1.1.0"
    native.answer(arn, hook, "ROLLBACK")

    ended = native.until(arn, "ROLLBACK_SUCCESSFUL")
    assert ended["statusReason"].startswith(f"Service deployment rolled back because {GATED} lifecycle hook(s) failed.")
    assert [each["status"] for each in ended["lifecycleHookDetails"]] == ["FAILED"]
    assert ended["rollback"]["serviceRevisionArn"] == ended["sourceServiceRevisions"][0]["arn"]
    assert (native.version_at(PRODUCTION), native.version_at(TEST)) == ("1.0.0", "1.0.0")
    assert native.service()["taskDefinition"] == before
    # Production was never shifted, so nobody wrote its rule again.
    assert native.weights(native.production) == (100, 0)


@pytest.mark.parametrize(
    ("action", "status"),
    [("ROLLBACK", "ROLLBACK_SUCCESSFUL"), ("CONTINUE", "SUCCESSFUL")],
)
def test_a_pause_that_nobody_answers_times_out(sandbox: Sandbox, action: str, status: str) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause(GATED, minutes=1, action=action)])

    ended = native.until(native.deploy("1.1.0"), status)

    assert [each["status"] for each in ended["lifecycleHookDetails"]] == ["TIMED_OUT"]


def test_several_pauses_at_a_stage_all_have_to_be_answered(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause(GATED), pause(GATED)])

    arn = native.deploy("1.1.0")
    first = native.paused(arn)
    native.answer(arn, first)
    second = native.paused(arn)
    native.answer(arn, second)

    assert first != second
    native.until(arn, "SUCCESSFUL")


def test_the_first_deployment_of_a_service_asks_nobody(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause("PRE_SCALE_UP", GATED)])

    assert native.at(native.first)["lifecycleHookDetails"] == []


def test_only_a_hook_that_awaits_an_answer_can_be_answered(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause(GATED, "POST_PRODUCTION_TRAFFIC_SHIFT")])
    ecs: Any = client_of(sandbox, "ecs")
    native.ecs = ecs
    arn = native.deploy("1.1.0")
    hook = native.paused(arn)

    with pytest.raises(ecs.exceptions.InvalidParameterException, match="was not found"):
        native.answer(arn, "ecs-pause-other")
    native.answer(arn, hook)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="is SUCCEEDED and does not await"):
        native.answer(arn, hook)
    native.answer(arn, native.paused(arn))
    native.until(arn, "SUCCESSFUL")
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="because it is SUCCESSFUL"):
        native.answer(arn, hook)
    with pytest.raises(ecs.exceptions.ServiceDeploymentNotFoundException):
        native.answer(arn + "x", hook)


def test_a_service_that_waits_for_a_person_still_replaces_its_tasks(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause(GATED)])
    arn = native.deploy("1.1.0")
    hook = native.paused(arn)
    task = sandbox.control.tasks()
    victim = next(each["taskArn"] for each in task if each["service"] == native.name)

    sandbox.control.kill(victim)

    eventually(lambda: victim not in {each["taskArn"] for each in sandbox.control.tasks()})
    eventually(lambda: [each["runningCount"] for each in native.service()["deployments"]] == [1, 1])
    native.answer(arn, hook)
    native.until(arn, "SUCCESSFUL")
