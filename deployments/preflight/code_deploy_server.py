"""The checks of servers that CodeDeploy installs bundles on."""

from collections.abc import Iterator

from deployments.aws import values
from deployments.aws.codedeploy_values import Bundle
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import alarms, grants, permissions
from deployments.preflight.checklist import Checklist
from deployments.preflight.code_deploy_group import group, running
from deployments.preflight.code_deploy_readings import CodeDeployReadings
from deployments.preflight.code_deploy_ready import ready_option
from deployments.preflight.readings import NotLooked
from deployments.preflight.report import Result, error, ok, unknown
from deployments.preflight.words import listed
from deployments.words import counted


class ServerReadings(CodeDeployReadings):
    @property
    def source(self) -> values.Service:
        raise NotLooked("servers have no ECS service")

    @property
    def services(self) -> tuple[values.Service, ...]:
        return ()

    @property
    def groups(self) -> tuple[values.TargetGroup, ...]:
        return ()

    def bundle(self, bucket: str, key: str, version: str) -> Bundle | None:
        return self._found(("bundle",), lambda: self._gateway.bundle(bucket, key, version))


def bundle(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings) -> Iterator[Result]:
    """release-kind, bundle-exists, bundle-unchanged"""
    if artefact is None:
        return
    if artefact.bundle is None:
        yield error(
            "release-kind",
            f"Release {artefact.version} has images, but servers get a bundle.",
            "Register a release with a bundle: an archive in S3, or a commit on GitHub.",
        )
        return
    if artefact.bundle["type"] == "GitHub":
        commit = f"{artefact.bundle['repository']} at {artefact.bundle['commitId'][:12]}"
        yield unknown("bundle-exists", f"{commit} is read by CodeDeploy itself, so it was not looked at.")
        return
    place = f"s3://{artefact.bundle['bucket']}/{artefact.bundle['key']}"
    found = readings.bundle(artefact.bundle["bucket"], artefact.bundle["key"], artefact.bundle.get("version", ""))
    if found is None:
        yield error(
            "bundle-exists",
            f"{place} does not exist any more, so CodeDeploy would end with REVISION_MISSING.",
            "Upload it again and register a new release; keep lifecycle rules off released bundles.",
        )
        return
    yield ok("bundle-exists", f"{place} exists.")
    registered = artefact.bundle["eTag"]
    if found.etag == registered:
        yield ok("bundle-unchanged", f"It is the archive that {artefact.version} was registered with.")
    else:
        yield error(
            "bundle-unchanged",
            f"{place} was replaced since {artefact.version} was registered: its ETag was {registered} and is "
            f"{found.etag} now. Every instance would refuse to install it.",
            "Register what is there now as a new release, or put the old archive back. In a bucket with versioning a "
            "release can name its version, which nobody replaces.",
        )


def instances(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings) -> Iterator[Result]:
    """instances: whether the group names any; which ones there are is CodeDeploy's to find."""
    found = readings.group
    if not found.auto_scaling_groups and not found.tag_filters:
        yield error(
            "instances",
            f"{found.name} names neither tags nor an Auto Scaling group, so CodeDeploy would end with NO_INSTANCES.",
            "Give the deployment group ec2TagFilters or an Auto Scaling group.",
        )
        return
    scaled = f"the Auto Scaling group {listed(found.auto_scaling_groups)}" if found.auto_scaling_groups else ""
    tagged = counted(found.tag_filters, "tag filter") if found.tag_filters else ""
    how = "blue/green" if found.style == "BLUE_GREEN" else "in place"
    yield ok("instances", f"{found.name} installs {how}, on {listed(each for each in (scaled, tagged) if each)}.")


def allowed(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings) -> Iterator[Result]:
    """permissions"""
    partition = readings.identity.arn.split(":")[1]
    base = f"arn:{partition}:codedeploy:{settings.region}:{readings.identity.account}"
    s3 = artefact.bundle if artefact and artefact.bundle and artefact.bundle["type"] == "S3" else None
    bucket = f"arn:{partition}:s3:::{s3['bucket']}" if s3 else ""
    # S3 asks for another permission when a version is named.
    key = (f"{bucket}/{s3['key']}",) if s3 else ()
    versioned = bool(s3 and s3.get("version"))
    rows = {
        "*": ("*",),
        "deployment group": (f"{base}:deploymentgroup:{settings.codedeploy_application}/{settings.codedeploy_group}",),
        "codedeploy application": (f"{base}:application:{settings.codedeploy_application}",),
        "deployment configs": (f"{base}:deploymentconfig:*",),
        "bundle": () if versioned else key,
        "version of the bundle": key if versioned else (),
        "bucket of the bundle": (bucket,) if s3 else (),
    }
    yield from permissions.ask_all(grants.SERVER, rows, readings)


SERVER = Checklist(
    read=ServerReadings,
    groups=(
        ("deployment-group", group),
        ("bundle", bundle),
        ("instances", instances),
        ("ready-option", ready_option),
        ("code-deployment", running),
        ("alarms", alarms.check),
        ("permissions", allowed),
    ),
)
