"""Whatever goes wrong below /api/, and wherever: a problem in words, never a page for people."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from deployments.api import problems

View = Callable[[HttpRequest], HttpResponse]

_SENTENCES = {
    400: "The request cannot be read. Look for null characters, for the host's name and for the form of the body.",
    405: "Nothing at this address is asked so. Allow names what it is asked with.",
    503: "The database does not answer. Ask again; with an Idempotency-Key nothing is done twice.",
}
_OURS = "That is a fault of Tealgate's; its log tells more. Look whether it was done before you ask again."
_THEIRS = "This request is not answered here."
#: of the page that was to be answered
_KEPT = ("Allow", "Retry-After", "Cache-Control")


def problems_only(get_response: View) -> View:
    """Middleware: Django, ninja and ours answer some with pages, which a pipeline can neither read nor show."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code < 400 or not f"{request.path_info}/".startswith("/api/"):
            return response
        return response if response.headers.get("Content-Type") == problems.TYPE else _in_words(response)

    return middleware


def _in_words(response: HttpResponse) -> HttpResponse:
    status = response.status_code
    detail = _SENTENCES.get(status) or (_OURS if status >= 500 else _THEIRS)
    problem = problems.Problem(status=status, title=HTTPStatus(status).phrase, detail=detail)
    return problems.answer(problem, {name: response.headers[name] for name in _KEPT if name in response.headers})
