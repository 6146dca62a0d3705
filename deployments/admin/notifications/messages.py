"""What channels were sent in the last 30 days, with what came of it. Nobody reads here what others were told."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from deployments import clock
from deployments.admin.base import RecordAdmin
from deployments.admin.notifications.state import message_state
from deployments.languages.told import told
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.languages import for_reader
from deployments.telling.notifications.models import Message
from deployments.telling.notifications.plain import cut
from deployments.templatetags.tealgate import ago, pill

#: Of what came of it, in a list; its page has all.
_MOST_SAID = 80


@admin.register(Message)
class MessageAdmin(RecordAdmin):
    about_empty = "What channels were sent, with what came of it. The first one comes with the next thing they hear of."
    list_display = ("what", "where", "state", "made")
    list_display_links = None
    list_filter = ("status", "address__channel")
    search_fields = ("address__channel__name", "address__shown")
    search_help_text = "Search channel or address"
    ordering = ("-id",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        found: QuerySet[Message] = super().get_queryset(request)
        return found.filter(address__channel__isnull=False).select_related("address__channel")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("deployments.view_notificationchannel"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description="What, and what came of it", ordering="id")
    def what(self, message: Message) -> SafeString:
        address = reverse("admin:deployments_message_change", args=[message.pk])
        subject = told(message.content.get("subject") or message.kind)
        said = (
            format_html('<div class="tg-sentence">{}</div>', cut(told(message.said), _MOST_SAID))
            if message.said
            else ""
        )
        return format_html('<a class="tg-strong" href="{}">{}</a>{}', address, subject, said)

    @admin.display(description="Channel")
    def where(self, message: Message) -> SafeString:
        """Which of its addresses stands on the message's page: most have one, and long names."""
        return format_html('<span title="{}">{}</span>', message.address, message.address.channel)

    @admin.display(description="State", ordering="status")
    def state(self, message: Message) -> SafeString:
        found = message_state(message, clock.now())
        return pill(found.word, found.tone)

    @admin.display(description="When", ordering="made_at")
    def made(self, message: Message) -> SafeString | str:
        return ago(message.made_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        message: Message | None = self.get_object(request, object_id)
        if message is None:
            raise Http404("There is no such message; they are kept for 30 days.")
        if not self.has_view_permission(request, message):
            raise PermissionDenied("You do not have the right to see notification channels; ask an administrator.")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": message,
            "title": told(message.content.get("subject") or message.kind),
            "message": message,
            "content": for_reader(Content.of_json(message.content)),
            "state": message_state(message, clock.now()),
        }
        return TemplateResponse(request, "admin/notifications/message.html", context)
