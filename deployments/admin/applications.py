from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from deployments import clock
from deployments.admin import links, retiring, self_registering
from deployments.admin.base import OfferedLookups, RetiredFilter, allowed, with_https
from deployments.admin.notifications import hearing
from deployments.catalog import changes, in_use
from deployments.catalog.models import Application
from deployments.catalog.models.retiring import IN_USE_FIRST
from deployments.people.principal import Principal
from deployments.telling.forge import shown

#: on an application's page
_MOST_RELEASES = 5


@admin.register(Application)
class ApplicationAdmin(OfferedLookups, ModelAdmin):
    about_empty = (
        "An application is what you release: a name, its repository, its registries. Its environments come next."
    )
    list_display = ("name", "slug", "environment_count", "release_count", "repository")
    list_filter = (RetiredFilter,)
    search_fields = ("name", "slug", "description", "repository_url", "environments__name")
    search_help_text = "Search name, description, repository or environment"
    prepopulated_fields = {"slug": ("name",)}
    inlines = (links.LinkInline,)
    list_fullwidth = True
    formfield_overrides = with_https(ModelAdmin.formfield_overrides)
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/deployments/application/panel.html"
    change_form_outer_after_template = "admin/deployments/application/more.html"
    fieldsets = (
        (None, {"fields": ("name", "slug", "description", "repository_url")}),
        (
            "Registries",
            {
                "fields": ("registries", "registry_secret"),
                "description": "Where images may come from. A release names one image per container; its tag is "
                "resolved to a digest when the release is registered.",
            },
        ),
    )

    class Media:
        js = ("tealgate/link_preview.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        found: QuerySet[Application] = super().get_queryset(request)
        return found.annotate(
            environments_known=Count("environments", filter=Q(environments__retired_at__isnull=True), distinct=True),
            releases_known=Count("releases", distinct=True),
        )

    def get_inlines(self, request: HttpRequest, obj: Application | None) -> tuple[type[links.LinkInline], ...]:
        """Links are tried on what the application has, so there is one first."""
        return self.inlines if obj else ()

    @admin.display(description="Environments", ordering="environments_known")
    def environment_count(self, application: Any) -> str:
        address = reverse("admin:deployments_environment_changelist")
        return format_html(
            '<a href="{}?application__id__exact={}">{}</a>', address, application.pk, application.environments_known
        )

    @admin.display(description="Releases", ordering="releases_known")
    def release_count(self, application: Any) -> str:
        address = reverse("admin:deployments_release_changelist")
        return format_html(
            '<a href="{}?application__id__exact={}">{}</a>', address, application.pk, application.releases_known
        )

    @admin.display(description="Repository")
    def repository(self, application: Application) -> str:
        if not application.repository_url:
            return "–"
        return format_html('<a href="{0}" rel="noreferrer">{0}</a>', application.repository_url)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        application = self.get_object(request, object_id)
        more: dict[str, Any] = {}
        if application is not None:
            principal = Principal.person(request.user)
            forge = shown.repository_of(application)
            more = self_registering.panel(application, principal) | links.panel(application)
            more |= {
                "panel_environments": application.environments.select_related("live_release").order_by(
                    IN_USE_FIRST, "rank", "name"
                ),
                "panel_releases": application.releases.all()[:_MOST_RELEASES],
                "panel_most_releases": _MOST_RELEASES,
                "panel_channels": hearing.of_application(application, request),
                "panel_forge": forge,
                "panel_forge_sentences": [*filter(None, [forge.forge.trouble]), *shown.sentences(forge)]
                if forge
                else [],
                "panel_retire_refusal": retiring.refusal(application, principal),
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})
        return response

    def response_add(
        self, request: HttpRequest, obj: Application, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to its first environment, for who may add one; else to its own page."""
        if request.POST.keys() & {"_addanother", "_continue", "_popup"}:
            response: HttpResponse = super().response_add(request, obj, post_url_continue)
            return response
        if not request.user.has_perm("deployments.add_environment"):
            messages.success(request, f"{obj} was added. An administrator adds its environments.")
            return redirect("admin:deployments_application_change", obj.pk)
        messages.success(request, f"{obj} was added. Next: where it runs.")
        return redirect(f"{reverse('admin:deployments_environment_add')}?application={obj.pk}")

    def get_urls(self) -> list[Any]:
        address = path(
            "<int:pk>/retire/", self.admin_site.admin_view(self.retire_view), name="deployments_application_retire"
        )
        page = path(
            "<int:pk>/self-registering/",
            self.admin_site.admin_view(self.self_registering_view),
            name="deployments_application_self_registering",
        )
        preview = path(
            "<int:pk>/link-preview/",
            self.admin_site.admin_view(self.link_preview_view),
            name="deployments_application_link_preview",
        )
        propose = path(
            "<int:pk>/propose-link/",
            self.admin_site.admin_view(self.propose_link_view),
            name="deployments_application_propose_link",
        )
        return [address, page, preview, propose, *super().get_urls()]

    def link_preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return links.preview_view(request, get_object_or_404(Application, pk=pk))

    def propose_link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return links.propose_view(request, get_object_or_404(Application, pk=pk))

    def self_registering_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self_registering.view(self, request, get_object_or_404(Application, pk=pk))

    def retire_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied("You do not have the right to see applications; ask an administrator for it.")
        return retiring.view(self, request, get_object_or_404(Application.objects.select_related("retired_by"), pk=pk))

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        if change:
            allowed(lambda: in_use.hold(obj))
        form.before = changes.values_of(Application.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        application = Application.objects.get(pk=form.instance.pk)
        said: dict[str, Any] = {"subject": application, "principal": Principal.person(request.user), "now": clock.now()}
        changes.changed(before=form.before, **said) if change else changes.added(**said)

    def delete_model(self, request: HttpRequest, obj: Application) -> None:
        changes.deleted(subject=obj, principal=Principal.person(request.user), now=clock.now())
        super().delete_model(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        """What is retired is only looked at."""
        may: bool = super().has_change_permission(request, obj)
        return may and not (obj and obj.is_retired)

    def has_delete_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        """Only while nothing refers to it: the record of releases and deployments stays."""
        if obj is not None and (obj.environments.exists() or obj.releases.exists()):
            return False
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed
