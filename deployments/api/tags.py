"""ETags: whoever has an answer already is told so, instead of being sent it again."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response


def tagged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with its ETag; 304 where the request has it."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    conditional: HttpResponse = get_conditional_response(request, etag=tag, response=response) or response
    return conditional
