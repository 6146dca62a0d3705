"""Instances of an Auto Scaling group that Terraform made get bundles from Tealgate, half of them at a time."""

import pytest

from deployments.vocabulary import Status
from sandbox.server import Sandbox
from sandbox.world.reports import bundle
from tests.infra.story import FIRST, SECOND, discovered
from tests.infra.terraform import Stack, Terraform

pytestmark = [pytest.mark.infra, pytest.mark.django_db, pytest.mark.usefixtures("connected")]
BUCKET = "reports-releases"


def test_servers_get_their_first_bundle_and_the_next_one_half_of_them_at_a_time(
    terraform: Terraform, account: Sandbox
) -> None:
    stack = Stack(terraform.at(account.url), "examples/codedeploy-auto-scaling-group")
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
    with story.traffic() as traffic:
        second = story.deploy(SECOND)

    assert second.status == Status.SUCCESSFUL, second.status_reason
    assert traffic.lost == 0, traffic.failures
    assert set(traffic.versions) == {FIRST, SECOND}
    assert not stack.changes(), stack.changes()
    stack.destroy()
    assert account.load_balancers.listeners() == []
