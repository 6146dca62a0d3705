"""A service that CodeDeploy deploys to, built beside the seeded shop: listeners, two target groups, a group."""

from dataclasses import dataclass
from typing import Any

from deployments.catalog.models import Environment
from sandbox.account import ACCOUNT
from sandbox.server import Sandbox
from sandbox.world import CLUSTER, balancing
from sandbox.world.services import network_configuration, register
from tests.flows.clients import client

NAME = "ledger"
PORTS = (9401, 9402)


@dataclass(frozen=True)
class Ledger:
    """What was built. `group` is the last request, so that a test can change one member."""

    blue: str
    green: str
    production_rule: str
    test_rule: str
    alarm: str
    group: dict[str, Any]

    def regroup(self, **changes: Any) -> None:
        wanted = {**self.group, **changes}
        name = wanted.pop("deploymentGroupName")
        client("codedeploy").update_deployment_group(currentDeploymentGroupName=name, **wanted)


def build(sandbox: Sandbox, desired: int = 2) -> Ledger:
    world, elb = sandbox.control.world, client("elbv2")
    network, roles = world["network"], world["roles"]
    balancer = balancing.load_balancer(elb, NAME, network)
    blue, green = (balancing.target_group(elb, f"{NAME}-{slot}", network) for slot in ("blue", "green"))
    listeners = [_listener(elb, balancer, port, blue) for port in PORTS]
    alarm = f"{NAME}-5xx"
    balancing.alarm(client("cloudwatch"), alarm, balancer)
    secret = client("secretsmanager").create_secret(Name=f"{NAME}/key", SecretString="not-a-secret")["ARN"]
    client("ecs").create_service(
        cluster=CLUSTER,
        serviceName=NAME,
        taskDefinition=register(client("ecs"), NAME, roles, secret),
        desiredCount=desired,
        launchType="FARGATE",
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[{"targetGroupArn": blue, "containerName": "web", "containerPort": 8000}],
        networkConfiguration=network_configuration(network),
        healthCheckGracePeriodSeconds=30,
    )
    group = _group(listeners, _role())
    client("codedeploy").create_application(applicationName=NAME, computePlatform="ECS")
    client("codedeploy").create_deployment_group(**group)
    rules = [_default_rule(elb, listener) for listener in listeners]
    return Ledger(blue, green, rules[0], rules[1], alarm, group)


def environment(ledger: Ledger, like: Environment, sandbox: Sandbox, **changes: Any) -> Environment:
    urls = {entry["Port"]: entry["Url"] for entry in sandbox.load_balancers.listeners()}
    columns: dict[str, Any] = {
        "application": like.application,
        "name": NAME,
        "controller": "CODE_DEPLOY",
        "region": like.region,
        "cluster": CLUSTER,
        "container_name": "web",
        "container_port": 8000,
        "service": NAME,
        "codedeploy_application": NAME,
        "codedeploy_group": NAME,
        "compute_platform": "ECS",
        "blue_target_group": ledger.blue,
        "green_target_group": ledger.green,
        "production_rule": ledger.production_rule,
        "test_rule": ledger.test_rule,
        "test_url": urls[PORTS[1]],
        "production_url": urls[PORTS[0]],
        "alarms": ledger.alarm,
        "strategy": "GROUP_CONFIG",
        "scale_up_timeout_seconds": 20,
        "min_requests": 5,
        "max_5xx_percent": 5,
    }
    return Environment.objects.create(**columns | changes)


def _listener(elb: Any, balancer: str, port: int, group: str) -> str:
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    made = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=forward)
    return str(made["Listeners"][0]["ListenerArn"])


def _default_rule(elb: Any, listener: str) -> str:
    rules = elb.describe_rules(ListenerArn=listener)["Rules"]
    return str(next(rule["RuleArn"] for rule in rules if rule["IsDefault"]))


def _role() -> str:
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codedeploy.amazonaws.com"},"Action":"sts:AssumeRole"}]}'  # fmt: skip # noqa: E501
    client("iam").create_role(RoleName=f"{NAME}-codedeploy", AssumeRolePolicyDocument=trust)
    return f"arn:aws:iam::{ACCOUNT}:role/{NAME}-codedeploy"


def _group(listeners: list[str], role: str) -> dict[str, Any]:
    return {
        "applicationName": NAME,
        "deploymentGroupName": NAME,
        "serviceRoleArn": role,
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "ecsServices": [{"clusterName": CLUSTER, "serviceName": NAME}],
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "blueGreenDeploymentConfiguration": {
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 600},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
        },
        "loadBalancerInfo": {
            "targetGroupPairInfoList": [
                {
                    "targetGroups": [{"name": f"{NAME}-blue"}, {"name": f"{NAME}-green"}],
                    "prodTrafficRoute": {"listenerArns": listeners[:1]},
                    "testTrafficRoute": {"listenerArns": listeners[1:]},
                }
            ]
        },
    }
