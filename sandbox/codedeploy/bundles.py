"""Reading revisions: objects in S3, and directories that stand for GitHub repositories."""

import re
from pathlib import Path
from typing import Any

from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends

from sandbox.account import ACCOUNT
from sandbox.codedeploy.model import Json


class Missing(Exception):
    """The sentence that people get."""


def read_s3(location: Json) -> bytes:
    bucket, key = location["bucket"], location["key"]
    try:
        found: Any = s3_backends[ACCOUNT]["aws"].get_object(bucket, key, version_id=location.get("version"))
    except MissingBucket:
        raise Missing(f"The specified bucket does not exist: {bucket}") from None
    if found is None:
        raise Missing(f"The specified key does not exist: {key} in the bucket {bucket}")
    if location.get("eTag") and location["eTag"].strip('"') != found.etag.strip('"'):
        raise Missing(f"The object {key} in the bucket {bucket} has another ETag than {location['eTag']}")
    return bytes(found.value)


def place(revision: Json, directory: Path, github: Path | None) -> tuple[Path, str]:
    """Where the bundle is for an agent to unpack, and of what kind. Raises Missing."""
    if revision["revisionType"] == "GitHub":
        return _repository(revision["gitHubLocation"], github), "directory"
    location = revision["s3Location"]
    bundle = directory / "bundle"
    bundle.write_bytes(read_s3(location))
    return bundle, location["bundleType"]


def _repository(location: Json, github: Path | None) -> Path:
    """ACCOUNT/REPOSITORY/COMMIT below the directory that the sandbox was started with."""
    if github is None:
        raise Missing("The sandbox was started without a directory for GitHub revisions: see --github.")
    names = [*location["repository"].split("/"), location["commitId"]]
    found = github.joinpath(*names)
    if not all(re.fullmatch(r"[\w.-]+", name) and name.strip(".") for name in names) or not found.is_dir():
        address = f"https://api.github.com/repos/{location['repository']}/tarball/{location['commitId']}"
        raise Missing(
            f"Could not download bundle at '{address}' after 3 retries. Server returned codes: "
            + "; ".join(["404 'Not Found'"] * 4)
            + "."
        )
    return found


def environment(revision: Json) -> dict[str, str]:
    """What scripts are told of the bundle that they come from."""
    if revision["revisionType"] == "GitHub":
        return {"BUNDLE_COMMIT": revision["gitHubLocation"]["commitId"]}
    location = revision["s3Location"]
    names = {"BUNDLE_BUCKET": "bucket", "BUNDLE_KEY": "key", "BUNDLE_VERSION": "version", "BUNDLE_ETAG": "eTag"}
    return {name: location[key] for name, key in names.items() if location.get(key)}
