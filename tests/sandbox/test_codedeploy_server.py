"""Deployments to instances: in place and blue/green, with real servers behind a real load balancer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.account import REGION
from sandbox.codedeploy.server.fleet import in_auto_scaling
from sandbox.server import Sandbox
from sandbox.world.names import REPORTS_BUCKET, REPORTS_PORT
from sandbox.world.reports import bundle, revision
from tests.sandbox.conftest import EPHEMERAL, eventually
from tests.sandbox.releases import Visitors, diagnosis, info, instances, over, reached, succeeded, version_at

UNFINISHED = ["Created", "Queued", "InProgress", "Ready"]
GROUP = {"applicationName": "reports", "deploymentGroupName": "production"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=60, listener_ports=EPHEMERAL, applications=["reports"]) as running:
        first = running.client("codedeploy").list_deployments(**GROUP)["deployments"][0]
        succeeded(running.client("codedeploy"), first)
        yield running


@pytest.fixture
def codedeploy(client: Any) -> Any:
    """With the group at rest and as it was made, whatever the test before this one came to."""
    asked, scaling = client("codedeploy"), client("autoscaling")
    for number in asked.list_deployments(**GROUP, includeOnlyStatuses=UNFINISHED)["deployments"]:
        asked.stop_deployment(deploymentId=number, autoRollbackEnabled=False)
        over(asked, number)
    asked.update_deployment_group(
        applicationName="reports",
        currentDeploymentGroupName="production",
        deploymentConfigName="CodeDeployDefault.OneAtATime",
        deploymentStyle={"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        ec2DeploymentOptions={"autoScalingGroupProcessesToSuspend": []},
    )
    name = scaled_by(asked)
    scaling.resume_processes(AutoScalingGroupName=name)
    scaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=2)
    return asked


def scaled_by(codedeploy: Any) -> str:
    """The name of the Auto Scaling group whose instances are deployed to."""
    return str(codedeploy.get_deployment_group(**GROUP)["deploymentGroupInfo"]["autoScalingGroups"][0]["name"])


@contextmanager
def without_bundle(s3: Any, version: str) -> Iterator[None]:
    """Others roll back to it, and install it on instances that come later."""
    where = {"Bucket": REPORTS_BUCKET, "Key": f"{version}.zip"}
    s3.delete_object(**where)
    try:
        yield
    finally:
        s3.put_object(**where, Body=bundle(version))


def deployed(codedeploy: Any, where: dict[str, Any], **options: Any) -> str:
    return str(codedeploy.create_deployment(**GROUP, revision=where, **options)["deploymentId"])


def test_one_at_a_time_in_place_loses_no_request(sandbox: Sandbox, codedeploy: Any) -> None:
    before = version_at(sandbox, REPORTS_PORT)
    new = "1.0.0" if before == "1.1.0" else "1.1.0"

    with Visitors(sandbox, REPORTS_PORT) as visitors:
        number = deployed(codedeploy, revision(new))
        ended = succeeded(codedeploy, number)

    assert ended["deploymentOverview"]["Succeeded"] == 2
    assert set(visitors.seen) == {before, new}
    first = instances(codedeploy, number)[0]["lifecycleEvents"]
    assert [each["lifecycleEventName"] for each in first][:4] == [
        "BeforeBlockTraffic",
        "BlockTraffic",
        "AfterBlockTraffic",
        "ApplicationStop",
    ]
    assert {each["status"] for each in first} == {"Succeeded"}
    assert version_at(sandbox, REPORTS_PORT) == new


def test_a_failing_script_fails_the_deployment_and_the_last_revision_comes_back(
    sandbox: Sandbox, codedeploy: Any
) -> None:
    before = version_at(sandbox, REPORTS_PORT)

    with Visitors(sandbox, REPORTS_PORT) as visitors:
        number = deployed(codedeploy, revision("1.2.0"))
        ended = over(codedeploy, number)
        undone = succeeded(codedeploy, ended["rollbackInfo"]["rollbackDeploymentId"])

    assert (ended["status"], ended["errorInformation"]["code"]) == ("Failed", "HEALTH_CONSTRAINTS")
    failed, untouched = instances(codedeploy, number)
    assert (failed["status"], untouched["status"]) == ("Failed", "Skipped")
    seen = diagnosis(failed)
    assert (seen["event"], seen["errorCode"], seen["scriptName"]) == (
        "AfterInstall",
        "ScriptFailed",
        "scripts/migrate.sh",
    )
    assert seen["message"] == "Script at specified location: scripts/migrate.sh failed with exit code 1"
    assert "IntegrityError" in seen["logTail"]
    assert (undone["status"], undone["creator"]) == ("Succeeded", "codeDeployRollback")
    assert undone["rollbackInfo"]["rollbackTriggeringDeploymentId"] == number
    assert set(visitors.seen) == {before}


def test_blue_green_moves_to_a_copied_auto_scaling_group(client: Any, sandbox: Sandbox, codedeploy: Any) -> None:
    with_gate = {
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60},
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
        "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
    }
    codedeploy.update_deployment_group(
        applicationName="reports",
        currentDeploymentGroupName="production",
        deploymentConfigName="CodeDeployDefault.HalfAtATime",
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        blueGreenDeploymentConfiguration=with_gate,
    )
    name = scaled_by(codedeploy)
    originals, before = in_auto_scaling(REGION, [name]), version_at(sandbox, REPORTS_PORT)
    new = "1.0.0" if before == "1.1.0" else "1.1.0"

    with Visitors(sandbox, REPORTS_PORT) as visitors:
        number = deployed(codedeploy, revision(new))
        reached(codedeploy, number, "Ready")
        assert version_at(sandbox, REPORTS_PORT) == before
        codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="READY_WAIT")
        eventually(lambda: info(codedeploy, number)["instanceTerminationWaitTimeStarted"])
        codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="TERMINATION_WAIT")
        succeeded(codedeploy, number)

    labels = sorted(each["instanceLabel"] for each in instances(codedeploy, number))
    assert labels == ["Blue", "Blue", "Green", "Green"]
    groups = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [each["AutoScalingGroupName"] for each in groups] == [f"CodeDeploy_production_{number}"]
    eventually(lambda: not {each.id for each in sandbox.codedeploy.fleet.running()} & set(originals))
    assert set(visitors.seen) == {before, new}


def test_an_instance_that_is_scaled_out_gets_the_last_revision(client: Any, sandbox: Sandbox, codedeploy: Any) -> None:
    name = scaled_by(codedeploy)

    client("autoscaling").set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)

    latest = eventually(
        lambda: next(
            (
                each
                for each in codedeploy.list_deployments(**GROUP)["deployments"]
                if info(codedeploy, each)["creator"] == "autoscaling"
            ),
            "",
        )
    )
    succeeded(codedeploy, latest)
    assert len(instances(codedeploy, latest)) == 1


def test_a_bundle_is_the_same_every_time() -> None:
    assert bundle("1.0.0") == bundle("1.0.0")


def test_a_restart_installs_what_is_on_the_instances_without_its_bundle(
    sandbox: Sandbox, client: Any, codedeploy: Any
) -> None:
    before = version_at(sandbox, REPORTS_PORT)
    succeeded(codedeploy, deployed(codedeploy, revision(before)))

    with without_bundle(client("s3"), before):
        number = codedeploy.create_deployment(**GROUP, deploymentMode="RESTART")["deploymentId"]
        ended = succeeded(codedeploy, number)

    assert ended["deploymentMode"] == "RESTART"
    assert ended["revision"]["s3Location"] == revision(before)["s3Location"]
    assert {each["status"] for each in instances(codedeploy, number)[0]["lifecycleEvents"]} == {"Succeeded"}
    assert version_at(sandbox, REPORTS_PORT) == before
    with pytest.raises(ClientError, match="A revision must not be specified"):
        deployed(codedeploy, revision("1.0.0"), deploymentMode="RESTART")


def test_processes_of_auto_scaling_are_suspended_meanwhile_and_those_of_its_owner_stay_so(
    client: Any, codedeploy: Any
) -> None:
    def suspended() -> set[str]:
        (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return {each["ProcessName"] for each in group["SuspendedProcesses"]}

    name = scaled_by(codedeploy)
    scaling, change = client("autoscaling"), {"applicationName": "reports", "currentDeploymentGroupName": "production"}
    scaling.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["ScheduledActions"])
    options = {"autoScalingGroupProcessesToSuspend": ["Terminate", "ScheduledActions"]}
    codedeploy.update_deployment_group(**change, ec2DeploymentOptions=options)
    assert codedeploy.get_deployment_group(**GROUP)["deploymentGroupInfo"]["ec2DeploymentOptions"] == options

    number = deployed(codedeploy, revision("1.0.0"))
    eventually(lambda: suspended() == {"Terminate", "ScheduledActions"})
    ended = succeeded(codedeploy, number)

    assert ended["ec2DeploymentOptions"] == options
    assert suspended() == {"ScheduledActions"}
    with pytest.raises(ClientError, match="Reboot is not one of Terminate"):
        bad = {"autoScalingGroupProcessesToSuspend": ["Reboot"]}
        deployed(codedeploy, revision("1.0.0"), ec2DeploymentOptions=bad)
