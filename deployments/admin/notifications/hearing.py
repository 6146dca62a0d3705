"""Which channels hear of an environment or an application, for its page."""

from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest

from deployments.catalog.models import Application, Environment
from deployments.telling.notifications.models import NotificationChannel

_OF_ALL = Q(is_for_some=False)


def of_environment(environment: Environment, request: HttpRequest) -> list[NotificationChannel] | None:
    """None where they may not be seen."""
    named = Q(environments=environment) | Q(applications=environment.application_id)
    return _heard(named, request)


def of_application(application: Application, request: HttpRequest) -> list[NotificationChannel] | None:
    """Those of one of its environments, too. None where they may not be seen."""
    return _heard(Q(applications=application) | Q(environments__application=application), request)


def _heard(named: Q, request: HttpRequest) -> list[NotificationChannel] | None:
    if not request.user.has_perm("deployments.view_notificationchannel"):
        return None
    found: Iterable[NotificationChannel] = NotificationChannel.objects.filter(_OF_ALL | named).exclude(kinds=[])
    return list(dict.fromkeys(found))
