"""Looks at the repositories of applications whose releases register themselves.

At once when AWS told of a push, and every ten minutes (IDLE_LOOK_SECONDS) since the last look otherwise, by one
DescribeImages a repository for a thousand tags. All that was pushed since is in one look, the newest first.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings

from deployments.aws.ecr_address import EcrAddress
from deployments.aws.errors import AwsError, Denied, NotFound
from deployments.aws.protocol import Gateway
from deployments.aws.values import Binding, TaggedImage
from deployments.backoff import backoff
from deployments.catalog.models import Application, FoundVersion, SelfRegistration
from deployments.catalog.releases import binding_for
from deployments.catalog.self_registering.deciding import Found, found
from deployments.catalog.self_registering.patterns import Pattern
from deployments.catalog.self_registering.settling import SaidOtherwise, Settling
from deployments.words import full_stop

log = structlog.get_logger(__name__)

Connect = Callable[[Binding], Gateway]

#: of applications in one task
PLACES = 10
#: of versions in one look whose images are read; what is left is due at once
MOST = 20
AGAIN_AFTER = timedelta(seconds=5)
#: One that did not end within this time was that of a worker that was killed.
KILLED_AFTER = timedelta(seconds=120)
#: While images of a version are awaited that was seen not longer ago than PATIENCE, AWS's events or not.
SOON, PATIENCE = timedelta(seconds=60), timedelta(hours=1)
SHORTEST_BACKOFF, LONGEST_BACKOFF = timedelta(seconds=15), timedelta(hours=1)


def look(now: datetime, connect: Connect) -> None:
    """At all that are due."""
    for row in SelfRegistration.objects.due(now).select_related("application", "owner", "deploy_to")[:PLACES]:
        if SelfRegistration.objects.due(now).filter(pk=row.pk).update(claimed_until=now + KILLED_AFTER):
            with suppress(SaidOtherwise):  # whoever said so has made the next look due
                _note(row, **_looked_at(row, connect, now))


def gateways_to(application: Application, containers: Mapping[str, str], connect: Connect) -> dict[str, Gateway]:
    """By repository. Raises AwsError."""
    return {each: connect(_binding(application, each)) for each in dict.fromkeys(containers.values())}


def read_tags(gateways: Mapping[str, Gateway]) -> dict[str, tuple[TaggedImage, ...]]:
    """By repository. Raises AwsError."""
    return {repository: gateway.tagged_images(repository) for repository, gateway in gateways.items()}


def unreadable(error: AwsError) -> str:
    """With what to do."""
    if isinstance(error, NotFound):
        return f"A repository is not there: {full_stop(error.said)} Correct it, or switch self-registration off."
    if isinstance(error, Denied):
        return f"{full_stop(error.sentence)} The role needs what infra/iam/self-registering.json allows as well."
    return full_stop(error.sentence)


def _looked_at(row: SelfRegistration, connect: Connect, now: datetime) -> dict[str, Any]:
    """The columns that it changes. Raises SaidOtherwise."""
    try:
        left = _settle(row, connect, now)
    except AwsError as error:
        log.warning("self_registering.unread", application=row.application.slug, error=error.sentence)
        pause = backoff(row.attempts + 1, shortest=SHORTEST_BACKOFF, longest=LONGEST_BACKOFF)
        wait = pause if error.transient else _longest()
        again = now + wait if wait else None
        return {"says": unreadable(error), "attempts": row.attempts + 1, "due_at": again, "looked_at": now}
    again = now + AGAIN_AFTER if left else _next(row, now)
    return {"says": "", "attempts": 0, "due_at": again, "looked_at": now}


def _settle(row: SelfRegistration, connect: Connect, now: datetime) -> bool:
    """Whether something is left. Raises AwsError, SaidOtherwise."""
    pattern = Pattern(row.pattern)
    gateways = gateways_to(row.application, row.containers, connect)
    everything = found(pattern, row.containers, read_tags(gateways))
    known = {version.version: version for version in row.versions.all()}
    settling = Settling(row=row, pattern=pattern, known=known, gateways=gateways, now=now)
    for each in everything:
        if _is_news(known.get(each.version), each):
            if settling.asked >= MOST:
                return True
            settling.settle(each)
    gone = set(known) - {each.version for each in everything}
    row.versions.filter(version__in=gone, state=FoundVersion.WAITING).delete()
    return settling.moved_meanwhile


def _is_news(known: FoundVersion | None, each: Found) -> bool:
    return known is None or known.state == FoundVersion.WAITING or known.images != each.images


def _note(row: SelfRegistration, *, due_at: datetime | None, **columns: object) -> None:
    """When to look next only where nobody has told of a push since: what was read may be from before it."""
    same = SelfRegistration.objects.filter(pk=row.pk, changed_at=row.changed_at)
    same.filter(due_at=row.due_at).update(due_at=due_at)
    same.update(**columns, claimed_until=None)


def _next(row: SelfRegistration, now: datetime) -> datetime | None:
    waiting = row.versions.filter(state=FoundVersion.WAITING, seen_at__gt=now - PATIENCE).exists()
    longest = _longest()
    return now + min(SOON, longest) if waiting and longest else now + longest if longest else None


def _longest() -> timedelta:
    """Zero: nobody looks without being told."""
    return timedelta(seconds=settings.IDLE_LOOK_SECONDS)


def _binding(application: Application, repository: str) -> Binding:
    address = EcrAddress.parse(repository)
    assert address is not None, repository  # noqa: S101 - nothing else is ever saved
    return binding_for(application, address.account, address.region)
