"""Whom a deployment tells of itself, as it is decided on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from deployments.members import known


@dataclass(frozen=True, kw_only=True)
class WebhookSpec:
    """A row and where it leads. Its address often holds a token, so that is read when it is sent and kept nowhere else.

    `secret` is the name of a setting, never a value; `mark` is another one once the address changes.
    """

    id: int = 0
    place: str
    secret: str = ""
    mark: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Those frozen by an earlier release name the whole address: of it only the host is taken up."""
        earlier = {"place": urlsplit(data["url"]).netloc.rpartition("@")[2]} if "url" in data else {}
        return cls(**known(cls, data), **earlier)
