"""What a registry asks of clients in WWW-Authenticate, and the credential that answers it."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

HEADER_LIMIT = 8 * 1024

# Only ever matched where a parameter may begin: sought at every place, long words would be read again from each letter.
_PARAMETER = re.compile(r'[\s,]*(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_BETWEEN = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class Challenge:
    """`scheme` and parameter names in small letters; scheme "" when there was none."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse(header: str) -> Challenge:
    """Raises ValueError when it is longer than any registry's."""
    if len(header) > HEADER_LIMIT:
        raise ValueError(f"a WWW-Authenticate of {len(header)} characters")
    scheme, _, rest = header.strip().partition(" ")
    return Challenge(scheme.lower(), dict(_parameters(rest)))


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        if found := _PARAMETER.match(text, at):
            name, quoted, bare = found.groups()
            yield name.lower(), quoted or bare or ""
            at = found.end()
        else:
            at = _next_word(text, at)


def _next_word(text: str, at: int) -> int:
    """Behind the next blank or comma: what stands before it is no parameter, such as a second challenge's scheme."""
    found = _BETWEEN.search(text, at)
    return found.end() if found else len(text)


def token_url(challenge: Challenge, *, default_scope: str) -> str:
    query = {"scope": challenge.parameters.get("scope") or default_scope}
    if "service" in challenge.parameters:
        query["service"] = challenge.parameters["service"]
    realm = urlsplit(challenge.parameters["realm"])
    joined = "&".join(part for part in (realm.query, urlencode(query)) if part)
    return urlunsplit(realm._replace(query=joined, fragment=""))


@dataclass(frozen=True, kw_only=True)
class Credential:
    """`host` is a registry as references name it: docker.io, ghcr.io, registry.example.com:5000."""

    host: str
    username: str
    password: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """From https://user:password@host, percent-encoded. Raises ValueError without repeating the secret."""
        try:
            parts = urlsplit(url.strip())
            host = parts.hostname or ""
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            host = ""
        if not host or parts.username is None or parts.password is None:
            raise ValueError("A registry's credential is written https://user:password@host.")
        name = f"[{host}]" if ":" in host else host
        if name in ("index.docker.io", "registry-1.docker.io"):
            name = "docker.io"
        return cls(host=name + port, username=unquote(parts.username), password=unquote(parts.password))

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")
