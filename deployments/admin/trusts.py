"""Trust in CIs: whose jobs may do what, which were let in, and why an ID token would not be."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from deployments import clock
from deployments.admin import scopes_field, trust_form
from deployments.admin.base import RecordAdmin, attempt, require, show_refusal
from deployments.admin.trust_form import Row, TrustForm
from deployments.catalog.models import IssuerKeys, Trust
from deployments.catalog.trusts import judging, making
from deployments.identity import claims
from deployments.identity.presets import PRESETS
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.templatetags.tealgate import pill, when

_SHOWN_EVENTS = 20


@admin.register(Trust)
class TrustAdmin(RecordAdmin):
    about_empty = (
        "Jobs of GitHub Actions, GitLab and the like show who they are by an ID token of their CI, and are given a "
        "token for 15 minutes, so that nobody keeps a secret. Here stands which jobs are trusted, and for what."
    )
    list_display = ("name_link", "whom", "may", "reach", "state", "used")
    list_display_links = None
    list_select_related = ("owner",)
    search_fields = ("name", "issuer", "owner__username")
    search_help_text = "Search name, issuer or owner"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trust]:
        found: QuerySet[Trust] = super().get_queryset(request)
        return found.prefetch_related("environments__application", "applications")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not rights.trust_refusal(Principal.person(request.user))

    @admin.display(description="Name", ordering="name")
    def name_link(self, trust: Trust) -> SafeString:
        address = reverse("admin:deployments_trust_change", args=[trust.pk])
        return format_html('<a class="tg-strong" href="{}">{}</a>', address, trust.name)

    @admin.display(description="Whose jobs")
    def whom(self, trust: Trust) -> str:
        return ", ".join(f"{name} {value}" for name, value in trust.claims.items())

    @admin.display(description="May")
    def may(self, trust: Trust) -> str:
        return ", ".join(trust.scopes)

    @admin.display(description="Where")
    def reach(self, trust: Trust) -> str:
        places = [*(str(each) for each in trust.environments.all()), *(each.slug for each in trust.applications.all())]
        return ", ".join(dict.fromkeys(places)) or told("Reads only")

    @admin.display(description="State")
    def state(self, trust: Trust) -> SafeString:
        if trust.ended_at:
            return format_html("{} {}", pill("Ended", "bad"), when(trust.ended_at))
        if not trust.owner.is_active:
            return format_html("{} {}", pill("Nobody answers", "warn"), told(f"{trust.owner} has no account any more"))
        return pill("Good", "good")

    @admin.display(description="Last used", ordering="last_used_at")
    def used(self, trust: Trust) -> SafeString | str:
        return when(trust.last_used_at, told("Never"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "deployments.add_trust", "trust a CI")
        principal = Principal.person(request.user)
        if request.method != "POST":
            return self._form(request, *trust_form.unbound(request))
        form, rows = TrustForm(request.POST), trust_form.sent(request.POST)
        wrong = ""
        if form.is_valid():
            said = {**form.cleaned_data, "claims": {row.name: row.value for row in rows}}
            try:
                trust = making.make(**said, principal=principal, now=clock.now())
            except Refused as refused:
                if refused.field == "claims":
                    wrong = refused.sentence
                else:
                    show_refusal(form, refused)
            else:
                self.message_user(request, f"Jobs that fit {trust} are given tokens from now on.")
                return redirect("admin:deployments_trust_change", trust.pk)
        return self._form(request, form, trust_form.as_typed(rows, trust_form.chosen(request)), wrong)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A POST with an ID token tries that, any other one ends the trust."""
        trust = self.get_object(request, object_id)
        if trust is None:
            raise Http404("There is no such trust.")
        if not self.has_view_permission(request, trust):
            raise PermissionDenied(
                "You do not have the right to see whom Tealgate trusts; ask an administrator for it."
            )
        principal, tried = Principal.person(request.user), None
        if request.method == "POST" and "id_token" in request.POST:
            tried = judging.tried(str(request.POST["id_token"]), clock.now())
        elif request.method == "POST":
            said: dict[str, Any] = {"trust": trust, "principal": principal, "now": clock.now()}
            attempt(request, lambda: making.end(**said), f"No job is given anything by {trust} any more.")
            return redirect("admin:deployments_trust_change", trust.pk)
        about = Event.objects.filter(kind__startswith="trust.", data__trust=trust.name)
        return self._page(
            request, "page", trust, state=self.state(trust), tried=tried,
            mine=next((each for each in tried.judged if each.trust.pk == trust.pk), None) if tried else None,
            given=[(name, SCOPES[name].meaning) for name in trust.scopes if name in SCOPES],
            cautions=claims.cautions(trust.claims) if trust.is_good else (),
            keys=IssuerKeys.objects.filter(issuer=trust.issuer).first(),
            events=about.order_by("-pk")[:_SHOWN_EVENTS],
            can_add=self.has_add_permission(request),
            end_refusal=rights.end_trust_refusal(principal, trust.owner),
        )  # fmt: skip

    def _form(self, request: HttpRequest, form: TrustForm, rows: list[Row], wrong: str = "") -> HttpResponse:
        return self._page(
            request, "add", None, form=form, rows=rows, wrong=wrong, presets=PRESETS,
            ci=trust_form.chosen(request), scopes=scopes_field.shown(form, Principal.person(request.user)),
            crumb=told("Trust a CI"),
        )  # fmt: skip

    def _page(self, request: HttpRequest, name: str, trust: Trust | None, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": trust,
            "title": str(trust) if trust else told("Trust a CI"),
            "trust": trust,
            **more,
        }
        return TemplateResponse(request, f"admin/deployments/trust/{name}.html", context)
