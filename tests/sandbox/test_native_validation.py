"""What is refused at once, and what ends a deployment with a statusReason."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of
from tests.sandbox.native import FAST, Native, pause
from tests.sandbox.shop import CLUSTER, network, registered

SCALE = FAST
LISTENER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/x/1/2"


@pytest.fixture(scope="module")
def native(sandbox: Sandbox) -> Native:
    made = Native(sandbox, strategy="BLUE_GREEN")
    made.ecs = client_of(sandbox, "ecs")
    return made


@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        ({"bakeTimeInMinutes": 1441}, "bakeTimeInMinutes must be between 0 and 1440"),
        ({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.9}}, "stepPercent must be between"),
        ({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.01}}, "canaryPercent must be between"),
        (
            {"strategy": "CANARY", "canaryConfiguration": {"canaryBakeTimeInMinutes": -1}},
            "canaryBakeTimeInMinutes must be between",
        ),
        ({"lifecycleHooks": [pause("TEST_TRAFFIC_SHIFT")]}, "not supported at the lifecycle stage TEST_TRAFFIC_SHIFT"),
        ({"lifecycleHooks": [pause("PRODUCTION_TRAFFIC_SHIFT")]}, "stage PRODUCTION_TRAFFIC_SHIFT"),
        ({"lifecycleHooks": [pause("BAKE_TIME")]}, "stage BAKE_TIME"),
        ({"lifecycleHooks": [pause("PRE_SCALE_UP", minutes=20161)]}, "timeoutInMinutes must be between 1 and 20160"),
        ({"lifecycleHooks": [pause("PRE_SCALE_UP")] * 11}, "at most 10 lifecycle hooks"),
        ({"alarms": {"alarmNames": [], "enable": True, "rollback": True}}, "alarmNames must not be empty"),
    ],
)
def test_a_deployment_configuration_is_checked_at_once(
    native: Native, configuration: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(native.ecs.exceptions.InvalidParameterException, match=sentence.replace("(", r"\(")):
        native.update(deploymentConfiguration=configuration)


@pytest.mark.parametrize("missing", ["hookTargetArn", "roleArn"])
def test_a_lambda_hook_needs_its_function_and_a_role(native: Native, missing: str) -> None:
    hook = {
        "hookTargetArn": "arn:aws:lambda:us-east-1:123456789012:function:check",
        "roleArn": native.role,
        "lifecycleStages": ["POST_SCALE_UP"],
    }

    with pytest.raises(native.ecs.exceptions.InvalidParameterException, match=f"{missing} is required for lifecycle"):
        native.update(deploymentConfiguration={"lifecycleHooks": [{**hook, missing: ""}]})


def test_a_new_configuration_alone_starts_no_deployment(native: Native) -> None:
    current = native.current()

    after = native.update(deploymentConfiguration={"bakeTimeInMinutes": 0}, desiredCount=1)

    assert after == current


Change = Callable[[Native], dict[str, Any]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda native: {"productionListenerRule": LISTENER},
            "productionListenerRule has an invalid ARN format. Must be",
        ),
        (lambda native: {"testListenerRule": LISTENER}, f"testListenerRule has an invalid ARN format.*Got: {LISTENER}"),
        (
            lambda native: {"testListenerRule": native.production},
            "The following rules cannot be used as both production and test listener rules: arn:aws",
        ),
        (lambda native: {"alternateTargetGroupArn": native.blue}, "Duplicate targetGroupArn found: arn:aws"),
        (lambda native: {"roleArn": ""}, "roleArn is required in advancedConfiguration"),
    ],
)
def test_an_advanced_configuration_is_checked_at_once(native: Native, change: Change, sentence: str) -> None:
    with pytest.raises(native.ecs.exceptions.InvalidParameterException, match=sentence):
        native.update(loadBalancers=[native.load_balancer(**change(native))])


def test_every_load_balancer_has_an_advanced_configuration_or_none(native: Native) -> None:
    plain = {key: value for key, value in native.load_balancer().items() if key != "advancedConfiguration"}

    with pytest.raises(
        native.ecs.exceptions.InvalidParameterException, match="advancedConfiguration field is required"
    ):
        native.update(loadBalancers=[plain])
    with pytest.raises(native.ecs.exceptions.InvalidParameterException, match="Either all or none"):
        native.update(loadBalancers=[native.load_balancer(), {**plain, "targetGroupArn": native.green}])


def test_a_production_rule_that_serves_two_groups_ends_the_first_deployment(sandbox: Sandbox, native: Native) -> None:
    ended = _created_with(sandbox, native, _weighted(native, 50, 50))

    assert ended["status"] == "ROLLBACK_FAILED"
    sentence = "should have exactly one target group serving traffic but found 2 target groups which are serving"
    assert sentence in ended["statusReason"]


def test_a_production_rule_that_serves_the_other_group_ends_the_first_deployment(
    sandbox: Sandbox, native: Native
) -> None:
    ended = _created_with(sandbox, native, _weighted(native, 0, 1))

    assert "Production listener rule is forwarding traffic to unexpected target group" in ended["statusReason"]


def test_a_production_rule_without_the_alternate_group_needs_a_test_rule(sandbox: Sandbox, native: Native) -> None:
    alone = [{"TargetGroupArn": native.blue, "Weight": 1}]

    ended = _created_with(sandbox, native, alone, testListenerRule=None)

    assert ended["statusReason"].startswith("For Application LoadBalancer, testListenerRule is required when")


def test_a_group_that_no_rule_names_ends_the_deployment(sandbox: Sandbox, native: Native) -> None:
    alone = [{"TargetGroupArn": native.blue, "Weight": 1}]
    native.elb.modify_rule(RuleArn=native.test, Actions=[_forward(alone)])

    ended = _created_with(sandbox, native, alone)

    assert "is not associated with either productionListenerRule or testListenerRule." in ended["statusReason"]


def _weighted(native: Native, blue: int, green: int) -> list[dict[str, Any]]:
    return [{"TargetGroupArn": native.blue, "Weight": blue}, {"TargetGroupArn": native.green, "Weight": green}]


def _forward(groups: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def _created_with(sandbox: Sandbox, native: Native, production: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """The end of the first deployment of a service whose production rule forwards like this."""
    native.elb.modify_rule(RuleArn=native.production, Actions=[_forward(production)])
    balancer = native.load_balancer(**changes)
    advanced = balancer["advancedConfiguration"]
    balancer["advancedConfiguration"] = {key: value for key, value in advanced.items() if value is not None}
    created = native.ecs.create_service(
        cluster=CLUSTER,
        serviceName=f"wrong-{registered(native.ecs, '1.0.0').rpartition('/')[2].replace(':', '-')}",
        taskDefinition=registered(native.ecs, "1.0.0"),
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=network(sandbox),
        loadBalancers=[balancer],
        deploymentConfiguration={"strategy": "BLUE_GREEN"},
    )["service"]
    return native.until(created["currentServiceDeployment"], "ROLLBACK_FAILED")
