"""Roles that AWS does not let Tealgate have, as its processes hear it from call to call."""

from datetime import datetime, timedelta
from typing import Final

from deployments.aws import credentials_seen
from deployments.ops.alerts import keeping
from deployments.ops.models import OperatorAlert
from deployments.telling.notifications.kinds import Kind
from deployments.words import full_stop

#: A process that still has a role's credentials is let in for an hour while all others are refused it: it is over only
#: where nobody was refused for so long.
QUIET: Final = timedelta(minutes=10)


def note(now: datetime) -> None:
    """What this process has heard since the last time. Raises what the database raises."""
    seen = credentials_seen.taken()
    if not seen:
        return
    open_ = {each.about: each for each in OperatorAlert.objects.filter(kind=Kind.CREDENTIALS_REFUSED, over_at=None)}
    for place, said in seen.items():
        alert = open_.get(place)
        if said and alert:
            OperatorAlert.objects.filter(pk=alert.pk).update(seen_at=now)
        elif said:
            keeping.raise_(_found(place, said, now), now)
        elif alert and now - alert.seen_at >= QUIET:
            keeping.end(alert, now)


def _found(place: str, said: str, now: datetime) -> keeping.Found:
    who = place if place.startswith("arn:") else "Tealgate's own credentials"
    sentences = (
        f"AWS refuses {who}: {full_stop(said)} What is deployed by them stays where it is, with its traffic. "
        "Mend the role's trust policy, the external id or the keys; it is tried again by itself."
    )
    return keeping.Found(kind=Kind.CREDENTIALS_REFUSED, about=place, said=sentences, since=now)
