"""Short ways to say what tests of CodeDeploy do."""

import hashlib
import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.server import Sandbox
from sandbox.world.catalog import REGISTRABLE
from tests.sandbox.conftest import EPHEMERAL, eventually

GROUP = {"applicationName": "catalog", "deploymentGroupName": "production"}
TARGET = "storefront:catalog"
OVER = ("Succeeded", "Failed", "Stopped")
AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"
CANARY = "TenPercentForAMinute"  # made by catalog_running
PRODUCTION, TEST = 8087, 8088


@contextmanager
def catalog_running() -> Iterator[Sandbox]:
    """A sandbox whose catalog answers, with a canary that takes a second."""
    with Sandbox(scale=60, listener_ports=EPHEMERAL, applications=["catalog"]) as running:
        running.client("codedeploy").create_deployment_config(
            deploymentConfigName=CANARY,
            computePlatform="ECS",
            trafficRoutingConfig={
                "type": "TimeBasedCanary",
                "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 1},
            },
        )
        eventually(lambda: all_answer(running, PRODUCTION, "1.0.0"))
        yield running


def settle(codedeploy: Any) -> None:
    """Leave nothing running to the next test."""
    unfinished = ["Created", "Queued", "InProgress", "Ready"]
    for number in codedeploy.list_deployments(**GROUP, includeOnlyStatuses=unfinished)["deployments"]:
        over(codedeploy, number)


class Visitors:
    """Two clients who count every answer by its version, or by what went wrong."""

    def __init__(self, sandbox: Sandbox, aws_port: int) -> None:
        listeners = sandbox.load_balancers.listeners()
        self._port = next(each["LocalPort"] for each in listeners if each["Port"] == aws_port)
        self.seen: Counter[str] = Counter()
        self._leave = threading.Event()
        self._threads = [threading.Thread(target=self._browse) for _ in range(2)]

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._leave.set()
        for thread in self._threads:
            thread.join()

    def _browse(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        while not self._leave.wait(0.02):
            self.seen[_version(connection)] += 1
        connection.close()


def version_at(sandbox: Sandbox, aws_port: int) -> str:
    listeners = sandbox.load_balancers.listeners()
    port = next(each["LocalPort"] for each in listeners if each["Port"] == aws_port)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        return _version(connection)
    finally:
        connection.close()


def all_answer(sandbox: Sandbox, aws_port: int, version: str) -> bool:
    """Each of the two targets, whose turns come one after the other: of a service that starts one is there first."""
    return all(version_at(sandbox, aws_port) == version for _ in range(4))


def _version(connection: http.client.HTTPConnection) -> str:
    connection.request("GET", "/version")
    response = connection.getresponse()
    body = response.read().decode()
    return body if response.status == 200 else f"HTTP {response.status}"


def task_definition(ecs: Any, version: str) -> str:
    current = ecs.describe_task_definition(taskDefinition="catalog:1")["taskDefinition"]
    body = {name: current[name] for name in REGISTRABLE}
    container = body["containerDefinitions"][0]
    container["image"] = container["image"].rpartition(":")[0] + f":{version}"
    return str(ecs.register_task_definition(family="catalog", **body)["taskDefinition"]["taskDefinitionArn"])


def appspec(definition: str, **hooks: str) -> str:
    properties = {
        "TaskDefinition": definition,
        "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 8000},
    }
    return json.dumps(
        {
            "version": 0.0,
            "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}],
            "Hooks": [{name: function} for name, function in hooks.items()],
        }
    )


def revision(content: str) -> dict[str, Any]:
    digest = hashlib.sha256(content.encode()).hexdigest()
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": digest}}


def deployed(codedeploy: Any, definition: str, config: str = AT_ONCE, **options: Any) -> str:
    """The id of a new deployment of the catalog."""
    created = codedeploy.create_deployment(
        **GROUP, deploymentConfigName=config, revision=revision(appspec(definition)), **options
    )
    return str(created["deploymentId"])


def info(codedeploy: Any, number: str) -> dict[str, Any]:
    return dict(codedeploy.get_deployment(deploymentId=number)["deploymentInfo"])


def reached(codedeploy: Any, number: str, *statuses: str, within: float = 60) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        seen = info(codedeploy, number)
        assert seen["status"] in statuses or seen["status"] not in OVER, seen
        return seen if seen["status"] in statuses else {}

    return eventually(read, within=within)


def over(codedeploy: Any, number: str) -> dict[str, Any]:
    return reached(codedeploy, number, *OVER)


def succeeded(codedeploy: Any, number: str) -> dict[str, Any]:
    """Says of one that did not what happened on its instances."""
    ended = over(codedeploy, number)
    if ended["status"] != "Succeeded":
        happened = {each["targetId"]: each["lifecycleEvents"] for each in instances(codedeploy, number)}
        raise AssertionError(f"{number} is {ended['status']}: {ended.get('errorInformation')}, {happened}")
    return ended


def target(codedeploy: Any, number: str) -> dict[str, Any]:
    found = codedeploy.get_deployment_target(deploymentId=number, targetId=TARGET)
    return dict(found["deploymentTarget"]["ecsTarget"])


def events(described: dict[str, Any]) -> dict[str, str]:
    return {each["lifecycleEventName"]: each["status"] for each in described["lifecycleEvents"]}


def weights(sandbox: Sandbox, listener: str) -> dict[str, int]:
    """Of a listener's default action, by the name of the target group."""
    found = sandbox.client("elbv2").describe_listeners(ListenerArns=[listener])["Listeners"][0]
    shares = found["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    return {each["TargetGroupArn"].split("/")[1]: each["Weight"] for each in shares}


def configure(codedeploy: Any, *, gate: int = 0, wait: int = 1, end: str = "TERMINATE", **fields: Any) -> None:
    ready: dict[str, Any] = {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
    if gate:
        ready = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": gate}
    codedeploy.update_deployment_group(
        applicationName="catalog",
        currentDeploymentGroupName="production",
        blueGreenDeploymentConfiguration={
            "deploymentReadyOption": ready,
            "terminateBlueInstancesOnDeploymentSuccess": {"action": end, "terminationWaitTimeInMinutes": wait},
        },
        autoRollbackConfiguration={
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
        },
        **fields,
    )


def serving(sandbox: Sandbox) -> str:
    """The name of the target group of the primary task set."""
    described = sandbox.client("ecs").describe_services(cluster="storefront", services=["catalog"])
    sets = described["services"][0]["taskSets"]
    primary = next(each for each in sets if each["status"] == "PRIMARY")
    return str(primary["loadBalancers"][0]["targetGroupArn"].split("/")[1])


def other(group: str) -> str:
    return "catalog-green" if group == "catalog-blue" else "catalog-blue"


def events_of(codedeploy: Any, number: str) -> dict[str, str]:
    if info(codedeploy, number)["status"] in ("Created", "Queued"):
        return {}
    return events(target(codedeploy, number))


def instances(codedeploy: Any, number: str) -> list[dict[str, Any]]:
    ids = codedeploy.list_deployment_targets(deploymentId=number)["targetIds"]
    found = codedeploy.batch_get_deployment_targets(deploymentId=number, targetIds=ids)["deploymentTargets"]
    return [dict(each["instanceTarget"]) for each in found]


def diagnosis(described: dict[str, Any]) -> dict[str, Any]:
    failed = next(each for each in described["lifecycleEvents"] if each["status"] == "Failed")
    return {"event": failed["lifecycleEventName"], **failed["diagnostics"]}
