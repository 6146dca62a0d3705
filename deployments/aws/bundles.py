"""A bundle for servers and the revision that CodeDeploy calls it: made, read back, named, compared.

A bundle is {"type": "S3", "bucket", "key", "bundleType", and where known "version", "eTag"}, or {"type": "GitHub",
"repository", "commitId"}.
"""

from collections.abc import Mapping
from typing import Any

_MEMBERS = {"S3": "s3Location", "GitHub": "gitHubLocation"}
_WHICH = {"S3": ("bucket", "key"), "GitHub": ("repository", "commitId")}
_PINS = ("version", "eTag")


def revision(bundle: Mapping[str, str]) -> dict[str, Any]:
    """CreateDeployment's revision."""
    location = {key: value for key, value in bundle.items() if key != "type"}
    return {"revisionType": bundle["type"], _MEMBERS[bundle["type"]]: location}


def of_revision(found: Mapping[str, Any] | None) -> dict[str, str] | None:
    """None of what is neither an archive in S3 nor a commit, such as an AppSpec."""
    kind = (found or {}).get("revisionType", "")
    location = (found or {}).get(_MEMBERS.get(kind, ""))
    if not location or not all(location.get(name) for name in _WHICH[kind]):
        return None
    bundle = {"type": kind} | {key: str(value) for key, value in location.items() if value}
    return bundle | ({"eTag": bundle["eTag"].strip('"')} if "eTag" in bundle else {})


def place(bundle: Mapping[str, str] | None) -> str:
    """Where it is, for people; "" of none."""
    if not bundle:
        return ""
    if bundle["type"] == "GitHub":
        return f"{bundle['repository']} at {bundle['commitId'][:12]}"
    version = f"?versionId={bundle['version']}" if bundle.get("version") else ""
    return f"s3://{bundle['bucket']}/{bundle['key']}{version}"


def are_same(one: Mapping[str, str] | None, other: Mapping[str, str] | None) -> bool:
    """Version and ETag are compared where both have them: whoever deploys by hand often names neither."""
    if not one or not other or one["type"] != other["type"]:
        return False
    if any(one[name] != other[name] for name in _WHICH[one["type"]]):
        return False
    return all(one[pin] == other[pin] for pin in _PINS if one.get(pin) and other.get(pin))
