"""What image manifests say about the platforms an image was built for (OCI image spec, docker schema 2)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
CONFIG_TYPES = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)
MEDIA_TYPES = INDEX_TYPES + MANIFEST_TYPES
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def platforms_of_index(manifest: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The platforms of an index, None when the manifest is of a single image.

    Build attestations ride along as entries for unknown/unknown; nothing can run them.
    """
    entries = manifest.get("manifests")
    if not isinstance(entries, list):
        return None
    platforms = (entry.get("platform") for entry in entries if isinstance(entry, dict))
    return _distinct(platform_of(platform) for platform in platforms if isinstance(platform, dict))


def platform_of(config: Mapping[str, Any]) -> str:
    """ "os/architecture" of an image's config blob or of an index entry, "" when it says none."""
    system, architecture = config.get("os", ""), config.get("architecture", "")
    if not system or not architecture or "unknown" in (system, architecture):
        return ""
    return f"{system}/{architecture}"


def runnable_child(manifest: Mapping[str, Any]) -> str:
    """Digest of the first manifest of an index that a machine can run, "" when there is none."""
    entries = manifest.get("manifests")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("platform"), dict) and platform_of(entry["platform"]):
            return str(entry.get("digest", ""))
    return ""


def labels_of(config: Mapping[str, Any]) -> dict[str, str]:
    """What the build wrote into an image's config blob."""
    inner = config.get("config")
    return strings(inner.get("Labels")) if isinstance(inner, dict) else {}


def strings(found: Any) -> dict[str, str]:
    """Labels or annotations as names to texts; anybody may have written them."""
    if not isinstance(found, dict):
        return {}
    return {name: said for name, said in found.items() if isinstance(said, str)}


def config_digest(manifest: Mapping[str, Any]) -> str:
    """Digest of the config blob of a single image, "" when there is none that is one."""
    config = manifest.get("config")
    digest = config.get("digest") if isinstance(config, dict) else None
    return digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else ""


def _distinct(platforms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(platform for platform in platforms if platform))
