"""A name server in memory, in place of getaddrinfo: names with their addresses, and wildcards."""

import socket
from collections.abc import Mapping
from typing import Any

import pytest


class NameServer:
    """What is not in `names` is unknown. "*.example" stands for every name right below it that has none of its own."""

    def __init__(self, names: Mapping[str, tuple[str, ...]], *, is_away: bool = False) -> None:
        self.names, self.is_away = names, is_away
        self.asked: list[str] = []

    def instead_of(self, monkeypatch: pytest.MonkeyPatch) -> "NameServer":
        monkeypatch.setattr(socket, "getaddrinfo", self.answer)
        return self

    def answer(self, host: str, port: int, **_: Any) -> list[Any]:
        host.encode("idna")
        self.asked.append(host)
        if self.is_away:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        name = host.rstrip(".").lower()
        found = self.names.get(name, self.names.get(f"*.{name.partition('.')[2]}", ()))
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port)) for each in found]
