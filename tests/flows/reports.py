"""The sandbox's two servers, on which CodeDeploy installs bundles, as an environment of an application of their own."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from deployments.catalog import discovery
from deployments.catalog.models import Application, Release
from deployments.catalog.releases import register_release
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from sandbox.world.names import REPORTS, REPORTS_BUCKET, REPORTS_PORT
from sandbox.world.reports import GROUP, bundle
from tests.flows.clients import client
from tests.flows.storefront import Storefront, now
from tests.stack import wait_for

PLACE = {"applicationName": REPORTS, "deploymentGroupName": GROUP}
OVER = ("Succeeded", "Failed", "Stopped")


def codedeploy() -> Any:
    return client("codedeploy")


def s3() -> Any:
    return client("s3")


def take_over(storefront: Storefront) -> Storefront:
    """The seeded fleet as it is discovered, with its good releases and the one whose migration fails."""
    like = storefront.environment
    application = Application.objects.create(slug=REPORTS, name="Reports")
    proposal = discovery.discover(
        region=like.region,
        role_arn=like.role_arn,
        external_id=like.external_id,
        codedeploy_application=REPORTS,
        codedeploy_group=GROUP,
        now=now(),
    )
    environment = discovery.environment_from(proposal, application=application, name="production")
    environment.bake_seconds = 1
    environment.save()
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        release(application, version)
    shop = Storefront(storefront.sandbox, environment)
    environment.production_url = address(shop)
    environment.save()
    return shop


def release(application: Application, version: str, **changes: str) -> Release:
    usual = {"type": "S3", "bucket": REPORTS_BUCKET, "key": f"{version}.zip", "bundleType": "zip"}
    actor = Principal.token("ci")
    return register_release(
        application=application, version=version, bundle=usual | changes, principal=actor, now=now()
    )


def upload(version: str, files: Mapping[str, str] | None = None) -> None:
    """An archive like the seeded ones, but for these files."""
    archive = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(bundle(version))) as seeded,
        zipfile.ZipFile(archive, "w") as changed,
    ):
        for entry in seeded.infolist():
            if entry.filename not in (files or {}):
                changed.writestr(entry, seeded.read(entry))
        for name, text in (files or {}).items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o755 << 16
            changed.writestr(entry, text)
    s3().put_object(Bucket=REPORTS_BUCKET, Key=f"{version}.zip", Body=archive.getvalue())


def by_hand(version: str, **options: Any) -> str:
    """Somebody deploys it outside of Tealgate, to its end; the number."""
    location = {"bucket": REPORTS_BUCKET, "key": f"{version}.zip", "bundleType": "zip"}
    revision = {"revisionType": "S3", "s3Location": location}
    usual = {"deploymentConfigName": "CodeDeployDefault.AllAtOnce", "description": "hotfix by jane"}
    number = str(codedeploy().create_deployment(**PLACE, revision=revision, **usual | options)["deploymentId"])
    wait_for(lambda: status(number) in OVER)
    return number


def status(number: str) -> str:
    return str(codedeploy().get_deployment(deploymentId=number)["deploymentInfo"]["status"])


def address(shop: Storefront) -> str:
    return next(str(each["Url"]) for each in shop.sandbox.load_balancers.listeners() if each["Port"] == REPORTS_PORT)


def installed(shop: Storefront) -> str:
    """The version of the group's last good deployment."""
    info = codedeploy().get_deployment_group(**PLACE)["deploymentGroupInfo"]
    return str(info["targetRevision"]["s3Location"]["key"]).removesuffix(".zip")


def other(shop: Storefront) -> str:
    return "1.0.0" if installed(shop) == "1.1.0" else "1.1.0"


def targets(deployment: Deployment) -> list[dict[str, Any]]:
    """What the page shows of each instance."""
    told: list[dict[str, Any]] = deployment.targets
    return told
