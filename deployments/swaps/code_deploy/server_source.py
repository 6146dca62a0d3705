"""What servers go back to: the bundle that CodeDeploy had brought there last, and whether it can still be installed."""

from collections.abc import Mapping

from deployments.aws import bundles, errors
from deployments.aws.protocol import Gateway
from deployments.swaps.code_deploy.facts import Snapshot


def bundle(snapshot: Snapshot) -> Mapping[str, str] | None:
    """As the release before was registered, pinned, if it is what was there; None when nobody knows."""
    installed, release = snapshot.facts.installed, snapshot.source_artefact
    was, known = installed.bundle if installed else None, release.bundle if release else None
    return known if was is None or bundles.are_same(was, known) else was


def name(snapshot: Snapshot) -> str:
    """For people: its version, where it is a release."""
    release, found = snapshot.source_artefact, bundle(snapshot)
    return release.version if release and found is release.bundle else bundles.place(found)


def problem(found: Mapping[str, str], gateway: Gateway) -> str:
    """Why it cannot be installed any more, in a sentence; "" when it can, or S3 does not let us look."""
    if found["type"] != "S3":
        return ""
    place = bundles.place(found)
    try:
        there = gateway.bundle(found["bucket"], found["key"], found.get("version", ""))
    except errors.NotFound:
        return f"{place} does not exist any more"
    except errors.Denied:
        return ""
    wanted = found.get("eTag", there.etag)
    return "" if there.etag == wanted else f"{place} was replaced: its ETag was {wanted} and is {there.etag} now"
