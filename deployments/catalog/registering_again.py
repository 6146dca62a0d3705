"""Whether a release that is registered again is the same: a pipeline that runs twice must not fail, nor change it."""

from collections.abc import Mapping
from dataclasses import dataclass

from deployments.catalog import bundles
from deployments.catalog import released_definitions as definitions
from deployments.catalog.models import Release
from deployments.catalog.releases import resolve
from deployments.definitions.json_file import JsonFile


@dataclass(frozen=True)
class Again:
    #: what is in it by name: container to repository@digest, "bundle" to its address, "task definition" to its digest
    registered: Mapping[str, str]
    asked: Mapping[str, str]

    @property
    def same(self) -> bool:
        return self.registered == self.asked


def same_again(
    release: Release,
    *,
    images: Mapping[str, str],
    bundle: Mapping[str, str] | None,
    task_definition: JsonFile | None,
) -> Again:
    """Asks the registries what is meant now. Raises Refused as registering does."""
    application = release.application
    if bundle:
        kept = Release(bundle=bundles.checked(application, bundle))
        return Again(_of(release), _of_bundle(kept))
    document = definitions.read(task_definition) if task_definition else None
    if task_definition and document:
        images = definitions.images(task_definition.name, document, images)
    pinned = {container: resolve(application, reference).pinned for container, reference in images.items()}
    asked = dict(pinned)
    if task_definition and document:
        mine = definitions.kept(task_definition.name, document, pinned)
        # With the salt of the one that is there, so that the two can be compared, and neither be guessed.
        salt = (release.task_definition or mine)["salt"]
        asked["task definition"] = definitions.told({**mine, "salt": salt})["sha256"]
    return Again(_of(release), asked)


def _of(release: Release) -> dict[str, str]:
    if release.bundle:
        return _of_bundle(release)
    found = dict(release.pinned)
    if release.task_definition:
        found["task definition"] = definitions.told(release.task_definition)["sha256"]
    return found


def _of_bundle(release: Release) -> dict[str, str]:
    """With the ETag, since S3 may hold something else under the same key by now."""
    etag = (release.bundle or {}).get("eTag", "")
    return {"bundle": " ".join(part for part in (release.bundle_address, etag) if part)}
