"""`/demo/inbox/`: all mail of the demo, whoever it is for, and each as a mail program would show it."""

import os
import re
from http import HTTPStatus
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from demo.mail import folder
from demo.mail.letters import Letter, read

#: A mail is somebody else's page: its links open windows of their own, and nothing in it runs or is loaded.
_NOTHING_RUNS = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        # Of our origin, so that the page around it may ask how high it is; without scripts that gives it nothing.
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    )
)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_IN_WINDOWS = '<base target="_blank">'


@never_cache
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Asked again and again by the page itself, with `?v=` as it has it: 204 while that is the newest."""
    numbers = folder.numbers(_folder())
    version = f"{len(numbers)}-{max(numbers, default=0)}"
    if request.GET.get("v") == version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    letters = filter(None, map(_read, numbers))
    response = render(request, "demo/inbox.html", {"letters": list(letters), "version": version})
    response["X-Tealgate-Version"] = version
    return response


@never_cache
@require_safe
def letter(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "demo/letter.html", {"letter": _existing(number)})


@never_cache
@require_safe
@xframe_options_sameorigin
def as_html(request: HttpRequest, number: int) -> HttpResponse:
    html = _existing(number).html
    if not html:
        raise Http404
    head = _HEAD.search(html)
    at = head.end() if head else 0
    response = HttpResponse(html[:at] + _IN_WINDOWS + html[at:])
    response["Content-Security-Policy"] = _NOTHING_RUNS
    return response


def _existing(number: int) -> Letter:
    found = _read(number)
    if found is None:
        raise Http404
    return found


def _read(number: int) -> Letter | None:
    content = folder.message(_folder(), number)
    return None if content is None else read(number, content)


def _folder() -> Path:
    """Where `demo.mail` keeps what comes; the launcher tells both."""
    return Path(os.environ.get("DEMO_MAIL", ".demo/mail"))
