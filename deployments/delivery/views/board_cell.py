"""One environment on the board: what is live there, what runs, and what went wrong last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployments.catalog import unattended
from deployments.catalog.models import Environment
from deployments.catalog.models import running as runs
from deployments.delivery.models import Deployment
from deployments.delivery.views import links
from deployments.delivery.views.found import found
from deployments.delivery.views.links import LinkView
from deployments.delivery.views.named import EnvironmentName, ReleaseName, environment_name, release_name
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.vocabulary import ENDED_BADLY, DeploymentKind, Status


@dataclass(frozen=True, kw_only=True)
class RunningView:
    id: int
    release: ReleaseName
    environment: EnvironmentName
    kind: DeploymentKind
    status: Status
    #: at a gate, for people
    is_waiting: bool
    #: what happens now; "" until a worker picks it up
    now: str
    source_slot: str
    #: "" while the live slot is not known yet
    target_slot: str
    #: of production on the target
    percent: float
    requested_by: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class TroubleView:
    """A deployment that did not end well."""

    id: int
    release: ReleaseName
    status: Status
    kind: DeploymentKind
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class WarnedView:
    """A deployment that ended well, though not in everything."""

    id: int
    #: a sentence each
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LockView:
    #: "" when that is not known
    by: str
    message: str
    #: with environment and time
    sentence: str


@dataclass(frozen=True, kw_only=True)
class CellView:
    environment: EnvironmentName
    production_url: str
    #: None until Tealgate deployed there
    live_release: ReleaseName | None
    live_slot: str
    live_since: datetime | None
    #: who asked for the last deployment that went well, or has all traffic already; "" without one
    live_by: str
    #: of that deployment
    live_kind: DeploymentKind
    #: what runs there although the live release is another one, in a sentence; "" when it does not
    outside: str
    #: version of the release that it is; "" when no release is, or nothing differs
    outside_version: str
    #: why the reader may not note it as live; "" when they may
    adopt_refusal: str
    running: RunningView | None
    #: the last deployment, when it did not end well
    trouble: TroubleView | None
    #: the last deployment, when it ended well with warnings
    warned: WarnedView | None
    lock: LockView | None
    #: without a gate: who said that nobody has to approve, and why, or that nobody said it; "" with one
    unasked: str
    #: why the reader may not deploy there; "" when they may
    deploy_refusal: str
    #: of what is live
    links: tuple[LinkView, ...]


def running_view(row: Deployment, is_waiting: bool) -> RunningView:
    return RunningView(
        id=row.pk,
        release=release_name(row.release),
        environment=environment_name(row.environment),
        kind=DeploymentKind(row.kind),
        status=Status(row.status),
        is_waiting=is_waiting,
        now=row.waiting_for or row.status_reason,
        source_slot=row.source_slot,
        target_slot=row.target_slot,
        percent=row.percent,
        requested_by=row.requester,
        created_at=row.created_at,
    )


def cell_view(env: Any, running: RunningView | None, latest: Deployment | None, principal: Principal) -> CellView:
    """`env`: an Environment with `is_gated`, `live_by` and `live_kind`. `latest`: its last deployment."""
    outside = runs.outside(env)
    return CellView(
        environment=environment_name(env),
        production_url=env.production_url,
        live_release=release_name(env.live_release) if env.live_release else None,
        live_slot=env.live_slot,
        live_since=env.live_since,
        live_by=env.live_by or "",
        live_kind=DeploymentKind(env.live_kind or DeploymentKind.NORMAL),
        outside=runs.sentence(env),
        outside_version=outside.version if outside and outside.can_be_adopted else "",
        adopt_refusal=rights.change_refusal(principal),
        running=running,
        trouble=_trouble(latest),
        warned=_warned(latest),
        lock=_lock(env) if env.is_locked else None,
        unasked="" if env.is_gated else unattended.reason(env),
        deploy_refusal=rights.deploy_refusal(principal, env),
        links=links.of_board(env, latest),
    )


def _trouble(latest: Deployment | None) -> TroubleView | None:
    if latest is None or latest.status not in ENDED_BADLY:
        return None
    return TroubleView(
        id=latest.pk,
        release=release_name(latest.release),
        status=Status(latest.status),
        kind=DeploymentKind(latest.kind),
        finished_at=latest.finished_at,
    )


def _warned(latest: Deployment | None) -> WarnedView | None:
    if latest is None or latest.status != Status.SUCCESSFUL:
        return None
    warnings = found(latest).warnings
    return WarnedView(id=latest.pk, warnings=warnings) if warnings else None


def _lock(env: Environment) -> LockView:
    return LockView(by=env.lock_holder, message=env.lock_message, sentence=env.lock_sentence)
