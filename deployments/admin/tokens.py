"""Tokens of machines: what each may do, when it was last used, and the one moment in which it is shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from deployments import clock
from deployments.admin import scopes_field
from deployments.admin.base import RecordAdmin, attempt, require, show_refusal
from deployments.admin.spoken import HERE, SpokenFields, around
from deployments.catalog import tokens
from deployments.catalog.models import Environment, Token
from deployments.catalog.models.retiring import IN_USE
from deployments.catalog.models.token import LONGEST_NAME
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES
from deployments.people.token_words import TokenKind
from deployments.refused import Refused
from deployments.templatetags.tealgate import pill, when

_SHOWN_BY = {
    TokenKind.MACHINE: "A pipeline or script",
    TokenKind.AGENT: "An agent",
    TokenKind.PERSON: "Themselves, at a terminal",
}


class TokenForm(SpokenFields, forms.Form):
    name = forms.CharField(
        max_length=LONGEST_NAME,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "storefront-ci", "autocomplete": "off"}),
        help_text="The log and the pages call it so. No other token ever had this name.",
    )
    days = forms.IntegerField(
        label="Good for (days)",
        min_value=1,
        max_value=tokens.MOST_DAYS,
        initial=tokens.DEFAULT_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    scopes = scopes_field.scopes_field()
    for_agent = forms.BooleanField(
        label="It acts for an agent",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Whatever it asks for is told as asked for by an agent, on your behalf.",
    )
    environments = forms.ModelMultipleChoiceField(
        Environment.objects.filter(IN_USE).select_related("application"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@admin.register(Token)
class TokenAdmin(RecordAdmin):
    about_empty = (
        "With a token a pipeline, a script or an agent asks Tealgate for what you may, and never decides at a gate. "
        "A CI that can show who it is needs none: see CI trust."
    )
    list_display = ("name_link", "shown_by", "owner", "may", "reach", "state", "used")
    list_filter = ("kind",)
    list_display_links = None
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    search_help_text = "Search name or owner"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Token]:
        found: QuerySet[Token] = super().get_queryset(request)
        return found.prefetch_related("environments__application")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not rights.token_refusal(Principal.person(request.user))

    @admin.display(description="Name", ordering="name")
    def name_link(self, token: Token) -> SafeString:
        address = reverse("admin:deployments_token_change", args=[token.pk])
        return format_html(
            '<a class="tg-strong" href="{}">{}</a> <code class="tg-code-end">…{}</code>',
            address,
            token.name,
            token.hint,
        )

    @admin.display(description="Used by", ordering="kind")
    def shown_by(self, token: Token) -> str:
        return told(_SHOWN_BY[TokenKind(token.kind)])

    @admin.display(description="May")
    def may(self, token: Token) -> str:
        return told("All that they may") if token.is_of_person else ", ".join(token.scopes)

    @admin.display(description="Where")
    def reach(self, token: Token) -> str:
        return ", ".join(str(each) for each in token.environments.all()) if token.is_for_some else told("Everywhere")

    @admin.display(description="State", ordering="expires_at")
    def state(self, token: Token) -> SafeString:
        if token.revoked_at:
            return format_html("{} {}", pill("Revoked", "bad"), when(token.revoked_at))
        if not token.is_good(clock.now()):
            return format_html("{} {}", pill("Over", "warn"), when(token.expires_at))
        return format_html("{} {}", pill("Good", "good"), around(f"until {HERE}", when(token.expires_at)))

    @admin.display(description="Last used", ordering="last_used_at")
    def used(self, token: Token) -> SafeString | str:
        return when(token.last_used_at, told("Never"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "deployments.add_token", "make tokens")
        form = TokenForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                token, secret = tokens.make(**said, principal=Principal.person(request.user), now=clock.now())
            except Refused as refused:
                show_refusal(form, refused)
            else:
                return self._page(request, "made", token, secret=secret, site=request.build_absolute_uri("/"))
        return self._page(
            request,
            "add",
            None,
            form=form,
            scopes=scopes_field.shown(form, Principal.person(request.user)),
            crumb=told("Make a token"),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        token = self.get_object(request, object_id)
        if token is None:
            raise Http404("There is no such token.")
        if not self.has_view_permission(request, token):
            raise PermissionDenied("You do not have the right to see tokens; ask an administrator for it.")
        principal = Principal.person(request.user)
        if request.method == "POST":
            said: dict[str, Any] = {"token": token, "principal": principal, "now": clock.now()}
            attempt(request, lambda: tokens.revoke(**said), f"{token} opens nothing any more.")
            return redirect("admin:deployments_token_change", token.pk)
        given = [(name, SCOPES[name].meaning) for name in token.scopes if name in SCOPES]
        return self._page(
            request, "page", token, given=given, shown_by=self.shown_by(token), state=self.state(token),
            is_good=token.is_good(clock.now()), revoke_refusal=rights.revoke_refusal(principal, token.owner),
        )  # fmt: skip

    def _page(self, request: HttpRequest, name: str, token: Token | None, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": token,
            "title": str(token) if token else told("Make a token"),
            "token": token,
            **more,
        }
        return TemplateResponse(request, f"admin/deployments/token/{name}.html", context)
