"""Webhooks: where events are sent, how they are, and the one moment in which a secret is shown."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from deployments import clock
from deployments.admin.base import RecordAdmin, attempt, require, show_refusal
from deployments.admin.spoken import HERE, around, naming
from deployments.admin.webhook_form import WebhookForm
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.webhooks import deliveries, subscriptions
from deployments.telling.webhooks.groups import GROUPS
from deployments.telling.webhooks.models import DeliveryStatus, WebhookSubscription
from deployments.templatetags.tealgate import ago, pill, when

_SHOWN_DELIVERIES = 15
_WAITING = Count("deliveries", filter=Q(deliveries__status=DeliveryStatus.WAITING))


@admin.register(WebhookSubscription)
class WebhookAdmin(RecordAdmin):
    about_empty = (
        "A webhook tells a program of yours, such as a chat or an archive, what happens: signed, at least once and in "
        "order. It decides nothing."
    )
    list_display = ("name_link", "place", "about_words", "reach", "state", "waits", "came_through")
    list_display_links = None
    search_fields = ("name",)
    search_help_text = "Search name"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookSubscription]:
        found: QuerySet[WebhookSubscription] = super().get_queryset(request)
        return found.prefetch_related("environments__application", "applications").annotate(waiting=_WAITING)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not rights.webhook_refusal(Principal.person(request.user), "add")

    def get_urls(self) -> list[Any]:
        edit = self.admin_site.admin_view(self.edit_view)
        return [path("<int:pk>/edit/", edit, name="deployments_webhooksubscription_edit"), *super().get_urls()]

    @admin.display(description="Name", ordering="name")
    def name_link(self, webhook: WebhookSubscription) -> SafeString:
        address = reverse("admin:deployments_webhooksubscription_change", args=[webhook.pk])
        return format_html('<a class="tg-strong" href="{}">{}</a>', address, webhook.name)

    @admin.display(description="Host")
    def place(self, webhook: WebhookSubscription) -> str:
        return webhook.place

    @admin.display(description="About")
    def about_words(self, webhook: WebhookSubscription) -> str:
        return ", ".join(webhook.about) or told("Everything")

    @admin.display(description="Where")
    def reach(self, webhook: WebhookSubscription) -> str:
        if not webhook.is_for_some:
            return told("Everywhere")
        return ", ".join(str(each) for each in (*webhook.applications.all(), *webhook.environments.all())) or told(
            "Nowhere"
        )

    @admin.display(description="State")
    def state(self, webhook: WebhookSubscription) -> SafeString:
        if not webhook.is_on:
            return pill("Off", "bad" if webhook.off_reason else "quiet")
        if webhook.failing_since:
            return format_html("{} {}", pill("Failing", "warn"), around(f"since {HERE}", when(webhook.failing_since)))
        return pill("Good" if webhook.delivered_at else "Nothing sent yet", "good" if webhook.delivered_at else "quiet")

    @admin.display(description="Waiting", ordering="waiting")
    def waits(self, webhook: WebhookSubscription) -> int:
        return int(getattr(webhook, "waiting", 0))

    @admin.display(description="Last delivered", ordering="delivered_at")
    def came_through(self, webhook: WebhookSubscription) -> SafeString | str:
        return ago(webhook.delivered_at, told("Never"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "deployments.add_webhooksubscription", "add webhooks")
        form = WebhookForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said: dict[str, Any] = {"principal": Principal.person(request.user), "now": clock.now()}
            added = _taken(form, lambda: subscriptions.add(wanted=form.wanted(), **said))
            if added:
                return self._page(request, "made", added[0], secret=added[1], is_new=True)
        return self._page(request, "form", None, form=form, crumb="Add a webhook")

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "deployments.change_webhooksubscription", "change webhooks")
        webhook = self._found(request, str(pk))
        form = WebhookForm(request.POST or None, subscription=webhook)
        if request.method == "POST" and form.is_valid():
            said: dict[str, Any] = {"principal": Principal.person(request.user), "now": clock.now()}
            act = partial(subscriptions.change, subscription=webhook, wanted=form.wanted(), **said)
            if _taken(form, lambda: (act(), True)):
                messages.success(request, f"{webhook} is as you said; what waits goes there with its next attempt.")
                return redirect("admin:deployments_webhooksubscription_change", webhook.pk)
            webhook.refresh_from_db(fields=["name"])
        return self._page(request, "form", webhook, form=form, crumb="Change it")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        webhook = self._found(request, object_id)
        if not self.has_view_permission(request, webhook):
            raise PermissionDenied("You do not have the right to see webhooks; ask an administrator for it.")
        if request.method == "POST":
            return self._do(request, webhook, request.POST.get("do", ""))
        principal, now = Principal.person(request.user), clock.now()
        return self._page(
            request, "page", webhook, state=self.state(webhook),
            groups=[GROUPS[each].meaning for each in webhook.about if each in GROUPS],
            deliveries=webhook.deliveries.defer("body", "answer", "headers")[:_SHOWN_DELIVERIES],
            waiting=webhook.deliveries.filter(status=DeliveryStatus.WAITING).count(),
            two_secrets=bool(webhook.previous_until and now < webhook.previous_until),
            change_refusal=rights.webhook_refusal(principal, "change"),
            delete_refusal=rights.webhook_refusal(principal, "delete"), kept_days=deliveries.KEPT_FOR.days,
        )  # fmt: skip

    def _do(self, request: HttpRequest, webhook: WebhookSubscription, what: str) -> HttpResponse:
        said: dict[str, Any] = {
            "subscription": webhook, "principal": Principal.person(request.user), "now": clock.now(),
        }  # fmt: skip
        if what == "rotate":
            secrets: list[str] = []
            if attempt(request, lambda: secrets.append(subscriptions.rotate(**said)), f"{webhook} has another secret."):
                return self._page(request, "made", webhook, secret=secrets[0], is_new=False)
        elif what == "delete":
            if attempt(request, lambda: subscriptions.delete(**said), f"{webhook} is gone, with all that it was sent."):
                return redirect("admin:deployments_webhooksubscription_changelist")
        elif what in _DONE:
            act, done = _DONE[what]
            attempt(request, lambda: act(**said), naming(done, webhook))
        return redirect("admin:deployments_webhooksubscription_change", webhook.pk)

    def _found(self, request: HttpRequest, key: str) -> WebhookSubscription:
        webhook: WebhookSubscription | None = self.get_object(request, key)
        if webhook is None:
            raise Http404("There is no such webhook.")
        return webhook

    def _page(self, request: HttpRequest, name: str, webhook: WebhookSubscription | None, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": webhook,
            "title": str(webhook) if webhook else told("Add a webhook"),
            "webhook": webhook,
            **more,
        }
        return TemplateResponse(request, f"admin/deployments/webhook/{name}.html", context)


#: By the button: what it does, and what is said then behind the webhook's name.
_DONE: dict[str, tuple[Callable[..., object], str]] = {
    "test": (deliveries.send_test, f"{HERE} is sent a test within seconds; it is the first below once you look again."),
    "turn_off": (subscriptions.turn_off, f"{HERE} is off."),
    "turn_on": (subscriptions.turn_on, f"{HERE} is on, and what waited is sent now."),
}


def _taken(form: WebhookForm, act: Callable[[], Any]) -> Any:
    """What came of it; None, with the sentence beside its field, when it was refused."""
    try:
        return act()
    except Refused as refused:
        show_refusal(form, refused)
        return None
