"""One address: chosen by its service, typed once and never shown again, tried, turned off and on, deleted."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path

from deployments import clock
from deployments.admin.base import RecordAdmin, attempt, number
from deployments.admin.notifications import state
from deployments.admin.notifications.picking import SERVICES
from deployments.admin.notifications.service_form import ServiceForm
from deployments.admin.spoken import HERE, naming
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.notifications import addresses
from deployments.telling.notifications.models import MessageStatus, NotificationAddress, NotificationChannel

_SHOWN_MESSAGES = 20


@admin.register(NotificationAddress)
class AddressAdmin(RecordAdmin):
    """They stand on the page of whose they are; a list of all of them has nobody to read it."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[NotificationAddress]:
        found: QuerySet[NotificationAddress] = super().get_queryset(request)
        return found.select_related("channel", "person")

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=f"deployments_notificationaddress_{name}")

        return [
            page("<int:pk>/replace/", self.replace_view, "replace"),
            page("<int:pk>/live/", self.live_view, "live"),
            *super().get_urls(),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: NotificationAddress | None = None) -> bool:
        if obj is None or obj.channel_id is None:
            return obj is None or obj.person_id == request.user.pk
        return bool(request.user.has_perm("deployments.view_notificationchannel"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("notifications")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """`?channel=` says whose it will be, their own without; `?service=` what is asked."""
        channel = _channel(request)
        said: dict[str, Any] = {"of": channel or request.user}
        return self._typed(request, channel, None, lambda made: addresses.add(**said, **made))

    def replace_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        address = self._found(request, str(pk))

        def replace(made: dict[str, Any]) -> NotificationAddress:
            addresses.replace(address=address, **made)
            return address

        return self._typed(request, address.channel, address, replace)

    def _typed(
        self, request: HttpRequest, channel: NotificationChannel | None, address: NotificationAddress | None,
        act: Callable[[dict[str, Any]], NotificationAddress],
    ) -> HttpResponse:  # fmt: skip
        principal = Principal.person(request.user)
        refusal = rights.channel_refusal(principal, "change")
        if channel and refusal:
            raise PermissionDenied(refusal)
        offered = {key: each for key, each in SERVICES.items() if channel or not each.is_of_channels}
        service = offered.get(request.GET.get("service", ""))
        if service is None:
            return self._page(request, "choose", address, channel=channel, services=offered.values())
        form = ServiceForm(request.POST or None, service=service, may_be_internal=not refusal)
        if request.method == "POST" and form.is_valid():
            made = {"url": form.made.url, "shown": form.made.shown, "principal": principal, "now": clock.now()}
            try:
                row = act(made | {"is_internal": form.cleaned_data.get("is_internal", False)})
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, f"{row} it is. Send a test to see whether it gets there.")
                return redirect("admin:deployments_notificationaddress_change", row.pk)
        return self._page(
            request, "type", address, channel=channel, service=service, form=form,
            no_mail=service.key == "email" and not settings.MAIL_URL,
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        address = self._found(request, object_id)
        if request.method == "POST":
            return self._do(request, address, request.POST.get("do", ""))
        return self._page(request, "address", address, **self._shown(request, address))

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What came of a test, as long as one is on its way."""
        address = self._found(request, str(pk))
        shown = self._shown(request, address)
        headers = {"X-Tealgate-Version": shown["version"], "X-Tealgate-Ended": "" if shown["is_followed"] else "1"}
        if request.GET.get("v") == shown["version"]:
            return HttpResponse(status=204, headers=headers)
        regions = render_to_string("admin/notifications/regions.html", {"address": address, **shown}, request=request)
        return HttpResponse(regions, headers=headers)

    def _shown(self, request: HttpRequest, address: NotificationAddress) -> dict[str, Any]:
        now = clock.now()
        (standing,) = state.standings([address], now)
        rows = list(address.messages.all()[:_SHOWN_MESSAGES])
        shown = [{"row": row, "state": state.message_state(row, now)} for row in rows]
        return {
            "state": standing.state,
            "messages_sent": shown,
            "is_followed": any(row.by_hand and row.status == MessageStatus.WAITING for row in rows),
            "version": "-".join(f"{row.pk}{row.status}{row.attempts}" for row in rows[:5]) + standing.state.word,
            "refusal": addresses.refusal(address, Principal.person(request.user)),
        }

    def _do(self, request: HttpRequest, address: NotificationAddress, what: str) -> HttpResponse:
        said: dict[str, Any] = {"address": address, "principal": Principal.person(request.user), "now": clock.now()}
        channel = address.channel
        if what == "delete":
            if attempt(request, lambda: addresses.delete(**said), f"{address} is gone, with all that was sent there."):
                return home(channel)
        elif what in _DONE:
            act, done = _DONE[what]
            attempt(request, lambda: act(**said), naming(done, address))
        return redirect("admin:deployments_notificationaddress_change", address.pk)

    def _found(self, request: HttpRequest, key: str) -> NotificationAddress:
        """Somebody else's is as if there were none."""
        address: NotificationAddress | None = self.get_object(request, key)
        if address is None or (address.channel_id is None and address.person_id != request.user.pk):
            raise Http404("There is no such address of yours.")
        if not self.has_view_permission(request, address):
            raise PermissionDenied("You do not have the right to see notification channels; ask an administrator.")
        return address

    def _page(self, request: HttpRequest, name: str, address: NotificationAddress | None, **more: Any) -> HttpResponse:
        channel = more.pop("channel", address.channel if address else None)
        context = {
            **self.admin_site.each_context(request),
            # The way back leads to whose they are.
            **({"opts": channel._meta, "original": channel} if channel else {}),
            "title": told(str(address)) if address else told("Where to tell"),
            "address": address,
            "channel": channel,
            **more,
        }
        return TemplateResponse(request, f"admin/notifications/{name}.html", context)


def home(channel: NotificationChannel | None) -> HttpResponse:
    """The page on which an address stands."""
    if channel is None:
        return redirect("notifications")
    return redirect("admin:deployments_notificationchannel_change", channel.pk)


def mine(person: User) -> QuerySet[NotificationAddress]:
    return NotificationAddress.objects.filter(person=person).select_related("channel", "person")


def _channel(request: HttpRequest) -> NotificationChannel | None:
    """Raises Http404 for one that is not there."""
    if "channel" not in request.GET:
        return None
    channel = NotificationChannel.objects.filter(pk=number(request.GET["channel"])).first()
    if channel is None:
        raise Http404("There is no such notification channel.")
    return channel


#: By the button: what it does, and what is said then behind the address.
_DONE: dict[str, tuple[Callable[..., object], str]] = {
    "test": (addresses.send_test, f"{HERE} is sent a test now; what comes of it stands below."),
    "turn_off": (addresses.turn_off, f"{HERE} is off."),
    "turn_on": (addresses.turn_on, f"{HERE} is on, and what waited is sent now."),
}
