"""Lambda functions as hooks of ECS's own deployments."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.functions import create, role
from tests.sandbox.native import FAST, PRODUCTION, Native

SCALE = FAST
STAGE = "POST_TEST_TRAFFIC_SHIFT"


@pytest.fixture(scope="module")
def invokes(sandbox: Sandbox) -> str:
    return role(sandbox, "invokes", "ecs.amazonaws.com", "lambda:InvokeFunction")


def serve(sandbox: Sandbox, call: Callable[[dict[str, Any]], Any], name: str = "check") -> str:
    return sandbox.functions.serve(sandbox.region, name, call).arn


def hook(target: str, role_arn: str, **more: Any) -> dict[str, Any]:
    return {"hookTargetArn": target, "roleArn": role_arn, "lifecycleStages": [STAGE], **more}


def test_a_function_made_by_the_api_lets_it_go_on(sandbox: Sandbox, client: Any, invokes: str) -> None:
    code = "def handler(event, context): return {'hookStatus': 'SUCCEEDED'}"
    arn = create(client("lambda"), "passes", code, role(sandbox, "passes", "lambda.amazonaws.com"))
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[hook(arn, invokes)])

    ended = native.until(native.deploy("1.1.0"), "SUCCESSFUL")

    (shown,) = ended["lifecycleHookDetails"]
    assert (shown["targetType"], shown["targetArn"], shown["status"]) == ("AWS_LAMBDA", arn, "SUCCEEDED")


def test_a_function_is_asked_again_with_what_it_gave_back(sandbox: Sandbox, invokes: str) -> None:
    told: list[dict[str, Any]] = []

    def check(event: dict[str, Any]) -> dict[str, Any]:
        told.append(event)
        if len(told) < 3:
            return {"hookStatus": "IN_PROGRESS", "callBackDelay": 30, "hookDetails": {"round": len(told)}}
        return {"hookStatus": "SUCCEEDED"}

    hooks = [hook(serve(sandbox, check), invokes, hookDetails={"of": "owner"})]
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=hooks)

    arn = native.deploy("1.1.0")
    native.until(arn, "SUCCESSFUL")

    assert [each["hookDetails"] for each in told] == [
        {"of": "owner"},
        {"of": "owner", "round": 1},
        {"of": "owner", "round": 2},
    ]
    assert {each["lifecycleStage"] for each in told} == {STAGE}
    assert told[0]["resourceArn"] == arn
    assert told[0]["executionDetails"]["testTrafficWeights"] == {}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"hookStatus": "FAILED"}, f"because {STAGE} lifecycle hook(s) failed."),
        ({"statusCode": 200}, "did not return a valid hookStatus"),
    ],
)
def test_a_function_that_does_not_succeed_rolls_back(
    sandbox: Sandbox, invokes: str, answer: dict[str, Any], words: str
) -> None:
    target = serve(sandbox, lambda event: answer)
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[hook(target, invokes)])

    ended = native.until(native.deploy("1.1.0"), "ROLLBACK_SUCCESSFUL")

    assert words in ended["statusReason"]
    assert [each["status"] for each in ended["lifecycleHookDetails"]] == ["FAILED"]
    assert native.version_at(PRODUCTION) == "1.0.0"


@pytest.mark.parametrize(("action", "status"), [("ROLLBACK", "ROLLBACK_SUCCESSFUL"), ("CONTINUE", "SUCCESSFUL")])
def test_a_function_that_goes_on_for_ever_times_out(sandbox: Sandbox, invokes: str, action: str, status: str) -> None:
    target = serve(sandbox, lambda event: {"hookStatus": "IN_PROGRESS"})
    timeout = {"timeoutInMinutes": 2, "action": action}
    native = Native(
        sandbox, strategy="BLUE_GREEN", lifecycleHooks=[hook(target, invokes, timeoutConfiguration=timeout)]
    )

    ended = native.until(native.deploy("1.1.0"), status)

    assert [each["status"] for each in ended["lifecycleHookDetails"]] == ["TIMED_OUT"]


@pytest.mark.parametrize(
    ("trusted", "words"), [("ecs.amazonaws.com", "does not exist"), ("ecs-tasks.amazonaws.com", "with the role")]
)
def test_a_function_that_cannot_be_invoked_rolls_back(sandbox: Sandbox, trusted: str, words: str) -> None:
    role_arn = role(sandbox, f"as-{trusted.split('.')[0]}", trusted, "lambda:InvokeFunction")
    gone = "arn:aws:lambda:us-east-1:123456789012:function:gone"
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[hook(gone, role_arn)])

    assert words in native.until(native.deploy("1.1.0"), "ROLLBACK_SUCCESSFUL")["statusReason"]
