"""What cannot be answered, as application/problem+json (RFC 9457): a status, and a sentence that says what to do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from deployments.aws.errors import AwsError
from deployments.refused import Refused

TYPE = "application/problem+json"

#: What a call may end with besides its answer.
_STATUSES: Mapping[int | str, str] = {
    400: "It cannot be read",
    401: "No token, or one that is not good any more",
    403: "Whoever asks may not",
    404: "It is not there",
    409: "Things are not as they would have to be",
    413: "The body is too big",
    422: "A field or a parameter is not as it has to be",
    429: "Too many at once; Retry-After says how many seconds to wait",
    "5XX": "AWS or the database did not answer, or it is a fault of ours",
}
#: as the description calls them
_NAMES = {status: f"Problem{status}" for status in _STATUSES}


class Wrong(Schema):
    #: the field, with dots where it is inside of another
    field: str
    sentence: str


class Problem(Schema):
    #: of HTTP
    status: int
    #: what kind of problem it is, in a few words
    title: str
    #: what is wrong and what to do, in sentences
    detail: str
    #: the field of the request that it belongs to; "" for none
    field: str = ""
    #: each thing that is wrong with the request
    errors: list[Wrong] = []


class Stopped(Exception):
    """Ends a request with a problem."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        field: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(status=status, title=title, detail=detail, field=field)
        self.headers = headers or {}
        #: further members
        self.more = more or {}


def require(refusal: str) -> None:
    """Ends with 403 when there is a sentence."""
    if refusal:
        raise Stopped(403, "Not allowed", refusal)


def answer(
    problem: Problem, headers: Mapping[str, str] | None = None, more: Mapping[str, Any] | None = None
) -> HttpResponse:
    body = json.dumps({**problem.model_dump(), **(more or {})}, ensure_ascii=False)
    return HttpResponse(body, status=problem.status, content_type=TYPE, headers=dict(headers or {}))


def describe(openapi: dict[str, Any]) -> None:
    """Adds to each operation what it is refused with, status by status."""
    components = openapi["components"]
    components["schemas"].setdefault("Problem", Problem.json_schema())
    content = {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        _NAMES[status]: {"description": said, "content": content} for status, said in _STATUSES.items()
    }
    for operations in openapi["paths"].values():
        for method, operation in operations.items():
            responses = operation["responses"]
            for status, said in responses.items():
                if int(status) >= 400:
                    said["content"] = {TYPE: said["content"]["application/json"]}
            if method == "get":
                responses[304] = {"description": "As in If-None-Match"}
            for status in _ends(method, operation):
                responses.setdefault(status, {"$ref": f"#/components/responses/{_NAMES[status]}"})


def _ends(method: str, operation: Mapping[str, Any]) -> Iterator[int | str]:
    yield from (400, 422, 429, "5XX")
    if "security" in operation:
        yield from (401, 403)
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
        yield 404
    if method != "get":
        yield 409
    if "requestBody" in operation:
        yield 413


def teach(api: NinjaAPI) -> None:
    """What each kind of exception is answered with. Anything else is a fault of ours, and logged as one."""
    kinds: tuple[tuple[type[Exception], Any], ...] = (
        (Stopped, lambda request, stopped: answer(stopped.problem, stopped.headers, stopped.more)),
        (Refused, _refused),
        (AwsError, _aws),
        (AuthenticationError, _unknown),
        (ValidationError, _invalid),
        (RequestDataTooBig, _too_big),
        (Http404, _missing),
        (HttpError, _other),
    )
    for kind, handler in kinds:
        api.add_exception_handler(kind, handler)


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A field can be mended by whoever asks; without one the world is not as it would have to be."""
    status = 422 if refused.field else 409
    return answer(Problem(status=status, title="Refused", detail=refused.sentence, field=refused.field or ""))


def _aws(request: HttpRequest, error: AwsError) -> HttpResponse:
    return answer(Problem(status=502, title="AWS did not answer", detail=error.sentence), {"Retry-After": "5"})


def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    sentence = (
        "No token, or one that is unknown, revoked or over. Send Authorization: Bearer tealgate_…; tokens are made on "
        "the page API tokens."
    )
    return answer(Problem(status=401, title="Who is it?", detail=sentence), {"WWW-Authenticate": "Bearer"})


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = [Wrong(field=_field(each.get("loc", ())), sentence=_sentence(each)) for each in error.errors]
    first = wrong[0] if wrong else Wrong(field="", sentence="It cannot be read.")
    detail = f"{first.field}: {first.sentence}" if first.field else first.sentence
    return answer(Problem(status=422, title="Not understood", detail=detail, field=first.field, errors=wrong))


def _sentence(error: Mapping[str, Any]) -> str:
    said = str(error.get("msg", "")).rstrip(".")
    return f"{said}." if said else "It cannot be read."


def _field(place: Iterable[Any]) -> str:
    """Without where it was, and the name that our code gives to the body."""
    first, *others = [str(part) for part in place] or [""]
    if first == "body" and others:
        others = others[1:]
    return ".".join(others)


def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return answer(Problem(status=413, title="Too big", detail="The body is bigger than 2.5 MB; send less."))


def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    detail = str(error) if error.args else "There is nothing at this address."
    return answer(Problem(status=404, title="Not found", detail=detail))


def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answer(Problem(status=error.status_code, title="Not understood", detail=str(error)))
