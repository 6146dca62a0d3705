"""CodePipeline's action for manual approval: what is read of it, and its answer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from deployments.aws import errors, values
from deployments.aws.actions import Made, PutApprovalResult
from deployments.aws.gateway import BotoGateway
from deployments.aws.values import Approval, ApprovalAction, ApprovalRun, DeclaredAction
from tests.aws.aws_stubs import Stubs

ARN = "arn:aws:codepipeline:eu-central-1:123456789012:shop/Production/Wait"
WHERE = ApprovalAction.parse(ARN)
EXECUTION, TOKEN = "3137f7cb-7cf7-4e4f-9c1a-1b2c3d4e5f60", "1a2b3c4d-573f-4ea7-a67e-000000000000"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def state(**latest: Any) -> dict[str, Any]:
    wait = {"actionName": "Wait", **({"latestExecution": latest} if latest else {})}
    newest = {"latestExecution": {"pipelineExecutionId": EXECUTION, "status": "InProgress"}} if latest else {}
    build = {"stageName": "Build", "actionStates": [{"actionName": "Wait", "latestExecution": {"status": "Failed"}}]}
    return {"stageStates": [build, {"stageName": "Production", "actionStates": [wait], **newest}]}


def run(stage: str, name: str, minute: int, status: str, **told: str) -> dict[str, Any]:
    return {
        "pipelineExecutionId": EXECUTION,
        "actionExecutionId": f"{name}-{minute}",
        "stageName": stage,
        "actionName": name,
        "startTime": NOON.replace(minute=minute),
        "status": status,
        "input": {"configuration": {"CustomData": "tealgate: shop #{Build.VERSION}"}, "resolvedConfiguration": told},
    }


@pytest.mark.parametrize(
    ("latest", "seen"),
    [
        ({}, Approval()),
        (
            {"status": "InProgress", "token": TOKEN},
            Approval(execution=EXECUTION, status="InProgress", token=TOKEN),
        ),
        ({"status": "InProgress"}, Approval(execution=EXECUTION, status="InProgress")),
        ({"status": "Failed", "summary": "no"}, Approval(execution=EXECUTION, status="Failed", summary="no")),
    ],
)
def test_what_waits_is_read_of_its_own_stage(
    gateway: BotoGateway, aws: Stubs, latest: dict[str, Any], seen: Approval
) -> None:
    aws.add("codepipeline", "get_pipeline_state", state(**latest), {"name": "shop"})

    assert gateway.approval(WHERE) == seen


@pytest.mark.parametrize(
    ("where", "said"),
    [("shop/Staging/Wait", "The pipeline has no stage Staging."), ("shop/Production/Ask", "no action Ask.")],
)
def test_a_stage_or_an_action_that_is_not_there_is_not_found(
    gateway: BotoGateway, aws: Stubs, where: str, said: str
) -> None:
    aws.add("codepipeline", "get_pipeline_state", state(), {"name": "shop"})

    with pytest.raises(errors.NotFound, match=said):
        gateway.approval(ApprovalAction.parse(ARN.replace("shop/Production/Wait", where)))


def test_of_a_stage_that_was_tried_again_the_newest_run_counts(gateway: BotoGateway, aws: Stubs) -> None:
    runs = [
        run("Production", "Wait", 30, "InProgress", CustomData="tealgate: shop 1.1.0"),
        run("Production", "Wait", 20, "Failed", CustomData="tealgate: shop 1.1.0"),
        run("Build", "Build", 10, "Succeeded"),
        run("Source", "Source", 5, "Succeeded"),
    ]
    asked = {"pipelineName": "shop", "filter": {"pipelineExecutionId": EXECUTION}}
    aws.add("codepipeline", "list_action_executions", {"actionExecutionDetails": runs}, asked)

    assert gateway.approval_run(WHERE, EXECUTION) == ApprovalRun(
        began_at=NOON.replace(minute=5), status="InProgress", custom_data="tealgate: shop 1.1.0"
    )


def test_how_the_action_is_declared_is_read(gateway: BotoGateway, aws: Stubs) -> None:
    kind = {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}
    action = {"name": "Wait", "actionTypeId": kind, "configuration": {"CustomData": "tealgate: shop #{B.V}"}}
    pipeline = {"name": "shop", "roleArn": "arn:aws:iam::123456789012:role/p", "executionMode": "QUEUED",
                "stages": [{"name": "Production", "actions": [action]}]}  # fmt: skip
    aws.add("codepipeline", "get_pipeline", {"pipeline": pipeline}, {"name": "shop"})

    assert gateway.declared_action(WHERE) == DeclaredAction(
        category="Approval", provider="Manual", mode="QUEUED", custom_data="tealgate: shop #{B.V}"
    )


ANSWER = PutApprovalResult(approval_action=ARN, status="Approved", summary="is live", token=TOKEN)
SENT = {
    "pipelineName": "shop",
    "stageName": "Production",
    "actionName": "Wait",
    "result": {"summary": "is live", "status": "Approved"},
    "token": TOKEN,
}


def test_an_answer_names_the_action_and_has_its_token(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("codepipeline", "put_approval_result", {"approvedAt": NOON}, SENT)

    assert gateway.perform(ANSWER) == Made()


def test_what_aws_says_of_a_token_is_told_without_it(gateway: BotoGateway, aws: Stubs) -> None:
    aws.refuse("codepipeline", "put_approval_result", "InvalidApprovalTokenException", f"Token {TOKEN} is invalid")

    with pytest.raises(errors.Invalid) as refused:
        gateway.perform(ANSWER)

    assert (refused.value.code, refused.value.said) == ("InvalidApprovalTokenException", "Token … is invalid")
    assert TOKEN not in repr((ANSWER, ANSWER.as_json(), str(refused.value)))


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws-us-gov:codepipeline:us-gov-west-1:123456789012:shop/Production/Wait",
        "arn:aws-cn:codepipeline:cn-north-1:123456789012:shop/Production/Wait",
    ],
)
def test_an_action_is_known_in_every_partition(arn: str) -> None:
    assert values.ApprovalAction.parse(arn).pipeline_arn == arn.removesuffix("/Production/Wait")


def test_what_is_no_action_is_refused() -> None:
    for wrong in (ARN.rpartition("/")[0], ARN + "/more", ARN.replace("123456789012", "1"), "shop/Production/Wait"):
        with pytest.raises(ValueError, match="is no ARN of an action"):
            values.ApprovalAction.parse(wrong)


def test_a_pipeline_is_asked_in_its_own_region(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("codepipeline", "put_approval_result", {"approvedAt": NOON})
    aws.add(
        "codepipeline", "list_action_executions", {"actionExecutionDetails": [run("Production", "Wait", 1, "Failed")]}
    )
    elsewhere = ARN.replace("eu-central-1", "us-east-1")

    gateway.perform(PutApprovalResult(approval_action=elsewhere, status="Approved", summary="is live", token=TOKEN))
    gateway.approval_run(ApprovalAction.parse(elsewhere), EXECUTION)

    assert aws.asked == [("codepipeline", True, "us-east-1"), ("codepipeline", False, "us-east-1")]
