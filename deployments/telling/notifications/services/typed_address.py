"""An address of a service that we speak to by ourselves: SERVICE://WHERE/?NAME=VALUE, where WHERE may hold colons."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class TypedAddress:
    where: str
    options: Mapping[str, str]

    def option(self, name: str, default: str = "") -> str:
        return self.options.get(name) or default


def read(url: str) -> TypedAddress:
    rest = url.partition("://")[2]
    where, _, query = rest.partition("?")
    return TypedAddress(where.rstrip("/"), dict(parse_qsl(query)))
