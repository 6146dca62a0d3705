"""What is where: applications down, environments across, and on top what runs and what waits for the reader."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery

from deployments.catalog.models import Application, Environment, GatePolicy
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery.models import Deployment, Gate
from deployments.delivery.models.deployment import REQUESTER
from deployments.delivery.views.board_cell import CellView, RunningView, cell_view, running_view
from deployments.delivery.views.found import PERCENT
from deployments.delivery.views.waiting import WaitingView, waiting_view
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.vocabulary import Status


@dataclass(frozen=True, kw_only=True)
class ApplicationName:
    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class RowView:
    application: ApplicationName
    #: one for each column; None where the application has no such environment
    cells: tuple[CellView | None, ...]


@dataclass(frozen=True, kw_only=True)
class BoardView:
    #: `version_of_board`: an ETag, except for what concerns only the reader
    version: str
    #: environments' names in the order of their ranks; applications that use the same names share a column
    columns: tuple[str, ...]
    #: the longest promotion paths first
    rows: tuple[RowView, ...]
    #: oldest first
    running: tuple[RunningView, ...]
    waiting_for_me: tuple[WaitingView, ...]


def board_view(*, principal: Principal, waiting_for_me: Sequence[Gate]) -> BoardView:
    """As `principal` sees it; that they may look at environments at all is for the door to check.

    `waiting_for_me`: Gate.objects.for_person, which a door often has asked already.
    """
    environments = _environments()
    waiting = set(Gate.objects.open().values_list("deployment_id", flat=True))
    running = {row.environment_id: running_view(row, row.pk in waiting) for row in _running()}
    latest = Deployment.objects.select_related("release").in_bulk([env.latest for env in environments if env.latest])
    cells = {env.pk: cell_view(env, running.get(env.pk), latest.get(env.latest), principal) for env in environments}
    columns = _columns(environments)
    return BoardView(
        version=version_of_board(),
        columns=columns,
        rows=_rows(environments, cells, columns),
        running=tuple(running.values()),
        waiting_for_me=tuple(waiting_view(gate) for gate in waiting_for_me),
    )


def version_of_board() -> str:
    """Changes when the board does; the same for all readers."""
    seen = [
        Event.objects.aggregate(Max("pk")),
        list(Deployment.objects.unfinished().values_list("pk", "status", "stage", "position", PERCENT)),
        list(
            Environment.objects.filter(IN_USE).values_list(
                "pk", "live_release", "live_slot", "locked_at", "rank", "name", "unattended_at"
            )
        ),
        list(Gate.objects.open().annotate(decided=Count("approvals")).values_list("pk", "decided")),
        Application.objects.filter(IN_USE).count(),
    ]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()[:20]


def _environments() -> list[Any]:
    done = Deployment.objects.filter(environment=OuterRef("pk")).order_by("-created_at", "-id")
    brought_it = Q(status=Status.SUCCESSFUL) | Q(
        finished_at__isnull=True, release=OuterRef("live_release"), created_at__lte=OuterRef("live_since")
    )
    return list(
        Environment.objects.filter(IN_USE)
        .select_related("application", "live_release", "locked_by", "unattended_by")
        .prefetch_related("deployers", "application__links")
        .annotate(
            live_by=Subquery(done.filter(brought_it).values(by=REQUESTER)[:1]),
            live_kind=Subquery(done.filter(brought_it).values("kind")[:1]),
            is_gated=Exists(GatePolicy.objects.filter(environment=OuterRef("pk"))),
            latest=Subquery(done.values("pk")[:1]),
        )
        .order_by("application__name", "rank", "name")
    )


def _running() -> list[Deployment]:
    return list(
        Deployment.objects.unfinished()
        .select_related("environment__application", "release", "requested_by")
        .order_by("created_at")
    )


def _columns(environments: Iterable[Environment]) -> tuple[str, ...]:
    ranks: dict[str, int] = {}
    for env in environments:
        ranks[env.name] = min(env.rank, ranks.get(env.name, env.rank))
    return tuple(sorted(ranks, key=lambda name: (ranks[name], name)))


def _rows(
    environments: Iterable[Environment], cells: dict[int, CellView], columns: Iterable[str]
) -> tuple[RowView, ...]:
    found_cells: dict[ApplicationName, dict[str, CellView]] = {}
    for env in environments:
        application = ApplicationName(id=env.application_id, name=env.application.name)
        found_cells.setdefault(application, {})[env.name] = cells[env.pk]
    # The sort is stable, so that names stay in order.
    longest = sorted(found_cells.items(), key=lambda item: -len(item[1]))
    return tuple(
        RowView(application=application, cells=tuple(by_name.get(name) for name in columns))
        for application, by_name in longest
    )
