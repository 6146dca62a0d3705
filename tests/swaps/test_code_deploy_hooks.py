"""Lambda functions of the owner's AppSpec: ours names them too, and they are told of by their names."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.actions import CreateDeployment
from deployments.aws.appspecs import AppSpecHook
from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget
from deployments.swaps.code_deploy import owner_hooks
from deployments.swaps.code_deploy.observe import Observed, observe
from deployments.swaps.decisions import Act, Fail, Wait
from deployments.vocabulary import Stage
from tests.fakes.aws import FakeGateway
from tests.swaps import cases
from tests.swaps.cases import NOON
from tests.swaps.code_deploy_cases import at, decide, deployment, learnt, seen, target

CHECK = AppSpecHook(event="AfterInstall", function="CodeDeployHook_check")
KNOWN = {"hooks": (CHECK,)}


def with_event(name: str, status: str) -> CodeDeployTarget:
    until = target("Install")
    return replace(
        until, events=tuple(replace(each, status=status if each.name == name else each.status) for each in until.events)
    )


def read(found: CodeDeployTarget, status: str = "InProgress", **changes: Any) -> Any:
    """The look that reads this target."""
    gateway = FakeGateway.pair()
    gateway.codedeploy["d-1"] = deployment(status, **changes)
    gateway.code_targets["d-1"] = (found,)
    return replace(observe(at(Stage.SCALE_UP, facts=KNOWN), gateway, NOON), measured=seen().measured)


def test_ours_names_the_hooks_of_the_owner() -> None:
    before = Observed(service=cases.service("shop", task_definition=cases.OLD), production=cases.rule())

    decision = decide(at(Stage.SCALE_UP, done=(), facts=KNOWN), before)

    assert isinstance(decision, Act)
    assert isinstance(decision.action, CreateDeployment)
    content = json.loads(decision.action.revision["appSpecContent"]["content"])
    assert content["Hooks"] == [{"AfterInstall": "CodeDeployHook_check"}]


def test_a_hook_that_runs_is_named_and_does_not_count_as_late() -> None:
    late = NOON + timedelta(hours=1)

    decision = decide(at(Stage.SCALE_UP, facts=KNOWN), read(with_event("AfterInstall", "InProgress")), late)

    assert isinstance(decision, Wait)
    assert decision.reason == "CodeDeploy waits for CodeDeployHook_check, the owner's hook at AfterInstall"
    assert learnt(decision).owner_held_at == late
    shown = {event.name: event.script for each in learnt(decision).targets for event in each.events}
    assert (shown["AfterInstall"], shown["Install"]) == ("CodeDeployHook_check", "")


def test_a_hook_that_fails_is_named() -> None:
    failed = read(
        with_event("AfterInstall", "Failed"), "Failed",
        error_code="HOOK_EXECUTION_FAILURE", error_message="It failed",
    )  # fmt: skip

    decision = decide(at(Stage.SCALE_UP, facts=KNOWN), failed)

    assert isinstance(decision, Fail)
    assert "AfterInstall (CodeDeployHook_check) failed on shop:shop" in decision.reason


def test_the_way_back_has_none_and_the_next_deployment_has_them_again() -> None:
    gateway, settings = FakeGateway.pair(), cases.settings(codedeploy_application="shop", codedeploy_group="web")
    gateway.appspecs = {"1": '{"Hooks": [{"AfterInstall": "CodeDeployHook_check"}]}', "2": "{}"}
    for number, description, sha256 in (("d-1", "", "1"), ("d-2", "[tealgate 7-abc back 0] shop:1", "2")):
        gateway.codedeploy[number] = CodeDeployment(
            id=number, status="Succeeded", description=description, overview={},
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"sha256": sha256}},
        )  # fmt: skip

    assert owner_hooks.read(settings, gateway) == (CHECK,)
    assert owner_hooks.lines(settings, gateway) == ((" ", "AppSpec hook at AfterInstall: CodeDeployHook_check (kept)"),)


@pytest.mark.parametrize("content", [None, "Hooks: all of them"])
def test_what_cannot_be_read_is_preflight_s_to_say(content: str | None) -> None:
    gateway, settings = FakeGateway.pair(), cases.settings(codedeploy_application="shop", codedeploy_group="web")
    gateway.appspecs = {"1": content} if content else {}
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "1"}}
    gateway.codedeploy["d-1"] = CodeDeployment(id="d-1", status="Succeeded", overview={}, revision=revision)

    assert owner_hooks.lines(settings, gateway) == ()
