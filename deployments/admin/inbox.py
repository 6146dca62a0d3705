"""What waits for me, and what I was told: everybody's own, whether or not they are told anywhere else."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, get_script_prefix, path, reverse
from django.views.decorators.http import require_POST

from deployments import clock
from deployments.admin.base import RecordAdmin, number
from deployments.admin.navigation import waiting_gates
from deployments.catalog.models import Application
from deployments.delivery.views.waiting import waiting_view
from deployments.languages.told import told
from deployments.telling.notifications import inbox
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.languages import for_reader
from deployments.telling.notifications.models import Notice

_A_PAGE = 50
#: of a browser's notifications at once; what is more, the badge counts
_MOST_SHOWN = 5


@admin.register(Notice)
class InboxAdmin(RecordAdmin):
    """No right is asked for: nobody sees another one's."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and request.user.is_active

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return inbox.of_person(_person(request), clock.now())

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "deployments_notice"
        return [
            path("unread/", wrap(self.unread_view), name=f"{name}_unread"),
            path("read/", wrap(require_POST(self.read_view)), name=f"{name}_read"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        found = self.get_queryset(request).select_related("deployment__environment__application")
        wanted = _Wanted(request)
        page = Paginator(wanted.among(found), _A_PAGE).get_page(request.GET.get("p"))
        return self._page(
            request,
            "list",
            None,
            title=told("Inbox"),
            waiting=[waiting_view(gate) for gate in waiting_gates(request)],
            wanted=wanted,
            page=page,
            notices=[_shown(notice) for notice in page],
            unread=len(inbox.unread(_person(request)).notices),
            upto=_newest(page),
            applications=Application.objects.order_by("name"),
            kinds=[(kind.value, kind.meaning) for kind in Kind],
            kept_days=inbox.KEPT_FOR.days,
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Looking changes nothing by itself: the page's script sends the POST by which it was read."""
        notice = self.get_queryset(request).filter(pk=number(object_id)).first()
        if notice is None:
            raise Http404(f"You were told no such thing; what was read is kept for {inbox.KEPT_FOR.days} days.")
        if request.method == "POST":
            inbox.opened(notice, clock.now())
            return redirect("admin:deployments_notice_changelist")
        return self._page(
            request,
            "page",
            notice,
            title=told(notice.subject),
            content=for_reader(Content.of_json(notice.content)),
            **_shown(notice),
        )

    def read_view(self, request: HttpRequest) -> HttpResponse:
        inbox.read_all(_person(request), number(request.POST.get("upto")), clock.now())
        return redirect("admin:deployments_notice_changelist")

    def unread_view(self, request: HttpRequest) -> HttpResponse:
        """Asked by every open page, so it costs one query."""
        found = inbox.unread(_person(request))
        newest = [{"id": pk, "subject": told(subject)} for pk, subject in found.notices[:_MOST_SHOWN]]
        said = {"unread": len(found.notices), "newest": newest, "browser": found.browser}
        return JsonResponse({**said, "release": settings.VERSION})

    def _page(self, request: HttpRequest, name: str, original: Notice | None, **more: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": original, **more}
        return TemplateResponse(request, f"admin/deployments/inbox/{name}.html", context)


class _Wanted:
    """What of it is to be shown, as the address says."""

    def __init__(self, request: HttpRequest) -> None:
        self.application = number(request.GET.get("application"))
        self.kind = request.GET.get("kind", "")
        self.unread = request.GET.get("unread") == "1"

    def __bool__(self) -> bool:
        return bool(self.application or self.kind or self.unread)

    @property
    def query(self) -> str:
        return f"application={self.application or ''}&kind={self.kind if self.kind in set(Kind) else ''}" + (
            "&unread=1" if self.unread else ""
        )

    def among(self, found: QuerySet[Notice]) -> QuerySet[Notice]:
        if self.application:
            found = found.filter(deployment__environment__application=self.application)
        if self.kind:
            found = found.filter(kind=self.kind)
        return found.filter(read_at=None) if self.unread else found


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin let nobody else in
    return request.user


def _newest(page: "Page[Notice]") -> int:
    return max((notice.pk for notice in page), default=0)


def _shown(notice: Notice) -> dict[str, Any]:
    content = Content.of_json(notice.content)
    return {
        "notice": notice,
        "address": reverse("admin:deployments_notice_change", args=[notice.pk]),
        "kind": _meaning(notice.kind),
        "first": content.sentences[0] if content.sentences else "",
        "tone": _TONES[content.tone] if not notice.over_at else "quiet",
        "link": f"{get_script_prefix().rstrip('/')}{content.path}" if _is_ours(content.path) else "",
        "link_text": content.link_text or "Open the page",
    }


_TONES = {"waits": "warn", "good": "good", "bad": "bad", "plain": "quiet"}


def _is_ours(address: str) -> bool:
    """Two slashes lead to another site."""
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def _meaning(kind: str) -> str:
    """Also of a kind that an older version knew."""
    return next((each.meaning for each in Kind if each == kind), kind.replace("_", " "))
