"""Image references, read the way docker reads them."""

import re
from dataclasses import dataclass
from typing import Self

DOCKER_HUB = "docker.io"

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """`registry` is host[:port] (docker.io for Docker Hub), `path` the name in it; a digest outranks the tag."""

    registry: str
    path: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with a sentence for people."""
        text = text.strip()
        if not text:
            raise ValueError("An image reference is needed, such as nginx:1.25 or ghcr.io/team/app:2.0.")
        if "://" in text:
            raise ValueError(f"{text} is a web address; an image reference has no https:// in front.")
        name, at, digest = text.partition("@")
        if at and not _DIGEST.fullmatch(digest):
            raise ValueError(
                f"{digest or 'Nothing'} after @ is not a digest: sha256: and 64 of the digits 0-9 and a-f."
            )
        registry, path, tag = _split(name)
        if not _HOST.fullmatch(registry):
            raise ValueError(f"{registry} in {text} is not a registry's host name.")
        if tag is not None and not _TAG.fullmatch(tag):
            raise ValueError(
                f"{tag!r} in {text} is not a tag: letters, digits, dots, dashes, underscores, at most 128."
            )
        if not _PATH.fullmatch(path):
            raise ValueError(f"{path!r} in {text} is not an image name: small letters, digits and single separators.")
        if len(path) > 255:
            raise ValueError("The image name is longer than 255 characters.")
        return cls(registry=registry, path=path, tag=tag or ("" if digest else "latest"), digest=digest)

    @property
    def repository(self) -> str:
        """With the registry, without tag and digest: docker.io/library/nginx."""
        return f"{self.registry}/{self.path}"

    @property
    def wanted(self) -> str:
        """What the registry is asked for: the digest when there is one, else the tag."""
        return self.digest or self.tag

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"


def _split(name: str) -> tuple[str, str, str | None]:
    """(registry, path, tag); the first part is a host when it looks like one, as docker decides it."""
    first, slash, rest = name.partition("/")
    if not slash or not (set(".:[") & set(first) or first == "localhost" or first != first.lower()):
        first, rest = DOCKER_HUB, name
    path, colon, tag = rest.partition(":")
    if first == f"index.{DOCKER_HUB}":
        first = DOCKER_HUB
    if first == DOCKER_HUB and "/" not in path:
        path = f"library/{path}"
    return first, path, tag if colon else None
