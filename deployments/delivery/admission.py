"""Whether a deployment may be asked for now. Each rule looks at one thing; ADMISSION_RULES lists them in order.

A rule takes a Candidate and yields a Refusal for each thing in its way, none when it is content. Rules run for the
preview and again for the request, read the database at most, and write nothing. What a rule raises refuses all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from deployments import swaps
from deployments.catalog import holding
from deployments.catalog.environments import ALONE
from deployments.catalog.models import Environment, Release
from deployments.delivery.models import Deployment, Move
from deployments.frozen import EnvironmentSettings, GateSpec
from deployments.people import holders, rights
from deployments.people.principal import Principal
from deployments.preflight.report import Report
from deployments.vocabulary import DeploymentKind, Stage, Status


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What somebody wants to deploy, and where."""

    environment: Environment
    #: of the environment, as they would be frozen now
    settings: EnvironmentSettings
    release: Release
    #: as it was typed: whether there is such a one is found out when the plan is made
    strategy: str
    principal: Principal
    now: datetime
    kind: DeploymentKind = DeploymentKind.NORMAL
    #: of a preflight that was run for it just now; None: none was
    report: Report | None = None


@dataclass(frozen=True)
class Refusal:
    #: with its next step
    sentence: str
    #: of the form, where there is one to correct, such as strategy
    field: str | None = None


Rule = Callable[[Candidate], Iterable[Refusal]]


def refusals(candidate: Candidate) -> list[Refusal]:
    """All that is in the way, in the order of the rules."""
    rules: list[Rule] = [import_string(path) for path in settings.ADMISSION_RULES]
    return [refusal for rule in rules for refusal in rule(candidate)]


def may_deploy(candidate: Candidate) -> Iterator[Refusal]:
    if refusal := rights.deploy_refusal(candidate.principal, candidate.environment):
        yield Refusal(refusal)


def may_begin_so(candidate: Candidate) -> Iterator[Refusal]:
    """A repair or a first release: who may ask for one, and whether AWS can do it there."""
    if refusal := rights.kind_refusal(candidate.principal, candidate.kind):
        yield Refusal(refusal)
    if refusal := swaps.get(candidate.settings.controller).kind_refusal(
        candidate.settings, candidate.kind, candidate.strategy
    ):
        yield Refusal(refusal)


def same_application(candidate: Candidate) -> Iterator[Refusal]:
    release, environment = candidate.release, candidate.environment
    if release.application_id != environment.application_id:
        yield Refusal(f"{release} is a release of another application than {environment}.")


def unlocked(candidate: Candidate) -> Iterator[Refusal]:
    if candidate.environment.is_locked:
        yield Refusal(candidate.environment.lock_sentence)


def not_busy(candidate: Candidate) -> Iterator[Refusal]:
    if Deployment.objects.unfinished().filter(environment=candidate.environment).exists():
        yield Refusal(busy_sentence(candidate.environment))


def not_moving(candidate: Candidate) -> Iterator[Refusal]:
    """It is locked too, but a lock can be opened."""
    if Move.objects.under_way(candidate.environment) is not None:
        yield Refusal(
            f"{candidate.environment} is moving to another way to deploy. Finish the move on its page, or take it back."
        )


def alone_on_aws(candidate: Candidate) -> Iterator[Refusal]:
    """Two that were there before it was refused would undo each other's traffic."""
    if candidate.report is not None:  # all environments of the region were read for it
        told = (each for each in candidate.report.errors if each.check == ALONE)
        yield from [Refusal(f"{each.seen} {each.fix}") for each in told][:1]
        return
    for conflict in holding.conflicts(candidate.environment)[:1]:
        yield Refusal(conflict.sentence)


def gates_can_open(candidate: Candidate) -> Iterator[Refusal]:
    for gate in (*candidate.settings.gates, *gates_asked_for(candidate.settings)):
        if refusal := holders.gate_refusal(gate, candidate.principal):
            yield Refusal(refusal)


def gates_asked_for(settings: EnvironmentSettings) -> tuple[GateSpec, ...]:
    """The gate at which somebody is asked when too few requests came, where Tealgate can wait for an answer."""
    stage = Stage.BAKE_TIME
    has_one = any(gate.stage == stage for gate in settings.gates)
    if not settings.requires_min_requests or has_one or stage not in swaps.get(settings.controller).gate_stages:
        return ()
    return (GateSpec(stage=stage, timeout_action=settings.too_few_action),)


def busy_sentence(environment: Environment) -> str:
    """Also for whoever lost the race to another one."""
    running = Deployment.objects.unfinished().filter(environment=environment).select_related("release").first()
    if running is None:
        return f"Another deployment to {environment} was started in the same moment; look again."
    if running.is_warm and running.source_kept_until:
        return (
            f"{environment} is busy: {running.release.version} is live there, and what was live before is kept warm "
            f"until {running.source_kept_until:%Y-%m-%d %H:%M} UTC. Wait for that, end it with Finish now "
            "(`tealgate deploy --finish-previous`), or roll back first."
        )
    return (
        f"{environment} is busy: {running.release.version} is {Status(running.status).label.lower()} there "
        f"since {running.created_at:%Y-%m-%d %H:%M} UTC. Wait for it, finish it or stop it first."
    )
