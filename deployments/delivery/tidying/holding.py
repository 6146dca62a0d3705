"""What our own rows say about revisions: which an environment's deployments registered, and which are still needed."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models.fields.json import KT

from deployments.aws.values.scheduled import family_of
from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment
from deployments.vocabulary import TERMINAL_STATUSES, Status


@dataclass(frozen=True, kw_only=True)
class Known:
    environment: int
    key: str
    version: str
    status: str
    #: ARNs; "" = none
    registered: str
    pinned: str
    source: str
    #: of scheduled families, what was found to what was made from it
    scheduled: Mapping[str, str]

    @property
    def all(self) -> tuple[str, ...]:
        found = (self.registered, self.pinned, self.source, *self.scheduled, *self.scheduled.values())
        return tuple(arn for arn in found if arn)


@dataclass(frozen=True, kw_only=True)
class Ours:
    """A revision that a deployment registered: what its tag begins with, and the release it was for."""

    tag: str
    version: str


def families_of(deployment: Deployment) -> tuple[str, ...]:
    """Of the service, and of what is scheduled with it."""
    made = (deployment.facts.get("task_definition"), *deployment.facts.get("scheduled", {}).values())
    return tuple(sorted({family_of(arn) for arn in made if arn}))


def of_families(families: Collection[str]) -> tuple[Known, ...]:
    """Of every environment's deployments that name a revision of one of them, newest first."""
    rows = (
        Deployment.objects.annotate(
            registered=KT("facts__task_definition"),
            pinned=KT("facts__source_pinned"),
            source=KT("facts__source_task_definition"),
            scheduled=KT("facts__scheduled"),
        )
        .order_by("-pk")
        .values_list("environment", "key", "release__version", "status", "registered", "pinned", "source", "scheduled")
    )
    found = (_known(*row) for row in rows.iterator())
    return tuple(each for each in found if any(family_of(arn) in families for arn in each.all))


def _known(environment: int, key: str, version: str, status: str, *kept: str | None) -> Known:
    registered, pinned, source, scheduled = (each or "" for each in kept)
    return Known(
        environment=environment, key=key, version=version, status=status, registered=registered, pinned=pinned,
        source=source, scheduled=json.loads(scheduled or "{}"),
    )  # fmt: skip


def ours(environment: Environment, known: Iterable[Known]) -> dict[str, Ours]:
    """By ARN. Those of a way back, and of what is scheduled, have more after the deployment's key."""
    found: dict[str, Ours] = {}
    for each in known:
        if each.environment == environment.pk:
            found |= {arn: Ours(tag=f"{each.key}-", version=each.version) for arn in each.scheduled.values()}
            found |= {each.pinned: Ours(tag=f"{each.key}-back", version="")} if each.pinned else {}
            found |= {each.registered: Ours(tag=each.key, version=each.version)} if each.registered else {}
    return found


def held(known: Iterable[Known]) -> frozenset[str]:
    """ARNs that a deployment may still go to: what is under way, what each environment saw last, and its last success.

    With what they came from: a failed roll back can be tried again, and what ran before is the way back.
    """
    return frozenset(arn for each in _needed(known) for arn in each.all)


def _needed(known: Iterable[Known]) -> Iterator[Known]:
    """`known`: newest first."""
    newest: set[int] = set()
    succeeded: set[int] = set()
    for each in known:
        is_last_success = each.status == Status.SUCCESSFUL and each.environment not in succeeded
        if each.status not in TERMINAL_STATUSES or each.environment not in newest or is_last_success:
            yield each
        newest.add(each.environment)
        if is_last_success:
            succeeded.add(each.environment)
