"""In which language a request is answered: that of the person's choice, else the browser's.

The choice is a cookie, as Django's own view keeps it. It is also kept with the person, for mail and for the next
browser: that one is given the cookie when the person signs in, and loses it when they sign out.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST
from django.views.i18n import JavaScriptCatalog

from deployments.people.language import choose, chosen_by

#: What machines read is English: their logs are searched for it.
FOR_MACHINES = ("/api/", "/metrics", "/readyz", "/chat/")
#: Files that are the same to every reader, for caches in front as well.
_STATIC = "/static/"


def reader_language(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(_STATIC):
            return get_response(request)
        if request.path_info.startswith(FOR_MACHINES):
            language = settings.LANGUAGE_CODE
        else:
            language = translation.get_language_from_request(request)
        with translation.override(language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        chosen = getattr(request, "_tealgate_language", None)
        if chosen:
            keep(response, chosen)
        elif chosen is not None:
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH, samesite="Lax")
        return response

    return middleware


def keep(response: HttpResponse, language: str) -> None:
    """In this browser, for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@receiver(user_logged_in)
def speak_as_chosen(sender: type[User], request: HttpRequest | None, user: User, **more: Any) -> None:
    """In the language that the person chose, here or elsewhere; the browser's is taken for chosen the first time."""
    if request is None:
        return
    asked = translation.get_language_from_request(request)
    if chosen := chosen_by(user):
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            request._tealgate_language = chosen  # type: ignore[attr-defined]
    else:
        choose(user, asked)


@receiver(user_logged_out)
def leave_the_browser(sender: type[User], request: HttpRequest | None, **more: Any) -> None:
    """To whoever signs in next, who may have chosen another language."""
    if request is not None:
        request._tealgate_language = ""  # type: ignore[attr-defined]


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """The switch in the person's menu: back to the page where it was asked for. Also for who has not signed in yet."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(_page(request))
    if language in dict(settings.LANGUAGES):
        keep(response, language)
        if request.user.is_authenticated:
            choose(request.user, language)
    return response


def _page(request: HttpRequest) -> str:
    for asked in (request.POST.get("next"), request.headers.get("Referer")):
        if asked and url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
            return asked
    return reverse("admin:index")


_words = JavaScriptCatalog.as_view(packages=["deployments"])


@cache_control(max_age=86_400, private=True)
def words(request: HttpRequest) -> HttpResponseBase:
    """What scripts say, as `gettext` there: in the language that the address names, since browsers keep it by that."""
    asked = request.GET.get("language", "")
    language = asked if asked in dict(settings.LANGUAGES) else str(translation.get_language())
    with translation.override(language):
        response = _words(request)
    response.headers["Content-Language"] = language
    return response
