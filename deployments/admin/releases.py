"""Releases: registered once, looked at for ever, deployed from here."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from deployments.admin import release_add
from deployments.admin.base import ApplicationFilter, RecordAdmin
from deployments.admin.release_lists import LiveFilter, tabs
from deployments.admin.spoken import HERE, naming
from deployments.catalog.models import Environment, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.definitions.difference import shown
from deployments.delivery.models import with_waiting
from deployments.languages.told import named, told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.templatetags.tealgate import commit, digest, slot, when


@admin.register(Release)
class ReleaseAdmin(RecordAdmin):
    about_empty = (
        "A release is a version of an application with its images, each pinned to a digest. CI registers "
        "them by the API or the client."
    )
    list_display = ("version_link", "application", "artefact", "live_on", "commit", "registered", "deploy")
    list_display_links = None
    list_filter = (("application", ApplicationFilter), LiveFilter)
    list_before_template = "admin/deployments/release/tabs.html"
    #: not where its images are: a repository's path often has the names of others
    search_fields = (
        "version",
        "application__name",
        "application__slug",
        "git_sha",
        "bundle",
        "images__digest",
        "registered_by",
        "notes",
    )
    search_help_text = "Search version, application, commit, digest, notes or person"
    list_select_related = ("application",)
    list_per_page = 40

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        found: QuerySet[Release] = super().get_queryset(request)
        live = Environment.objects.filter(IN_USE, live_release__isnull=False).select_related("application")
        return found.defer("task_definition").prefetch_related(
            "images", Prefetch("application__environments", queryset=live, to_attr="live_environments")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("deployments.add_release")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        page: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "tabs": tabs(request)})
        return page

    @admin.display(description="Version", ordering="version")
    def version_link(self, release: Release) -> SafeString:
        address = reverse("admin:deployments_release_change", args=[release.pk])
        return format_html('<a class="tg-strong" href="{}">{}</a>', address, release.version)

    @admin.display(description="What it is")
    def artefact(self, release: Release) -> SafeString:
        if release.bundle:
            return format_html('<div class="tg-image"><code>{}</code></div>', release.bundle_address)
        return format_html_join(
            "",
            '<div class="tg-image"><span>{}</span> <code title="{}">{}</code> <small>{}</small></div>',
            (
                (image.container, image.pinned, digest(image.digest), ", ".join(image.platforms))
                for image in release.images.all()
            ),
        )

    @admin.display(description="Live on")
    def live_on(self, release: Any) -> SafeString | str:
        environments = [env for env in release.application.live_environments if env.live_release_id == release.pk]
        if not environments:
            return "–"
        return format_html_join(
            "", '<div class="tg-live-on">{} {}</div>', ((env.name, slot(env.live_slot)) for env in environments)
        )

    @admin.display(description="Commit")
    def commit(self, release: Release) -> SafeString | str:
        return commit(release.git_sha, release.commit_address)

    @admin.display(description="Registered", ordering="created_at")
    def registered(self, release: Release) -> SafeString:
        return format_html(
            "{}<br><small>{}</small>", when(release.created_at), naming(f"by {HERE}", named(release.registered_by))
        )

    @admin.display(description="Deploy")
    def deploy(self, release: Release) -> SafeString | str:
        if release.application.is_retired:
            return told("Retired")
        address = reverse("admin:deployments_deployment_add")
        return format_html(
            '<a class="tg-button tg-button-plain" href="{}?release={}">{}</a>', address, release.pk, told("Deploy")
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        release = self.get_object(request, object_id)
        if release is None:
            raise Http404("There is no such release.")
        if not self.has_view_permission(request, release):
            raise PermissionDenied("You do not have the right to see releases; ask an administrator for it.")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": release,
            "title": str(release),
            "release": release,
            "images": release.images.all(),
            "definition": shown(release.task_definition["document"]) if release.task_definition else "",
            "live_environments": Environment.objects.filter(IN_USE, live_release=release).select_related("application"),
            "history": with_waiting(
                release.deployments.select_related("environment__application", "requested_by", "release")
            )[:50],
            "deploy_refusal": release.application.retired_sentence
            or rights.deploy_refusal(Principal.person(request.user)),
        }
        return TemplateResponse(request, "admin/deployments/release/page.html", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return release_add.view(self, request)
