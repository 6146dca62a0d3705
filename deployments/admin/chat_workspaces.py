"""Workspaces of chats from which gates are answered: whose secret is believed, and whose accounts act as whom."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from deployments import clock
from deployments.admin.base import OfferedLookups, allowed, with_https
from deployments.admin.spoken import SpokenModelForm
from deployments.people.principal import Principal
from deployments.telling.chat import signing, workspaces
from deployments.telling.chat.models import ChatKind, ChatWorkspace
from deployments.templatetags.tealgate import pill

_HIDDEN = {"autocomplete": "off", "spellcheck": "false"}


class ChatWorkspaceForm(SpokenModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = workspaces.values_of(self.instance) if self.instance.pk else None
        for name in ("api_url", *workspaces.SECRETS):
            if name in self.fields:
                self.fields[name].widget = UnfoldAdminTextInputWidget(attrs=_HIDDEN)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        secret = str(cleaned.get("secret", "")).strip()
        if not secret and (self.before is None or self.before["kind"] != cleaned.get("kind")):
            self.add_error("secret", "Without it nothing from there can be believed.")
        if secret and cleaned.get("kind") == ChatKind.TEAMS and not signing.of_teams(secret, b""):
            self.add_error(
                "secret", "This is no security token of Teams: it shows one, in base64, as it makes a webhook."
            )
        if cleaned.get("kind") == ChatKind.BOT and not cleaned.get("app_id"):
            self.add_error("app_id", "Without it every bot's messages would be as good.")
        bot_token, api_url = str(cleaned.get("bot_token", "")).strip(), cleaned.get("api_url", "")
        if api_url and (wrong := workspaces.wrong_api(self.instance, self.before, api_url, bot_token)):
            self.add_error("api_url", wrong)
        app_id = str(cleaned.get("app_id", "")).lower()
        return cleaned | {"secret": secret, "bot_token": bot_token, "app_id": app_id}


@admin.register(ChatWorkspace)
class ChatWorkspaceAdmin(OfferedLookups, ModelAdmin):
    about_empty = (
        "Slack or Teams. Where an environment takes it, people approve and reject there, by an account that they said "
        "on the page is theirs."
    )
    form = ChatWorkspaceForm
    list_display = ("name", "kind", "place", "bound", "state")
    list_fullwidth = True
    search_fields = ("name", "place")
    formfield_overrides = with_https(ModelAdmin.formfield_overrides)
    warn_unsaved_form = True
    actions = None
    change_form_outer_before_template = "admin/deployments/chat/panel.html"
    fieldsets = (
        (None, {"fields": ("name", "kind", "place", "secret", "is_on")}),
        ("A bot in Teams only", {"fields": ("app_id",)}),
        ("Slack only", {"fields": ("bot_token", "api_url")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChatWorkspace]:
        found: QuerySet[ChatWorkspace] = super().get_queryset(request)
        return found.annotate(known=Count("accounts"))

    @admin.display(description="Accounts", ordering="known")
    def bound(self, workspace: Any) -> int:
        return int(workspace.known)

    @admin.display(description="State", ordering="is_on")
    def state(self, workspace: ChatWorkspace) -> SafeString:
        return pill("Believed", "good") if workspace.is_on else pill("Off", "idle")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        workspace = self.get_object(request, object_id)
        more: dict[str, Any] = {}
        if workspace is not None:
            where = f"{settings.SITE_URL.rstrip('/')}{workspace.door}"
            more = {"panel_address": where, "panel_accounts": workspace.accounts.select_related("workspace", "person")}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})
        return response

    def save_model(self, request: HttpRequest, obj: ChatWorkspace, form: Any, change: bool) -> None:
        allowed(lambda: workspaces.require(Principal.person(request.user), "change" if change else "add"))
        super().save_model(request, obj, form, change)
        workspaces.saved(
            workspace=obj, before=form.before if change else None, secrets=form.changed_data,
            principal=Principal.person(request.user), now=clock.now(),
        )  # fmt: skip

    def delete_model(self, request: HttpRequest, obj: ChatWorkspace) -> None:
        allowed(lambda: workspaces.delete(workspace=obj, principal=Principal.person(request.user), now=clock.now()))
