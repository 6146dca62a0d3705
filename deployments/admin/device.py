"""Where people answer a terminal that asks to act as them, and end what they allowed. Nothing is done by a GET."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from deployments import clock
from deployments.admin.base import attempt, number
from deployments.catalog import device_grants, tokens
from deployments.catalog.models import DeviceGrant, Token
from deployments.languages.told import told
from deployments.ops import rate
from deployments.ops.client_address import client_address
from deployments.people.principal import Principal
from deployments.people.token_words import TokenKind
from deployments.refused import Refused

_UNKNOWN = (
    "No terminal waits with this code. Look at it again; a code is good for ten minutes and for one answer. Or begin "
    "again at the terminal."
)


def page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, code=request.GET.get("user_code", "")[:20])
    if key := number(request.POST.get("revoke")):
        return _revoked(request, key)
    return _answered(request, request.POST.get("user_code", "")[:20], request.POST.get("verdict", ""))


def _answered(request: HttpRequest, code: str, verdict: str) -> HttpResponse:
    """Every code that is typed counts, right or wrong."""
    if seconds := rate.CODES_TYPED.wait(request.user.get_username()):
        return _page(request, code=code, error=f"Too many codes in a row; wait {seconds} s.", status=429)
    grant = device_grants.waiting(code, clock.now())
    if grant is None:
        return _page(request, code=code, error=_UNKNOWN)
    if verdict not in ("allow", "deny"):
        return _page(request, code=code, grant=grant)
    act = device_grants.allow if verdict == "allow" else device_grants.deny
    try:
        act(grant=grant, principal=Principal.person(request.user), now=clock.now())
    except Refused as refused:
        return _page(request, code=code, error=refused.sentence)
    if verdict == "allow":
        messages.success(
            request,
            f"{grant.client} acts as you now. Go on at the terminal; it stands below once it has noticed.",
        )
    else:
        messages.warning(request, f"{grant.client} was denied. Whoever began that was perhaps not you.")
    return redirect("device")


def _revoked(request: HttpRequest, key: int) -> HttpResponse:
    token = _terminals(request).filter(pk=key).first()
    if token is not None:
        said: dict[str, Any] = {"token": token, "principal": Principal.person(request.user), "now": clock.now()}
        attempt(request, lambda: tokens.revoke(**said), f"{token} opens nothing any more.")
    return redirect("device")


def _page(
    request: HttpRequest, *, code: str, error: str = "", grant: DeviceGrant | None = None, status: int = 200
) -> HttpResponse:
    here = client_address(request)
    context = {
        **admin.site.each_context(request),
        "title": told("Sign in at a terminal"),
        "code": code,
        "error": error,
        "grant": grant,
        "here": here,
        "elsewhere": bool(grant and grant.address != here),
        "terminals": _terminals(request),
    }
    return TemplateResponse(request, "admin/device/page.html", context, status=status)


def _terminals(request: HttpRequest) -> Any:
    """Where this person is signed in now."""
    mine = Token.objects.filter(owner__username=request.user.get_username(), kind=TokenKind.PERSON)
    return mine.filter(revoked_at__isnull=True, expires_at__gt=clock.now())
