"""Deployments that nobody could look at for long, since AWS does not answer or whoever looks is ended each time.

That is an event, so that all who hear of events hear of it. What ends it is one too (`deployment.unwatched`).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce

from deployments import leased
from deployments.delivery.models import Deployment
from deployments.delivery.models.deployment import DeploymentQuerySet
from deployments.record.append import append_event
from deployments.record.kinds import Kind as Happened
from deployments.record.models import Event
from deployments.words import duration_words, full_stop

#: AWS's own troubles are over sooner as a rule, and are retried meanwhile.
LONG = timedelta(minutes=10)


def waiting(now: datetime) -> DeploymentQuerySet:
    """Under way, unwatched for so long, and nothing was said of it since."""
    since = Coalesce("watched_until", "created_at")
    said = Event.objects.filter(deployment=OuterRef("pk"), kind=Happened.DEPLOYMENT_STUCK, at__gte=OuterRef("since"))
    rows = Deployment.objects.unfinished().filter(leased.free(now))
    return rows.annotate(since=since).filter(~Exists(said), since__lte=now - LONG)


def say(now: datetime) -> None:
    for pk in waiting(now).values_list("pk", flat=True):
        _say(pk, now)


@transaction.atomic
def _say(pk: int, now: datetime) -> None:
    # Of two workers the second waits for the row until the first one's event is there.
    if not Deployment.objects.unfinished().filter(leased.free(now), pk=pk).update(waits=F("waits")):
        return
    if deployment := waiting(now).filter(pk=pk).first():
        append_event(deployment, "deployment.stuck", _sentence(deployment, now), now=now)


def _sentence(deployment: Deployment, now: datetime) -> str:
    since = deployment.watched_until or deployment.created_at
    lasts = duration_words((now - since).total_seconds())
    why = full_stop(deployment.waiting_for) if deployment.failures else ""
    return (
        f"Nobody could look at it for {lasts}, since {since:%Y-%m-%d %H:%M} UTC. {why} "
        "Traffic stays where it is. It is tried again; see whether AWS answers and the worker runs."
    ).replace("  ", " ")
