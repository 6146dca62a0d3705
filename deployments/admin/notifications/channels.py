"""Channels of teams: what each hears of, where it leads, how it is, and what was sent there."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from deployments import clock
from deployments.admin.base import RecordAdmin, attempt, number, require, show_refusal
from deployments.admin.notifications import state
from deployments.admin.notifications.channel_form import ChannelForm
from deployments.admin.spoken import HERE, naming
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.notifications import channels
from deployments.telling.notifications.models import Message, NotificationChannel
from deployments.templatetags.tealgate import counted, pill

_SHOWN_MESSAGES = 15


@admin.register(NotificationChannel)
class ChannelAdmin(RecordAdmin):
    about_empty = (
        "A channel is where a team reads: a chat room, a list of addresses, whoever is on call. It is told of the "
        "applications and environments that it names."
    )
    list_display = ("name_link", "reach", "hears", "leads", "state")
    list_display_links = None
    search_fields = ("name",)
    search_help_text = "Search name"

    def get_queryset(self, request: HttpRequest) -> QuerySet[NotificationChannel]:
        found: QuerySet[NotificationChannel] = super().get_queryset(request)
        return found.prefetch_related("environments__application", "applications", "addresses")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not rights.channel_refusal(Principal.person(request.user), "add")

    def get_urls(self) -> list[Any]:
        edit = self.admin_site.admin_view(self.edit_view)
        return [path("<int:pk>/edit/", edit, name="deployments_notificationchannel_edit"), *super().get_urls()]

    @admin.display(description="Name", ordering="name")
    def name_link(self, channel: NotificationChannel) -> SafeString:
        address = reverse("admin:deployments_notificationchannel_change", args=[channel.pk])
        return format_html('<a class="tg-strong" href="{}">{}</a>', address, channel.name)

    @admin.display(description="Of")
    def reach(self, channel: NotificationChannel) -> str:
        if not channel.is_for_some:
            return told("Everything")
        return ", ".join(str(each) for each in (*channel.applications.all(), *channel.environments.all())) or told(
            "Nothing"
        )

    @admin.display(description="Hears")
    def hears(self, channel: NotificationChannel) -> SafeString:
        heard = hears(channel)
        return format_html('<span title="{}">{}</span>', "; ".join(map(told, heard)), counted(len(heard), "kind"))

    @admin.display(description="Where")
    def leads(self, channel: NotificationChannel) -> str:
        return ", ".join(told(each.shown) for each in channel.addresses.all()) or told("Nowhere yet")

    @admin.display(description="State")
    def state(self, channel: NotificationChannel) -> SafeString:
        if not channel.is_on:
            return pill("Off")
        found = {(each.word, each.tone) for each in map(_state, channel.addresses.all())}
        return format_html_join(" ", "{}", [(pill(*each),) for each in sorted(found)]) or pill("No address yet", "warn")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """`?application=` and `?environment=` are ticked already."""
        require(request, "deployments.add_notificationchannel", "add notification channels")
        asked = {
            f"{name}s": [number(request.GET[name])] for name in ("application", "environment") if name in request.GET
        }
        form = ChannelForm(request.POST or None, asked=asked)
        if request.method == "POST" and form.is_valid() and (channel := _taken(request, form, channels.add)):
            messages.success(request, f"{channel} is there. Say now where it leads.")
            return redirect(f"{reverse('admin:deployments_notificationaddress_add')}?channel={channel.pk}")
        return self._page(request, "channel_form", None, form=form)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "deployments.change_notificationchannel", "change notification channels")
        channel = self._found(request, str(pk))
        form = ChannelForm(request.POST or None, channel=channel)
        if request.method == "POST" and form.is_valid():
            change = partial(channels.change, channel=channel)
            if _taken(request, form, lambda **said: change(**said) or channel):
                messages.success(request, f"{channel} is as you said, from now on.")
                return redirect("admin:deployments_notificationchannel_change", channel.pk)
            channel.refresh_from_db(fields=["name"])
        return self._page(request, "channel_form", channel, form=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        channel = self._found(request, object_id)
        if not self.has_view_permission(request, channel):
            raise PermissionDenied("You do not have the right to see notification channels; ask an administrator.")
        if request.method == "POST":
            return self._do(request, channel, request.POST.get("do", ""))
        principal, now = Principal.person(request.user), clock.now()
        addresses = channel.addresses.select_related("channel", "person")
        sent = Message.objects.filter(address__channel=channel).select_related("address")[:_SHOWN_MESSAGES]
        return self._page(
            request, "channel", channel, hears=hears(channel),
            standings=state.standings(addresses, now),
            messages_sent=[{"row": row, "state": state.message_state(row, now)} for row in sent],
            change_refusal=rights.channel_refusal(principal, "change"),
            delete_refusal=rights.channel_refusal(principal, "delete"),
        )  # fmt: skip

    def _do(self, request: HttpRequest, channel: NotificationChannel, what: str) -> HttpResponse:
        said: dict[str, Any] = {"channel": channel, "principal": Principal.person(request.user), "now": clock.now()}
        if what == "delete":
            if attempt(request, lambda: channels.delete(**said), f"{channel} is gone, with all that was sent there."):
                return redirect("admin:deployments_notificationchannel_changelist")
        elif what in _DONE:
            act, done = _DONE[what]
            attempt(request, lambda: act(**said), naming(done, channel))
        return redirect("admin:deployments_notificationchannel_change", channel.pk)

    def _found(self, request: HttpRequest, key: str) -> NotificationChannel:
        channel: NotificationChannel | None = self.get_object(request, key)
        if channel is None:
            raise Http404("There is no such notification channel.")
        return channel

    def _page(self, request: HttpRequest, name: str, channel: NotificationChannel | None, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": channel,
            "title": str(channel) if channel else told("Add a channel"),
            "channel": channel,
            **more,
        }
        return TemplateResponse(request, f"admin/notifications/{name}.html", context)


def hears(channel: NotificationChannel) -> list[str]:
    """In words, in the order of the kinds."""
    heard = [channels.meaning(kind) for kind in channels.offered() if kind in channel.kinds]
    return [*heard, "What is about Tealgate itself"] if channel.is_operations else heard


def _state(address: Any) -> state.State:
    return state.address_state(address, None, clock.now())


def _taken(request: HttpRequest, form: ChannelForm, act: Callable[..., Any]) -> Any:
    """What came of it; None, with the sentence beside its field, when it was refused."""
    try:
        return act(wanted=form.wanted(), principal=Principal.person(request.user), now=clock.now())
    except Refused as refused:
        show_refusal(form, refused)
        return None


#: By the button: what it does, and what is said then behind the channel's name.
_DONE: dict[str, tuple[Callable[..., object], str]] = {
    "turn_off": (channels.turn_off, f"{HERE} is off."),
    "turn_on": (channels.turn_on, f"{HERE} is on, and what waited is sent now."),
}
