"""Environments: what is live there, what preflight says, what a deployment would do, and their locks."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from deployments import clock
from deployments.api import named
from deployments.api.lists import Cursor, Limit, Listed, listed, piece
from deployments.api.locks import Lock, LockOut, lock_out
from deployments.api.problems import require
from deployments.api.tokens import principal, reads_aws
from deployments.catalog import environments as catalog
from deployments.catalog import unattended
from deployments.catalog.models import Environment, running
from deployments.delivery.views.plan import plan_view
from deployments.delivery.views.preflight_report import grouped
from deployments.people import rights
from deployments.vocabulary import DeploymentKind, Strategy

router = Router(tags=["environments"])


class EnvironmentOut(Schema):
    id: int
    application: str
    name: str
    rank: int
    controller: str
    strategy: str
    region: str
    account_id: str
    cluster: str
    production_url: str
    #: version of the release that is recorded as live; null before the first
    live: str | None
    live_since: datetime | None
    #: what runs there although that is recorded as live, in a sentence; "" when it does not
    outside: str
    lock: LockOut | None
    #: where it has no gate: who said that nobody has to approve, and why; "" with a gate
    unasked: str
    #: number of the deployment that is under way; null without one
    deployment: int | None

    @staticmethod
    def resolve_application(environment: Environment) -> str:
        return environment.application.slug

    @staticmethod
    def resolve_live(environment: Environment) -> str | None:
        return environment.live_release.version if environment.live_release else None

    @staticmethod
    def resolve_outside(environment: Environment) -> str:
        return running.sentence(environment)

    @staticmethod
    def resolve_lock(environment: Environment) -> LockOut | None:
        return lock_out(environment)

    @staticmethod
    def resolve_unasked(environment: Environment) -> str:
        return "" if environment.asks else unattended.reason(environment)  # type: ignore[attr-defined]  # of named

    @staticmethod
    def resolve_deployment(environment: Environment) -> int | None:
        pk: int | None = environment.under_way  # type: ignore[attr-defined]  # of named
        return pk


#: Columns that a list of them needs: an environment has ten times as many.
_SHOWN = (
    "application__slug", "name", "rank", "controller", "strategy", "region", "account_id", "cluster", "production_url",
    "live_release__version", "live_since", "outside", "locked_by__username", "locked_through", "locked_at",
    "lock_message", "agents_may_open", "unattended_by__username", "unattended_at", "unattended_reason",
)  # fmt: skip


def _shown(application: Any = None) -> QuerySet[Environment]:
    rows = named.environments().only(*_SHOWN)
    return rows if application is None else rows.filter(application__slug=application)


_LISTED = listed(_shown)


class FindingOut(Schema):
    seen: str
    #: what to do; "" where nothing is
    fix: str
    #: stable names, such as image-architecture
    checks: list[str]


class LevelOut(Schema):
    #: error, unknown, warning or ok
    level: str
    count: int
    findings: list[FindingOut]


class PreflightOut(Schema):
    passed: bool
    #: worst first
    levels: list[LevelOut]


class StepOut(Schema):
    stage: str
    summary: str
    #: of production on the release after it; null = unchanged
    percent: float | None
    bake_seconds: int
    #: what its gate asks for, in a sentence; "" without one
    asks: str


class PreviewOut(Schema):
    #: of all that would be confirmed: send it with the request, which is refused if it changed since
    fingerprint: str
    #: why it cannot be asked for now, in sentences
    refusals: list[str]
    steps: list[StepOut]
    way_back: list[StepOut]
    #: lines of the task definition as (sign, text): "+" added, "-" removed, " " same; none where nothing changes, null
    #: when there was nothing to compare with
    difference: list[tuple[str, str]] | None
    #: what was red before it and would not count against it
    red: list[str]
    #: REPAIR or FIRST, where production is sick or empty; "" otherwise
    offered: str
    preflight: list[LevelOut]


@router.get("/environments", response=Listed[EnvironmentOut], summary="All environments")
def environments(
    request: HttpRequest,
    application: Annotated[str | None, Query(max_length=60, description="Its slug")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    require(rights.view_refusal(principal(request), "environment"))
    return piece(request, _LISTED, cursor, limit, application=application or None)


@router.get("/environments/{slug}/{name}", response=EnvironmentOut, summary="One environment")
def one_environment(request: HttpRequest, slug: str, name: str) -> Environment:
    require(rights.view_refusal(principal(request), "environment"))
    return named.environment(slug, name)


@router.get(
    "/environments/{slug}/{name}/preflight",
    response=PreflightOut,
    summary="Whether everything is in place",
    description="Reads AWS, and changes nothing.",
)
def preflight(
    request: HttpRequest,
    slug: str,
    name: str,
    version: Annotated[str | None, Query(max_length=80, description="A release to look at, too")] = None,
) -> PreflightOut:
    require(rights.view_refusal(principal(request), "environment"))
    environment = named.environment(slug, name)
    release = named.release(environment.application, version) if version else None
    reads_aws(request)
    report = catalog.check(environment, release, now=clock.now())
    return PreflightOut(passed=report.passed, levels=[LevelOut.from_orm(each) for each in grouped(report)])


@router.get(
    "/environments/{slug}/{name}/preview",
    response=PreviewOut,
    summary="What a deployment would do",
    description="Reads AWS, and changes nothing.",
)
def preview(
    request: HttpRequest,
    slug: str,
    name: str,
    version: Annotated[str, Query(max_length=80)],
    strategy: Strategy | None = None,
    kind: DeploymentKind = DeploymentKind.NORMAL,
) -> PreviewOut:
    who, environment = principal(request), named.environment(slug, name)
    require(rights.deploy_refusal(who, environment))
    release = named.release(environment.application, version)
    reads_aws(request)
    seen = plan_view(
        environment=environment, release=release, strategy=strategy or environment.strategy, principal=who,
        now=clock.now(), kind=kind,
    )  # fmt: skip
    return PreviewOut(
        fingerprint=seen.fingerprint,
        refusals=list(seen.refusals),
        steps=[_step(step) for step in seen.plan.steps],
        way_back=[_step(step) for step in seen.plan.way_back],
        difference=None if seen.difference is None else list(seen.difference),
        red=list(seen.red),
        offered=seen.offered or "",
        preflight=[LevelOut.from_orm(each) for each in seen.preflight],
    )


@router.put("/environments/{slug}/{name}/lock", response=EnvironmentOut, summary="Lock it: nobody can deploy")
def lock(request: HttpRequest, slug: str, name: str, body: Lock) -> Environment:
    who, environment = principal(request), named.environment(slug, name)
    require(rights.lock_refusal(who, environment))
    catalog.lock(
        environment=environment, principal=who, message=body.message, now=clock.now(),
        agents_may_open=body.agents_may_open,
    )  # fmt: skip
    return named.environment(slug, name)


@router.delete("/environments/{slug}/{name}/lock", response=EnvironmentOut, summary="Unlock it")
def unlock(request: HttpRequest, slug: str, name: str) -> Environment:
    who, environment = principal(request), named.environment(slug, name)
    require(rights.unlock_refusal(who, environment))
    catalog.unlock(environment=environment, principal=who, now=clock.now())
    return named.environment(slug, name)


def _step(step: Any) -> StepOut:
    return StepOut(
        stage=step.stage,
        summary=step.summary,
        percent=step.percent,
        bake_seconds=step.bake_seconds,
        asks=step.gate.sentence if step.gate else "",
    )
