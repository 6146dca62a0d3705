"""403 and 404 for whoever is signed in: with the menu, so that they go on from there."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views import defaults

from deployments.languages.told import told

#: of get_object_or_404
_DJANGOS = "matches the given query."


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_signed_in(request):
        return defaults.permission_denied(request, exception)
    usual = "Your role does not include this page. Ask an administrator to add you to the right group."
    return _page(request, 403, "You may not do that", "lock_person", str(exception) or usual)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What one of ours said is shown; of what Django says of an address or a row, nothing."""
    if not _is_signed_in(request):
        return defaults.page_not_found(request, exception)
    said = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    usual = "The address is wrong, or what was here does not exist any more."
    is_ours = said and not said.endswith(_DJANGOS)
    return _page(request, 404, "There is nothing here", "search_off", said if is_ours else usual)


def _is_signed_in(request: HttpRequest) -> bool:
    """Also of a request that none of the middleware has seen."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and admin.site.has_permission(request)


def _page(request: HttpRequest, code: int, title: str, icon: str, text: str) -> HttpResponse:
    context: dict[str, Any] = {**admin.site.each_context(request), "title": told(title), "text": told(text)}
    context["picture"] = icon
    # Rendered here: whoever calls a handler renders nothing.
    return TemplateResponse(request, "admin/error.html", context, status=code).render()
