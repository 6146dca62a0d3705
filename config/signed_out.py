"""What somebody sends who was signed out meanwhile is not done, and they are told so where they sign in again."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

NOT_DONE = "You were signed out meanwhile, so nothing of what you sent was done. Sign in, then send it again."


def not_done(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Behind the middleware that reads who it is, and the one that keeps messages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and _leads_back_here(response, request):
            messages.warning(request, NOT_DONE)
        return response

    return middleware


def _leads_back_here(response: HttpResponse, request: HttpRequest) -> bool:
    """By way of the sign-in page."""
    to = urlsplit(getattr(response, "url", ""))
    after = parse_qs(to.query).get(REDIRECT_FIELD_NAME, [""])[0]
    return to.path == reverse("admin:login") and urlsplit(after).path == request.path
