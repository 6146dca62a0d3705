"""Instances of an Auto Scaling group that Terraform made get bundles from Tealgate, or are replaced with them."""

import shlex

import pytest

from deployments.catalog.models import GatePolicy
from deployments.vocabulary import Stage, Status
from sandbox.server import Sandbox
from sandbox.world.reports import bundle
from tests.infra.story import FIRST, SECOND, Story, discovered
from tests.infra.terraform import Stack, Terraform

pytestmark = [pytest.mark.infra, pytest.mark.django_db, pytest.mark.usefixtures("connected")]
BUCKET = "reports-releases"


EXAMPLE = "examples/codedeploy-auto-scaling-group"


def test_servers_get_bundles_half_of_them_at_a_time_and_are_replaced_once_the_stack_says_so(
    terraform: Terraform, account: Sandbox
) -> None:
    stack = Stack(terraform.at(account.url), EXAMPLE)
    stack.apply(release_bucket=BUCKET)
    assert not stack.changes(), stack.changes()
    story = discovered(stack, account)
    assert (story.environment.controller, story.environment.compute_platform) == ("CODE_DEPLOY", "Server")
    for version in (FIRST, SECOND):
        account.client("s3").put_object(Bucket=BUCKET, Key=f"{version}.zip", Body=bundle(version))
    story.register(
        {
            version: {"type": "S3", "bucket": BUCKET, "key": f"{version}.zip", "bundleType": "zip"}
            for version in (FIRST, SECOND)
        }
    )

    first = story.deploy(FIRST)
    assert first.status == Status.SUCCESSFUL, first.status_reason
    _goes_out(story, SECOND)
    assert not stack.changes(), stack.changes()

    stack.apply(release_bucket=BUCKET, blue_green={"termination_wait_minutes": 1})
    GatePolicy.objects.create(environment=story.environment, stage=Stage.PRE_PRODUCTION_TRAFFIC_SHIFT)
    _goes_out(story, FIRST)
    (serving,) = account.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert serving["AutoScalingGroupName"].startswith("CodeDeploy_production_d-")

    assert "aws_autoscaling_group.this[0] will be created" in stack.changes()
    stack.say(release_bucket=BUCKET, blue_green={"termination_wait_minutes": 1, "first_group": False})
    assert not stack.changes(), stack.changes()
    _remove_copy(stack, account)
    stack.destroy()
    assert account.load_balancers.listeners() == []


def _goes_out(story: Story, version: str) -> None:
    with story.traffic() as traffic:
        deployment = story.deploy(version)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert traffic.lost == 0, traffic.failures
    assert set(traffic.versions) == {FIRST, SECOND}


def _remove_copy(stack: Stack, account: Sandbox) -> None:
    """What the output says to run: it asks the deployment group which Auto Scaling group is its own by now."""
    words = shlex.split(stack.outputs["remove_copy"])
    asked = shlex.split(words[-1].removeprefix("$(").removesuffix(")"))
    assert (words[:4], asked[:3]) == (
        ["aws", "autoscaling", "delete-auto-scaling-group", "--force-delete"],
        ["aws", "deploy", "get-deployment-group"],
    )
    given = dict(zip(asked[3::2], asked[4::2], strict=True))
    group = account.client("codedeploy").get_deployment_group(
        applicationName=given["--application-name"], deploymentGroupName=given["--deployment-group-name"]
    )
    copy = group["deploymentGroupInfo"]["autoScalingGroups"][0]["name"]
    account.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=copy, ForceDelete=True)
