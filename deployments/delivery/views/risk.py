"""What speaks for looking twice before a release goes on, and what does not: a sentence each, of what is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import Count, QuerySet

from deployments.catalog.models import Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery.models import Deployment
from deployments.delivery.views.ended import why_it_ended
from deployments.vocabulary import ENDED_BADLY, DeploymentKind, Status
from deployments.words import full_stop, joined

#: Of the reason why another deployment ended as it did, so much is told.
_LONGEST_REASON = 200
_ENDED = {
    Status.STOPPED: "was stopped",
    Status.ROLLBACK_SUCCESSFUL: "was rolled back",
    Status.ROLLBACK_FAILED: "failed, and so did its roll back",
    Status.FAILED: "failed",
}
_FRIDAY, _SATURDAY = 4, 5


@dataclass(frozen=True, kw_only=True)
class RiskView:
    #: what to look at twice
    warnings: tuple[str, ...]
    #: what is as usual
    calm: tuple[str, ...]


def risk_view(deployment: Deployment, *, now: datetime, zone: tzinfo) -> RiskView:
    """`zone`: of whoever reads it, by which days begin and weeks end."""
    earlier = _earlier(deployment)
    last = earlier.order_by("-pk").first()
    warnings = (
        *_tried_before(earlier, deployment),
        *_last_one(last, deployment),
        *_skipped(deployment),
        *_weekend(now.astimezone(zone)),
    )
    return RiskView(warnings=warnings, calm=tuple(_today(earlier, last, now.astimezone(zone))))


def _earlier(deployment: Deployment) -> "QuerySet[Deployment]":
    """Those on the same environment before it that are over."""
    rows = Deployment.objects.filter(environment=deployment.environment_id, pk__lt=deployment.pk)
    return rows.filter(finished_at__isnull=False).select_related("release")


def _tried_before(earlier: "QuerySet[Deployment]", deployment: Deployment) -> Iterator[str]:
    tries = earlier.filter(release=deployment.release_id)
    bad = tries.filter(status__in=ENDED_BADLY).order_by("-pk").first()
    if bad and not tries.filter(status=Status.SUCCESSFUL, pk__gt=bad.pk).exists():
        yield f"This release was tried here before and {_how(bad)}"


def _last_one(last: Deployment | None, deployment: Deployment) -> Iterator[str]:
    """Of another release: its own earlier end is told already."""
    if last and last.status in ENDED_BADLY and last.release_id != deployment.release_id:
        yield f"The last deployment here, {last.release.version}, {_how(last)}"


def _how(deployment: Deployment) -> str:
    """With its time as pages and messages find it."""
    ended = _ENDED[Status(deployment.status)]
    if deployment.finished_at:
        ended = f"{ended} ({deployment.finished_at:%Y-%m-%d %H:%M} UTC)"
    reason = why_it_ended(deployment)
    short = reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…"
    return full_stop(f"{ended}: {short}" if short else ended)


def _skipped(deployment: Deployment) -> Iterator[str]:
    """Environments that come before this one, on which the release never went well. A repair has no time for them."""
    env = deployment.environment
    if deployment.kind != DeploymentKind.NORMAL:
        return
    before = Environment.objects.filter(IN_USE, application=env.application_id, rank__lt=env.rank)
    was = Deployment.objects.filter(release=deployment.release_id, status=Status.SUCCESSFUL)
    there = set(was.values_list("environment_id", flat=True))
    never = [
        each.name
        for each in before.order_by("rank", "name")
        if each.pk not in there and each.live_release_id != deployment.release_id
    ]
    if never:
        yield f"{deployment.release.version} was never live on {joined(never, 'or')}."


def _weekend(local: datetime) -> Iterator[str]:
    """From Friday noon on."""
    if local.weekday() == _FRIDAY and local.hour >= 12:
        yield f"It is Friday, {local:%H:%M}: the weekend comes before anybody looks again."
    elif local.weekday() == _SATURDAY:
        yield "It is Saturday: fewer people look after it."
    elif local.weekday() > _SATURDAY:
        yield "It is Sunday: fewer people look after it."


def _today(earlier: "QuerySet[Deployment]", last: Deployment | None, local: datetime) -> Iterator[str]:
    if last is None:
        yield "Nothing was deployed here by Tealgate before."
        return
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    counted = earlier.filter(created_at__gte=midnight).aggregate(count=Count("pk"))["count"]
    number = f"deployment number {counted + 1}" if counted else "the first deployment"
    yield f"It is {number} here today."
    if last.status == Status.SUCCESSFUL:
        yield f"The one before, {last.release.version}, went well."
