"""The client in this process, and a Tealgate that answers it without a socket between them.

Each long poll gives the world its turn, so that nobody waits for time to pass.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from tealgate import cli, wire
from tealgate.wire import Answer, NoAnswer

from tests.api.conftest import Given, Pipeline, aws, ci, ecr, given, world
from tests.delivery.engine.world import World

__all__ = ["Given", "Pipeline", "World", "aws", "ci", "ecr", "given", "world"]

URL = "https://tealgate.example.com"
#: Whichever CI runs these tests is none of theirs.
CI = ("ACTIONS_", "BITBUCKET_", "CI", "CODEBUILD_", "GITHUB_", "GITLAB_", "TEALGATE_", "TRAVIS")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass
class Server:
    """Answers the client's requests as the web process does."""

    client: Client = field(default_factory=Client)
    #: what happens while somebody waits
    meanwhile: Callable[[], object] = lambda: None
    #: what answers instead, first one first
    instead: list[Answer | Exception] = field(default_factory=list)
    #: so many answers to a POST do not arrive, though it was done
    lost: int = 0
    #: (method, path, headers) of each request
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, timeout: float
    ) -> Answer:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        self.asked.append((method, parts.path, headers))
        if self.instead:
            answer = self.instead.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if query.pop("wait", None):
            self.meanwhile()
        found = self.client.generic(
            method,
            f"{parts.path}?{urlencode(query)}",
            body or b"",
            headers.get("Content-Type", ""),
            headers=dict(headers),
        )
        if method == "POST" and self.lost:
            self.lost -= 1
            raise NoAnswer("its answer broke off")
        return Answer(found.status_code, {name.lower(): value for name, value in found.headers.items()}, found.content)

    @property
    def keys(self) -> list[str]:
        return [headers["Idempotency-Key"] for method, _, headers in self.asked if method == "POST"]


Tealgate = Callable[..., Done]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()
    monkeypatch.setattr(wire, "ask", lambda *words, timeout=0.0, **said: found.ask(*words, timeout=timeout, **said))
    return found


@pytest.fixture
def outside_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(CI)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TEALGATE_URL", URL)
    yield


@pytest.fixture
def typed(outside_ci: None, capsys: pytest.CaptureFixture[str]) -> Tealgate:
    """Types words after `tealgate`."""

    def type_them(*words: object) -> Done:
        code = cli.run([str(word) for word in words])
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return type_them


@pytest.fixture
def tealgate(typed: Tealgate, server: Server, ci: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Tealgate:
    """The same, with the pipeline's token."""
    monkeypatch.setenv("TEALGATE_TOKEN", ci.secret)
    return typed
