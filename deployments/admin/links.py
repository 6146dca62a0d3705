"""An application's links: edited on its page, with what they lead to for its newest deployment."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminTextInputWidget

from deployments import clock
from deployments.admin.base import attempt
from deployments.admin.spoken import Spoken, SpokenModelForm
from deployments.catalog import links
from deployments.catalog.models import Application, Link
from deployments.delivery.models import Deployment
from deployments.delivery.views import links as views
from deployments.languages.told import told
from deployments.link_template import VALUES, LinkTemplate
from deployments.people.principal import Principal


class LinkForm(SpokenModelForm):
    class Meta:
        model = Link
        fields = ("name", "template", "on_board", "on_deployment", "on_gate")
        widgets = {  # noqa: RUF012
            "template": UnfoldAdminTextInputWidget(attrs={"spellcheck": "false", "data-link-template": ""})
        }


class LinkInline(Spoken, StackedInline):
    model = Link
    form = LinkForm
    extra = 0
    max_num = 20
    tab = True
    fields = (("name", "on_board", "on_deployment", "on_gate"), "template", "preview")
    readonly_fields = ("preview",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deployments.view_application")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deployments.change_application") and not (obj and obj.is_retired)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    @admin.display(description="Of the newest deployment")
    def preview(self, link: Link) -> SafeString:
        text = "" if link.pk is None else told(said(link.application, link.template))
        return format_html('<span class="tg-wrap" data-link-preview aria-live="polite">{}</span>', text)


def said(application: Application, template: str) -> str:
    """The address for the newest deployment, or why there is none."""
    try:
        parsed = LinkTemplate.parse(template)
    except ValueError as error:
        return str(error)
    newest = (
        Deployment.objects.filter(environment__application=application)
        .select_related("environment__application", "release", "source_release")
        .order_by("-pk")
        .first()
    )
    if newest is None:
        return "Nothing was deployed yet, so nothing is known to put there."
    values = views.of(newest)
    if missing := parsed.missing(values):
        return f"Left out: {', '.join(f'{{{name}}}' for name in missing)} is not known of {newest}."
    return parsed.url(values)


def panel(application: Application) -> dict[str, Any]:
    """For the application's page."""
    return {"panel_proposed_links": links.proposed(application), "panel_link_values": VALUES.items()}


def preview_view(request: HttpRequest, application: Application) -> HttpResponse:
    """While somebody types."""
    if not request.user.has_perm("deployments.view_application"):
        raise PermissionDenied("You do not have the right to see applications; ask an administrator for it.")
    return JsonResponse({"said": told(said(application, request.GET.get("template", "")))})


def propose_view(request: HttpRequest, application: Application) -> HttpResponse:
    principal = Principal.person(request.user)
    if request.method == "POST":
        name, unknown = request.POST.get("name", ""), []

        def add() -> None:
            unknown.append(links.add_proposed(application=application, name=name, principal=principal, now=clock.now()))

        if attempt(request, add, f"{name} is shown on the board, on deployments and at gates.") and unknown[0]:
            messages.warning(request, unknown[0])
    return redirect("admin:deployments_application_change", application.pk)
