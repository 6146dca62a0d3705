"""The checks of servers that CodeDeploy installs bundles on."""

from collections.abc import Iterator

from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import (
    alarms,
    code_deploy_bundle,
    code_deploy_repair,
    grants,
    health_settings,
    permissions,
    scheduled,
)
from deployments.preflight import code_deploy_fleet as fleet
from deployments.preflight.checklist import Checklist
from deployments.preflight.code_deploy_github import github_connection
from deployments.preflight.code_deploy_group import group, running
from deployments.preflight.code_deploy_readings import ServerReadings
from deployments.preflight.code_deploy_ready import ready_option
from deployments.preflight.code_deploy_way_back import stop_scripts, way_back
from deployments.preflight.report import Result, error, ok, unknown


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
    unalarmed = code_deploy_repair.group_without_its_alarms(settings, readings, rows["deployment group"])
    yield from permissions.ask_all(grants.SERVER, {**rows, **unalarmed}, readings)


SERVER = Checklist(
    read=ServerReadings,
    groups=(
        ("deployment-group", group),
        ("bundle", bundle),
        ("bundle-contents", code_deploy_bundle.check),
        ("github-connection", github_connection),
        ("way-back", way_back),
        ("stop-scripts", stop_scripts),
        ("instances", fleet.instances),
        ("minimum-healthy-hosts", fleet.minimum),
        ("fleet", fleet.replacements),
        ("ready-option", ready_option),
        ("code-deployment", running),
        ("health-settings", health_settings.check),
        ("alarms", alarms.check),
        ("alarms-of-servers", fleet.alarms),
        ("scheduled-tasks", scheduled.on_servers),
        ("permissions", allowed),
    ),
)
