"""Bundles: what servers get instead of images, an archive in S3 or a commit on GitHub."""

import re
from collections.abc import Mapping

from deployments.aws import errors as aws_errors
from deployments.aws.sessions import connect
from deployments.catalog.models import Application
from deployments.catalog.models.retiring import IN_USE
from deployments.refused import Refused

#: by how the key ends, the type that CodeDeploy is told
_ENDINGS = {".zip": "zip", ".tar": "tar", ".tgz": "tgz", ".tar.gz": "tgz"}
_S3_ADDRESS = re.compile(r"s3://(?P<bucket>[^/\s?]+)/(?P<key>[^\s?]+)(\?versionId=(?P<version>\S+))?")
_COMMIT = re.compile(
    r"(https://github\.com/)?(?P<repository>[\w.-]+/[\w.-]+?)(\.git)?(@|/commit/|/tree/)(?P<commit>\S+)"
)

_S3 = {"type", "bucket", "key", "bundleType", "version", "eTag"}
_GITHUB = {"type", "repository", "commitId"}
_BUNDLE_TYPES = ("zip", "tar", "tgz")


def parse(text: str) -> dict[str, str]:
    """A bundle as people write it: s3://bucket/key (?versionId=…), or a commit on GitHub. Raises Refused."""
    if found := _S3_ADDRESS.fullmatch(text.strip()):
        bundle = {"type": "S3", "bucket": found["bucket"], "key": found["key"], "bundleType": _type_of(found["key"])}
        return bundle | ({"version": found["version"]} if found["version"] else {})
    if found := _COMMIT.fullmatch(text.strip()):
        return {"type": "GitHub", "repository": found["repository"], "commitId": found["commit"].lower()}
    raise _refused(
        f"{text.strip() or 'That'} is neither an archive nor a commit. Write s3://bucket/key.zip, or "
        "account/name@commit for a commit on GitHub."
    )


def _type_of(key: str) -> str:
    for ending, name in _ENDINGS.items():
        if key.lower().endswith(ending):
            return name
    raise _refused(f"{key} ends in neither .zip, .tar nor .tgz, so CodeDeploy would not know how to unpack it.")


def checked(application: Application, bundle: Mapping[str, str]) -> dict[str, str]:
    """The bundle as it is kept, with the ETag of what S3 has now, which CodeDeploy's agents compare with what they get.

    Raises Refused: an unknown shape, an object that S3 does not have, or another one than its eTag says.
    """
    if not all(isinstance(value, str) for value in bundle.values()):
        raise _refused("The values of a bundle are texts.")
    match bundle.get("type"):
        case "S3":
            _members(bundle, _S3, ("bucket", "key", "bundleType"))
            if bundle["bundleType"] not in _BUNDLE_TYPES:
                raise _refused(f"The bundle is of type {bundle['bundleType']}; servers take zip, tar or tgz.")
            bundle = {**bundle, "eTag": _etag(application, bundle)}
        case "GitHub":
            _members(bundle, _GITHUB, ("repository", "commitId"))
            if not re.fullmatch(r"[\w.-]+/[\w.-]+", bundle["repository"]):
                raise _refused(f"Write the repository as account/name, not {bundle['repository']}.")
            if not re.fullmatch(r"[0-9a-f]{40}", bundle["commitId"]):
                raise _refused("Give the whole commit id, 40 hexadecimal digits: a branch or tag may move.")
        case other:
            raise _refused(f"A bundle is of type S3 or GitHub, not {other}.")
    return dict(bundle)


def _members(bundle: Mapping[str, str], known: set[str], needed: tuple[str, ...]) -> None:
    if missing := [name for name in needed if not bundle.get(name)]:
        raise _refused(f"The {bundle['type']} bundle has no {', '.join(missing)}.")
    if unknown := sorted(set(bundle) - known):
        raise _refused(f"The {bundle['type']} bundle has {', '.join(unknown)}, which CodeDeploy does not know.")


def _etag(application: Application, bundle: Mapping[str, str]) -> str:
    place = f"s3://{bundle['bucket']}/{bundle['key']}"
    environment = application.environments.filter(IN_USE).exclude(codedeploy_application="").first()
    if environment is None:
        raise _refused(f"No environment of {application} names a CodeDeploy application that could get a bundle.")
    try:
        found = connect(environment.binding).bundle(bundle["bucket"], bundle["key"], bundle.get("version", ""))
    except aws_errors.NotFound as error:
        raise _refused(f"{place} does not exist. Upload it first, or correct the bucket, key or version.") from error
    except aws_errors.Denied as error:
        looking = "s3:GetObjectVersion" if bundle.get("version") else "s3:GetObject"
        raise _refused(
            f"S3 would not show {place}: {error.said} The role of {environment} needs {looking} on it, and "
            "s3:ListBucket on the bucket to be told that something is missing."
        ) from error
    except aws_errors.AwsError as error:
        raise _refused(f"{place} could not be looked at: {error.sentence}") from error
    wanted = bundle.get("eTag", "").strip('"')
    if wanted and wanted != found.etag:
        raise _refused(f"{place} has the ETag {found.etag}, not {wanted}: it was replaced, or another one is meant.")
    return found.etag


def _refused(sentence: str) -> Refused:
    return Refused(sentence, field="bundle")
