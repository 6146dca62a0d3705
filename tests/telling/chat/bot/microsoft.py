"""Microsoft on loopback, as far as a bot meets it: the Bot Connector's keys, tokens for bots, and conversations."""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.fakes.issuer import PrivateKey, jwk, rsa_key, signed

ISSUER = "https://api.botframework.com"
APP, TENANT = "0d9f1a6e-5a2b-4c3d-8e7f-102030405060", "1234abcd-1234-12ab-12ab-35b75f16f1e1"
SECRET = "client~secret.of-the-bot"
BOB = "1234567d-1234-462a-8952-35b75f16f1e1"
CHANNEL = "19:d1e4f0a2b3@thread.tacv2"
DOCUMENT, KEYS = "/v1/.well-known/openidconfiguration", "/v1/.well-known/keys"
_ACTIVITIES = re.compile(r"/amer/v3/conversations/([^/]+)/activities(?:/([^/]+))?")

Answer = tuple[int, Any, dict[str, str]]


class Microsoft:
    """`faults`: what the next requests of a part ("keys", "token", "said") are answered, one each."""

    url = ""

    def __init__(self) -> None:
        self.keys: dict[str, PrivateKey] = {"one": rsa_key()}
        self.endorsements = ["skype", "msteams", "webchat"]
        self.document: dict[str, Any] = {}
        self.lasts: Any = 3599
        self.calls: list[tuple[str, str]] = []
        self.asked: list[dict[str, str]] = []
        #: conversation, the ID of what is replaced, what is said
        self.said: list[tuple[str, str, dict[str, Any]]] = []
        self.faults: dict[str, deque[str | Answer]] = {"keys": deque(), "token": deque(), "said": deque()}
        #: what happens while the next refusal of a token is on its way
        self.meanwhile: Callable[[], object] | None = None
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._good: set[str] = set()

    @property
    def service_url(self) -> str:
        return f"{self.url}/amer/"

    def claims(self, now: datetime, **changes: Any) -> dict[str, Any]:
        """As the Bot Connector's; a change to None leaves one out."""
        made = {
            "iss": ISSUER, "aud": APP, "serviceurl": self.service_url, "nbf": int(now.timestamp()) - 60,
            "exp": int((now + timedelta(hours=1)).timestamp()),
        }  # fmt: skip
        return {name: value for name, value in (made | changes).items() if value is not None}

    def token(self, now: datetime, *, kid: str = "one", **changes: Any) -> str:
        return signed(self.claims(now, **changes), self.keys[kid], kid)

    def answer(self, method: str, path: str, body: bytes, headers: Any) -> str | Answer:
        with self._lock:
            self.calls.append((method, path))
            part = "keys" if method == "GET" else "token" if path.endswith("/oauth2/v2.0/token") else "said"
            if self.faults[part]:
                return self.faults[part].popleft()
            return getattr(self, f"_{part}")(path, body, headers)  # type: ignore[no-any-return]

    def _keys(self, path: str, body: bytes, headers: Any) -> Answer:
        if path == DOCUMENT:
            said = {
                "issuer": ISSUER,
                "jwks_uri": f"{self.url}{KEYS}",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
            return 200, said | self.document, {}
        assert path == KEYS
        made = [jwk(key, kid) | {"endorsements": self.endorsements} for kid, key in self.keys.items()]
        return 200, {"keys": made}, {}

    def _token(self, path: str, body: bytes, headers: Any) -> Answer:
        form = dict(parse_qsl(body.decode()))
        self.asked.append(form)
        if (path, form["client_id"], form["scope"]) != (f"/{TENANT}/oauth2/v2.0/token", APP, f"{ISSUER}/.default"):
            return 400, {"error": "unauthorized_client", "error_description": "AADSTS700016: not found"}, {}
        if form["client_secret"] != SECRET:
            return 401, {"error": "invalid_client", "error_description": f"AADSTS7000215: {form['client_secret']}"}, {}
        made = f"token-{len(self.asked)}"
        self._good = {made}
        return 200, {"token_type": "Bearer", "expires_in": self.lasts, "access_token": made}, {}

    def _said(self, path: str, body: bytes, headers: Any) -> Answer:
        if headers["Authorization"].removeprefix("Bearer ") not in self._good:
            return 401, {"message": "Authorization has been denied for this request."}, {}
        found = _ACTIVITIES.fullmatch(path)
        assert found, path
        conversation, instead = unquote(found[1]), unquote(found[2] or "")
        self.said.append((conversation, instead, json.loads(body)))
        return (200, {"id": instead}, {}) if instead else (201, {"id": f"17{len(self.said)}"}, {})

    def forget_tokens(self) -> None:
        self._good = set()


def _handler(microsoft: Microsoft) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = microsoft.answer(self.command, self.path, body, self.headers)
            if answer[0] == 401 and microsoft.meanwhile:
                meanwhile, microsoft.meanwhile = microsoft.meanwhile, None
                meanwhile()
            if answer == "hang":
                microsoft.over.wait(20)
            if isinstance(answer, str):
                self.close_connection = True
                return
            status, said, headers = answer
            sent = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(sent)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = _any

        def log_message(self, *args: Any) -> None:
            """Nothing: the calls are kept."""

    return Handler


@contextmanager
def served() -> Iterator[Microsoft]:
    microsoft = Microsoft()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(microsoft))
    server.daemon_threads = True
    microsoft.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield microsoft
    finally:
        microsoft.over.set()
        server.shutdown()
        server.server_close()
