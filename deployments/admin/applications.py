from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from deployments import clock
from deployments.admin.base import OfferedLookups, with_https
from deployments.catalog import changes
from deployments.catalog.models import Application
from deployments.people.principal import Principal


@admin.register(Application)
class ApplicationAdmin(OfferedLookups, ModelAdmin):
    list_display = ("name", "slug", "environment_count", "release_count", "repository")
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    list_fullwidth = True
    formfield_overrides = with_https(ModelAdmin.formfield_overrides)
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/deployments/application/panel.html"
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        found: QuerySet[Application] = super().get_queryset(request)
        return found.annotate(
            environments_known=Count("environments", distinct=True), releases_known=Count("releases", distinct=True)
        )

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
            more = {
                "panel_environments": application.environments.select_related("live_release").order_by("rank", "name"),
                "panel_releases": application.releases.all()[:8],
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})
        return response

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        before = changes.values_of(Application.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        said: dict[str, Any] = {"subject": obj, "principal": Principal.person(request.user), "now": clock.now()}
        changes.changed(before=before, **said) if change else changes.added(**said)

    def delete_model(self, request: HttpRequest, obj: Application) -> None:
        changes.deleted(subject=obj, principal=Principal.person(request.user), now=clock.now())
        super().delete_model(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        """Only while nothing refers to it: the record of releases and deployments stays."""
        if obj is not None and (obj.environments.exists() or obj.releases.exists()):
            return False
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed
