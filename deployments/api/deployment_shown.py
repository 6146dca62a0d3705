"""What is answered of a deployment: the page's values, without what is only drawn."""

from datetime import datetime

from django.http import Http404
from ninja import Schema

from deployments.api import waiting
from deployments.catalog.models import running
from deployments.delivery.models import Deployment
from deployments.delivery.views.found import found
from deployments.delivery.views.outline import load_outline, outline
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status


class _Fields(Schema):
    id: int
    application: str
    environment: str
    version: str
    #: NORMAL, REPAIR or FIRST
    kind: str
    status: str
    #: why it has this status, in a sentence
    status_reason: str
    stage: str
    #: of production on the release
    percent: float
    requested_by: str
    #: the page of the CI's run that asked for it; "" where none did
    run_url: str
    reason: str
    created_at: datetime
    finished_at: datetime | None


#: Columns that a list of them needs.
SHOWN = (
    "environment__application__slug", "environment__name", "release__version", "kind", "status", "status_reason",
    "stage", "percent", "requested_by__username", "requested_through", "requested_by_agent", "requested_run",
    "requested_run_url", "reason", "created_at", "finished_at",
)  # fmt: skip


class DeploymentLine(_Fields):
    @staticmethod
    def resolve_application(deployment: Deployment) -> str:
        return deployment.environment.application.slug

    @staticmethod
    def resolve_environment(deployment: Deployment) -> str:
        return deployment.environment.name

    @staticmethod
    def resolve_version(deployment: Deployment) -> str:
        return deployment.release.version

    @staticmethod
    def resolve_run_url(deployment: Deployment) -> str:
        return deployment.requested_run_url

    @staticmethod
    def resolve_requested_by(deployment: Deployment) -> str:
        return deployment.requester


class StageOut(Schema):
    stage: str
    title: str
    summary: str
    #: planned, running, waiting, done, failed, stopped or skipped
    state: str
    percent: float | None
    #: what its gate asks for, in a sentence; "" without one
    asks: str
    started_at: datetime | None
    finished_at: datetime | None
    #: what is or was seen, in a sentence
    detail: str


class OpenGateOut(Schema):
    id: int
    stage: str
    opened_at: datetime
    expires_at: datetime
    approvals_needed: int
    #: those that count
    approvals_given: int
    #: of whom; empty is everyone with the right to approve
    groups: list[str]


class ActionOut(Schema):
    act: str
    allowed: bool
    #: why not, in a sentence; "" when it is
    refusal: str


class LinkOut(Schema):
    name: str
    url: str


class DeploymentOut(_Fields):
    #: of what `wait` waits for: the status, the stage and the gate
    seen: str
    is_finished: bool
    #: whether this release is live there by it, and all traffic is on it for good; null while that is not decided
    is_live: bool | None
    #: why it is not although it ended well, or will not be, in a sentence; "" otherwise
    not_live: str
    strategy: str
    #: version of what was live before; null when Tealgate had not deployed there
    source: str | None
    started_at: datetime | None
    #: until then the previous release is warm; null when it is not
    kept_until: datetime | None
    #: what happens now, and what it waits for
    headline: str
    #: what is where now; "" while that is not known
    place: str
    warnings: list[str]
    #: to logs, dashboards and tickets, as the application has them
    links: list[LinkOut]
    #: what was red before it began and does not count against it
    red: list[str]
    plan_hash: str
    stages: list[StageOut]
    way_back: list[StageOut]
    #: the one that waits for people now
    gate: OpenGateOut | None
    #: what this token can do with it now
    actions: list[ActionOut]


def shown(pk: int, principal: Principal, now: datetime) -> DeploymentOut:
    """Raises Http404."""
    row = load_outline(pk)
    if row is None:
        raise Http404(f"There is no deployment {pk}.")
    view, not_live = outline(row, principal=principal, now=now), _not_live(row)
    return DeploymentOut(
        **DeploymentLine.from_orm(row).model_dump(),
        seen=waiting.state_of(row, view.last_gate),
        is_finished=view.is_terminal,
        is_live=row.status == Status.SUCCESSFUL and not not_live if row.is_terminal else None,
        not_live=not_live,
        strategy=view.strategy,
        source=view.source_release.version if view.source_release else None,
        started_at=view.started_at,
        kept_until=view.kept_until,
        headline=view.headline,
        place=view.place,
        warnings=list(view.warnings),
        links=[LinkOut.from_orm(link) for link in view.links],
        red=list(view.red),
        plan_hash=view.plan_hash,
        stages=[StageOut.from_orm(step) for step in view.steps],
        way_back=[StageOut.from_orm(step) for step in view.way_back],
        gate=OpenGateOut.from_orm(view.gate) if view.gate else None,
        actions=[ActionOut.from_orm(action) for action in view.actions],
    )


def _not_live(row: Deployment) -> str:
    """By this deployment, and still: a later one, or somebody else's, may have put another release there since."""
    environment = row.environment
    reached = row.status == Status.SUCCESSFUL or row.stage in (Stage.BAKE_TIME, Stage.CLEAN_UP)
    if reached and row.settings.get("may_run_nothing") and not found(row).desired:
        return "It runs no task there, so nothing shows whether it works."
    if row.status != Status.SUCCESSFUL:
        return ""
    if environment.live_release_id != row.release_id:
        live = environment.live_release.version if environment.live_release else "Nothing"
        return f"{live} is what is live there now."
    return running.sentence(environment)
