"""A container registry on loopback: as much of the OCI distribution API as tests need, and its misbehaviours."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
USER, PASSWORD, TOKEN = "robot", "p:ss wörd", "tok-1"


def digest_of(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


@dataclass
class Registry:
    """`auth` is "", "basic", "token" (anyone gets one) or "private" (a token only with the password)."""

    auth: str = ""
    realm: str = ""  # another token service than its own
    redirect: str = ""  # where blobs are
    lie: str = ""  # the digest it claims for every manifest
    silent: bool = False
    answer: tuple[int, str, bytes] | None = None  # status, content type and body for everything
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)  # (path, Authorization)
    host: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def push(self, tag: str, *, architecture: str = "amd64") -> str:
        config = json.dumps({"os": "linux", "architecture": architecture}).encode()
        self.blobs[digest_of(config)] = config
        return self._keep(tag, MANIFEST, {"schemaVersion": 2, "config": {"digest": digest_of(config)}, "layers": []})

    def push_index(self, tag: str, *platforms: tuple[str, str]) -> str:
        entries = [{"platform": {"os": system, "architecture": cpu}} for system, cpu in platforms]
        return self._keep(tag, INDEX, {"schemaVersion": 2, "manifests": entries})

    def _keep(self, tag: str, media_type: str, manifest: dict[str, Any]) -> str:
        body = json.dumps(manifest).encode()
        self.manifests[tag] = self.manifests[digest_of(body)] = (media_type, body)
        return digest_of(body)

    def allows(self, authorization: str) -> bool:
        if not self.auth:
            return True
        return authorization == (basic() if self.auth == "basic" else f"Bearer {TOKEN}")


def basic() -> str:
    return "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"registry": registry}))
    registry.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        registry.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    registry: Registry

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:  # noqa: N802
        self.registry.seen.append((self.path, self.headers.get("Authorization", "")))
        path = urlsplit(self.path).path
        if self.registry.silent:
            self.registry.over.wait(30)
        elif self.registry.answer:
            status, content_type, body = self.registry.answer
            self.reply(status, body, {"Content-Type": content_type})
        elif path == "/token":
            self.token()
        elif path.startswith("/elsewhere/"):
            self.reply(200, self.registry.blobs[path.rsplit("/", 1)[1]])
        elif not self.registry.allows(self.headers.get("Authorization", "")):
            self.challenge()
        elif "/manifests/" in path:
            self.manifest(path)
        else:
            self.blob(path)

    def token(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if self.registry.auth == "private" and self.headers.get("Authorization") != basic():
            return self.problem(403, "DENIED")
        assert asked["service"] == ["tests"] and asked["scope"][0].endswith(":pull")
        return self.reply(200, json.dumps({"token": TOKEN}).encode())

    def challenge(self) -> None:
        realm = self.registry.realm or f"http://{self.registry.host}/token"
        asked = f'Bearer realm="{realm}",service="tests",scope="repository:team/app:pull"'
        self.reply(401, b"", {"WWW-Authenticate": 'Basic realm="tests"' if self.registry.auth == "basic" else asked})

    def manifest(self, path: str) -> None:
        if not path.startswith("/v2/team/app/"):
            return self.problem(404, "NAME_UNKNOWN")
        found = self.registry.manifests.get(path.rsplit("/", 1)[1])
        if found is None:
            return self.problem(404, "MANIFEST_UNKNOWN")
        digest = self.registry.lie or digest_of(found[1])
        return self.reply(200, found[1], {"Content-Type": found[0], "Docker-Content-Digest": digest})

    def blob(self, path: str) -> None:
        digest = path.rsplit("/", 1)[1]
        if self.registry.redirect:
            return self.reply(307, b"", {"Location": f"{self.registry.redirect}/elsewhere/{digest}"})
        return self.reply(200, self.registry.blobs[digest])

    def problem(self, status: int, code: str) -> None:
        self.reply(status, json.dumps({"errors": [{"code": code}]}).encode())

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
