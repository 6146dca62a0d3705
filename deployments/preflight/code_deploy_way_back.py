"""What servers have now: whether it could be installed again, and whether its own scripts let a release in."""

from collections.abc import Iterator

from deployments.aws import bundles
from deployments.aws.codedeploy_values import FROM_BEFORE
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.code_deploy_readings import ServerReadings
from deployments.preflight.report import Result, ok, warning


def way_back(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings) -> Iterator[Result]:
    """way-back"""
    group = readings.group
    there = group.bundle
    if there is None or group.last_successful is None:
        yield warning(
            "way-back",
            f"CodeDeploy has brought nothing to {group.name} yet, so there is nothing to go back to.",
            "If the first deployment fails, mend it by another one.",
        )
        return
    place, by = bundles.place(there), group.last_successful.id
    if any(each.id == by and each.mode == "RESTART" for each in readings.deployments):
        by += ", which restarted what was there"
    if there["type"] != "S3":
        yield ok("way-back", f"The servers have {place}, by {by}; CodeDeploy itself reads it again to go back.")
        return
    found = readings.bundle_there(there)
    if found is None:
        yield warning(
            "way-back",
            f"{place}, which {by} brought to the servers, does not exist any more: neither CodeDeploy nor Tealgate "
            "could install it again.",
            "Put that archive back before you deploy, and keep lifecycle rules off what is deployed.",
        )
    elif found.etag != there.get("eTag", found.etag):
        yield warning(
            "way-back",
            f"{place}, which {by} brought to the servers, was replaced since: its ETag was {there['eTag']} and is "
            f"{found.etag} now, so it could not be installed again.",
            "Put the old archive back before you deploy.",
        )
    else:
        yield ok("way-back", f"The servers have {place}, by {by}; it can be installed again.")


def stop_scripts(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings
) -> Iterator[Result]:
    """stop-scripts: whether the last deployment failed on a script of what is there, as the next one would."""
    if settings.ignore_stop_failures:
        yield warning(
            "stop-scripts",
            "The environment ignores failures to stop: a server whose old release does not stop is installed on all "
            "the same.",
            "Switch that off once a release with a good script is installed.",
        )
        return
    newest = next(iter(readings.deployments), None)
    if newest is None or newest.status != "Failed":
        return
    failed = [
        (target.id, event)
        for target in readings.targets(newest.id)
        for event in target.events
        if event.status == "Failed" and event.name in FROM_BEFORE
    ]
    if failed:
        server, event = failed[0]
        script = f" ({event.script})" if event.script else ""
        yield warning(
            "stop-scripts",
            f"{newest.id} failed on {server} in {event.name}{script}, a script of what is there already: every "
            "release fails on it in the same way, and every roll back.",
            "Mend what the script complains about on the server, or switch on *Ignore failures to stop* of the "
            "environment for one deployment.",
        )
