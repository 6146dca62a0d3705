"""The queue and the sign-ins, for whoever keeps Tealgate running. Deployments never depend on these rows."""

from typing import Any

import axes.admin  # noqa: F401 - both register what is taken off here, whoever is imported first
import django_q.admin  # noqa: F401
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.decorators import action

from deployments.admin.base import RecordAdmin
from deployments.languages.told import told
from deployments.ops import this_request
from deployments.ops.models import OperatorAlert
from deployments.templatetags.tealgate import pill, when

# Their own admins are unthemed and let people edit what only the library should write.
for model in (Success, Failure, OrmQ, Schedule, AccessAttempt, AccessLog, AccessFailureLog):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(OperatorAlert)
class OperatorAlertAdmin(RecordAdmin):
    about_empty = (
        "Tealgate is well: what it raises about worker, queue, database, credentials and certificates is here."
    )
    list_display = ("sentence", "state", "began", "ended")
    list_display_links = None
    list_filter = ("kind",)
    search_fields = ("said", "about")
    ordering = (F("over_at").desc(nulls_first=True), "-id")

    @admin.display(description="What, and what to do")
    def sentence(self, alert: OperatorAlert) -> str:
        return told(alert.said)

    @admin.display(description="State", ordering="over_at")
    def state(self, alert: OperatorAlert) -> SafeString:
        return pill("Over", "good") if alert.over_at else pill("Ongoing", "bad")

    @admin.display(description="Since", ordering="since")
    def began(self, alert: OperatorAlert) -> SafeString | str:
        return when(alert.since)

    @admin.display(description="Until", ordering="over_at")
    def ended(self, alert: OperatorAlert) -> SafeString | str:
        return when(alert.over_at)


OrmQ.add_to_class("__str__", lambda queued: f"Queued task {queued.name() or queued.key}")
AccessAttempt.add_to_class("__str__", lambda attempt: told(f"Mistyped passwords of {attempt.username}"))


@admin.register(OrmQ)
class QueueAdmin(RecordAdmin):
    about_empty = (
        "What waits for a worker stands here for moments. Deployments go on without it: each is a row that "
        "is looked at when due."
    )
    list_display = ("task_name", "task_function", "locked")
    list_display_links = None
    ordering = ("id",)

    @admin.display(description="Task")
    def task_name(self, queued: Any) -> str:
        return str(queued.name() or "–")

    @admin.display(description="Taken until", ordering="lock")
    def locked(self, queued: Any) -> SafeString | str:
        return when(queued.lock)

    @admin.display(description="Calls")
    def task_function(self, queued: Any) -> str:
        return str(queued.func() or "–")


@admin.register(Failure)
class FailedTaskAdmin(RecordAdmin):
    about_empty = "No task of the worker has failed. One that does is kept here with its error."
    list_display = ("name", "func", "group", "began", "ended", "attempt_count")
    list_filter = ("group",)
    search_fields = ("name", "func")  # the result is pickled, so no database can search it
    ordering = ("-stopped",)
    fields = ("name", "func", "group", "began", "ended", "attempt_count", "result")

    @admin.display(description="Started", ordering="started")
    def began(self, task: Any) -> SafeString | str:
        return when(task.started)

    @admin.display(description="Ended", ordering="stopped")
    def ended(self, task: Any) -> SafeString | str:
        return when(task.stopped)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("django_q.delete_failure")


@admin.register(AccessAttempt)
class SignInAdmin(RecordAdmin):
    """Deleting an attempt lets that name try again before the waiting time is over."""

    about_empty = "Nobody has mistyped a password lately."
    actions_list = ("this_request",)
    list_display = ("moment", "username", "ip_address", "failures_since_start", "user_agent")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)
    fields = ("moment", "username", "ip_address", "failures_since_start", "user_agent", "path_info")

    @action(  # type: ignore[untyped-decorator]
        description="What Tealgate thinks of this request", url_path="this-request", permissions=["view"]
    )
    def this_request(self, request: HttpRequest) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": told("This request"),
            "lines": this_request.lines(request),
        }
        return render(request, "admin/operations/this_request.html", context)

    @admin.display(description="When", ordering="attempt_time")
    def moment(self, attempt: Any) -> SafeString | str:
        return when(attempt.attempt_time)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")
