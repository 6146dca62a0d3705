"""The owner's last AppSpec, and the hooks that it names."""

import json

import pytest

from deployments.aws.appspecs import AppSpecHook, BadAppSpec, described, hooks_of, last
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.swaps.code_deploy.observe import mark_of, mark_of_way_back
from deployments.vocabulary import Stage
from tests.swaps.code_deploy_cases import at

IN_YAML = """
version: 0.0
Resources:
  - TargetService: {Type: "AWS::ECS::Service"}
Hooks:
  - AfterAllowTraffic: "arn:aws:lambda:us-east-1:123456789012:function:smoke"
  - BeforeInstall: check
  - AfterInstall: ""
"""


def deployment(number: str, status: str = "Succeeded", description: str = "") -> CodeDeployment:
    return CodeDeployment(id=number, status=status, description=description, overview={})


@pytest.mark.parametrize("content", [IN_YAML, json.dumps({"hooks": [{"BeforeInstall": "check"}, {
    "AfterAllowTraffic": "arn:aws:lambda:us-east-1:123456789012:function:smoke"}]})])  # fmt: skip
def test_hooks_are_read_of_either_form_in_the_order_of_their_events(content: str) -> None:
    found = hooks_of(content)

    assert found == (
        AppSpecHook(event="BeforeInstall", function="check"),
        AppSpecHook(event="AfterAllowTraffic", function="arn:aws:lambda:us-east-1:123456789012:function:smoke"),
    )
    assert described(found[:1]) == "BeforeInstall runs check"


def test_an_appspec_without_hooks_has_none() -> None:
    assert hooks_of('{"version": 0.0, "Resources": []}') == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "neither JSON nor YAML"),
        ("words", "no document"),
        ("Hooks: check", "not a list"),
        ("Hooks:\n- Whenever: check", "a hook at Whenever, which is no lifecycle event"),
    ],
)
def test_what_cannot_be_read_is_said(content: str, words: str) -> None:
    with pytest.raises(BadAppSpec, match=words):
        hooks_of(content)


def test_the_last_is_what_went_well_and_no_way_back_of_ours() -> None:
    snapshot = at(Stage.PRODUCTION_TRAFFIC_SHIFT)
    newest = [
        deployment("d-6", "InProgress"),
        deployment("d-5", description=f"{mark_of_way_back(snapshot)} shop:1 to shop/production"),
        deployment("d-4", "Failed"),
        deployment("d-3", description=f"{mark_of(snapshot)} 1.1.0 to shop/production"),
        deployment("d-2"),
    ]

    assert last(newest) == newest[3]
    assert last([deployment("d-2", "Stopped"), deployment("d-1", "Failed")]) == deployment("d-2", "Stopped")
    assert last([deployment("d-1", "InProgress")]) is None
