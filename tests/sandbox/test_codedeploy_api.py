"""CodeDeploy's configurations, groups and tags: what is kept, and what is refused."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.releases import GROUP
from tests.sandbox.shop import CLUSTER, network, registered

APPLICATIONS = ("storefront", "legacy-api", "catalog")
PREDEFINED = {
    "CodeDeployDefault.ECSAllAtOnce": {"type": "AllAtOnce"},
    "CodeDeployDefault.ECSCanary10Percent15Minutes": {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 15},
    },
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 3},
    },
}


@pytest.fixture
def codedeploy(client: Any) -> Any:
    return client("codedeploy")


def group_like(codedeploy: Any, **changes: Any) -> dict[str, Any]:
    """A request for another group like the catalog's."""
    known = codedeploy.get_deployment_group(**GROUP)["deploymentGroupInfo"]
    names = ("serviceRoleArn", "deploymentStyle", "ecsServices", "loadBalancerInfo", "blueGreenDeploymentConfiguration")
    return {name: known[name] for name in names} | GROUP | {"deploymentGroupName": "other"} | changes


def test_the_predefined_configurations_are_there(codedeploy: Any) -> None:
    names = codedeploy.list_deployment_configs()["deploymentConfigsList"]

    assert len([name for name in names if name.startswith("CodeDeployDefault.")]) == 8
    for name, routing in PREDEFINED.items():
        found = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
        assert (found["trafficRoutingConfig"], found["computePlatform"]) == (routing, "ECS")


def test_a_custom_configuration_is_kept_until_it_is_deleted(codedeploy: Any) -> None:
    routing = {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 25, "canaryInterval": 2}}
    name = "Quarter"

    codedeploy.create_deployment_config(deploymentConfigName=name, computePlatform="ECS", trafficRoutingConfig=routing)

    found = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
    assert found["trafficRoutingConfig"] == routing
    codedeploy.delete_deployment_config(deploymentConfigName=name)
    with pytest.raises(codedeploy.exceptions.DeploymentConfigDoesNotExistException):
        codedeploy.get_deployment_config(deploymentConfigName=name)


@pytest.mark.parametrize("percentage", [0, 100])
def test_a_canary_has_a_share_between_none_and_all(codedeploy: Any, percentage: int) -> None:
    routing = {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": percentage, "canaryInterval": 2}}

    with pytest.raises(codedeploy.exceptions.InvalidTrafficRoutingConfigurationException):
        codedeploy.create_deployment_config(
            deploymentConfigName="Wrong", computePlatform="ECS", trafficRoutingConfig=routing
        )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"deploymentGroupName": "production"}, "DeploymentGroupAlreadyExistsException"),
        ({"serviceRoleArn": "arn:aws:iam::123456789012:role/nobody"}, "InvalidRoleException"),
        ({"deploymentConfigName": "nothing"}, "DeploymentConfigDoesNotExistException"),
        ({}, "ECSServiceMappingLimitExceededException"),
        ({"ecsServices": []}, "InvalidECSServiceException"),
        ({"ecsServices": [{"clusterName": CLUSTER, "serviceName": "nobody"}]}, "InvalidECSServiceException"),
        ({"ecsServices": [{"clusterName": CLUSTER, "serviceName": "legacy-api"}]}, "InvalidECSServiceException"),
        (
            {"deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"}},
            "InvalidDeploymentStyleException",
        ),
        ({"blueGreenDeploymentConfiguration": {}}, "InvalidBlueGreenDeploymentConfigurationException"),
        ({"applicationName": "nothing"}, "ApplicationDoesNotExistException"),
    ],
)
def test_a_group_that_makes_no_sense_is_refused(codedeploy: Any, changes: dict[str, Any], error: str) -> None:
    with pytest.raises(ClientError) as refused:
        codedeploy.create_deployment_group(**group_like(codedeploy, **changes))

    assert refused.value.response["Error"]["Code"] == error


def test_a_group_that_waits_for_nobody_says_zero_minutes(codedeploy: Any) -> None:
    ready, end = "deploymentReadyOption", "terminateBlueInstancesOnDeploymentSuccess"
    codedeploy.update_deployment_group(
        applicationName=GROUP["applicationName"],
        currentDeploymentGroupName=GROUP["deploymentGroupName"],
        blueGreenDeploymentConfiguration={
            ready: {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
            end: {"action": "KEEP_ALIVE"},
        },
    )

    found = codedeploy.get_deployment_group(**GROUP)["deploymentGroupInfo"]["blueGreenDeploymentConfiguration"]
    assert found[ready] == {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}
    assert found[end] == {"action": "KEEP_ALIVE", "terminationWaitTimeInMinutes": 0}


def test_a_target_group_pair_has_two_groups_that_exist(codedeploy: Any, ecs: Any, sandbox: Sandbox) -> None:
    blue = sandbox.control.world["codedeploy"]["catalog"]["target_groups"]["blue"]
    ecs.create_service(
        cluster=CLUSTER,
        serviceName="other",
        taskDefinition=registered(ecs, "1.0.0"),
        desiredCount=0,
        launchType="FARGATE",
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[{"targetGroupArn": blue, "containerName": "web", "containerPort": 8000}],
        networkConfiguration=network(sandbox),
    )
    request = group_like(codedeploy, ecsServices=[{"clusterName": CLUSTER, "serviceName": "other"}])
    request["loadBalancerInfo"]["targetGroupPairInfoList"][0]["targetGroups"][1]["name"] = "missing"

    with pytest.raises(codedeploy.exceptions.InvalidTargetGroupPairException):
        codedeploy.create_deployment_group(**request)


def test_groups_are_listed_described_and_deleted(codedeploy: Any) -> None:
    assert codedeploy.list_deployment_groups(applicationName="catalog")["deploymentGroups"] == ["production"]

    found = codedeploy.batch_get_deployment_groups(
        applicationName="catalog", deploymentGroupNames=["production", "missing"]
    )

    assert [each["deploymentGroupName"] for each in found["deploymentGroupsInfo"]] == ["production"]
    assert "missing" in found["errorMessage"]
    assert codedeploy.delete_deployment_group(applicationName="catalog", deploymentGroupName="missing")


def test_the_deployer_may_deploy_the_catalog_and_nothing_else(client: Any, sandbox: Sandbox) -> None:
    prefix = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:"
    answer = client("iam").simulate_principal_policy(
        PolicySourceArn=sandbox.control.world["roles"]["deployer"],
        ActionNames=["codedeploy:CreateDeployment", "codedeploy:DeleteDeploymentGroup"],
        ResourceArns=[f"{prefix}catalog/production", f"{prefix}elsewhere/production"],
    )

    decisions = {
        (each["EvalActionName"].split(":")[1], one["EvalResourceName"].removeprefix(prefix)): one[
            "EvalResourceDecision"
        ]
        for each in answer["EvaluationResults"]
        for one in each["ResourceSpecificResults"]
    }
    assert decisions.pop(("CreateDeployment", "catalog/production")) == "allowed"
    assert set(decisions.values()) == {"implicitDeny"}


def test_tags_belong_to_applications_and_groups(codedeploy: Any) -> None:
    arn = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:catalog/production"
    codedeploy.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "shop"}])

    assert codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "shop"}]
    with pytest.raises(codedeploy.exceptions.InvalidArnException):
        codedeploy.list_tags_for_resource(ResourceArn="arn:aws:s3:::bucket")
