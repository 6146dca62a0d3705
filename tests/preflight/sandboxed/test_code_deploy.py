"""CodeDeploy's deployment group: each failure made in the account, and what people read."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.frozen import GateSpec, SmokeSpec, WebhookSpec
from deployments.preflight.report import Level
from sandbox.world.names import REPORTS_BUCKET
from tests.preflight.sandboxed import deploying, making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene, eventually

AT_ONCE = {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
TERMINATED = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5}
KEPT = {"action": "KEEP_ALIVE"}
WAITING = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}


def change(**settings: Any) -> Callable[[Scene], None]:
    return lambda scene: scene.change(**settings)


def options(ready: dict[str, Any], end: dict[str, Any], **settings: Any) -> Callable[[Scene], None]:
    """What the group waits for, and what the environment would have it wait for."""

    def make(scene: Scene) -> None:
        chosen = {"deploymentReadyOption": ready, "terminateBlueInstancesOnDeploymentSuccess": end}
        deploying.regroup(scene, blueGreenDeploymentConfiguration=chosen)
        scene.change(**settings)

    return make


def waiting_servers(scene: Scene) -> None:
    """Servers whose replacements wait for somebody before traffic."""
    swap = {
        "deploymentReadyOption": WAITING,
        "terminateBlueInstancesOnDeploymentSuccess": TERMINATED,
        "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
    }
    name = deploying.group_of_no_instances(
        scene,
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        blueGreenDeploymentConfiguration=swap,
        loadBalancerInfo={"targetGroupInfoList": [{"name": "reports"}]},
    )
    scene.change(codedeploy_group=name)


def group_deleted(scene: Scene) -> None:
    name = deploying.group_of_no_instances(scene)
    scene.aws("codedeploy").delete_deployment_group(applicationName="reports", deploymentGroupName=name)
    scene.change(codedeploy_application="reports", codedeploy_group=name)


def of_servers(scene: Scene) -> None:
    scene.change(codedeploy_application="reports")


def of_another_service(scene: Scene) -> None:
    other = making.service(scene, deploymentController={"type": "CODE_DEPLOY"})
    deploying.regroup(scene, ecsServices=[{"serviceName": other, "clusterName": scene.settings.cluster}])


def traffic(groups: tuple[str, str], production: str, test: str = "") -> Callable[[Scene], None]:
    """The group swaps these target groups, on these listeners of the account."""

    def make(scene: Scene) -> None:
        catalog = scene.world["codedeploy"]["catalog"]
        listeners = {**catalog, "storefront": scene.production["production_listener"]}
        pair = {
            "targetGroups": [{"name": name} for name in groups],
            "prodTrafficRoute": {"listenerArns": [listeners[production]]},
            **({"testTrafficRoute": {"listenerArns": [listeners[test]]}} if test else {}),
        }
        deploying.regroup(scene, loadBalancerInfo={"targetGroupPairInfoList": [pair]})

    return make


def no_instances(scene: Scene) -> None:
    scene.change(codedeploy_group=deploying.group_of_no_instances(scene))


def running(scene: Scene) -> None:
    """A deployment that waits in Ready for somebody, of a service without tasks."""
    codedeploy = scene.aws("codedeploy")
    name = making.service(scene, deploymentController={"type": "CODE_DEPLOY"})
    deploying.regroup(scene, ecsServices=[{"serviceName": name, "clusterName": scene.settings.cluster}])
    number = deploying.deploy(scene, scene.world["codedeploy"]["catalog"]["task_definition"])

    def status() -> str:
        return str(codedeploy.get_deployment(deploymentId=number)["deploymentInfo"]["status"])

    scene.undo.callback(lambda: eventually(lambda: status() == "Stopped"))
    scene.undo.callback(codedeploy.stop_deployment, deploymentId=number, autoRollbackEnabled=False)
    eventually(lambda: status() in ("InProgress", "Ready"))


def appspec_in_s3(content: str) -> Callable[[Scene], None]:
    """The group's last deployment had its AppSpec in S3, where this is now; "" = nothing any more."""

    def make(scene: Scene) -> None:
        codedeploy, s3 = scene.aws("codedeploy"), scene.aws("s3")
        definition = scene.world["codedeploy"]["catalog"]["task_definition"]
        s3.put_object(Bucket=REPORTS_BUCKET, Key="appspec.json", Body=deploying.appspec(definition).encode())
        where = {"bucket": REPORTS_BUCKET, "key": "appspec.json", "bundleType": "JSON"}
        name = making.service(scene, deploymentController={"type": "CODE_DEPLOY"})
        deploying.regroup(scene, ecsServices=[{"serviceName": name, "clusterName": scene.settings.cluster}])
        number = deploying.deploy(scene, definition, revision={"revisionType": "S3", "s3Location": where})
        codedeploy.stop_deployment(deploymentId=number, autoRollbackEnabled=False)
        ended = ("Stopped", "Failed")
        eventually(lambda: codedeploy.get_deployment(deploymentId=number)["deploymentInfo"]["status"] in ended)
        s3.delete_object(Bucket=REPORTS_BUCKET, Key="appspec.json")
        # That deployment stays the group's last one, for all scenes after this.
        good = deploying.appspec(definition).encode()
        scene.undo.callback(s3.put_object, Bucket=REPORTS_BUCKET, Key="appspec.json", Body=good)
        if content:
            s3.put_object(Bucket=REPORTS_BUCKET, Key="appspec.json", Body=content.encode())

    return make


GATE = GateSpec(stage="PRE_PRODUCTION_TRAFFIC_SHIFT", timeout_minutes=1440)
SMOKE, HOOK = SmokeSpec(path="/healthz"), WebhookSpec(place="ci.example.com")
OURS = ("catalog-blue", "catalog-green")
LIVE, TEST = "production_listener", "test_listener"
KIND, WARNING = "CODE_DEPLOY", Level.WARNING
FAILURES = (
    Failure(
        change(cluster="", container_port=0),
        "environment-complete",
        "environment-complete",
        "has no cluster and container port, which a deployment to ECS needs",
        KIND,
    ),
    Failure(group_deleted, "deployment-group", "deployment-group", "does not exist in CodeDeploy", KIND),
    Failure(group_deleted, "deployment-group", "deployment-group", "does not exist in CodeDeploy", "servers"),
    Failure(
        of_servers,
        "deployment-group",
        "deployment-group-platform",
        "reports/production deploys to Server, but the environment says ECS",
        KIND,
    ),
    Failure(
        of_another_service,
        "deployment-group-fits",
        "deployment-group-service",
        "production deploys to storefront/case-",
        KIND,
    ),
    Failure(
        traffic(("catalog-blue", "legacy-api"), LIVE, TEST),
        "deployment-group-fits",
        "deployment-group-target-groups",
        "production swaps catalog-blue and legacy-api, but the environment's target groups are catalog-blue and",
        KIND,
    ),
    Failure(traffic(OURS, "storefront"), "deployment-group-fits", "production-listener", ", but the production", KIND),
    Failure(
        traffic(OURS, LIVE, "storefront"),
        "deployment-group-fits",
        "test-listener",
        "Name the default rule of the group's test listener",
        KIND,
    ),
    Failure(
        traffic(OURS, LIVE),
        "deployment-group-fits",
        "test-listener",
        "The environment has a test rule, but the deployment group has no test traffic route",
        KIND,
    ),
    Failure(
        change(test_rule=""),
        "deployment-group-fits",
        "test-listener",
        "but the environment names neither its rule nor its address",
        KIND,
        WARNING,
    ),
    Failure(
        options(AT_ONCE, TERMINATED, gates=(GATE,), smoke_checks=(SMOKE,), webhooks=(HOOK,)),
        "ready-option",
        "ready-option",
        "has a gate, checks and webhooks before production, but production reroutes traffic at once",
        KIND,
    ),
    Failure(
        options(WAITING, TERMINATED, gates=(GATE,)),
        "ready-option",
        "ready-option",
        "The gate may stay open for longer than the 60 min after which",
        KIND,
        WARNING,
    ),
    Failure(
        options(WAITING, TERMINATED, gates=()),
        "ready-option",
        "ready-option",
        "for somebody's approval (deploymentReadyOption STOP_DEPLOYMENT), but the environment has no gate there",
        KIND,
    ),
    Failure(
        waiting_servers,
        "ready-option",
        "ready-option",
        "for somebody's approval (deploymentReadyOption STOP_DEPLOYMENT), but the environment has no gate there",
        "servers",
    ),
    Failure(
        options(WAITING, TERMINATED, gates=(), smoke_checks=(SMOKE,)),
        "ready-option",
        "ready-option",
        "where no person is asked: Tealgate has its checks there",
        KIND,
        WARNING,
    ),
    Failure(
        change(gates=(GATE,)),
        "ready-option",
        "ready-option",
        "but production installs in place: each instance serves the release as soon as",
        "servers",
    ),
    Failure(options(WAITING, KEPT), "termination-wait", "termination-wait", "no roll back is possible", KIND, WARNING),
    Failure(
        appspec_in_s3(""),
        "appspec-hooks",
        "appspec-hooks",
        "the group's last deployment, is not there any more, so the Lambda functions that it may name",
        KIND,
        WARNING,
    ),
    Failure(
        appspec_in_s3("Hooks: [check]"),
        "appspec-hooks",
        "appspec-hooks",
        "the group's last deployment, cannot be read, so the Lambda functions that it may name",
        KIND,
    ),
    Failure(running, "code-deployment", "code-deployment", "and CodeDeploy allows one at a time", KIND),
    Failure(no_instances, "instances", "instances", "names neither tags nor an Auto Scaling group", "servers"),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_a_deployment_group_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
