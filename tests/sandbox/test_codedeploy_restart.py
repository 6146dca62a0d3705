"""Going on after a restart: what was deployed stays deployed."""

from pathlib import Path

from sandbox.server import Sandbox
from tests.sandbox.conftest import EPHEMERAL, eventually
from tests.sandbox.releases import AT_ONCE, GROUP, deployed, info, over, task_definition, version_at, weights

REPORTS = {"applicationName": "reports", "deploymentGroupName": "production"}


def opened(directory: Path) -> Sandbox:
    return Sandbox(scale=120, listener_ports=EPHEMERAL, applications=["catalog", "reports"], state=directory)


def test_a_deployment_is_remembered_with_its_traffic(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        eventually(lambda: version_at(first, 8087) == "1.0.0")
        codedeploy = first.client("codedeploy")
        done = deployed(codedeploy, task_definition(first.client("ecs"), "1.1.0"), AT_ONCE)
        eventually(lambda: info(codedeploy, done)["status"] == "Ready")
        codedeploy.continue_deployment(deploymentId=done, deploymentWaitType="READY_WAIT")
        eventually(lambda: info(codedeploy, done)["instanceTerminationWaitTimeStarted"])
        codedeploy.continue_deployment(deploymentId=done, deploymentWaitType="TERMINATION_WAIT")
        before = over(codedeploy, done)
        cut_off = deployed(codedeploy, task_definition(first.client("ecs"), "1.0.0"), AT_ONCE)
        eventually(lambda: info(codedeploy, cut_off)["status"] == "Ready")

    with opened(tmp_path) as second:
        eventually(lambda: version_at(second, 8087) == "1.1.0")
        codedeploy = second.client("codedeploy")
        assert info(codedeploy, done)["completeTime"] == before["completeTime"]
        assert info(codedeploy, cut_off)["errorInformation"]["code"] == "INTERNAL_ERROR"
        listener = second.control.world["codedeploy"]["catalog"]["production_listener"]
        assert weights(second, listener) == {"catalog-blue": 0, "catalog-green": 100}
        last = codedeploy.get_deployment_group(**GROUP)["deploymentGroupInfo"]["lastSuccessfulDeployment"]
        assert last["deploymentId"] == done


def test_instances_get_the_last_revision_again(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        codedeploy, reports = first.client("codedeploy"), first.control.world["codedeploy"]["reports"]
        over(codedeploy, codedeploy.list_deployments(**REPORTS)["deployments"][0])
        location = {"bucket": reports["bucket"], "key": reports["keys"]["1.1.0"], "bundleType": "zip"}
        where = {"revisionType": "S3", "s3Location": location}
        created = codedeploy.create_deployment(**REPORTS, revision=where)
        over(codedeploy, created["deploymentId"])

    with opened(tmp_path) as second:
        eventually(lambda: version_at(second, 8089) == "1.1.0")
