"""Servers that others deploy to as well, that fail one by one, or whose old release is in the way. Real processes."""

from datetime import timedelta
from pathlib import Path

import pytest

from deployments.aws.sessions import connect
from deployments.catalog import environments, looking
from deployments.catalog.models import Environment, GatePolicy, running
from deployments.delivery import adoption, turning_back
from deployments.delivery.models import Deployment
from deployments.delivery.views.board import board_view
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Stage, Status
from sandbox.world.names import REPORTS_BUCKET
from sandbox.world.reports import FILES
from tests.flows import reports
from tests.flows.reports import PLACE, by_hand, codedeploy, installed, other, release, s3, upload
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]

APPLICATIONS = ("storefront", "reports")


@pytest.fixture
def shop(storefront: Storefront) -> Storefront:
    """Its two servers have the same good release, whatever an earlier story left there."""
    shop = reports.take_over(storefront)
    for root in roots(shop):
        (root / "srv/reports/NEW").unlink(missing_ok=True)
    last = codedeploy().get_deployment_group(**PLACE)["deploymentGroupInfo"]["lastAttemptedDeployment"]
    if installed(shop) not in ("1.0.0", "1.1.0") or last["status"] != "Succeeded":
        by_hand("1.0.0", ignoreApplicationStopFailures=True)
    return shop


def roots(shop: Storefront) -> list[Path]:
    """The file systems of the servers, by their ids."""
    return [each.root for each in sorted(shop.sandbox.codedeploy.fleet.running(), key=lambda each: each.id)]


def switch(shop: Storefront, **columns: object) -> None:
    Environment.objects.filter(pk=shop.environment.pk).update(**columns)


def retry(shop: Storefront, deployment: Deployment) -> Deployment:
    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(shop.manager), now=now())
    return shop.finish(deployment)


def test_what_somebody_else_installs_is_named_and_never_overwritten_nor_called_ours(shop: Storefront) -> None:
    before, new = installed(shop), other(shop)
    assert adoption.adopt(environment=shop.environment, now=now()).version == before
    GatePolicy.objects.create(environment=shop.environment, stage=Stage.PRE_SCALE_UP)
    upload("9.9.9")

    approved = shop.deploy(new, "AllAtOnce")
    shop.to_the_gate(approved)
    hotfix = by_hand("9.9.9")
    shop.approve(approved)
    shop.finish(approved)

    assert approved.status == Status.STOPPED, approved.status_reason
    assert "have s3://reports-releases/9.9.9.zip since" in approved.status_reason
    assert f"by {hotfix} (created by user: hotfix by jane)" in approved.status_reason
    assert f"which is not s3://reports-releases/{before}.zip" in approved.status_reason
    assert "Production was not touched" in approved.status_reason
    assert installed(shop) == "9.9.9"

    looking.look(now() + timedelta(minutes=10), connect)
    shop.environment.refresh_from_db()
    assert running.sentence(shop.environment).startswith("Runs s3://reports-releases/9.9.9.zip since 20")
    assert running.sentence(shop.environment).endswith(
        f", which is not {before}; deployed outside Tealgate by {hotfix}."
    )
    report = environments.check(shop.environment, now=now())
    assert [each.seen for each in report.results if each.check == "live-release"] == [
        running.sentence(shop.environment)
    ]

    with pytest.raises(Refused, match=rf"has the bundle s3://reports-releases/9.9.9.zip, which {hotfix} brought"):
        adoption.adopt(environment=shop.environment, now=now())
    found = release(shop.environment.application, "9.9.9")
    assert adoption.adopt(environment=shop.environment, now=now()) == found

    # Ours goes well. While it is watched on somebody restarts it, which is nothing, and then puts the hotfix back.
    GatePolicy.objects.all().delete()
    switch(shop, bake_seconds=60)
    watched = shop.deploy(new, "AllAtOnce")
    shop.go(watched, lambda d: d.stage == Stage.BAKE_TIME)
    restart = codedeploy().create_deployment(**PLACE, deploymentMode="RESTART")["deploymentId"]
    wait_for(lambda: reports.status(restart) == "Succeeded")
    shop.go(watched, lambda d: f"meanwhile {restart} (created by user) restarted the application" in d.waiting_for)
    again = by_hand("9.9.9")
    shop.finish(watched)

    assert watched.status == Status.ROLLBACK_SUCCESSFUL, watched.status_reason
    assert "have s3://reports-releases/9.9.9.zip since" in watched.status_reason
    assert f"9.9.9 was installed again already, by {again}" in watched.status_reason
    assert installed(shop) == "9.9.9"


def test_a_server_that_fails_alone_is_named_and_files_in_its_way_are_a_choice(shop: Storefront) -> None:
    upload("1.4.0", {"app/NEW": "of the release"})
    release(shop.environment.application, "1.4.0")
    in_the_way = roots(shop)[1] / "srv/reports/NEW"
    in_the_way.write_text("somebody's own")

    with Traffic(shop.environment.production_url) as traffic:
        deployment = shop.finish(shop.deploy("1.4.0", "AllAtOnce"))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    failed = next(each["target"] for each in reports.targets(deployment) if each["status"] == "Failed")
    (warning,) = deployment.facts["warnings"]
    assert warning.startswith(f"Server {failed} failed and may not have 1.4.0: Install failed: The deployment failed")
    assert "a specified file already exists at this location: /srv/reports/NEW" in warning
    assert warning.endswith("It gets no requests until a deployment succeeds there.")
    assert f"1 failed, which the configuration allows. Server {failed}" in deployment.status_reason
    assert deployment.events.get(kind="deployment.successful").data["warnings"] == [warning]
    principal = Principal.person(shop.manager)
    board = board_view(principal=principal, waiting_for_me=())
    cells = [cell for row in board.rows for cell in row.cells if cell and cell.environment.id == shop.environment.pk]
    assert [cell.warned.warnings for cell in cells if cell.warned] == [(warning,)]
    assert "1.4.0" in traffic.versions

    switch(shop, file_exists="OVERWRITE")
    replaced = shop.finish(shop.deploy("1.4.0", "AllAtOnce"))

    assert (replaced.status, replaced.facts.get("warnings")) == (Status.SUCCESSFUL, None), replaced.status_reason
    assert in_the_way.read_text() == "of the release"

    switch(shop, file_exists="")
    like_before = shop.finish(shop.deploy("1.1.0", "AllAtOnce"))

    told = codedeploy().get_deployment(deploymentId=like_before.facts["code_deployment"])["deploymentInfo"]
    assert (like_before.status, told["fileExistsBehavior"]) == (Status.SUCCESSFUL, "OVERWRITE")


def test_a_stop_script_of_the_old_release_that_fails_both_ways_can_be_got_past(shop: Storefront) -> None:
    upload("1.5.0", {"scripts/stop.sh": "#!/bin/sh\necho 'no such unit'\nexit 7\n"})
    release(shop.environment.application, "1.5.0")
    assert shop.finish(shop.deploy("1.5.0", "AllAtOnce")).status == Status.SUCCESSFUL

    deployment = shop.finish(shop.deploy("1.1.0", "HalfAtATime"))

    assert deployment.status == Status.ROLLBACK_FAILED
    forward, _, back = deployment.status_reason.partition("The roll back could not be finished")
    assert "ApplicationStop (scripts/stop.sh) failed on i-" in forward
    assert "That script is not of 1.1.0 but of what is on the server, s3://reports-releases/1.5.0.zip" in forward
    assert "*Ignore failures to stop* of the environment" in forward
    assert "CodeDeploy could not roll back" in back
    assert "ApplicationStop (scripts/stop.sh) failed on i-" in back
    assert "*Retry roll back* has CodeDeploy install 1.5.0 again and goes past failures of that script" in back

    s3().delete_object(Bucket=REPORTS_BUCKET, Key="1.5.0.zip")
    gone = retry(shop, deployment)
    assert gone.status == Status.ROLLBACK_FAILED
    assert "s3://reports-releases/1.5.0.zip does not exist any more, so it cannot be installed again" in (
        gone.status_reason
    )
    assert gone.status_reason.count("could not be finished") == 1

    upload("1.5.0", {"scripts/stop.sh": "#!/bin/sh\necho 'no such unit'\nexit 7\n"})
    back_again = retry(shop, deployment)
    assert back_again.status == Status.ROLLBACK_SUCCESSFUL, back_again.status_reason
    assert "CodeDeploy could not roll back by itself, so it installed 1.5.0 again by d-" in back_again.status_reason
    assert installed(shop) == "1.5.0"

    switch(shop, ignore_stop_failures=True)
    past = shop.finish(shop.deploy("1.1.0", "HalfAtATime"))
    assert past.status == Status.SUCCESSFUL, past.status_reason
    assert installed(shop) == "1.1.0"


def test_where_no_server_is_left_nothing_was_touched_and_nothing_failed_to_go_back(shop: Storefront) -> None:
    GatePolicy.objects.create(environment=shop.environment, stage=Stage.PRE_SCALE_UP)
    deployment = shop.deploy(other(shop), "AllAtOnce")
    shop.to_the_gate(deployment)
    group = {"applicationName": "reports", "currentDeploymentGroupName": "production"}
    absent = [{"Key": "role", "Value": "absent", "Type": "KEY_AND_VALUE"}]
    codedeploy().update_deployment_group(**group, autoScalingGroups=[], ec2TagFilters=absent)
    try:
        shop.approve(deployment)
        shop.finish(deployment)
    finally:
        codedeploy().update_deployment_group(**group, autoScalingGroups=["reports"], ec2TagFilters=[])

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "no instances were found for your deployment group" in deployment.status_reason
    assert "CodeDeploy had begun nothing on any server, so there is nothing to put back" in deployment.status_reason


def test_without_the_archive_of_before_nothing_is_rolled_back_onto_it_and_the_good_server_serves_on(
    shop: Storefront,
) -> None:
    upload("1.6.0")
    release(shop.environment.application, "1.6.0")
    assert shop.finish(shop.deploy("1.6.0", "AllAtOnce")).status == Status.SUCCESSFUL
    s3().delete_object(Bucket=REPORTS_BUCKET, Key="1.6.0.zip")

    with Traffic(shop.environment.production_url) as traffic:
        deployment = shop.finish(shop.deploy("1.2.0", "HalfAtATime"))

    told = deployment.preflight
    assert [each["level"] for each in told if each["check"] == "way-back"] == ["warning"]
    assert deployment.status == Status.ROLLBACK_FAILED
    assert "CodeDeploy was kept from rolling back: s3://reports-releases/1.6.0.zip does not exist any more" in (
        deployment.status_reason
    )
    assert (set(traffic.versions), traffic.lost) == ({"1.6.0"}, 0)

    upload("1.6.0")
    back = retry(shop, deployment)
    assert back.status == Status.ROLLBACK_SUCCESSFUL, back.status_reason
    assert installed(shop) == "1.6.0"


def test_a_release_that_dies_after_codedeploy_is_done_is_no_success(shop: Storefront) -> None:
    before = installed(shop)
    start = (FILES / "scripts/start.sh").read_text()
    dies = '( sleep 5; kill "$(cat "$INSTANCE_ROOT/run/reports/reports.pid")" ) </dev/null >/dev/null 2>&1 &\n'
    upload("1.7.0", {"scripts/start.sh": start + dies})
    release(shop.environment.application, "1.7.0")
    switch(shop, bake_seconds=60)

    deployment = shop.finish(shop.deploy("1.7.0", "AllAtOnce"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "No target of " in deployment.status_reason
    assert installed(shop) == before
