"""Pages that were made before there is a browser, and their scripts and styles, over loopback.

Chromium keeps those as it does for people: where each request is intercepted it asks for all of them on every page.
"""

import functools
import mimetypes
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.http import HttpResponse, HttpResponseBase
from django.test import RequestFactory
from django.views.i18n import JavaScriptCatalog

KEPT = {"Cache-Control": "max-age=3600"}
#: What the admin's own scripts say.
_CATALOGUE = JavaScriptCatalog.as_view(packages=["django.contrib.admin"])(RequestFactory().get("/"))
CATALOGUE = b"".join(_CATALOGUE) if isinstance(_CATALOGUE, HttpResponse) else b""


class Site(ThreadingHTTPServer):
    """Whichever page is asked for, it is `page`; whatever else pages ask for is answered with nothing."""

    page: HttpResponseBase

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            if not isinstance(found, str):
                return self._answer(404, {}, b"")
            kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
            return self._answer(200, {"Content-Type": kind, **KEPT}, Path(found).read_bytes())
        if path == "/jsi18n/":
            return self._answer(200, {"Content-Type": "text/javascript", **KEPT}, CATALOGUE)
        if self.headers["Sec-Fetch-Mode"] == "navigate":
            page = self.server.page
            return self._answer(page.status_code, dict(page.headers), getattr(page, "content", b""))
        return self._answer(204, {}, b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self._answer(204, {}, b"")

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in ({**headers, "Content-Length": str(len(body))} if status != 204 else headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


@functools.cache
def site() -> Site:
    """One for all windows of this process, as long as it runs."""
    made = Site(("127.0.0.1", 0), _Request)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    return made
