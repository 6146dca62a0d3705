"""Releases: registered once, looked at for ever, deployed from here."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from deployments.admin.base import RecordAdmin
from deployments.admin.release_form import ImageFormSet, ReleaseForm, initial_images, known_containers
from deployments.engine.events import Actor
from deployments.models import Application, Environment, Release
from deployments.services import releases, rights
from deployments.services.errors import Refused
from deployments.templatetags.tealgate import digest, slot, when


@admin.register(Release)
class ReleaseAdmin(RecordAdmin):
    list_display = ("version_link", "application", "images_column", "live_on", "commit", "registered", "deploy")
    list_display_links = None
    list_filter = ("application",)
    search_fields = ("version", "git_sha", "images__digest", "images__reference", "registered_by", "notes")
    search_help_text = "Search version, commit, digest or person"
    list_select_related = ("application",)
    list_per_page = 40

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        found: QuerySet[Release] = super().get_queryset(request)
        live = Environment.objects.filter(live_release__isnull=False).select_related("application")
        return found.prefetch_related(
            "images", Prefetch("application__environments", queryset=live, to_attr="live_environments")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("deployments.add_release")

    @admin.display(description="Version", ordering="version")
    def version_link(self, release: Release) -> SafeString:
        address = reverse("admin:deployments_release_change", args=[release.pk])
        return format_html('<a class="tg-strong" href="{}">{}</a>', address, release.version)

    @admin.display(description="Images")
    def images_column(self, release: Release) -> SafeString:
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
        return format_html("<code>{}</code>", release.git_sha[:10]) if release.git_sha else "–"

    @admin.display(description="Registered", ordering="created_at")
    def registered(self, release: Release) -> SafeString:
        return format_html("{}<br><small>by {}</small>", when(release.created_at), release.registered_by)

    @admin.display(description="")
    def deploy(self, release: Release) -> SafeString:
        address = reverse("admin:deployments_deployment_add")
        return format_html('<a class="tg-button tg-button-plain" href="{}?release={}">Deploy</a>', address, release.pk)

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
            "live_environments": Environment.objects.filter(live_release=release).select_related("application"),
            "history": release.deployments.select_related("environment__application", "requested_by", "release")[:50],
            "deploy_refusal": rights.deploy_refusal(request.user),
        }
        return TemplateResponse(request, "admin/deployments/release/page.html", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied("You do not have the right to register releases; ask an administrator for it.")
        application = Application.objects.filter(pk=_number(request.GET.get("application"))).first()
        if application is None and Application.objects.count() == 1:
            application = Application.objects.first()
        if request.method == "POST" and "more" not in request.POST:
            form, images = ReleaseForm(request.POST), ImageFormSet(request.POST, prefix="images")
            if form.is_valid() and images.is_valid():
                release = _register(form, images, request.user)  # type: ignore[arg-type]
                if release:
                    messages.success(request, f"{release} is registered. Its images are pinned by digest.")
                    return redirect("admin:deployments_release_change", release.pk)
        elif request.method == "POST":  # one more row, for whoever has no JavaScript
            rows = max(_number(request.POST.get("images-TOTAL_FORMS")), 1) + 1
            data = {**request.POST.dict(), "images-TOTAL_FORMS": str(min(rows, 10))}
            form = ReleaseForm(initial=data)
            images = ImageFormSet(initial=_typed(data, rows - 1) + [{}], prefix="images")
        else:
            form = ReleaseForm(initial={"application": application})
            images = ImageFormSet(initial=initial_images(application), prefix="images")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Register a release",
            "form": form,
            "images": images,
            "containers": known_containers(application),
            "applications": Application.objects.exists(),
        }
        return TemplateResponse(request, "admin/deployments/release/add.html", context)


def _register(form: ReleaseForm, images: Any, person: User) -> Release | None:
    """Shows the refusal at the field it belongs to."""
    try:
        return releases.register_release(
            application=form.cleaned_data["application"],
            version=form.cleaned_data["version"].strip(),
            images=images.images,
            actor=Actor.person(person),
            now=timezone.now(),
            git_sha=form.cleaned_data["git_sha"].strip().lower(),
            notes=form.cleaned_data["notes"].strip(),
        )
    except Refused as refused:
        if refused.field == "images":
            _row_of(refused.sentence, images.forms).add_error("reference", refused.sentence)
        else:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return None


def _row_of(sentence: str, rows: list[Any]) -> Any:
    """The row whose image a refusal is about: its sentence quotes the reference, or at least the repository."""
    typed = [(row.cleaned_data.get("reference", "").strip(), row) for row in rows]
    exact = (row for reference, row in typed if reference and reference in sentence)
    about = (row for reference, row in typed if reference and reference.rsplit(":", 1)[0] in sentence)
    return next(exact, None) or next(about, rows[0])


def _typed(data: dict[str, str], rows: int) -> list[dict[str, str]]:
    return [{name: data.get(f"images-{row}-{name}", "") for name in ("container", "reference")} for row in range(rows)]


def _number(value: str | None) -> int:
    """0, which is nobody's key, for what is no number."""
    return int(value) if value and value.isdigit() and len(value) < 10 else 0
