"""ECR on top of moto's: what moto leaves out or words differently.

A layer's download URL points at this sandbox, which has only config blobs to give: that is what tells an
image's CPU architecture. Pushing by PutImage works for manifests whose config blob is known, so re-tagging an
image does. Each push of a tag tells EventBridge, as "ECR Image Action"; the manifests inside an index, which have no
tag, are no news here.
"""

import hashlib
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecr.exceptions import RepositoryNotFoundException
from moto.ecr.models import ECRBackend, Image
from moto.ecr.responses import ECRResponse

from sandbox.images.registry import Images
from sandbox.patching import Patches
from sandbox.seams import PutEvent

BLOBS = "/_sandbox/blobs/"


class LayersNotFound(ServiceException):
    code = "LayersNotFoundException"


def install(patches: Patches, images: Images, base_url: str, put_event: PutEvent) -> None:
    def get_download_url_for_layer(self: Any) -> ActionResult:
        name = self._get_param("repositoryName")
        digest = self._get_param("layerDigest")
        _repository(self.ecr_backend, name, self._get_param("registryId"))
        if images.blob(digest) is None:
            raise LayersNotFound(
                f"The layer with digest '{digest}' does not exist in the repository with name '{name}' in "
                f"registry with id '{self.current_account}'"
            )
        return ActionResult({"downloadUrl": f"{base_url}{BLOBS}{digest}", "layerDigest": digest})

    patches.replace(ECRResponse, "get_download_url_for_layer", lambda original: get_download_url_for_layer)
    patches.replace(ECRBackend, "batch_get_image", lambda original: _batch_get_image)
    patches.replace(ECRBackend, "batch_delete_image", _of_this_registry)
    patches.replace(ECRBackend, "put_image", lambda original: _telling(original, put_event))
    patches.replace(Image, "_create_digest", lambda original: _create_digest)


def _telling(original: Any, put_event: PutEvent) -> Any:
    def put_image(
        self: Any, repository_name: str, image_manifest: str, image_tag: str, *more: Any, **named: Any
    ) -> Any:
        repository = self.repositories[repository_name]
        before = next((each for each in repository.images if image_tag in each.image_tags), None)
        image = original(self, repository_name, image_manifest, image_tag, *more, **named)
        _keep(repository, before)
        detail = {
            "result": "SUCCESS",
            "repository-name": repository_name,
            "image-digest": image.get_image_digest(),
            "action-type": "PUSH",
            "image-tag": image_tag,
        }
        put_event("aws.ecr", "ECR Image Action", repository.arn, lambda: detail)
        return image

    return put_image


def _keep(repository: Any, image: Any) -> None:
    """One that lost its last tag to another can still be pulled by its digest; moto deletes it."""
    if image is not None and image not in repository.images:
        image.image_tag, image.image_tags = None, []
        repository.images.append(image)


def _create_digest(self: Any) -> None:
    """The digest of an image is the digest of its manifest; moto hashes the layers."""
    self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()


def _batch_get_image(self: Any, repository_name: str, registry_id: str | None, image_ids: Any) -> dict[str, Any]:
    """Failures name what was asked for, and an image asked for by tag answers with that tag."""
    repository = _repository(self, repository_name, registry_id)
    found: list[dict[str, Any]] = []
    failures: list[dict[str, Any]] = []
    for image_id in image_ids:
        tag, digest = image_id.get("imageTag"), image_id.get("imageDigest")
        image = next(
            (
                each
                for each in repository.images
                if (tag is None or tag in each.image_tags) and (digest is None or digest == each.get_image_digest())
            ),
            None,
        )
        if image is None:
            failures.append(
                {
                    "imageId": image_id,
                    "failureCode": "ImageNotFound",
                    "failureReason": "Requested image not found",
                }
            )
            continue
        found.append(
            {
                "registryId": repository.registry_id,
                "repositoryName": repository_name,
                "imageId": {"imageDigest": image.get_image_digest()} | ({"imageTag": tag} if tag else {}),
                "imageManifest": image.get_image_manifest(),
                "imageManifestMediaType": image.image_manifest_media_type,
            }
        )
    return {"images": found, "failures": failures}


def _of_this_registry(original: Any) -> Any:
    def method(self: Any, repository_name: str, registry_id: str | None = None, image_ids: Any = None) -> Any:
        _repository(self, repository_name, registry_id)
        return original(self, repository_name, registry_id, image_ids)

    return method


def _repository(backend: Any, name: str, registry_id: str | None) -> Any:
    """One of this account: nobody may read another's."""
    if name not in backend.repositories or registry_id not in (None, "", backend.account_id):
        raise RepositoryNotFoundException(name, registry_id or backend.account_id)
    return backend.repositories[name]
