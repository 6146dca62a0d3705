"""What a person wants to be told, and when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from deployments.catalog.models import Application
from deployments.people import rights
from deployments.people.language import choose
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.notifications.kinds import NOT_CHOSEN, Kind
from deployments.telling.notifications.models import NotificationPreference, Pace


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`kinds`: names of Kind. `zone`: as IANA names it; the quiet hours are by its clock, both or neither."""

    kinds: Collection[str]
    applications: Collection[Application] = ()
    pace: str = Pace.AT_ONCE
    quiet_from: time | None = None
    quiet_until: time | None = None
    zone: str = "UTC"
    #: what is urgent comes in quiet hours, too
    wakes: bool = False
    weekly: bool = False
    browser: bool = False
    #: of mail and chats, as the settings name it; "" = as it is
    language: str = ""


def of(person: User) -> NotificationPreference:
    """As it is kept; else one without a key, which holds what goes for whoever never said."""
    found = NotificationPreference.objects.filter(person=person).first()
    return found or NotificationPreference(person=person)


def save(*, wanted: Wanted, principal: Principal, now: datetime) -> NotificationPreference:
    """Their own, of whoever acts. Nothing of it is in the log: whoever is not told sees it on the pages all the same.

    Raises Refused: nobody is signed in, half of the quiet hours, an unknown zone, kind or language.
    """
    if refusal := rights.own_notifications_refusal(principal, principal.user):
        raise Refused(refusal)
    _check(wanted)
    columns = {
        "kinds": [kind.value for kind in Kind if kind in wanted.kinds], "pace": wanted.pace, "zone": wanted.zone,
        "quiet_from": wanted.quiet_from, "quiet_until": wanted.quiet_until,
        "wakes": wanted.wakes, "weekly": wanted.weekly, "browser": wanted.browser,
    }  # fmt: skip
    with transaction.atomic():
        preference, _ = NotificationPreference.objects.update_or_create(person=principal.user, defaults=columns)
        preference.applications.set(wanted.applications)
        choose(preference.person, wanted.language)
    return preference


def _check(wanted: Wanted) -> None:
    """Raises Refused."""
    known = [kind.value for kind in Kind if kind not in NOT_CHOSEN]
    if unknown := sorted(set(wanted.kinds) - set(known)):
        raise Refused(f"There is no kind {unknown[0]}; there are: {', '.join(known)}.", field="kinds")
    if (wanted.quiet_from is None) != (wanted.quiet_until is None):
        missing = "quiet_from" if wanted.quiet_from is None else "quiet_until"
        raise Refused("Quiet hours have a beginning and an end: fill in both, or none.", field=missing)
    if wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_until:
        raise Refused("They end as they begin. Leave both empty, or take another end.", field="quiet_until")
    if wanted.pace not in list(Pace):
        raise Refused(f"There is no pace {wanted.pace}; there are: {', '.join(Pace)}.", field="pace")
    if wanted.language and wanted.language not in dict(settings.LANGUAGES):
        languages = ", ".join(dict(settings.LANGUAGES))
        raise Refused(f"There is no language {wanted.language}; there are: {languages}.", field="language")
    _check_zone(wanted.zone)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(f"There is no time zone {name}; there is Europe/Berlin, for example.", field="zone") from error
