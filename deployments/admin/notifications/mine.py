"""My notifications: what somebody is told, and where. Everybody has this page for themselves."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from deployments import clock
from deployments.admin.base import attempt, show_refusal
from deployments.admin.notifications import state
from deployments.admin.notifications.addresses import mine
from deployments.admin.notifications.picking import SERVICES
from deployments.admin.notifications.preference_form import PreferenceForm
from deployments.languages.told import told
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.notifications import addresses, preferences

#: Whoever sees Tealgate's own tasks hears what is about Tealgate itself.
_OPERATES = "django_q.view_ormq"


def page(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    if request.method == "POST" and request.POST.get("do") == "email":
        return _with_email(request, person)
    preference = preferences.of(person)
    form = PreferenceForm(request.POST or None, preference=preference, hears_operators=person.has_perm(_OPERATES))
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect("notifications")
    standings = state.standings(mine(person), clock.now())
    context = {
        **admin.site.each_context(request),
        "title": told("My notifications"),
        "form": form,
        "standings": standings,
        "is_new": preference.pk is None,
        "offers_email": bool(person.email) and all(each.address.shown != person.email for each in standings),
        "has_mail": bool(settings.MAIL_URL),
        "nothing_gets_there": not any(each.address.is_on for each in standings),
    }
    return TemplateResponse(request, "admin/notifications/mine.html", context)


def _saved(request: HttpRequest, form: PreferenceForm) -> bool:
    wanted = preferences.Wanted(**form.wanted())
    try:
        preferences.save(wanted=wanted, principal=Principal.person(request.user), now=clock.now())
    except Refused as refused:
        show_refusal(form, refused)
        return False
    messages.success(request, "It is as you said, from now on.")
    return True


def _with_email(request: HttpRequest, person: User) -> HttpResponse:
    """The account's own address, by one click."""

    def add() -> None:
        made = SERVICES["email"].made_of({"to": person.email})
        said: dict[str, Any] = {"principal": Principal.person(person), "now": clock.now()}
        addresses.add(of=person, url=made.url, shown=made.shown, **said)

    attempt(request, add, f"Mails go to {person.email} from now on. Send a test to see whether they get there.")
    return redirect("notifications")
