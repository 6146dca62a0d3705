"""A pipeline that waits for somebody to approve, by the calls that answer it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

WAIT = "Wait-for-Tealgate"
VARIABLES = [{"name": "VERSION", "defaultValue": "0.0.0"}]


def action(name: str, category: str, provider: str, **configuration: str) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "configuration": configuration}


def make_pipeline(codepipeline: Any, iam: Any, name: str = "shop", mode: str = "SUPERSEDED", **wait: Any) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName=f"{name}-pipeline", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    approval = action(WAIT, "Approval", "Manual", CustomData="tealgate: shop #{variables.VERSION}") | wait
    stages = {
        "Source": [action("Source", "Source", "S3", S3Bucket="shop", S3ObjectKey="source.zip")],
        "Build": [action("Build", "Build", "CodeBuild", ProjectName="shop")],
        "Production": [approval],
        "After": [action("Tag", "Invoke", "Lambda", FunctionName="tag")],
    }
    codepipeline.create_pipeline(
        pipeline={
            "name": name, "roleArn": role, "pipelineType": "V2", "executionMode": mode, "variables": VARIABLES,
            "artifactStore": {"type": "S3", "location": "shop"},
            "stages": [{"name": stage, "actions": actions} for stage, actions in stages.items()],
        }
    )  # fmt: skip


def start(codepipeline: Any, version: str, name: str = "shop") -> str:
    variables = [{"name": "VERSION", "value": version}]
    return str(codepipeline.start_pipeline_execution(name=name, variables=variables)["pipelineExecutionId"])


def stage(codepipeline: Any, which: str = "Production", name: str = "shop") -> dict[str, Any]:
    states = codepipeline.get_pipeline_state(name=name)["stageStates"]
    return next(dict(each) for each in states if each["stageName"] == which)


def waiting(codepipeline: Any, name: str = "shop") -> dict[str, Any]:
    (wait,) = stage(codepipeline, name=name)["actionStates"]
    return dict(wait.get("latestExecution", {}))


def answer(codepipeline: Any, status: str, token: str = "", name: str = "shop", **changes: str) -> None:
    asked = {"pipelineName": name, "stageName": "Production", "actionName": WAIT, **changes}
    given = token or waiting(codepipeline, name)["token"]
    codepipeline.put_approval_result(**asked, result={"summary": f"{status} by a test", "status": status}, token=given)


def status(codepipeline: Any, execution: str, name: str = "shop") -> str:
    found = codepipeline.get_pipeline_execution(pipelineName=name, pipelineExecutionId=execution)
    return str(found["pipelineExecution"]["status"])


@pytest.fixture(scope="module")
def iam(client: Any) -> Any:
    return client("iam")


@pytest.fixture
def codepipeline(client: Any, iam: Any) -> Any:
    pipelines = client("codepipeline")
    make_pipeline(pipelines, iam)
    yield pipelines
    pipelines.delete_pipeline(name="shop")
    iam.delete_role(RoleName="shop-pipeline")


def test_an_execution_waits_with_a_token_until_it_is_approved(codepipeline: Any) -> None:
    before = waiting(codepipeline)
    execution = start(codepipeline, "1.4.2")
    found = waiting(codepipeline)

    answer(codepipeline, "Approved")

    after = waiting(codepipeline)
    assert (before, found["status"], len(found["token"])) == ({}, "InProgress", 36)
    assert (after["status"], after["summary"], "token" in after) == ("Succeeded", "Approved by a test", False)
    assert stage(codepipeline, "After")["latestExecution"]["pipelineExecutionId"] == execution
    assert status(codepipeline, execution) == "Succeeded"


def test_what_is_rejected_goes_no_further_and_may_be_tried_again(codepipeline: Any) -> None:
    execution = start(codepipeline, "1.4.2")
    first = waiting(codepipeline)["token"]
    answer(codepipeline, "Rejected")
    ended = (status(codepipeline, execution), waiting(codepipeline)["status"])

    codepipeline.retry_stage_execution(
        pipelineName="shop", stageName="Production", pipelineExecutionId=execution, retryMode="FAILED_ACTIONS"
    )

    assert ended == ("Failed", "Failed")
    assert (status(codepipeline, execution), waiting(codepipeline)["token"] != first) == ("InProgress", True)
    assert stage(codepipeline, "After")["actionStates"] == [{"actionName": "Tag"}]


def test_what_the_reader_is_told_has_its_variables_filled_in(codepipeline: Any) -> None:
    execution = start(codepipeline, "1.4.2")

    found = codepipeline.list_action_executions(
        pipelineName="shop", filter={"pipelineExecutionId": execution}
    )["actionExecutionDetails"]  # fmt: skip

    assert [each["actionName"] for each in found] == [WAIT, "Build", "Source"]
    assert found[0]["input"]["configuration"]["CustomData"] == "tealgate: shop #{variables.VERSION}"
    assert found[0]["input"]["resolvedConfiguration"]["CustomData"] == "tealgate: shop 1.4.2"
    assert (found[0]["status"], found[0]["startTime"] >= found[2]["startTime"]) == ("InProgress", True)


def test_who_waits_is_not_superseded_but_who_comes_before_the_newest_is(codepipeline: Any) -> None:
    executions = [start(codepipeline, version) for version in ("1", "2", "3")]

    assert [status(codepipeline, each) for each in executions] == ["InProgress", "Superseded", "InProgress"]
    assert [each["pipelineExecutionId"] for each in stage(codepipeline)["inboundExecutions"]] == [executions[2]]
    answer(codepipeline, "Approved")
    assert stage(codepipeline)["latestExecution"]["pipelineExecutionId"] == executions[2]


def test_queued_executions_come_one_after_the_other(client: Any, iam: Any) -> None:
    codepipeline = client("codepipeline")
    make_pipeline(codepipeline, iam, "queued", "QUEUED")
    executions = [start(codepipeline, version, "queued") for version in ("1", "2", "3")]
    seen = []
    for _ in executions:
        seen.append(stage(codepipeline, name="queued")["latestExecution"]["pipelineExecutionId"])
        answer(codepipeline, "Approved", name="queued")

    assert seen == executions


def test_a_parallel_pipeline_tells_no_token(client: Any, iam: Any) -> None:
    codepipeline = client("codepipeline")
    make_pipeline(codepipeline, iam, "parallel", "PARALLEL")
    start(codepipeline, "1", "parallel")

    assert (waiting(codepipeline, "parallel")["status"], "token" in waiting(codepipeline, "parallel")) == (
        "InProgress",
        False,
    )


def refused(codepipeline: Any, token: str = "", **changes: str) -> str:
    with pytest.raises(ClientError) as error:
        answer(codepipeline, "Approved", token, **changes)
    return str(error.value.response["Error"]["Code"])


def test_an_answer_that_does_not_fit_is_refused_in_aws_words(codepipeline: Any) -> None:
    start(codepipeline, "1.4.2")
    token = waiting(codepipeline)["token"]
    assert refused(codepipeline, "00000000-0000-0000-0000-000000000000") == "InvalidApprovalTokenException"
    assert refused(codepipeline, token, stageName="Staging") == "StageNotFoundException"
    assert refused(codepipeline, token, actionName="Ask") == "ActionNotFoundException"
    assert refused(codepipeline, token, pipelineName="nobody") == "PipelineNotFoundException"

    answer(codepipeline, "Approved")

    assert refused(codepipeline, token) == "ApprovalAlreadyCompletedException"
