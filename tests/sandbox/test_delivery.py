"""CodeBuild, CodePipeline and their connections, as the tools ask for them that people keep them with."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

ENVIRONMENT = {"type": "ARM_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL"}
BY_PIPELINE = {"source": {"type": "CODEPIPELINE", "buildspec": "version: 0.2"}, "artifacts": {"type": "CODEPIPELINE"}}


@pytest.fixture(scope="module")
def role(client: Any) -> str:
    services = ["codebuild.amazonaws.com", "codepipeline.amazonaws.com"]
    statement = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(client("iam").create_role(RoleName="delivery", AssumeRolePolicyDocument=trust)["Role"]["Arn"])


def action(name: str, category: str, provider: str, owner: str = "AWS", **configuration: str) -> dict[str, Any]:
    kind = {"category": category, "owner": owner, "provider": provider, "version": "1"}
    artifact = [{"name": "source"}]
    sides = {"outputArtifacts": artifact} if category == "Source" else {"inputArtifacts": artifact}
    return {"name": name, "actionTypeId": kind, "configuration": configuration, **sides}


def pipeline(role: str, name: str) -> dict[str, Any]:
    source = action("Source", "Source", "GitHub", owner="ThirdParty", Owner="shop", Repo="shop", OAuthToken="secret")
    build = action("Build", "Build", "CodeBuild", ProjectName="shop")
    stages = [{"name": each["name"], "actions": [each]} for each in (source, build)]
    return {"name": name, "roleArn": role, "artifactStore": {"type": "S3", "location": "shop"}, "stages": stages}


def test_a_project_that_a_pipeline_builds_needs_no_location(client: Any, role: str) -> None:
    codebuild = client("codebuild")
    codebuild.create_project(name="by-pipeline", environment=ENVIRONMENT, serviceRole=role, **BY_PIPELINE)

    (project,) = codebuild.batch_get_projects(names=["by-pipeline"])["projects"]

    assert project["source"] == {"type": "CODEPIPELINE", "buildspec": "version: 0.2"}
    assert (project["timeoutInMinutes"], project["queuedTimeoutInMinutes"]) == (60, 480)
    with pytest.raises(ClientError, match="location is required"):
        codebuild.create_project(
            name="nowhere", environment=ENVIRONMENT, serviceRole=role, **BY_PIPELINE | {"source": {"type": "S3"}}
        )


def test_a_project_is_changed_in_what_is_given(client: Any, role: str) -> None:
    codebuild = client("codebuild")
    codebuild.create_project(name="changed", environment=ENVIRONMENT, serviceRole=role, **BY_PIPELINE)

    codebuild.update_project(name="changed", timeoutInMinutes=30)

    (project,) = codebuild.batch_get_projects(names=["changed"])["projects"]
    assert (project["timeoutInMinutes"], project["source"]["type"]) == (30, "CODEPIPELINE")
    with pytest.raises(ClientError, match="location is required"):
        codebuild.update_project(name="changed", source={"type": "S3"})
    with pytest.raises(ClientError, match="Project cannot be found"):
        codebuild.update_project(name="nobody", timeoutInMinutes=30)


def test_a_pipelines_times_are_times(client: Any, role: str) -> None:
    codepipeline = client("codepipeline")
    codepipeline.create_pipeline(pipeline=pipeline(role, "timed"))
    codepipeline.start_pipeline_execution(name="timed")

    metadata = codepipeline.get_pipeline(name="timed")["metadata"]
    (execution,) = codepipeline.list_pipeline_executions(pipelineName="timed")["pipelineExecutionSummaries"]
    (listed,) = (each for each in codepipeline.list_pipelines()["pipelines"] if each["name"] == "timed")

    times = (metadata["created"], metadata["updated"], listed["created"], execution["startTime"])
    assert all(timedelta() <= datetime.now(UTC) - each < timedelta(minutes=5) for each in times)


def test_what_a_pipeline_answers_has_numbers_for_times_on_the_wire(client: Any, role: str) -> None:
    codepipeline = client("codepipeline")
    codepipeline.create_pipeline(pipeline=pipeline(role, "raw"))
    codepipeline.start_pipeline_execution(name="raw")
    heard: list[bytes] = []
    codepipeline.meta.events.register_first(
        "before-parse.codepipeline", lambda response_dict, **_: heard.append(response_dict["body"])
    )

    codepipeline.get_pipeline(name="raw")
    codepipeline.list_pipeline_executions(pipelineName="raw")

    told, listed = (json.loads(each) for each in heard)
    assert {type(each) for each in told["metadata"].values()} == {str, float}
    (execution,) = listed["pipelineExecutionSummaries"]
    assert {type(execution[name]) for name in ("startTime", "lastUpdateTime")} == {float}


def test_a_pipeline_needs_a_role_that_trusts_codepipeline(client: Any, role: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    stranger = client("iam").create_role(RoleName="stranger", AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    with pytest.raises(ClientError, match="not authorized to perform AssumeRole"):
        client("codepipeline").create_pipeline(pipeline=pipeline(stranger, "strange"))


def test_a_token_is_not_told_again(client: Any, role: str) -> None:
    codepipeline = client("codepipeline")
    codepipeline.create_pipeline(pipeline=pipeline(role, "secretive"))

    told = codepipeline.get_pipeline(name="secretive")["pipeline"]

    assert told["stages"][0]["actions"][0]["configuration"]["OAuthToken"] == "****"


def test_a_connection_waits_for_a_person_and_is_of_its_region(client: Any) -> None:
    seoul, here = client("codestar-connections", region="ap-northeast-2"), client("codestar-connections")
    tags = [{"Key": "team", "Value": "shop"}]
    arn = seoul.create_connection(ConnectionName="github", ProviderType="GitHub", Tags=tags)["ConnectionArn"]

    assert arn.startswith("arn:aws:codestar-connections:ap-northeast-2:123456789012:connection/")
    assert seoul.get_connection(ConnectionArn=arn)["Connection"]["ConnectionStatus"] == "PENDING"
    assert seoul.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    assert here.list_connections()["Connections"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        here.get_connection(ConnectionArn=arn)
    seoul.delete_connection(ConnectionArn=arn)
    assert seoul.list_connections()["Connections"] == []
