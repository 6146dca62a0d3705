"""How guessing at passwords is slowed down, on django-axes' records of sign-ins.

Three counts of wrong passwords within AXES_COOLOFF_TIME close the door: for a name from one address, from one address
for whatever names, and for a name from wherever. The last one must not become a way to keep somebody out by guessing
at their name: it is not applied to addresses from which that person has signed in before, and what is tried while it
applies does not prolong it.
"""

from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username, get_credentials, get_lockout_response
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from deployments import clock
from deployments.catalog import accounts
from deployments.people.principal import Principal


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # django-axes has no types
    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """As many as count for one name from one address: above its own limit, each count is above that one."""
        name, address = get_client_username(request, credentials), request.axes_ip_address
        recent = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
        pair: int = settings.AXES_FAILURE_LIMIT
        above = [
            _wrong(recent.filter(username=name, ip_address=address)) - pair,
            _wrong(recent.filter(ip_address=address)) - settings.SIGN_IN_FAILURES_BY_ADDRESS,
        ]
        if not AccessLog.objects.filter(username=name, ip_address=address).exists():
            above.append(_wrong(recent.filter(username=name)) - settings.SIGN_IN_FAILURES_BY_NAME)
        return max(0, pair + max(above))


def change_password(request: HttpRequest) -> HttpResponse:
    """The admin's page, where the old password can be guessed at as on the sign-in page: counted and closed like it."""
    if request.method != "POST" or not request.user.is_authenticated:
        return admin.site.password_change(request)
    credentials = get_credentials(request.user.get_username())
    if not AxesProxyHandler.is_allowed(request, credentials):
        closed: HttpResponse = get_lockout_response(request, None, credentials)
        return closed
    response = _changed_and_told(request)
    if "old_password" in _errors(response):
        # Closes the door through axes' middleware when it was one too many.
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    return response


def _changed_and_told(request: HttpRequest) -> HttpResponse:
    """The page shown again says what is wrong; only who may go on has changed it."""
    with transaction.atomic():
        response = admin.site.password_change(request)
        if isinstance(response, HttpResponseRedirect):
            person = User.objects.get(username=request.user.get_username())
            accounts.password_set(person=person, principal=Principal.person(person), now=clock.now())
    return response


def _wrong(attempts: QuerySet[AccessAttempt]) -> int:
    return attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0


def _errors(response: HttpResponse) -> Any:
    """Of the form that is shown again; none when the password was changed."""
    context = getattr(response, "context_data", None) or {}
    return context["form"].errors if "form" in context else {}
