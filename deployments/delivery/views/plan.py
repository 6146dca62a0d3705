"""What a deployment would do, before anyone confirms it."""

from dataclasses import dataclass
from datetime import datetime

from deployments.catalog import unattended
from deployments.catalog.models import Environment, Release
from deployments.definitions.difference import Lines
from deployments.delivery import requests
from deployments.delivery.views.preflight_report import Group, grouped
from deployments.delivery.views.stages import title
from deployments.frozen import Plan, Step
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.vocabulary import DeploymentKind
from deployments.words import duration_words, stage_label


@dataclass(frozen=True, kw_only=True)
class PlanView:
    #: steps, gates and the way back, as they would be frozen
    plan: Plan
    #: shares of production traffic; "" where tasks are replaced in place
    shares: str
    gates: int
    #: where it has no gate: who said that nobody has to approve, and why; "" with a gate
    unasked: str
    #: how long it is watched in all, besides the time to start the release and for people to decide
    watched_seconds: int
    #: how long the previous release stays warm after that
    warm_seconds: int
    preflight: tuple[Group, ...]
    #: of the task definition: none where nothing changes, None when there was nothing to compare with
    difference: Lines | None
    #: why it cannot be confirmed now, in sentences; empty when it can
    refusals: tuple[str, ...]
    #: of all that is confirmed; sent back with the confirmation
    fingerprint: str
    #: what was red before it and does not count against it, a sentence each
    red: tuple[str, ...]
    #: another kind of deployment that would be possible now; None when this one is, or none would
    offered: DeploymentKind | None
    #: by which that can be done
    offered_strategy: str
    #: why the reader may not ask for that; "" when they may
    offer_refusal: str

    @property
    def steps(self) -> tuple[tuple[Step, str, str], ...]:
        """Each with its name as people say it, and AWS's."""
        return tuple((each, title(each.stage, each.percent), stage_label(each.stage)) for each in self.plan.steps)


def plan_view(
    *,
    environment: Environment,
    release: Release,
    strategy: str,
    principal: Principal,
    now: datetime,
    kind: DeploymentKind = DeploymentKind.NORMAL,
) -> PlanView:
    """Reads AWS. Raises Refused when there is no such plan, AwsError when preflight cannot begin."""
    seen = requests.preview(
        environment=environment, release=release, strategy=strategy, principal=principal, now=now, kind=kind
    )
    offered = seen.needed if seen.needed is not kind and seen.needed is not DeploymentKind.NORMAL else None
    steps = seen.plan.steps
    return PlanView(
        plan=seen.plan,
        shares=shares_sentence(seen.plan),
        gates=sum(1 for step in steps if step.gate),
        unasked=unattended.why_unasked(environment),
        watched_seconds=sum(step.bake_seconds for step in steps if step.stage != "CLEAN_UP"),
        warm_seconds=sum(step.bake_seconds for step in steps if step.stage == "CLEAN_UP"),
        preflight=grouped(seen.report),
        difference=seen.difference,
        refusals=seen.refusals,
        fingerprint=seen.fingerprint,
        red=tuple(each.seen for each in seen.red),
        offered=offered,
        offered_strategy=seen.fitting,
        offer_refusal=rights.kind_refusal(principal, offered) if offered else "",
    )


def shares_sentence(plan: Plan) -> str:
    """Such as "10 % for 10 min, then 100 %"; "" where no traffic is shared out."""
    steps = [step for step in plan.steps if step.percent is not None]
    parts = [_share(step, is_first=step is steps[0]) for step in steps]
    if len(parts) > 5:
        parts = [*parts[:2], "…", *parts[-2:]]
    return ", ".join(parts)


def _share(step: Step, *, is_first: bool) -> str:
    watched = duration_words(step.bake_seconds) if step.bake_seconds else ""
    if is_first:
        return f"{step.percent}\u00a0% for {watched}" if watched else f"{step.percent}\u00a0%"
    return f"then {step.percent}\u00a0% for {watched}" if watched else f"then {step.percent}\u00a0%"
