"""What webhooks were sent, with what came of it, and the way to send it again."""

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
from deployments.admin.base import RecordAdmin, attempt
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.telling.webhooks import deliveries
from deployments.telling.webhooks.models import DeliveryStatus, WebhookDelivery
from deployments.templatetags.tealgate import pill, when

TONES = {DeliveryStatus.DELIVERED: "good", DeliveryStatus.FAILED: "bad", DeliveryStatus.WAITING: "warn"}


@admin.register(WebhookDelivery)
class DeliveryAdmin(RecordAdmin):
    about_empty = (
        "What webhooks were sent, with what was answered. An event is sent once a webhook is there that hears of it."
    )
    list_display = ("what", "subscription", "state", "attempts", "response_status", "last_sent", "next_attempt")
    list_display_links = None
    list_filter = ("status", "subscription", "by_hand")
    list_select_related = ("subscription",)
    search_fields = ("kind", "message_id")
    search_help_text = "Search kind or id"
    ordering = ("-id",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        found: QuerySet[WebhookDelivery] = super().get_queryset(request)
        return found.defer("body", "answer") if request.resolver_match and not request.resolver_match.kwargs else found

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("deployments.view_webhooksubscription"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description="What", ordering="id")
    def what(self, delivery: WebhookDelivery) -> SafeString:
        address = reverse("admin:deployments_webhookdelivery_change", args=[delivery.pk])
        said = format_html('<a class="tg-strong" href="{}">{}</a>', address, delivery.kind)
        return format_html("{} {}", said, pill("By hand")) if delivery.by_hand else said

    @admin.display(description="State", ordering="status")
    def state(self, delivery: WebhookDelivery) -> SafeString:
        status = DeliveryStatus(delivery.status)
        return pill(status.label, TONES[status])

    @admin.display(description="Last attempt", ordering="sent_at")
    def last_sent(self, delivery: WebhookDelivery) -> SafeString | str:
        return when(delivery.sent_at, told("not yet"))

    @admin.display(description="Next attempt", ordering="due_at")
    def next_attempt(self, delivery: WebhookDelivery) -> SafeString | str:
        return when(delivery.due_at) if delivery.status == DeliveryStatus.WAITING else "–"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A POST sends it again, or gives it up."""
        delivery: WebhookDelivery | None = self.get_object(request, object_id)
        if delivery is None:
            raise Http404("There is no such delivery; they are kept for 30 days.")
        if not self.has_view_permission(request, delivery):
            raise PermissionDenied("You do not have the right to see webhooks; ask an administrator for it.")
        principal = Principal.person(request.user)
        if request.method == "POST":
            return self._do(request, delivery, {"delivery": delivery, "principal": principal, "now": clock.now()})
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": delivery,
            "title": told(str(delivery)),
            "delivery": delivery,
            "state": self.state(delivery),
            "is_waiting": delivery.status == DeliveryStatus.WAITING,
            "change_refusal": rights.webhook_refusal(principal, "change"),
            "kept_days": deliveries.KEPT_FOR.days,
        }
        return TemplateResponse(request, "admin/deployments/webhook/delivery.html", context)

    def _do(self, request: HttpRequest, delivery: WebhookDelivery, said: dict[str, Any]) -> HttpResponse:
        shown = delivery.pk
        if request.POST.get("do") == "give_up":
            attempt(request, lambda: deliveries.give_up(**said), "Given up; what waited behind it goes on.")
        elif request.POST.get("do") == "again":
            made: list[WebhookDelivery] = []
            done = "It is sent again within seconds, with the same id; look again to see what came of it."
            if attempt(request, lambda: made.append(deliveries.send_again(**said)), done):
                shown = made[0].pk
        return redirect("admin:deployments_webhookdelivery_change", shown)
