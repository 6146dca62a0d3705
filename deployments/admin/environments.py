"""Environments: their settings with help, what is live, the lock, and preflight on demand."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.decorators import action

from deployments import clock
from deployments.admin import (
    discovery,
    environment_check,
    environment_fields,
    environment_lock,
    environment_move,
    environment_panel,
    environment_unattended,
    environment_versions,
    retiring,
)
from deployments.admin.base import (
    ApplicationFilter,
    OfferedLookups,
    RetiredFilter,
    allowed,
    attempt,
    number,
    require,
    with_https,
)
from deployments.admin.environment_forms import EnvironmentForm
from deployments.admin.environment_inlines import INLINES, GatePolicyInline, proposed_gate
from deployments.admin.plain_fields import PlainFields
from deployments.admin.spoken import told_fieldsets
from deployments.catalog import changes, in_use
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery import adoption
from deployments.languages.told import told
from deployments.people import holders
from deployments.people.principal import Principal
from deployments.templatetags.tealgate import pill, slot, when


@admin.register(Environment)
class EnvironmentAdmin(PlainFields, OfferedLookups, SimpleHistoryAdmin, ModelAdmin):
    form = EnvironmentForm
    list_display = ("title_link", "live", "since", "strategy_words", "region", "lock_words", "rank")
    list_display_links = None
    list_filter = (RetiredFilter, ("application", ApplicationFilter), "region")
    search_fields = (
        "name", "application__name", "application__slug", "live_release__version", "cluster", "service",
        "blue_service", "green_service", "codedeploy_application", "codedeploy_group", "account_id", "region",
    )  # fmt: skip
    search_help_text = "Search application, environment, live version, cluster, service or account"
    list_select_related = ("application", "live_release", "locked_by")
    list_fullwidth = True
    formfield_overrides = with_https(ModelAdmin.formfield_overrides)
    warn_unsaved_form = True
    inlines = INLINES
    actions_list = ("discover",)
    change_form_outer_before_template = "admin/deployments/environment/panel.html"
    change_form_outer_after_template = "admin/deployments/environment/beside.html"
    history_list_per_page = 50

    def get_formset_kwargs(self, request: HttpRequest, obj: Environment, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, GatePolicyInline) and not obj.pk and request.method == "GET":
            kwargs["initial"] = [proposed_gate()]
        return kwargs

    def get_fieldsets(self, request: HttpRequest, obj: Environment | None = None) -> Any:
        may_save = self.has_change_permission(request, obj)
        return told_fieldsets(environment_fields.fieldsets(obj, may_save=may_save))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super().render_change_form(request, context | {"field_uses": environment_fields.uses()}, *args, **kwargs)

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=f"deployments_environment_{name}")

        return [
            page("<int:pk>/check/", self.check_view, "check"),
            page("<int:pk>/lock/", self.lock_view, "lock"),
            page("<int:pk>/unattended/", self.unattended_view, "unattended"),
            page("<int:pk>/retire/", self.retire_view, "retire"),
            page("<int:pk>/move/", self.move_view, "move"),
            page("<int:pk>/adopt/", self.adopt_view, "adopt"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Begins with the account, unless it is to be typed in by hand."""
        instead = discovery.instead_of_form(request) if self.has_add_permission(request) else None
        response: HttpResponse = instead or super().add_view(request, form_url, extra_context)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        environment = self.get_object(request, object_id)
        more = environment_panel.values(environment, request) if environment else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})
        return response

    @action(  # type: ignore[untyped-decorator]
        description="Add by choosing", url_path="discover", icon="travel_explore", permissions=["add"]
    )
    def discover(self, request: HttpRequest) -> HttpResponse:
        return discovery.view(self, request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not number(object_id):
            raise Http404("There is no such environment.")
        response: HttpResponse = super().history_view(request, object_id, extra_context)
        return response

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The library's own would let whoever may look save, so nothing of it is used."""
        return environment_versions.view(self, request, self._find(request, number(object_id)), number(version_id))

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return environment_check.view(self, request, self._find(request, pk))

    def lock_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return environment_lock.view(request, self._find(request, pk))

    def unattended_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return environment_unattended.view(request, self._find(request, pk))

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return environment_move.view(self, request, self._find(request, pk))

    def retire_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return retiring.view(self, request, self._find(request, pk))

    def adopt_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Find out what runs there already, so that the first deployment knows what to go back to."""
        environment = self._find(request, pk)
        require(request, "deployments.change_environment", "change environments")
        principal = Principal.person(request.user)
        if request.method == "POST":
            attempt(
                request,
                lambda: adoption.adopt(
                    environment=environment,
                    now=clock.now(),
                    principal=principal,
                    register_as=request.POST.get("register_as", "").strip(),
                ),
                "Found: the release that runs there is noted as live.",
            )
        return redirect("admin:deployments_environment_change", pk)

    def save_model(self, request: HttpRequest, obj: Environment, form: Any, change: bool) -> None:
        """Only the form's columns: a lock, or the release that went live while somebody typed, is not put back."""
        allowed(lambda: in_use.hold(obj if change else obj.application))
        form.before = changes.values_of(Environment.objects.get(pk=obj.pk)) if change else None
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = [field.name for field in obj._meta.concrete_fields if field.editable and not field.primary_key]
        obj.save(update_fields=columns)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        environment = Environment.objects.get(pk=form.instance.pk)
        said: dict[str, Any] = {"subject": environment, "principal": Principal.person(request.user), "now": clock.now()}
        changes.changed(before=form.before, **said) if change else changes.added(**said)
        environment_unattended.said_in_form(request, environment, form.cleaned_data.get("no_gate_because", ""))
        for gate in freeze(form.instance).gates:
            if refusal := holders.gate_refusal(gate):
                messages.warning(request, refusal)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "application":
            kwargs["queryset"] = Application.objects.filter(IN_USE)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Environment | None = None) -> bool:
        """What is retired is only looked at."""
        may: bool = super().has_change_permission(request, obj)
        return may and not (obj and obj.is_retired)

    def has_delete_permission(self, request: HttpRequest, obj: Environment | None = None) -> bool:
        """Only before its first deployment: the record stays."""
        if obj is not None and obj.deployments.exists():
            return False
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed

    def delete_model(self, request: HttpRequest, obj: Environment) -> None:
        changes.deleted(subject=obj, principal=Principal.person(request.user), now=clock.now())
        super().delete_model(request, obj)
        messages.info(request, "Nothing on AWS was changed.")

    def _find(self, request: HttpRequest, pk: int) -> Environment:
        if not self.has_view_permission(request):
            raise PermissionDenied("You do not have the right to see environments; ask an administrator for it.")
        found = (
            Environment.objects.select_related("application", "live_release", "locked_by", "retired_by")
            .filter(pk=pk)
            .first()
        )
        if found is None:
            raise Http404("There is no such environment.")
        return found

    @admin.display(description="Environment", ordering="name")
    def title_link(self, environment: Environment) -> SafeString:
        address = reverse("admin:deployments_environment_change", args=[environment.pk])
        return format_html('<a class="tg-strong" href="{}">{}</a>', address, environment)

    @admin.display(description="Live", ordering="live_release__version")
    def live(self, environment: Environment) -> SafeString | str:
        if environment.live_release is None:
            return told("not deployed by Tealgate yet")
        return format_html("{} {}", environment.live_release.version, slot(environment.live_slot))

    @admin.display(description="Since", ordering="live_since")
    def since(self, environment: Environment) -> SafeString | str:
        return when(environment.live_since)

    @admin.display(description="Strategy", ordering="strategy")
    def strategy_words(self, environment: Environment) -> str:
        return told(environment.get_strategy_display()).split(":")[0]

    @admin.display(description="Lock")
    def lock_words(self, environment: Environment) -> SafeString | str:
        if not environment.is_locked:
            return "–"
        return format_html('{} <small title="{}">{}</small>', pill("Locked", "warn"),
                           told(environment.lock_sentence), environment.lock_message)  # fmt: skip
