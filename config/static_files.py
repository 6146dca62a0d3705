"""Static files by whitenoise, and what a task answers for one of another version.

While a new version takes the place of an old one, a page of the one asks a task of the other for files: their names
hold a hash that it has never heard of. It answers with its own file of that name, which is nearly always the same or
close to it, and says that nobody may keep it: the next page asks a task that knows better. Without that the page would
have neither looks nor live parts, and an error could stay in browsers and caches.
"""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

#: As Django writes it into a name, before what comes after the last dot.
HASH = re.compile(r"\.[0-9a-f]{12}(?=(\.[^./]*)?$)")


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(self._not_found)
        self._other_paths = get_response

    def _not_found(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.static_prefix):
            return self._other_paths(request)
        own = self._file(HASH.sub("", request.path_info))
        response: HttpResponseBase = self.serve(own, request) if own else _nothing()
        response["Cache-Control"] = "no-store"
        return response

    def _file(self, path: str) -> Any:
        return self.find_file(path) if self.autorefresh else self.files.get(path)


def _nothing() -> HttpResponseBase:
    return HttpResponseNotFound("This version has no such file.\n", content_type="text/plain")
