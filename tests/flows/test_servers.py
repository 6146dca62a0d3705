"""CodeDeploy installs bundles on servers, told and watched by us: real processes on two instances, real traffic."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.aws.archives import LARGEST
from deployments.aws.sessions import connect
from deployments.catalog import discovery
from deployments.catalog.models import Environment
from deployments.catalog.releases import register_release
from deployments.delivery import turning_back, warm_time
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Stage, Status
from sandbox.world.names import REPORTS, REPORTS_BUCKET
from sandbox.world.reports import GROUP, bundle, revision
from tests.flows.reports import PLACE, codedeploy, installed, other, release, s3, take_over, targets
from tests.flows.site_bundle import site
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic
from tests.settled import settle
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]

APPLICATIONS = ("storefront", "reports")
IN_PLACE = {"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"}


@pytest.fixture
def reports(storefront: Storefront) -> Storefront:
    return take_over(storefront)


def half_done(shop: Storefront, deployment: Deployment) -> bool:
    found = connect(shop.environment.binding).code_deployment_targets(deployment.facts["code_deployment"])
    return sorted(target.status for target in found) == ["InProgress", "Succeeded"]


@pytest.mark.parametrize("strategy", ["OneAtATime", "HalfAtATime"])
def test_in_place_one_after_the_other_loses_no_request(reports: Storefront, strategy: str) -> None:
    before, new = installed(reports), other(reports)

    with Traffic(reports.environment.production_url) as traffic:
        deployment = reports.finish(reports.deploy(new, strategy))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert traffic.lost == 0
    assert set(traffic.versions) == {before, new}
    assert installed(reports) == new
    first, second = targets(deployment)
    for instance in (first, second):
        assert instance["target"].startswith("i-")
        assert {event["status"] for event in instance["events"]} == {"Succeeded"}
    ended, began = first["events"][-1]["ended"], second["events"][0]["started"]
    assert min(ended, second["events"][-1]["ended"]) <= max(began, first["events"][0]["started"])
    assert f"{new} is on 2 of 2 instances" in " ".join(deployment.events.values_list("message", flat=True))


def test_roll_back_when_codedeploy_has_just_finished_installs_the_bundle_of_before(reports: Storefront) -> None:
    before, new, gateway = installed(reports), other(reports), connect(reports.environment.binding)
    source = reports.environment.application.releases.get(version=before)
    Environment.objects.filter(pk=reports.environment.pk).update(live_release=source)
    deployment = reports.deploy(new, "HalfAtATime")
    reports.go(deployment, lambda d: d.facts.get("code_deployment"))
    wait_for(lambda: gateway.code_deployment(deployment.facts["code_deployment"]).status == "Succeeded")

    with Traffic(reports.environment.production_url) as traffic:
        turning_back.roll_back(deployment=deployment, principal=Principal.person(reports.manager), now=now())
        reports.finish(deployment)

    reports.environment.refresh_from_db()
    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert f"CodeDeploy had finished, so it installed {before} again by d-" in deployment.status_reason
    assert (installed(reports), reports.environment.live_release) == (before, source)
    assert (traffic.lost, set(traffic.versions)) == (0, {new, before})


def test_all_at_once_reaches_every_instance(reports: Storefront) -> None:
    new = other(reports)

    deployment = reports.finish(reports.deploy(new, "AllAtOnce"))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert installed(reports) == new
    assert [instance["status"] for instance in targets(deployment)] == ["Succeeded", "Succeeded"]


def test_a_failing_hook_is_told_with_its_log_and_rolled_back(reports: Storefront) -> None:
    before = installed(reports)

    with Traffic(reports.environment.production_url) as traffic:
        deployment = reports.finish(reports.deploy("1.2.0", "HalfAtATime"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    failed = next(each for each in targets(deployment) if each["status"] == "Failed")
    assert f"AfterInstall (scripts/migrate.sh) failed on {failed['target']}" in deployment.status_reason
    assert "scripts/migrate.sh failed with exit code 1" in deployment.status_reason
    assert "Last line: django.db.utils.IntegrityError" in deployment.status_reason
    assert "installed the last good revision again by d-" in deployment.status_reason
    assert deployment.failure
    assert any("IntegrityError" in line for line in deployment.failure["log"])
    assert (installed(reports), set(traffic.versions), traffic.lost) == (before, {before}, 0), (
        traffic.failures[:3],
        traffic.statuses,
    )


def test_stop_in_the_middle_puts_the_last_good_revision_back(reports: Storefront) -> None:
    before, new = installed(reports), other(reports)

    with Traffic(reports.environment.production_url) as traffic:
        deployment = reports.deploy(new, "OneAtATime")
        reports.go(deployment, lambda d: "code_deployment" in d.facts)
        wait_for(lambda: half_done(reports, deployment))
        turning_back.stop(deployment=deployment, principal=Principal.person(reports.manager), now=now())
        reports.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (installed(reports), traffic.lost) == (before, 0)
    assert traffic.versions[new] > 0


def test_stopped_in_the_console(reports: Storefront) -> None:
    before = installed(reports)
    deployment = reports.deploy(other(reports), "OneAtATime")
    reports.go(deployment, lambda d: "code_deployment" in d.facts)

    codedeploy().stop_deployment(deploymentId=deployment.facts["code_deployment"], autoRollbackEnabled=True)
    reports.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "Somebody stopped it in CodeDeploy; ask who before you deploy again" in deployment.status_reason
    assert installed(reports) == before


def test_a_deployment_from_the_console_is_not_disturbed(reports: Storefront) -> None:
    theirs = codedeploy().create_deployment(**PLACE, revision=revision(other(reports)))["deploymentId"]

    deployment = reports.finish(reports.deploy("1.1.0", "OneAtATime"))

    assert deployment.status == Status.STOPPED
    assert f"{theirs} is running in production" in deployment.status_reason
    assert codedeploy().get_deployment(deploymentId=theirs)["deploymentInfo"]["status"] != "Stopped"


def test_a_bundle_that_does_not_exist_is_refused_where_it_is_named(reports: Storefront) -> None:
    with pytest.raises(Refused, match=r"s3://reports-releases/9.9.9.zip does not exist\. Upload it first"):
        release(reports.environment.application, "9.9.9")


def test_a_bundle_that_was_removed_since_is_seen_by_preflight(reports: Storefront) -> None:
    s3().copy_object(Bucket=REPORTS_BUCKET, Key="gone.zip", CopySource=f"{REPORTS_BUCKET}/1.1.0.zip")
    release(reports.environment.application, "1.9.0", key="gone.zip")
    s3().delete_object(Bucket=REPORTS_BUCKET, Key="gone.zip")

    deployment = reports.finish(reports.deploy("1.9.0", "OneAtATime"))

    assert deployment.status == Status.STOPPED
    assert "s3://reports-releases/gone.zip does not exist any more" in deployment.status_reason
    assert "Production was not touched" in deployment.status_reason


def test_an_archive_that_was_put_in_a_bundle_s_place_is_not_installed(reports: Storefront) -> None:
    s3().copy_object(Bucket=REPORTS_BUCKET, Key="pinned.zip", CopySource=f"{REPORTS_BUCKET}/1.1.0.zip")
    release(reports.environment.application, "1.7.0", key="pinned.zip")
    s3().copy_object(Bucket=REPORTS_BUCKET, Key="pinned.zip", CopySource=f"{REPORTS_BUCKET}/1.0.0.zip")

    deployment = reports.finish(reports.deploy("1.7.0", "OneAtATime"))

    assert deployment.status == Status.STOPPED
    assert "pinned.zip was replaced since 1.7.0 was registered" in deployment.status_reason
    assert "Production was not touched" in deployment.status_reason


def test_a_bundle_with_its_files_in_a_folder_is_refused(reports: Storefront) -> None:
    """As macOS packs a folder: with another one beside it, so that nothing is left out."""
    before, packed = installed(reports), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bundle("1.1.0"))) as whole, zipfile.ZipFile(packed, "w") as made:
        made.writestr("__MACOSX/._reports", "")
        for entry in whole.infolist():
            made.writestr(f"reports/{entry.filename}", whole.read(entry))
    s3().put_object(Bucket=REPORTS_BUCKET, Key="folder.zip", Body=packed.getvalue())
    release(reports.environment.application, "1.8.1", key="folder.zip")

    deployment = reports.finish(reports.deploy("1.8.1", "AllAtOnce"))

    assert deployment.status == Status.STOPPED
    assert "folder.zip has no appspec.yml at its root" in deployment.status_reason
    assert "It is at reports/appspec.yml." in deployment.status_reason
    assert installed(reports) == before


def test_a_bundle_without_an_appspec_fails_before_anything_is_installed(reports: Storefront) -> None:
    """One that is larger than what preflight looks into."""
    s3().put_object(Bucket=REPORTS_BUCKET, Key="empty.zip", Body=bytes(LARGEST) + EMPTY_ZIP)
    before = installed(reports)
    release(reports.environment.application, "1.8.0", key="empty.zip")

    deployment = reports.finish(reports.deploy("1.8.0", "OneAtATime"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "BeforeInstall failed on i-" in deployment.status_reason
    assert "did not find an AppSpec file" in deployment.status_reason
    assert installed(reports) == before


#: an archive that holds nothing: the end of a central directory without entries
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


def test_a_tutorial_s_own_bundle_is_installed_and_replaced_again(reports: Storefront) -> None:
    before = installed(reports)
    s3().put_object(Bucket=REPORTS_BUCKET, Key="site-1.zip", Body=site("site 1"))
    s3().put_object(Bucket=REPORTS_BUCKET, Key="site-2.zip", Body=site("site 2", set_owner="chown apache /var/www\n"))
    release(reports.environment.application, "1.5.0", key="site-1.zip")
    release(reports.environment.application, "1.5.1", key="site-2.zip")

    with Traffic(reports.environment.production_url) as traffic:
        good = reports.finish(reports.deploy("1.5.0", "OneAtATime"))
        bad = reports.finish(reports.deploy("1.5.1", "HalfAtATime"))
        back = reports.finish(reports.deploy(before, "OneAtATime"))

    assert good.status == Status.SUCCESSFUL, good.status_reason
    assert bad.status == Status.ROLLBACK_SUCCESSFUL, bad.status_reason
    assert "scripts/set_owner run as user root failed with exit code 1" in bad.status_reason
    assert "chown: invalid user: 'apache'" in bad.status_reason
    assert back.status == Status.SUCCESSFUL, back.status_reason
    assert (set(traffic.versions), traffic.lost) == ({before, "site 1"}, 0)


def test_a_commit_on_github_is_refused_while_nothing_is_connected(reports: Storefront) -> None:
    bundle = {"type": "GitHub", "repository": "acme/site", "commitId": "c0ffee" + "0" * 34}
    register_release(
        application=reports.environment.application,
        version="1.5.2",
        bundle=bundle,
        principal=Principal.token("ci"),
        now=now(),
    )

    deployment = reports.finish(reports.deploy("1.5.2", "OneAtATime"))

    assert deployment.status == Status.STOPPED
    assert "This AWS account has no connection to GitHub in us-east-1" in deployment.status_reason
    assert "Production was not touched" in deployment.status_reason


@pytest.fixture
def swapping(reports: Storefront) -> Iterator[Storefront]:
    """The same fleet, whose group replaces the instances instead."""
    _style(
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        blueGreenDeploymentConfiguration={
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
            "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
        },
    )
    yield reports
    settle(reports.sandbox)
    _style(deploymentStyle=IN_PLACE)


def _style(**changes: Any) -> None:
    codedeploy().update_deployment_group(applicationName=REPORTS, currentDeploymentGroupName=GROUP, **changes)


def test_blue_green_keeps_the_originals_until_a_click(swapping: Storefront) -> None:
    before, new = installed(swapping), other(swapping)

    with Traffic(swapping.environment.production_url) as traffic:
        deployment = swapping.deploy(new, "AllAtOnce")
        swapping.go(deployment, lambda d: d.stage == Stage.BAKE_TIME and d.is_warm)
        assert {instance["label"] for instance in targets(deployment)} == {"Blue", "Green"}
        warm_time.finish_now(deployment=deployment, principal=Principal.person(swapping.manager), now=now())
        swapping.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert set(traffic.versions) == {before, new}
    assert traffic.lost == 0


def test_blue_green_waits_for_an_approval_where_the_group_does(swapping: Storefront) -> None:
    shown = codedeploy().get_deployment_group(**PLACE)["deploymentGroupInfo"]["blueGreenDeploymentConfiguration"]
    ready = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}
    _style(blueGreenDeploymentConfiguration=shown | {"deploymentReadyOption": ready})
    before, new = installed(swapping), other(swapping)
    root = Principal.person(User.objects.create_superuser("root"))
    refused = swapping.finish(swapping.deploy(new, "AllAtOnce"))
    assert refused.status == Status.STOPPED
    assert "but the environment has no gate there, so nobody would be asked" in refused.status_reason
    like = swapping.environment
    proposal = discovery.discover(
        region=like.region,
        role_arn=like.role_arn,
        external_id=like.external_id,
        codedeploy_application=REPORTS,
        now=now(),
    )
    discovery.keep(like, proposal, principal=root, now=now())

    with Traffic(like.production_url) as traffic:
        deployment = swapping.deploy(new, "AllAtOnce")
        gate = swapping.to_the_gate(deployment)
        assert (gate.stage, len(gate.evidence["replacements"])) == (Stage.PRE_PRODUCTION_TRAFFIC_SHIFT, 2)
        assert set(traffic.versions) <= {before}
        swapping.approve(deployment)
        swapping.go(deployment, lambda d: d.stage == Stage.BAKE_TIME and d.is_warm)
        turning_back.roll_back(deployment=deployment, principal=Principal.person(swapping.manager), now=now())
        swapping.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (installed(swapping), traffic.lost) == (before, 0)
    assert new in traffic.versions


def test_blue_green_turns_back_while_the_originals_are_kept(swapping: Storefront) -> None:
    before, new = installed(swapping), other(swapping)

    with Traffic(swapping.environment.production_url) as traffic:
        deployment = swapping.deploy(new, "AllAtOnce")
        swapping.go(deployment, lambda d: d.stage == Stage.BAKE_TIME and d.is_warm)
        turning_back.roll_back(deployment=deployment, principal=Principal.person(swapping.manager), now=now())
        swapping.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (installed(swapping), traffic.lost) == (before, 0)
