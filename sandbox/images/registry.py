"""Images as registries hold them: manifests and config blobs under their digests.

Images in ECR live in moto's repositories, so every ECR call sees them; the blobs that moto does not keep live
here. Any other reference (``nginx``, ``ghcr.io/acme/tool:2``) can be pulled when it was pushed under that
name.
"""

import hashlib
import json
import re
import threading
from dataclasses import asdict, dataclass
from typing import Any

from moto.ecr.models import ecr_backends

from sandbox.account import ACCOUNT, REGION


def ecr_host(region: str) -> str:
    return f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com"


ECR_HOST = ecr_host(REGION)
_ECR = re.compile(re.escape(ecr_host("REGION")).replace("REGION", r"([\w-]+)"))
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
BEHAVIOURS = (
    "ok",
    "errors",
    "unhealthy",
    "crash",
    "slow_start",
    "latency",
    "migration_fails",
    "hang",
    "deadlock",
    "out_of_memory",
)
LABEL = "sandbox.image"


class CannotPull(Exception):
    """The sentence ECS shows after ``CannotPullContainerError:``."""


@dataclass(frozen=True)
class Image:
    """What the program in the image does; see ``sandbox.images.web``."""

    version: str
    behaviour: str = "ok"
    error_share: float = 1 / 3
    seconds: float = 0.0
    #: a command of this machine instead of the small web site; see ``sandbox.images.program``
    program: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pulled:
    digest: str
    image: Image
    architecture: str


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Images:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blobs: dict[str, bytes] = {}
        self._manifests: dict[str, str] = {}
        self._elsewhere: dict[str, str] = {}  # "docker.io/library/nginx:latest" -> digest

    def push(
        self,
        repository: str,
        tag: str,
        image: Image,
        architectures: list[str],
        *,
        index: bool = False,
        region: str = REGION,
    ) -> str:
        """Returns the digest. Several architectures, or ``index``, make an image index with attestations."""
        if image.behaviour not in BEHAVIOURS:
            raise ValueError(f"behaviour is one of {', '.join(BEHAVIOURS)}, not {image.behaviour!r}.")
        unknown = set(architectures) - {"amd64", "arm64"}
        if unknown or not architectures:
            raise ValueError(f"architecture is amd64 or arm64 or both, not {sorted(unknown)}.")
        manifests = [self._manifest(image, architecture) for architecture in architectures]
        media_type, manifest = MANIFEST, manifests[0]
        if index or len(manifests) > 1:
            media_type, manifest = INDEX, self._index(architectures, manifests)
        if "." in repository.split("/")[0] or not self._put_in_ecr(region, repository, tag, manifest, media_type):
            self._elsewhere[normalise(f"{repository}:{tag}")] = digest_of(manifest.encode())
        return digest_of(manifest.encode())

    def blob(self, digest: str) -> bytes | None:
        return self._blobs.get(digest)

    def pull(self, reference: str, cpu_architecture: str) -> Pulled:
        """What a container runtime makes of a reference; raises CannotPull."""
        digest, manifest = self._resolve(reference)
        wanted = ARCHITECTURES[cpu_architecture]
        parsed = json.loads(manifest)
        if "manifests" in parsed:
            entry = next((e for e in parsed["manifests"] if e["platform"]["architecture"] == wanted), None)
            if entry is None:
                raise CannotPull(
                    "pull image manifest has been retried 1 time(s): image Manifest does not contain "
                    f"descriptor matching platform 'linux/{wanted}'"
                )
            parsed = json.loads(self._manifests[entry["digest"]])
        config = json.loads(self._blobs.get(parsed["config"]["digest"], b"{}"))
        described = config.get("config", {}).get("Labels", {}).get(LABEL)
        if described is None:
            raise CannotPull(f"ref {reference}: the config blob {parsed['config']['digest']} is not in the sandbox")
        return Pulled(digest, Image(**json.loads(described)), config["architecture"])

    def _manifest(self, image: Image, architecture: str) -> str:
        config = {
            "architecture": architecture,
            "os": "linux",
            "config": {
                "Labels": {
                    LABEL: json.dumps(asdict(image)),
                    "org.opencontainers.image.version": image.version,
                }
            },
        }
        blob = json.dumps(config, sort_keys=True).encode()
        layer = {"mediaType": LAYER, "digest": digest_of(b"layer of " + blob), "size": 31_457_280}
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {"mediaType": CONFIG, "digest": digest_of(blob), "size": len(blob)},
                "layers": [layer],
            }
        )
        with self._lock:
            self._blobs[digest_of(blob)] = blob
            self._manifests[digest_of(manifest.encode())] = manifest
        return manifest

    def _index(self, architectures: list[str], manifests: list[str]) -> str:
        entries: list[dict[str, Any]] = []
        for architecture, manifest in zip(architectures, manifests, strict=True):
            digest = digest_of(manifest.encode())
            entry = {"mediaType": MANIFEST, "digest": digest, "size": len(manifest)}
            # Build tools add an attestation for each platform, under a platform that no machine has.
            attestation = {
                "mediaType": MANIFEST,
                "digest": digest_of(b"attestation of " + digest.encode()),
                "size": 566,
                "annotations": {
                    "vnd.docker.reference.digest": digest,
                    "vnd.docker.reference.type": "attestation-manifest",
                },
                "platform": {"architecture": "unknown", "os": "unknown"},
            }
            entries += [entry | {"platform": {"architecture": architecture, "os": "linux"}}, attestation]
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
        with self._lock:
            self._manifests[digest_of(index.encode())] = index
        return index

    def _put_in_ecr(self, region: str, repository: str, tag: str, manifest: str, media_type: str) -> bool:
        backend = ecr_backends[ACCOUNT][region]
        if repository not in backend.repositories:
            return False
        held = backend.repositories[repository].images
        if not any(tag in image.image_tags and image.image_manifest == manifest for image in held):
            backend.put_image(repository, manifest, tag, media_type, digest_of(manifest.encode()))
        return True

    def _resolve(self, reference: str) -> tuple[str, str]:
        name, digest = (reference.split("@", 1) + [""])[:2]
        match = re.fullmatch(r"(?P<repository>.+?)(:(?P<tag>[\w][\w.-]{0,127}))?", name)
        assert match is not None
        host, _, path = match["repository"].partition("/")
        tag = match["tag"] or "latest"
        in_ecr = _ECR.fullmatch(host)
        if in_ecr is not None:
            repository = ecr_backends[ACCOUNT][in_ecr[1]].repositories.get(path)
            for image in repository.images if repository else []:
                if image.get_image_digest() == digest or (not digest and tag in image.image_tags):
                    return image.get_image_digest(), image.image_manifest
        else:
            found = digest or self._elsewhere.get(normalise(reference), "")
            if found in self._manifests:
                return found, self._manifests[found]
        raise CannotPull(
            f"pull image manifest has been retried 1 time(s): failed to resolve ref {reference}: {reference}: not found"
        )


def normalise(reference: str) -> str:
    """nginx, docker.io/nginx and docker.io/library/nginx:latest are the same image."""
    if ":" not in reference.rpartition("/")[2]:
        reference += ":latest"
    host, _, path = reference.partition("/")
    if not path or not ("." in host or ":" in host or host == "localhost"):
        host, path = "docker.io", reference
    if host == "docker.io" and "/" not in path:
        path = f"library/{path}"
    return f"{host}/{path}"
