"""After trouble a connection or a repository is left alone, at ever longer pauses; what works again says so at once."""

from datetime import datetime, timedelta

import structlog

from deployments.backoff import backoff
from deployments.telling.forge.models import Forge, ForgeRepository
from deployments.telling.forge.troubles import Reach, Trouble

log = structlog.get_logger(__name__)

SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=30)
WELL = {"trouble": "", "troubled_since": None, "failures": 0, "rests_until": None}


def until(trouble: Trouble, failures: int, now: datetime) -> datetime:
    return trouble.until or now + backoff(failures, shortest=SHORTEST, longest=LONGEST)


def rest(trouble: Trouble, forge: Forge, repository: ForgeRepository | None, now: datetime) -> None:
    """Whatever it reaches; nothing where it is about one row only."""
    row = {Reach.FORGE: forge, Reach.REPOSITORY: repository}.get(trouble.reach)
    if row is None:
        return
    log.warning("forge.trouble", forge=forge.name, reach=trouble.reach, why=trouble.sentence)
    failures = row.failures + 1
    type(row).objects.filter(pk=row.pk).update(
        trouble=trouble.sentence, troubled_since=row.troubled_since or now, failures=failures,
        rests_until=until(trouble, failures, now),
    )  # fmt: skip


def well(forge: Forge, repository: ForgeRepository | None, *, moved: bool = False) -> None:
    """It answered."""
    if forge.trouble or forge.rests_until:
        Forge.objects.filter(pk=forge.pk).update(**WELL)
    if repository and (repository.trouble or repository.rests_until or repository.moved != moved):
        ForgeRepository.objects.filter(pk=repository.pk).update(**WELL, moved=moved)
