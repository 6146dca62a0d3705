"""Servers that CodeDeploy installs on: each failure made in the account, and what people read."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from deployments.preflight.report import Level
from sandbox.world.reports import AMAZON_LINUX, revision
from tests.preflight.sandboxed import deploying
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene, eventually

BUCKET = "reports-releases"
ABSENT = [{"Key": "role", "Value": "absent", "Type": "KEY_AND_VALUE"}]
SWAPPED: dict[str, Any] = {
    "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
    "loadBalancerInfo": {"targetGroupInfoList": [{"name": "reports"}]},
}


def group(**members: Any) -> Callable[[Scene], None]:
    """Another deployment group of the application."""

    def make(scene: Scene) -> None:
        scene.change(codedeploy_group=deploying.group_of_no_instances(scene, **members))

    return make


def blue_green(fleet: str, *groups: str) -> Callable[[Scene], None]:
    ready = {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
    options = {"greenFleetProvisioningOption": {"action": fleet}, "deploymentReadyOption": ready}
    named = {"autoScalingGroups": list(groups)} if groups else {"ec2TagFilters": ABSENT}
    return group(**SWAPPED, blueGreenDeploymentConfiguration=options, **named)


def all_hosts(scene: Scene) -> None:
    codedeploy, name = scene.aws("codedeploy"), scene.name()
    codedeploy.create_deployment_config(
        deploymentConfigName=name, minimumHealthyHosts={"type": "HOST_COUNT", "value": 2}
    )
    scene.undo.callback(codedeploy.delete_deployment_config, deploymentConfigName=name)
    deploying.regroup(scene, deploymentConfigName=name)


def half_of_one(scene: Scene) -> None:
    """By the strategy that is asked for, whatever the group's own configuration is."""
    workers(scene)
    scene.change(strategy="HalfAtATime")


def measuring(auto_scaling_group: str, make: Callable[[Scene], None] | None = None) -> Callable[[Scene], None]:
    def made(scene: Scene) -> None:
        if make:
            make(scene)
        cloudwatch, name = scene.aws("cloudwatch"), scene.name()
        cloudwatch.put_metric_alarm(
            AlarmName=name, Namespace="AWS/EC2", MetricName="CPUUtilization", Statistic="Average", Period=60,
            EvaluationPeriods=1, Threshold=90, ComparisonOperator="GreaterThanThreshold",
            Dimensions=[{"Name": "AutoScalingGroupName", "Value": auto_scaling_group}],
        )  # fmt: skip
        scene.undo.callback(cloudwatch.delete_alarms, AlarmNames=[name])
        scene.change(alarms=(name,))

    return made


def workers(scene: Scene) -> str:
    """A server of its own, chosen by a tag; the name of its deployment group."""
    ec2, name = scene.aws("ec2"), scene.name()
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": name}]}]
    made = ec2.run_instances(ImageId=AMAZON_LINUX, MinCount=1, MaxCount=1, TagSpecifications=tags)["Instances"]
    scene.undo.callback(ec2.terminate_instances, InstanceIds=[each["InstanceId"] for each in made])
    chosen = [{"Key": "role", "Value": name, "Type": "KEY_AND_VALUE"}]
    group(ec2TagFilters=chosen, deploymentConfigName="CodeDeployDefault.AllAtOnce")(scene)
    return scene.settings.codedeploy_group


def installed(scene: Scene, **files: str) -> dict[str, Any]:
    """An archive on a server of its own, put there with its ETag; where it is."""
    s3, key = scene.aws("s3"), f"{scene.name()}.zip"
    location = {"bucket": BUCKET, "key": key, "bundleType": "zip", "eTag": _upload(scene, key, files)}
    scene.undo.callback(s3.delete_object, Bucket=BUCKET, Key=key)
    workers(scene)
    deployed(scene, {"revisionType": "S3", "s3Location": location}, "Succeeded")
    return location


def _upload(scene: Scene, key: str, files: dict[str, str]) -> str:
    archive = io.BytesIO()
    hooks = "".join(f"  {name}:\n    - location: {name}.sh\n" for name in files)
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("appspec.yml", "version: 0.0\nos: linux\n" + (f"hooks:\n{hooks}" if hooks else ""))
        for name, text in files.items():
            bundle.writestr(f"{name}.sh", text)
    made = scene.aws("s3").put_object(Bucket=BUCKET, Key=key, Body=archive.getvalue())
    return str(made["ETag"]).strip('"')


def deployed(scene: Scene, what: dict[str, Any], status: str) -> None:
    codedeploy = scene.aws("codedeploy")
    number = codedeploy.create_deployment(
        applicationName="reports", deploymentGroupName=scene.settings.codedeploy_group, revision=what
    )["deploymentId"]
    eventually(lambda: codedeploy.get_deployment(deploymentId=number)["deploymentInfo"]["status"] == status)


def archive_deleted(scene: Scene) -> None:
    scene.aws("s3").delete_object(Bucket=BUCKET, Key=installed(scene)["key"])


def archive_replaced(scene: Scene) -> None:
    _upload(scene, installed(scene)["key"], {"ValidateService": "#!/bin/sh\n"})


def stop_fails(scene: Scene) -> None:
    installed(scene, ApplicationStop="#!/bin/sh\nexit 3\n")
    deployed(scene, revision("1.0.0"), "Failed")


def ignored(scene: Scene) -> None:
    scene.change(ignore_stop_failures=True)


KIND, WARNING = "servers", Level.WARNING
COPY = "COPY_AUTO_SCALING_GROUP"
FAILURES = (
    Failure(
        group(ec2TagFilters=ABSENT), "instances", "instances", "chooses by 1 tag filter, so CodeDeploy would", KIND
    ),
    Failure(
        all_hosts,
        "minimum-healthy-hosts",
        "minimum-healthy-hosts",
        "keeps 2 of 2 instances healthy, so none is left to install",
        KIND,
    ),
    Failure(
        half_of_one,
        "minimum-healthy-hosts",
        "minimum-healthy-hosts",
        "CodeDeployDefault.HalfAtATime keeps 1 of 1 instance healthy, so none is left to install",
        KIND,
    ),
    Failure(
        blue_green("DISCOVER_EXISTING", "reports"),
        "fleet",
        "fleet",
        "expects its replacements to be named with each deployment (DISCOVER_EXISTING)",
        KIND,
    ),
    Failure(blue_green(COPY), "fleet", "fleet", "of which it needs exactly one, but names none", KIND),
    Failure(group(), "way-back", "way-back", "so there is nothing to go back to", KIND, WARNING),
    Failure(archive_deleted, "way-back", "way-back", "does not exist any more: neither CodeDeploy", KIND, WARNING),
    Failure(archive_replaced, "way-back", "way-back", "brought to the servers, was replaced since", KIND, WARNING),
    Failure(
        stop_fails,
        "stop-scripts",
        "stop-scripts",
        "in ApplicationStop (ApplicationStop.sh), a script of what is",
        KIND,
        WARNING,
    ),
    Failure(ignored, "stop-scripts", "stop-scripts", "The environment ignores failures to stop", KIND, WARNING),
    Failure(
        measuring("reports-of-yore"),
        "alarms-of-servers",
        "alarms-of-servers",
        "measures the Auto Scaling group reports-of-yore, but production deploys to reports",
        KIND,
        WARNING,
    ),
    Failure(
        measuring("reports", blue_green(COPY, "reports")),
        "alarms-of-servers",
        "alarms-of-servers",
        "which CodeDeploy replaces by a copy with another name",
        KIND,
        WARNING,
    ),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_servers_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)


@pytest.mark.parametrize("controller", ["servers"])
def test_what_servers_have_and_how_many_there_are_is_told(scene: Scene) -> None:
    options = {"autoScalingGroupProcessesToSuspend": ["Terminate"]}
    codedeploy = scene.aws("codedeploy")
    change = {"applicationName": "reports", "currentDeploymentGroupName": "production"}
    codedeploy.update_deployment_group(**change, ec2DeploymentOptions=options)
    none: dict[str, list[str]] = {"autoScalingGroupProcessesToSuspend": []}
    scene.undo.callback(codedeploy.update_deployment_group, **change, ec2DeploymentOptions=none)
    place = {"applicationName": "reports", "deploymentGroupName": "production"}
    eventually(lambda: "targetRevision" in codedeploy.get_deployment_group(**place)["deploymentGroupInfo"])

    said = {each.check: each.seen for each in scene.look("instances", "way-back", "minimum-healthy-hosts").results}

    assert said["instances"] == "production installs in place, on 2 instances by the Auto Scaling group reports."
    assert said["suspended-processes"] == "Meanwhile CodeDeploy suspends Terminate of the Auto Scaling group."
    assert said["minimum-healthy-hosts"] == "CodeDeployDefault.OneAtATime keeps 1 of 2 healthy."
    assert said["way-back"].startswith("The servers have s3://reports-releases/1.0.0.zip, by d-")
