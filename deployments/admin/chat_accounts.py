"""Where people say which account of a chat is theirs, and end that. Nothing is done by a GET."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from deployments import clock
from deployments.admin.base import attempt, number
from deployments.languages.told import told
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.chat import binding
from deployments.telling.chat.binding import Asked
from deployments.telling.chat.models import ChatAccount

#: Of the longest name that a chat can call somebody by, and every letter of it an emoji.
_LONGEST_CODE = 2_000


def page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _asked(request, request.GET.get("code", "")[:_LONGEST_CODE])
    if key := number(request.POST.get("unbind")):
        return _unbound(request, key)
    return _bound(request, request.POST.get("code", "")[:_LONGEST_CODE])


def _asked(request: HttpRequest, code: str) -> HttpResponse:
    if not code:
        return _page(request)
    try:
        return _page(request, code=code, asked=binding.read(code, clock.now()))
    except Refused as refused:
        return _page(request, error=refused.sentence)


def _bound(request: HttpRequest, code: str) -> HttpResponse:
    now = clock.now()
    try:
        account = binding.bind(asked=binding.read(code, now), principal=Principal.person(request.user), now=now)
    except Refused as refused:
        return _page(request, error=refused.sentence)
    messages.success(request, f"{account} acts as you now. Go back to the chat and answer there.")
    return redirect("chat_accounts")


def _unbound(request: HttpRequest, key: int) -> HttpResponse:
    """One's own, or an administrator somebody else's, from the workspace's page."""
    account = ChatAccount.objects.select_related("workspace", "person").filter(pk=key).first()
    if account is not None:
        said: dict[str, Any] = {"account": account, "principal": Principal.person(request.user), "now": clock.now()}
        attempt(request, lambda: binding.unbind(**said), f"{account} acts as nobody any more.")
        if account.person != request.user and request.user.has_perm("deployments.view_chatworkspace"):
            return redirect("admin:deployments_chatworkspace_change", account.workspace_id)
    return redirect("chat_accounts")


def _page(request: HttpRequest, *, code: str = "", asked: Asked | None = None, error: str = "") -> HttpResponse:
    mine = ChatAccount.objects.select_related("workspace").filter(person__username=request.user.get_username())
    context = {
        **admin.site.each_context(request),
        "title": told("Chat accounts"),
        "code": code,
        "asked": asked,
        "error": error,
        "accounts": mine,
    }
    return TemplateResponse(request, "admin/chat/accounts.html", context)
