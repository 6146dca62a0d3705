"""Forges: where GitHub or GitLab is, who Tealgate is there, and which repository is which application."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, StackedInline
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from deployments import clock
from deployments.admin.base import OfferedLookups, allowed, with_https
from deployments.admin.spoken import Spoken, SpokenModelForm
from deployments.catalog.models import Application
from deployments.catalog.models.retiring import IN_USE
from deployments.people.principal import Principal
from deployments.telling.forge import checking, connecting, shown
from deployments.telling.forge.models import Forge, ForgeKind, ForgeRepository
from deployments.templatetags.tealgate import pill

_HIDDEN = {"autocomplete": "off", "spellcheck": "false"}


class ForgeForm(SpokenModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = connecting.values_of(self.instance) if self.instance.pk else None
        if "api_url" in self.fields:
            self.fields["api_url"].widget = UnfoldAdminTextInputWidget(attrs=_HIDDEN)
        if "secret" in self.fields:
            self.fields["secret"].widget = UnfoldAdminTextareaWidget(attrs={**_HIDDEN, "rows": 3})
            self.fields["webhook_secret"].widget = UnfoldAdminTextInputWidget(attrs=_HIDDEN)

    def clean_api_url(self) -> str:
        return str(self.cleaned_data["api_url"]).rstrip("/")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for field, sentence in checking.wrong(cleaned, self.before):
            if field not in self.errors:
                self.add_error(field, sentence)
        return cleaned


class ForgeRepositoryInline(Spoken, StackedInline):
    model = ForgeRepository
    form = SpokenModelForm
    extra = 0
    fields = (("application", "repository"), "environment_names")
    verbose_name = "application"
    verbose_name_plural = "applications"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "application":
            kwargs["queryset"] = Application.objects.filter(IN_USE)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deployments.view_forge")

    def _may(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deployments.change_forge")

    has_add_permission = has_change_permission = has_delete_permission = _may


@admin.register(Forge)
class ForgeAdmin(OfferedLookups, ModelAdmin):
    about_empty = (
        "GitHub or GitLab. Told of deployments, it shows at each commit where that is live; "
        "and jobs of GitHub Actions can wait for a gate here."
    )
    form = ForgeForm
    list_display = ("name", "kind", "api_url", "applications", "state")
    list_fullwidth = True
    search_fields = ("name",)
    inlines = (ForgeRepositoryInline,)
    formfield_overrides = with_https(ModelAdmin.formfield_overrides)
    warn_unsaved_form = True
    actions = None
    change_form_outer_before_template = "admin/deployments/forge/panel.html"
    fieldsets = (
        (None, {"fields": ("name", "kind", "api_url", "app_id", "installation_id", "secret")}),
        (
            "Jobs that wait for a gate here",
            {
                "fields": ("webhook_secret", "answered_when"),
                "description": "A deployment protection rule of GitHub Actions, by an app only.",
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Forge]:
        found: QuerySet[Forge] = super().get_queryset(request)
        return found.annotate(known=Count("repositories"))

    @admin.display(description="Applications", ordering="known")
    def applications(self, forge: Any) -> int:
        return int(forge.known)

    @admin.display(description="State")
    def state(self, forge: Forge) -> SafeString:
        return pill("In trouble", "bad") if forge.trouble else pill("Good", "good")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        forge = self.get_object(request, object_id)
        more: dict[str, Any] = {}
        if forge is not None:
            repositories = forge.repositories.select_related("application", "forge")
            more = {
                "panel_rows": [(each, shown.sentences(each)) for each in repositories],
                "panel_questions": forge.questions.select_related("deployment")[:10],
                "panel_webhook": request.build_absolute_uri(f"/api/v1/forges/{forge.pk}/github")
                if forge.kind == ForgeKind.GITHUB_APP
                else "",
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})
        return response

    def save_model(self, request: HttpRequest, obj: Forge, form: Any, change: bool) -> None:
        allowed(lambda: connecting.require(Principal.person(request.user)))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        connecting.saved(
            forge=form.instance, before=form.before if change else None, secrets=form.changed_data,
            principal=Principal.person(request.user), now=clock.now(),
        )  # fmt: skip

    def delete_model(self, request: HttpRequest, obj: Forge) -> None:
        allowed(lambda: connecting.delete(forge=obj, principal=Principal.person(request.user), now=clock.now()))
