"""Express Mode: ECS makes the way in, the alarm and the canary; the image and a task definition are its owner's."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.express import Express, answers
from tests.sandbox.native import FAST, role
from tests.sandbox.shop import CLUSTER


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=FAST, applications=("storefront",)) as running:
        yield running


@pytest.fixture(scope="module")
def shop(sandbox: Sandbox) -> Express:
    return Express(sandbox)


def test_a_new_service_answers_by_its_own_name_behind_what_ecs_made(shop: Express) -> None:
    made, shown = shop.made(), shop.service()

    assert shop.version() == "1.0.0"
    assert answers(shop.sandbox, made["ingressPaths"][0]["listener"]["arn"], "somebody.else") == "HTTP 404"
    assert shown["resourceManagementType"] == "ECS"
    assert len(made["ingressPaths"][0]["targetGroups"]) == 2
    alarm = made["metricAlarms"][0]["arn"].rpartition(":")[2]
    found = shop.sandbox.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]
    assert (found["DatapointsToAlarm"], found["EvaluationPeriods"], found["Threshold"]) == (2, 3, 1.0)
    (active,) = shop.described()["activeConfigurations"]
    assert active["primaryContainer"]["image"].endswith("storefront:1.0.0")


def test_an_update_goes_by_a_canary_of_five_percent_and_loses_no_request(sandbox: Sandbox) -> None:
    shop = Express(sandbox)
    with shop.traffic() as seen:
        deployment = shop.deploy("1.1.0")
        eventually(lambda: shop.at(deployment)["targetServiceRevision"].get("requestedProductionTrafficWeight") == 5.0)
        shop.until(deployment, "SUCCESSFUL")

    assert set(seen) == {"1.0.0", "1.1.0"}
    assert shop.version() == "1.1.0"


def test_what_answers_4xx_or_5xx_is_turned_back_by_the_alarm_that_ecs_made(sandbox: Sandbox) -> None:
    shop = Express(sandbox)
    with shop.traffic():
        deployment = shop.deploy("1.2.0")
        ended = shop.until(deployment, "ROLLBACK_SUCCESSFUL")

    assert ended["alarms"]["triggeredAlarmNames"] == [f"ecs-express-{CLUSTER}-{shop.name}-rollback"]
    assert shop.version() == "1.0.0"


def test_a_task_definition_may_be_given_where_it_has_a_container_main(sandbox: Sandbox, shop: Express) -> None:
    live = shop.described()["activeConfigurations"][0]["taskDefinitionArn"]
    other = sandbox.control.world["task_definition"]

    with pytest.raises(ClientError, match="must have a container named Main"):
        shop.update(taskDefinitionArn=other)
    with pytest.raises(ClientError, match="You cannot specify cpu together with taskDefinitionArn"):
        shop.update(taskDefinitionArn=live, cpu="512")
    assert shop.update(taskDefinitionArn=live) == shop.first  # nothing changes, so nothing is deployed


def test_nobody_else_changes_it(shop: Express) -> None:
    with pytest.raises(ClientError, match="Use UpdateExpressGatewayService"):
        shop.ecs.update_service(cluster=CLUSTER, service=shop.name, desiredCount=3)
    with pytest.raises(ClientError, match="Use DeleteExpressGatewayService"):
        shop.ecs.delete_service(cluster=CLUSTER, service=shop.name, force=True)


def test_a_role_that_may_not_shift_traffic_fails_the_deployment(sandbox: Sandbox) -> None:
    shop = Express(sandbox, infrastructureRoleArn=role(sandbox))
    shop.sandbox.client("iam").delete_role_policy(
        RoleName=shop.described()["infrastructureRoleArn"].rpartition("/")[2], PolicyName="shift"
    )

    ended = shop.until(shop.deploy("1.1.0"), "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")

    assert "missing permissions on ECS Infrastructure Role" in ended["statusReason"]


def test_what_is_deleted_takes_its_rule_and_target_groups_with_it(sandbox: Sandbox) -> None:
    shop = Express(sandbox)
    path, elb = shop.made()["ingressPaths"][0], sandbox.client("elbv2")

    shop.ecs.delete_express_gateway_service(serviceArn=shop.arn)

    with pytest.raises(ClientError, match="RuleNotFound"):
        elb.describe_rules(RuleArns=[path["rule"]["arn"]])
    with pytest.raises(ClientError, match="TargetGroupNotFound"):
        elb.describe_target_groups(TargetGroupArns=[path["targetGroups"][0]["arn"]])
    assert shop.service()["status"] in ("DRAINING", "INACTIVE")
    listed = shop.ecs.list_services(cluster=CLUSTER, resourceManagementType="ECS")["serviceArns"]
    assert shop.arn not in listed
