"""Amazon ECR: what a tag stands for now, the platforms it was built for, and what its build wrote into it."""

import hashlib
import json
import ssl
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import httpx

from deployments.aws import errors, oci, values
from deployments.aws.calling import Caller, chunks
from deployments.aws.ecr_address import EcrAddress

IMAGES_A_CALL = 100
TAGS_A_CALL = 1000
CONFIG_LIMIT = 4 * 1024 * 1024


class Ecr(Caller):
    def image(self, repository: str, reference: str, *, platforms: bool = True) -> values.Image:
        by_digest = reference.startswith("sha256:")
        where = _where(repository)
        answer = self.call(
            "ecr",
            "BatchGetImage",
            imageIds=[{_id_by(reference): reference}],
            acceptedMediaTypes=list(oci.MEDIA_TYPES),
            **where,
        )
        if not answer["images"]:
            raise _missing(answer.get("failures", []), repository, reference)
        image = answer["images"][0]
        return values.Image(
            repository=repository,
            tag="" if by_digest else reference,
            digest=image["imageId"]["imageDigest"],
            platforms=self._platforms(json.loads(image["imageManifest"]), where) if platforms else (),
        )

    def images_there(self, repository: str, references: Collection[str]) -> frozenset[str]:
        where, found = _where(repository), set()
        for some in chunks(references, IMAGES_A_CALL):
            ids = [{_id_by(reference): reference} for reference in some]
            answer = self.call("ecr", "BatchGetImage", imageIds=ids, acceptedMediaTypes=list(oci.MEDIA_TYPES), **where)
            there = {known for each in answer["images"] for known in each["imageId"].values()}
            found |= there.intersection(some)
        return frozenset(found)

    def tagged_images(self, repository: str) -> tuple[values.TaggedImage, ...]:
        where, found = _where(repository), []
        size = {"PageSize": TAGS_A_CALL}
        for page in self.pages(
            "ecr", "DescribeImages", filter={"tagStatus": "TAGGED"}, PaginationConfig=size, **where
        ):  # fmt: skip
            for detail in page["imageDetails"]:
                if _can_be_pulled(detail):
                    found += [
                        values.TaggedImage(tag=tag, digest=detail["imageDigest"], pushed_at=detail["imagePushedAt"])
                        for tag in detail.get("imageTags", ())
                    ]
        return tuple(found)

    def image_labels(self, repository: str, digest: str) -> Mapping[str, str]:
        where = _where(repository)
        manifest = self._manifest(repository, digest, where)
        labels = oci.strings(manifest.get("annotations"))
        if child := oci.runnable_child(manifest):
            manifest = self._manifest(repository, child, where)
            labels |= oci.strings(manifest.get("annotations"))
        if config := oci.config_digest(manifest):
            url = self.call("ecr", "GetDownloadUrlForLayer", layerDigest=config, **where)["downloadUrl"]
            labels |= oci.labels_of(_blob(url, config))
        return labels

    def _manifest(self, repository: str, digest: str, where: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self.call(
            "ecr", "BatchGetImage",
            imageIds=[{"imageDigest": digest}], acceptedMediaTypes=list(oci.MEDIA_TYPES), **where,
        )  # fmt: skip
        if not answer["images"]:
            raise _missing(answer.get("failures", []), repository, digest)
        manifest: Mapping[str, Any] = json.loads(answer["images"][0]["imageManifest"])
        return manifest

    def _platforms(self, manifest: Mapping[str, Any], where: Mapping[str, str]) -> tuple[str, ...]:
        platforms = oci.platforms_of_index(manifest)
        if platforms is not None:
            return platforms
        digest = oci.config_digest(manifest)
        if not digest:
            return ()
        url = self.call("ecr", "GetDownloadUrlForLayer", layerDigest=digest, **where)["downloadUrl"]
        platform = oci.platform_of(_blob(url, digest))
        return (platform,) if platform else ()


def _can_be_pulled(detail: Mapping[str, Any]) -> bool:
    """Not what is in the archive, nor a chart, a signature or another artifact that says what it is."""
    kind = detail.get("artifactMediaType", "")
    is_image = not kind or kind in oci.CONFIG_TYPES
    return is_image and detail.get("imageStatus", "ACTIVE") == "ACTIVE"


def _id_by(reference: str) -> str:
    return "imageDigest" if reference.startswith("sha256:") else "imageTag"


def _where(repository: str) -> dict[str, str]:
    address = EcrAddress.parse(repository)
    if not address:
        said = f"{repository} is not an ECR address (ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME)"
        raise errors.Invalid("BatchGetImage", "InvalidParameterException", said)
    return {
        "region": address.region,
        "registryId": address.account,
        "repositoryName": address.repository,
    }


def _missing(failures: list[Mapping[str, str]], repository: str, reference: str) -> errors.AwsError:
    first = failures[0] if failures else {}
    code = first.get("failureCode", "ImageNotFound")
    said = first.get("failureReason") or f"{repository} has no image {reference}"
    kind = errors.NotFound if code == "ImageNotFound" else errors.Invalid
    return kind("BatchGetImage", code, said)


def _blob(url: str, digest: str) -> Mapping[str, Any]:
    """The config blob, from the presigned address that ECR gave."""
    body = bytearray()
    # Not packed, and not unpacked: the digest is that of the bytes as stored, and packed ones know no limit.
    unpacked = {"Accept-Encoding": "identity"}
    try:
        with httpx.stream("GET", url, headers=unpacked, timeout=httpx.Timeout(10, connect=3), verify=_tls()) as answer:
            answer.raise_for_status()
            for piece in answer.iter_raw():
                body += piece
                if len(body) > CONFIG_LIMIT:
                    raise errors.Invalid("GetDownloadUrlForLayer", "TooLarge", "the config blob is over 4 MiB")
    except httpx.HTTPError as exc:
        raise errors.Unavailable("GetDownloadUrlForLayer", type(exc).__name__, "the config blob did not come") from exc
    if "sha256:" + hashlib.sha256(body).hexdigest() != digest:
        raise errors.Invalid("GetDownloadUrlForLayer", "DigestMismatch", f"the config blob is not {digest}")
    return _object(bytes(body))


def _object(body: bytes) -> Mapping[str, Any]:
    """Whoever pushed it chose what is in it."""
    try:
        config = json.loads(body)
    except (ValueError, RecursionError):
        config = None
    if not isinstance(config, dict):
        raise errors.Invalid("GetDownloadUrlForLayer", "NotAConfig", "the config blob is no JSON object")
    return config


@cache
def _tls() -> ssl.SSLContext:
    """Loading the certificate authorities takes longer than most of the requests."""
    return httpx.create_ssl_context()
