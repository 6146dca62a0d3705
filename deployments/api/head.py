"""HEAD below /api/: what GET would answer, without what it would say."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

View = Callable[[HttpRequest], HttpResponse]


def head(get_response: View) -> View:
    """Middleware: ninja answers 405, since no call is described as HEAD."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not f"{request.path_info}/".startswith("/api/"):
            return get_response(request)
        if request.method == "HEAD":
            return _bare(request, get_response)
        response = get_response(request)
        if "GET" in response.headers.get("Allow", ""):
            response.headers["Allow"] += ", HEAD"
        return response

    return middleware


def _bare(request: HttpRequest, get_response: View) -> HttpResponse:
    request.method = "GET"
    response = get_response(request)
    request.method = "HEAD"  # as the log tells it
    length = len(response.content)
    response.content = b""
    response.headers["Content-Length"] = str(length)
    return response
