"""Revisions: where what is deployed comes from, and the AppSpecs that were given as text."""

import hashlib

from sandbox.codedeploy import appspec
from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Application, Deployment, Json, Revision, utcnow
from sandbox.codedeploy.pages import page
from sandbox.codedeploy.store import Store

DESCRIPTION_LIMIT = 256


def register_application_revision(store: Store, request: Json) -> Json:
    application = store.application(request["applicationName"])
    check_description(request.get("description", ""))
    register(application, checked(application, request.get("revision")), request.get("description", ""))
    return {}


def get_application_revision(store: Store, request: Json) -> Json:
    """The one way to read an AppSpec back: GetDeployment only tells its sha256."""
    application = store.application(request["applicationName"])
    revision = find(application, request["revision"])
    return {
        "applicationName": application.name,
        "revision": revision.location,
        "revisionInfo": _info(store, application, revision),
    }


def batch_get_application_revisions(store: Store, request: Json) -> Json:
    application = store.application(request["applicationName"])
    found = [find(application, location) for location in request["revisions"]]
    return {
        "applicationName": application.name,
        "revisions": [
            {"revisionLocation": each.location, "genericRevisionInfo": _info(store, application, each)}
            for each in found
        ],
    }


def list_application_revisions(store: Store, request: Json) -> Json:
    application = store.application(request["applicationName"])
    bucket, prefix = request.get("s3Bucket"), request.get("s3KeyPrefix", "")
    locations = [
        shown(revision.location)
        for revision in application.revisions.values()
        if bucket is None
        or (
            revision.location.get("s3Location", {}).get("bucket") == bucket
            and revision.location["s3Location"]["key"].startswith(prefix)
        )
    ]
    return page(locations, request, "revisions")


def register(application: Application, location: Json, description: str = "") -> Revision:
    revision = application.revisions.setdefault(key_of(location), Revision(location))
    if description:
        revision.description = description
    return revision


def used(deployment: Deployment) -> None:
    revision = register(deployment.application, deployment.revision)
    revision.first_used_at = revision.first_used_at or utcnow()
    revision.last_used_at = utcnow()


def find(application: Application, location: Json | None) -> Revision:
    if not location:
        refuse("RevisionRequired", "Revision is required")
    revision = application.revisions.get(key_of(location))
    if revision is None:
        refuse("RevisionDoesNotExist", "No revision matches the given location")
    return revision


def checked(application: Application, location: Json | None) -> Json:
    """The location, complete and fit for the application's platform. Raises AWS's errors."""
    if not location:
        refuse("RevisionRequired", "Revision is required")
    kind = location.get("revisionType")
    if kind == "AppSpecContent" and application.platform == "ECS":
        return _checked_content(location)
    if kind == "S3":
        s3 = location.get("s3Location") or {}
        wanted = ("YAML", "JSON") if application.platform == "ECS" else ("zip", "tar", "tgz")
        if not s3.get("bucket") or not s3.get("key"):
            refuse("InvalidRevision", "The S3 location needs a bucket and a key")
        if s3.get("bundleType") not in wanted:
            refuse("InvalidRevision", f"BundleType must be either {' or '.join(wanted)}")
        return location
    if kind == "GitHub" and application.platform == "Server":
        github = location.get("gitHubLocation") or {}
        if "/" not in github.get("repository", "") or not github.get("commitId"):
            refuse("InvalidRevision", "The GitHub location needs a repository, account/name, and a commit id")
        return location
    refuse("InvalidRevision", f"Revision type {kind} is not valid for the compute platform {application.platform}")


def key_of(location: Json) -> str:
    kind = location.get("revisionType")
    if kind == "S3":
        s3 = location.get("s3Location", {})
        return "|".join(["S3", *(str(s3.get(name, "")) for name in ("bucket", "key", "version", "eTag"))])
    if kind == "GitHub":
        github = location.get("gitHubLocation", {})
        return f"GitHub|{github.get('repository')}|{github.get('commitId')}"
    given = location.get("appSpecContent") or location.get("string") or {}
    return "AppSpec|" + (given.get("sha256") or _sha256(given.get("content", "")))


def shown(location: Json | None) -> Json | None:
    """As GetDeployment tells it: an AppSpec by its sha256 alone."""
    if location is None or "appSpecContent" not in location:
        return location
    return location | {"appSpecContent": {"content": None, "sha256": location["appSpecContent"]["sha256"]}}


def check_description(description: str) -> None:
    if len(description) > DESCRIPTION_LIMIT:
        refuse("DescriptionTooLong", f"The description is longer than {DESCRIPTION_LIMIT} characters")


def _checked_content(location: Json) -> Json:
    given = location.get("appSpecContent") or {}
    content = given.get("content") or ""
    if not content:
        refuse("InvalidRevision", "The AppSpec content is empty")
    actual = _sha256(content)
    if given.get("sha256") and given["sha256"] != actual:
        refuse("InvalidRevision", "The sha256 is not the hash of the AppSpec content")
    try:
        appspec.parse(content)
    except appspec.BadAppSpec as problem:
        refuse("InvalidRevision", str(problem))
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": actual}}


def _info(store: Store, application: Application, revision: Revision) -> Json:
    key = key_of(revision.location)
    groups = {
        each.group.name
        for each in store.deployments.values()
        if each.application is application and key_of(each.revision) == key
    }
    times = {
        "firstUsedTime": revision.first_used_at,
        "lastUsedTime": revision.last_used_at,
        "registerTime": revision.registered_at,
    }
    info: Json = {"description": revision.description, "deploymentGroups": sorted(groups)}
    return info | {name: value for name, value in times.items() if value}


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
