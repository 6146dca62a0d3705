"""CreateDeployment and its like: what is refused and in which words, and what is told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.releases import (
    GROUP,
    TARGET,
    appspec,
    catalog_running,
    deployed,
    info,
    over,
    reached,
    revision,
    target,
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with catalog_running() as running:
        yield running


@pytest.fixture
def codedeploy(client: Any) -> Any:
    return client("codedeploy")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"applicationName": "nothing"}, "ApplicationDoesNotExistException"),
        ({"deploymentGroupName": "nothing"}, "DeploymentGroupDoesNotExistException"),
        ({"deploymentConfigName": "nothing"}, "DeploymentConfigDoesNotExistException"),
        ({"deploymentConfigName": "CodeDeployDefault.OneAtATime"}, "InvalidDeploymentConfigNameException"),
        ({"description": "x" * 257}, "DescriptionTooLongException"),
        ({"autoRollbackConfiguration": {"enabled": True}}, "InvalidAutoRollbackConfigException"),
        ({"overrideAlarmConfiguration": {"enabled": True}}, "InvalidAlarmConfigException"),
        (
            {"overrideAlarmConfiguration": {"enabled": True, "alarms": [{"name": str(n)} for n in range(11)]}},
            "AlarmsLimitExceededException",
        ),
        ({"revision": None}, "RevisionRequiredException"),
        ({"revision": {"revisionType": "GitHub", "gitHubLocation": {}}}, "InvalidRevisionException"),
        (
            {"revision": {"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k", "bundleType": "zip"}}},
            "InvalidRevisionException",
        ),
    ],
)
def test_a_deployment_that_makes_no_sense_is_refused(codedeploy: Any, changes: dict[str, Any], error: str) -> None:
    request = GROUP | {"revision": revision(appspec("catalog:1"))} | changes

    with pytest.raises(ClientError) as refused:
        codedeploy.create_deployment(**{name: value for name, value in request.items() if value is not None})

    assert refused.value.response["Error"]["Code"] == error


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "neither valid JSON nor valid YAML"),
        ("just words", "not a document"),
        ('{"version": 1.0, "Resources": []}', "version 1.0"),
        ('{"version": 0.0, "Resources": []}', "no resources"),
        (appspec(""), "no TaskDefinition"),
        (appspec("catalog:1").replace("ContainerPort", "Port"), "no LoadBalancerInfo"),
        (appspec("catalog:1", Whenever="check"), "The hook Whenever is not one of"),
    ],
)
def test_an_appspec_is_read_before_anything_happens(codedeploy: Any, content: str, words: str) -> None:
    with pytest.raises(codedeploy.exceptions.InvalidRevisionException) as refused:
        codedeploy.create_deployment(**GROUP, revision=revision(content))

    assert words in str(refused.value)


def test_a_wrong_sha256_is_refused(codedeploy: Any) -> None:
    given = revision(appspec("catalog:1"))
    given["appSpecContent"]["sha256"] = "0" * 64

    with pytest.raises(codedeploy.exceptions.InvalidRevisionException):
        codedeploy.create_deployment(**GROUP, revision=given)


def test_an_appspec_is_read_back_by_its_sha256_only(codedeploy: Any) -> None:
    content = yaml.safe_dump(json.loads(appspec("catalog:1")))
    codedeploy.register_application_revision(applicationName="catalog", revision=revision(content), description="why")
    digest = revision(content)["appSpecContent"]["sha256"]

    found = codedeploy.get_application_revision(
        applicationName="catalog",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"sha256": digest}},
    )

    assert found["revision"]["appSpecContent"] == {"content": content, "sha256": digest}
    assert found["revisionInfo"]["description"] == "why"
    with pytest.raises(codedeploy.exceptions.RevisionDoesNotExistException):
        codedeploy.get_application_revision(applicationName="catalog", revision=revision("else"))


def test_what_is_not_there_yet_or_over_is_refused(codedeploy: Any, ecs: Any) -> None:
    with pytest.raises(codedeploy.exceptions.DeploymentDoesNotExistException):
        codedeploy.get_deployment(deploymentId="d-000000000")
    number = deployed(codedeploy, "catalog:1")
    seen = reached(codedeploy, number, "Ready")

    assert seen["revision"]["appSpecContent"].get("content") is None
    assert codedeploy.list_deployment_targets(deploymentId=number)["targetIds"] == [TARGET]
    assert target(codedeploy, number)["taskSetsInfo"][0]["identifer"].startswith("ecs-svc/")
    with pytest.raises(ClientError) as early:
        codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="TERMINATION_WAIT")
    assert early.value.response["Error"]["Code"] == "InvalidDeploymentStatusException"
    with pytest.raises(codedeploy.exceptions.InvalidDeploymentWaitTypeException):
        codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="SOME_WAIT")
    with pytest.raises(codedeploy.exceptions.DeploymentTargetDoesNotExistException):
        codedeploy.get_deployment_target(deploymentId=number, targetId="storefront:other")
    codedeploy.stop_deployment(deploymentId=number, autoRollbackEnabled=False)
    assert over(codedeploy, number)["status"] == "Stopped"
    for late in (codedeploy.stop_deployment, codedeploy.continue_deployment):
        with pytest.raises(codedeploy.exceptions.DeploymentAlreadyCompletedException):
            late(deploymentId=number)
    assert number in codedeploy.list_deployments(**GROUP, includeOnlyStatuses=["Stopped"])["deployments"]
    assert number not in codedeploy.list_deployments(**GROUP, includeOnlyStatuses=["Succeeded"])["deployments"]


def test_continuing_before_the_gate_is_refused(codedeploy: Any) -> None:
    number = deployed(codedeploy, "catalog:1")

    with pytest.raises(codedeploy.exceptions.DeploymentIsNotInReadyStateException):
        codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="READY_WAIT")

    codedeploy.stop_deployment(deploymentId=number, autoRollbackEnabled=False)
    assert over(codedeploy, number)["errorInformation"]["code"] == "MANUAL_STOP"


def test_an_appspec_in_s3_is_read_when_its_turn_comes(codedeploy: Any, client: Any) -> None:
    client("s3").create_bucket(Bucket="specs")
    client("s3").put_object(Bucket="specs", Key="good.json", Body=appspec("catalog:1").encode())

    def at(key: str) -> str:
        location = {"bucket": "specs", "key": key, "bundleType": "JSON"}
        where = {"revisionType": "S3", "s3Location": location}
        quiet = {"enabled": False}
        return str(
            codedeploy.create_deployment(**GROUP, revision=where, autoRollbackConfiguration=quiet)["deploymentId"]
        )

    missing = over(codedeploy, at("missing.json"))
    assert (missing["status"], missing["errorInformation"]["code"]) == ("Failed", "REVISION_MISSING")
    good = at("good.json")
    assert reached(codedeploy, good, "Ready")
    codedeploy.stop_deployment(deploymentId=good, autoRollbackEnabled=False)
    over(codedeploy, good)


def test_a_finished_deployment_is_described_in_a_batch(codedeploy: Any) -> None:
    number = deployed(codedeploy, "catalog:1")
    codedeploy.stop_deployment(deploymentId=number, autoRollbackEnabled=False)
    over(codedeploy, number)

    found = codedeploy.batch_get_deployments(deploymentIds=[number, "d-000000000"])["deploymentsInfo"]

    assert [each["deploymentId"] for each in found] == [number]
    assert found[0] == info(codedeploy, number)
