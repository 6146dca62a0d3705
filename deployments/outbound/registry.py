"""What a tag stands for now, asked of any container registry by the OCI distribution API.

1. GET the manifest without credentials. A registry that wants some answers 401 and says how.
2. Bearer: get a token from the realm it names, with the credential when there is one. Basic: send the credential.
3. The digest is the sha256 of the manifest's bytes; what the registry says must agree with it.
4. An index names its platforms; of a single image the config blob does, perhaps behind a redirect.

A credential goes to the registry it is for, and to the token realm which that registry names over https (or on
the same host); never along with a redirect.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any
from urllib.parse import urljoin, urlsplit

from deployments.aws import oci
from deployments.aws.values import Image
from deployments.outbound import challenge
from deployments.outbound.challenge import Credential
from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer, Request, fetch, is_loopback
from deployments.outbound.images import DOCKER_HUB, Reference

__all__ = ["Credential", "ImageError", "Kind", "resolve"]

TOTAL_SECONDS = 10.0
REDIRECTS = 3
_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+"


class Kind(StrEnum):
    UNKNOWN_TAG = "unknown tag"
    UNKNOWN_REPOSITORY = "unknown repository"
    REFUSED = "access refused"
    TIMED_OUT = "time-out"
    UNREACHABLE = "unreachable"
    NOT_A_REGISTRY = "not a registry"
    SCHEMA_1 = "unsupported schema 1"
    TOO_MANY_REQUESTS = "too many requests"
    WRONG_DIGEST = "wrong digest"


class ImageError(Exception):
    """The message is a sentence for people, with what to do."""

    def __init__(self, sentence: str, kind: Kind) -> None:
        super().__init__(sentence)
        self.kind = kind


def resolve(reference: Reference, credential: Credential | None = None) -> Image:
    """Digest and platforms of this reference now; a credential for another registry is not used. Raises ImageError."""
    if credential is not None and credential.host != reference.registry:
        credential = None
    registry = _Registry(reference, credential)
    try:
        return registry.image()
    except ValueError as exc:  # an address or a header that makes no sense
        raise registry.not_a_registry(f"it sent something unreadable ({exc})") from exc


class _Registry:
    def __init__(self, reference: Reference, credential: Credential | None) -> None:
        self.reference = reference
        self.credential = credential
        self.authorization = ""
        self.deadline = time.monotonic() + TOTAL_SECONDS
        self.host = "registry-1.docker.io" if reference.registry == DOCKER_HUB else reference.registry
        scheme = "http" if is_loopback(urlsplit(f"//{self.host}").hostname or "") else "https"
        self.base = f"{scheme}://{self.host}/v2/{reference.path}/"

    def image(self) -> Image:
        answer = self._get(f"manifests/{self.reference.wanted}")
        self._check_status(answer)
        digest = self._digest(answer)
        manifest = self._manifest(answer)
        return Image(
            repository=self.reference.repository,
            tag=self.reference.tag,
            digest=digest,
            platforms=self._platforms(manifest),
        )

    def _get(self, path: str) -> Answer:
        answer = self._fetch(self._request(path))
        if answer.status == 401 and not self.authorization:
            self.authorization = self._authorize(answer)
            if self.authorization:
                answer = self._fetch(self._request(path))
        return answer

    def _request(self, path: str) -> Request:
        headers = {"Accept": ", ".join(oci.MEDIA_TYPES)}
        if self.authorization:
            headers["Authorization"] = self.authorization
        return Request(url=self.base + path, headers=headers)

    def _authorize(self, answer: Answer) -> str:
        """The Authorization header the registry asks for, "" when it takes none that we have."""
        asked = challenge.parse(answer.headers.get("www-authenticate", ""))
        if asked.scheme == "basic" and self.credential:
            return self.credential.basic
        if asked.scheme != "bearer" or "realm" not in asked.parameters:
            return ""
        return f"Bearer {self._token(asked)}"

    def _token(self, asked: challenge.Challenge) -> str:
        url = challenge.token_url(asked, default_scope=f"repository:{self.reference.path}:pull")
        realm = urlsplit(url)
        if realm.scheme != "https" and realm.netloc != self.host:
            sentence = f"{self.reference.registry} sends clients to {realm.netloc} without https for a token; not done."
            raise ImageError(sentence, Kind.NOT_A_REGISTRY)
        headers = {}
        if self.credential:
            headers["Authorization"] = self.credential.basic
        answer = self._fetch(Request(url=url, headers=headers))
        self._check_status(answer)
        body = _json(answer)
        token = body.get("token") or body.get("access_token")
        if not isinstance(token, str):
            raise self.not_a_registry(f"the token service {realm.netloc} gave no token")
        return token

    def _check_status(self, answer: Answer) -> None:
        where, status = self.reference.registry, answer.status
        if status == 200:
            return
        if status in (401, 403):
            raise ImageError(self._refusal(), Kind.REFUSED)
        if status == 404:
            raise self._missing(answer)
        if status == 429:
            advice = "wait, or give the application a registry credential with a higher limit"
            raise ImageError(f"{where} takes no more requests for now; {advice}.", Kind.TOO_MANY_REQUESTS)
        if status >= 500:
            raise ImageError(f"{where} has trouble of its own (HTTP {status}); try again later.", Kind.UNREACHABLE)
        raise self.not_a_registry(f"it answered HTTP {status}")

    def _refusal(self) -> str:
        start = f"{self.reference.registry} does not show {self.reference.path}"
        if self.credential:
            return f"{start} to {self.credential.username}: check its password or token, and that it may pull there."
        return (
            f"{start} to everyone: it is private, or does not exist. Correct the name, or name a registry secret "
            "on the application's page."
        )

    def _missing(self, answer: Answer) -> ImageError:
        errors = _json(answer).get("errors")
        codes = (
            {error.get("code") for error in errors if isinstance(error, dict)} if isinstance(errors, list) else set()
        )
        if "NAME_UNKNOWN" in codes:
            sentence = f"{self.reference.registry} has no repository {self.reference.path}; check the spelling."
            return ImageError(sentence, Kind.UNKNOWN_REPOSITORY)
        if not codes and "docker-distribution-api-version" not in answer.headers:
            return self.not_a_registry("it does not know the registry API")
        kind = "digest" if self.reference.digest else "tag"
        sentence = f"{self.reference.repository} has no {kind} {self.reference.wanted}; push it, or correct it."
        return ImageError(sentence, Kind.UNKNOWN_TAG)

    def _digest(self, answer: Answer) -> str:
        digest = _sha256(answer.body)
        for said in (self.reference.digest, answer.headers.get("docker-content-digest", "")):
            if said.startswith("sha256:") and said != digest:
                sentence = f"{self.reference.registry} sent a manifest that is not {said}: do not use this image."
                raise ImageError(sentence, Kind.WRONG_DIGEST)
        return digest

    def _manifest(self, answer: Answer) -> Mapping[str, Any]:
        manifest = _json(answer)
        content_type = answer.headers.get("content-type", "")
        if manifest.get("schemaVersion") == 1 or content_type.startswith(_SCHEMA_1):
            advice = "push it again with a current docker"
            sentence = f"{self.reference} is in docker's old schema 1 format, which has no stable digest; {advice}."
            raise ImageError(sentence, Kind.SCHEMA_1)
        if oci.platforms_of_index(manifest) is None and not oci.config_digest(manifest):
            raise self.not_a_registry("what it sent is no image manifest")
        return manifest

    def _platforms(self, manifest: Mapping[str, Any]) -> tuple[str, ...]:
        platforms = oci.platforms_of_index(manifest)
        if platforms is not None:
            return platforms
        digest = oci.config_digest(manifest)
        answer = self._blob(digest)
        self._check_status(answer)
        if _sha256(answer.body) != digest:
            sentence = f"{self.reference.registry} sent a config blob that is not {digest}: do not use this image."
            raise ImageError(sentence, Kind.WRONG_DIGEST)
        platform = oci.platform_of(_json(answer))
        return (platform,) if platform else ()

    def _blob(self, digest: str) -> Answer:
        answer = self._get(f"blobs/{digest}")
        url = f"{self.base}blobs/{digest}"
        for _ in range(REDIRECTS):
            if answer.status not in (301, 302, 303, 307, 308):
                break
            url = urljoin(url, answer.headers.get("location", ""))
            target = urlsplit(url)
            if target.scheme != "https" and not is_loopback(target.hostname or ""):
                raise self.not_a_registry(f"it sends clients to {target.netloc} without https")
            # Storage behind a registry has its own signature in the address; our credential stays here.
            answer = self._fetch(Request(url=url))
        return answer

    def _fetch(self, request: Request) -> Answer:
        left = self.deadline - time.monotonic()
        try:
            if left <= 0:
                raise FetchError("", timed_out=True)
            return fetch(replace(request, seconds=left))
        except FetchError as exc:
            if exc.timed_out:
                sentence = f"{self.reference.registry} did not answer within {TOTAL_SECONDS:g} s; try again."
                raise ImageError(sentence, Kind.TIMED_OUT) from exc
            raise ImageError(str(exc), Kind.UNREACHABLE) from exc

    def not_a_registry(self, why: str) -> ImageError:
        sentence = f"{self.reference.registry} does not behave like a container registry: {why}."
        return ImageError(sentence, Kind.NOT_A_REGISTRY)


def _json(answer: Answer) -> Mapping[str, Any]:
    """The body as a JSON object, {} when it is none."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()
