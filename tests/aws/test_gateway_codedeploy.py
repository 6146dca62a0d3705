"""CodeDeploy through the gateway: what is sent, what becomes of AWS's answers and refusals."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from deployments.aws import actions, errors
from deployments.aws.appspecs import BadAppSpec
from deployments.aws.codedeploy_refusals import FIXES
from deployments.aws.codedeploy_values import TagFilter
from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import Stubs, arn, client

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LISTENER = arn("elasticloadbalancing", "listener/app/shop/1/2")
CREATE = actions.CreateDeployment(
    application="shop",
    group="web",
    revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": "{}", "sha256": "0"}},
    config="CodeDeployDefault.ECSAllAtOnce",
    description="[tealgate 7-abc] 1.1.0",
    rollback_events=("DEPLOYMENT_FAILURE",),
)


def test_a_group_for_ecs(aws: Stubs, gateway: BotoGateway) -> None:
    pair = {
        "targetGroups": [{"name": "blue"}, {"name": "green"}],
        "prodTrafficRoute": {"listenerArns": [LISTENER]},
    }
    raw = {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "computePlatform": "ECS",
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "ecsServices": [{"serviceName": "web", "clusterName": "shop"}],
        "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
        "blueGreenDeploymentConfiguration": {
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
        },
    }
    asked = {"applicationName": "shop", "deploymentGroupName": "web"}
    aws.add("codedeploy", "get_deployment_group", {"deploymentGroupInfo": raw}, asked)

    group = gateway.deployment_group("shop", "web")

    assert (group.platform, group.services, group.target_groups) == ("ECS", (("shop", "web"),), ("blue", "green"))
    assert (group.production_listener, group.test_listener) == (LISTENER, "")
    assert (group.ready_action, group.ready_minutes, group.termination_minutes) == ("STOP_DEPLOYMENT", 30, 5)


def test_a_group_for_servers_tells_what_they_have_and_by_which_deployment(aws: Stubs, gateway: BotoGateway) -> None:
    location = {"bucket": "bundles", "key": "1.0.0.zip", "bundleType": "zip", "eTag": '"0123"'}
    raw = {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "targetRevision": {"revisionType": "S3", "s3Location": location},
        "lastSuccessfulDeployment": {"deploymentId": "d-1", "status": "Succeeded", "endTime": NOON},
        "lastAttemptedDeployment": {"deploymentId": "d-2", "status": "InProgress", "createTime": NOON},
    }
    aws.add("codedeploy", "get_deployment_group", {"deploymentGroupInfo": raw})

    group = gateway.deployment_group("shop", "web")

    assert group.bundle == {
        "type": "S3", "bucket": "bundles", "key": "1.0.0.zip", "bundleType": "zip", "eTag": "0123"
    }  # fmt: skip
    assert group.last_successful
    assert group.last_attempted
    assert (group.last_successful.id, group.last_successful.ended_at) == ("d-1", NOON)
    assert (group.last_attempted.id, group.last_attempted.is_over) == ("d-2", False)


def test_tags_of_a_group_for_servers_are_alternatives_of_which_one_of_each_list_has_to_fit(
    aws: Stubs, gateway: BotoGateway
) -> None:
    web, old = {"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}, {"Key": "old", "Type": "KEY_ONLY"}
    raw = {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "ec2TagSet": {"ec2TagSetList": [[web, old], [web]]},
        "onPremisesTagSet": {"onPremisesTagSetList": [[{"Key": "rack", "Type": "KEY_ONLY"}]]},
        "ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["Terminate"]},
    }
    aws.add("codedeploy", "get_deployment_group", {"deploymentGroupInfo": raw})

    group = gateway.deployment_group("shop", "web")

    assert group.tags == (
        (TagFilter(key="role", value="web"), TagFilter(key="old", kind="KEY_ONLY")),
        (TagFilter(key="role", value="web"),),
    )
    assert (group.tag_filters, group.on_premises, group.suspended_processes) == (4, 1, ("Terminate",))


def test_servers_are_found_by_their_group_and_tags(aws: Stubs, gateway: BotoGateway) -> None:
    def instance(number: str, **tags: str) -> dict[str, Any]:
        return {"InstanceId": number, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    alive = {"Name": "instance-state-name", "Values": ["pending", "running"]}
    scaled = [{"Name": "tag:aws:autoscaling:groupName", "Values": ["web"]}, alive]
    one = instance("i-1", **{"aws:autoscaling:groupName": "web"})
    aws.add("ec2", "describe_instances", {"Reservations": [{"Instances": [one]}]}, {"Filters": scaled})
    by_key = [{"Name": "tag-key", "Values": ["old", "role"]}, alive]
    others = [instance("i-2", role="web"), instance("i-3", role="db"), instance("i-4", old="")]
    aws.add("ec2", "describe_instances", {"Reservations": [{"Instances": others}]}, {"Filters": by_key})

    found = gateway.servers(("web",), ((TagFilter(key="role", value="web"), TagFilter(key="old", kind="KEY_ONLY")),))

    assert found == ("i-1", "i-2", "i-4")


def test_a_value_alone_is_asked_for_by_itself(aws: Stubs, gateway: BotoGateway) -> None:
    asked = [
        {"Name": "tag-value", "Values": ["web"]},
        {"Name": "instance-state-name", "Values": ["pending", "running"]},
    ]
    found = {"InstanceId": "i-1", "Tags": [{"Key": "any", "Value": "web"}]}
    aws.add("ec2", "describe_instances", {"Reservations": [{"Instances": [found]}]}, {"Filters": asked})

    assert gateway.servers((), ((TagFilter(value="web", kind="VALUE_ONLY"),),)) == ("i-1",)


@pytest.mark.parametrize(
    ("raw", "of_nine"),
    [
        ({"type": "HOST_COUNT", "value": 6}, 6),
        ({"type": "FLEET_PERCENT", "value": 40}, 4),
        ({"type": "MOST_CONCURRENCY", "value": 1}, 8),
    ],
)
def test_a_configuration_says_how_many_servers_stay_healthy(
    aws: Stubs, gateway: BotoGateway, raw: dict[str, Any], of_nine: int
) -> None:
    info = {"deploymentConfigInfo": {"deploymentConfigName": "own", "minimumHealthyHosts": raw}}
    aws.add("codedeploy", "get_deployment_config", info, {"deploymentConfigName": "own"})

    assert gateway.minimum_healthy("own").of(9) == of_nine


@pytest.mark.parametrize(
    ("alarms", "sent"),
    [
        (("shop-latency",), {"enabled": True, "alarms": [{"name": "shop-latency"}]}),
        ((), {"enabled": False, "alarms": []}),
    ],
)
def test_alarms_stand_for_those_of_the_group_where_some_rang_before(
    aws: Stubs, gateway: BotoGateway, alarms: tuple[str, ...], sent: dict[str, Any]
) -> None:
    expected = {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "revision": CREATE.revision,
        "description": CREATE.description,
        "autoRollbackConfiguration": {"enabled": False, "events": []},
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "overrideAlarmConfiguration": sent,
    }
    aws.add("codedeploy", "create_deployment", {"deploymentId": "d-1"}, expected)

    made = gateway.perform(replace(CREATE, alarms=alarms, rollback_events=()))

    assert made.code_deployment == "d-1"


def test_what_happens_to_files_in_the_way_and_to_failing_stop_scripts_is_said_where_it_is_chosen(
    aws: Stubs, gateway: BotoGateway
) -> None:
    chosen = replace(CREATE, file_exists="RETAIN", ignore_stop_failures=True, rollback_events=())
    sent = {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "revision": CREATE.revision,
        "description": CREATE.description,
        "autoRollbackConfiguration": {"enabled": False, "events": []},
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "fileExistsBehavior": "RETAIN",
        "ignoreApplicationStopFailures": True,
    }
    aws.add("codedeploy", "create_deployment", {"deploymentId": "d-1"}, sent)

    assert gateway.perform(chosen) == actions.Made(code_deployment="d-1")


def test_a_missing_group_is_not_found(aws: Stubs, gateway: BotoGateway) -> None:
    aws.refuse("codedeploy", "get_deployment_group", "DeploymentGroupDoesNotExistException", "No group")

    with pytest.raises(errors.NotFound):
        gateway.deployment_group("shop", "web")


def test_a_deployment_with_an_appspec_that_aws_does_not_show(aws: Stubs, gateway: BotoGateway) -> None:
    info = {
        "deploymentId": "d-1",
        "status": "Baking",
        "description": "[tealgate 7-abc]",
        "instanceTerminationWaitTimeStarted": True,
        "errorInformation": {"code": "MANUAL_STOP", "message": "stopped"},
        "rollbackInfo": {"rollbackDeploymentId": "d-2"},
        "createTime": NOON,
    }
    aws.add("codedeploy", "get_deployment", {"deploymentInfo": info}, {"deploymentId": "d-1"})

    seen = gateway.code_deployment("d-1")

    assert (seen.rollback_id, seen.error_code, seen.termination_wait_started) == ("d-2", "MANUAL_STOP", True)
    assert not seen.is_over  # nobody knows what Baking means, so it is not the end


def test_many_deployments_are_read_in_one_call_and_one_alone_by_its_own(aws: Stubs, gateway: BotoGateway) -> None:
    infos = [{"deploymentId": "d-2", "status": "Ready"}]
    aws.add("codedeploy", "batch_get_deployments", {"deploymentsInfo": infos}, {"deploymentIds": ["d-1", "d-2"]})
    aws.refuse("codedeploy", "get_deployment", "DeploymentDoesNotExistException")

    assert set(gateway.code_deployments(["d-1", "d-2"])) == {"d-2"}
    assert gateway.code_deployments(["d-1"]) == {}


def test_the_newest_keep_the_order_of_the_list(aws: Stubs, gateway: BotoGateway) -> None:
    aws.add("codedeploy", "list_deployments", {"deployments": ["d-2", "d-1"]})
    infos = [{"deploymentId": number, "status": "Succeeded"} for number in ("d-1", "d-2")]
    aws.add("codedeploy", "batch_get_deployments", {"deploymentsInfo": infos}, {"deploymentIds": ["d-2", "d-1"]})

    assert [each.id for each in gateway.newest_code_deployments("shop", "web")] == ["d-2", "d-1"]


def test_targets_of_a_deployment_to_ecs(aws: Stubs, gateway: BotoGateway) -> None:
    event = {
        "lifecycleEventName": "AllowTraffic",
        "status": "Failed",
        "diagnostics": {"errorCode": "ScriptFailed", "scriptName": "x.sh", "message": "exit 1", "logTail": "oh\x00\n"},
    }
    sets = {"taskSetLabel": "Green", "trafficWeight": 10.0, "desiredCount": 2, "runningCount": 1}
    target = {"targetId": "shop:web", "status": "InProgress", "lifecycleEvents": [event], "taskSetsInfo": [sets]}
    aws.add("codedeploy", "list_deployment_targets", {"targetIds": ["shop:web"]}, {"deploymentId": "d-1"})
    answer = {"deploymentTargets": [{"deploymentTargetType": "ECSTarget", "ecsTarget": target}]}
    aws.add("codedeploy", "batch_get_deployment_targets", answer)

    (seen,) = gateway.code_deployment_targets("d-1")

    assert (seen.events[0].script, seen.events[0].log) == ("x.sh", "oh\N{REPLACEMENT CHARACTER}\n")
    assert seen.replacement is not None
    assert (seen.replacement.percent, seen.replacement.running) == (10.0, 1)


def test_a_deployment_that_has_not_started_has_no_targets(aws: Stubs, gateway: BotoGateway) -> None:
    aws.refuse("codedeploy", "list_deployment_targets", "DeploymentNotStartedException")

    assert gateway.code_deployment_targets("d-1") == ()


@pytest.mark.parametrize("config", ["CodeDeployDefault.ECSAllAtOnce", ""])
def test_creating_one(aws: Stubs, gateway: BotoGateway, config: str) -> None:
    sent: dict[str, Any] = {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "revision": dict(CREATE.revision),
        "description": CREATE.description,
        "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
    }
    if config:
        sent["deploymentConfigName"] = config
    aws.add("codedeploy", "create_deployment", {"deploymentId": "d-1"}, sent)

    made = gateway.perform(actions.CreateDeployment(**{**vars(CREATE), "config": config}))

    assert made == actions.Made(code_deployment="d-1")
    assert aws.asked == [("codedeploy", True, "")]  # never repeated by botocore: a second one would be refused


@pytest.mark.parametrize("operation", ["CreateDeployment", "ContinueDeployment", "StopDeployment"])
def test_every_refusal_says_what_to_do(operation: str) -> None:
    model = client("codedeploy").meta.service_model.operation_model(operation)
    documented = {shape.name for shape in model.error_shapes}

    assert documented <= set(FIXES)


def test_a_deployment_that_codedeploy_forgot_says_what_to_look_at(aws: Stubs, gateway: BotoGateway) -> None:
    for operation, order in (
        ("continue_deployment", actions.ContinueDeployment(deployment="d-1", wait="READY_WAIT")),
        ("stop_deployment", actions.StopDeployment(deployment="d-1")),
    ):
        aws.refuse("codedeploy", operation, "DeploymentDoesNotExistException", "No d-1")

        with pytest.raises(errors.NotFound, match="No d-1. Its application or deployment group was deleted"):
            gateway.perform(order)


def test_a_refusal_ends_with_the_fix(aws: Stubs, gateway: BotoGateway) -> None:
    aws.refuse("codedeploy", "create_deployment", "DeploymentLimitExceededException", "already has d-9")

    with pytest.raises(errors.Invalid, match="already has d-9. Wait until the other deployment"):
        gateway.perform(CREATE)


def test_continuing_what_went_on_already_is_fine(aws: Stubs, gateway: BotoGateway) -> None:
    _not_ready(aws, "Succeeded")

    assert gateway.perform(actions.ContinueDeployment(deployment="d-1", wait="READY_WAIT")) == actions.Made()


def test_continuing_too_early_is_not(aws: Stubs, gateway: BotoGateway) -> None:
    _not_ready(aws, "Pending")

    with pytest.raises(errors.Invalid):
        gateway.perform(actions.ContinueDeployment(deployment="d-1", wait="READY_WAIT"))


def _not_ready(aws: Stubs, allow_traffic: str) -> None:
    aws.refuse("codedeploy", "continue_deployment", "DeploymentIsNotInReadyStateException")
    aws.add("codedeploy", "list_deployment_targets", {"targetIds": ["shop:web"]})
    event = {"lifecycleEventName": "AllowTraffic", "status": allow_traffic}
    answer = {"deploymentTargets": [{"ecsTarget": {"targetId": "shop:web", "lifecycleEvents": [event]}}]}
    aws.add("codedeploy", "batch_get_deployment_targets", answer)


def test_stopping_rolls_back_and_forgives_an_end(aws: Stubs, gateway: BotoGateway) -> None:
    asked = {"deploymentId": "d-1", "autoRollbackEnabled": True}
    aws.add("codedeploy", "stop_deployment", {"status": "Pending"}, asked)
    aws.refuse("codedeploy", "stop_deployment", "DeploymentAlreadyCompletedException")

    for _ in range(2):
        assert gateway.perform(actions.StopDeployment(deployment="d-1")) == actions.Made()


def test_a_service_shows_what_its_primary_task_set_runs(aws: Stubs, gateway: BotoGateway) -> None:
    network = {"awsvpcConfiguration": {"subnets": ["s-2"], "securityGroups": ["sg-2"], "assignPublicIp": "DISABLED"}}
    sets = [
        {"status": "ACTIVE", "taskDefinition": "shop:3", "loadBalancers": [{"targetGroupArn": "green"}]},
        {"status": "PRIMARY", "taskDefinition": "shop:2", "platformVersion": "1.4.0", "networkConfiguration": network},
    ]
    raw = {
        "serviceName": "web",
        "serviceArn": arn("ecs", "service/shop/web"),
        "status": "ACTIVE",
        "deploymentController": {"type": "CODE_DEPLOY"},
        "taskDefinition": "shop:1",
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "taskSets": sets,
    }
    aws.add("ecs", "describe_services", {"services": [raw], "failures": []})

    service = gateway.services("shop", ["web"])["web"]

    assert (service.task_definition, service.platform_version, service.subnets) == ("shop:2", "1.4.0", ("s-2",))
    assert [(each.status, each.target_group) for each in service.task_sets] == [("ACTIVE", "green"), ("PRIMARY", "")]


def test_what_s3_has_of_a_bundle(aws: Stubs, gateway: BotoGateway) -> None:
    aws.add("s3", "head_object", {"ETag": '"0123"'}, {"Bucket": "bundles", "Key": "a.zip", "VersionId": "v1"})
    aws.refuse("s3", "head_object", "404", "Not Found", 404)
    aws.refuse("s3", "head_object", "403", "Forbidden", 403)

    assert gateway.bundle("bundles", "a.zip", "v1").etag == "0123"
    with pytest.raises(errors.NotFound):
        gateway.bundle("bundles", "a.zip")
    with pytest.raises(errors.Denied):
        gateway.bundle("bundles", "a.zip")


SHA256 = "0" * 64
IN_S3 = {"bucket": "specs", "key": "web.yaml", "bundleType": "YAML", "version": "v1"}


def test_an_appspec_is_read_by_its_sha256(aws: Stubs, gateway: BotoGateway) -> None:
    told = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": SHA256}}
    shown = {"revisionType": "AppSpecContent", "appSpecContent": {"content": "Hooks: []", "sha256": SHA256}}
    aws.add("codedeploy", "get_application_revision", {"revision": shown}, {"applicationName": "a", "revision": told})

    assert gateway.appspec("a", {**told, "appSpecContent": {"content": None, "sha256": SHA256}}) == "Hooks: []"


def test_an_appspec_in_s3_is_read_there(aws: Stubs, gateway: BotoGateway) -> None:
    wanted = {"Bucket": "specs", "Key": "web.yaml", "VersionId": "v1"}
    aws.add("s3", "get_object", {"Body": BytesIO(b"Hooks: []")}, wanted)
    aws.refuse("s3", "get_object", "NoSuchKey", "It is gone", 404)

    assert gateway.appspec("a", {"revisionType": "S3", "s3Location": IN_S3}) == "Hooks: []"
    with pytest.raises(errors.NotFound):
        gateway.appspec("a", {"revisionType": "S3", "s3Location": IN_S3})


def test_a_commit_is_no_appspec_that_can_be_read(gateway: BotoGateway) -> None:
    with pytest.raises(BadAppSpec, match="of the type GitHub, which Tealgate does not read"):
        gateway.appspec("a", {"revisionType": "GitHub", "gitHubLocation": {}})
