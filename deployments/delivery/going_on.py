"""Go on now: the rest of the time for which one share of production is watched is not waited for. Gates stay."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from deployments import swaps
from deployments.delivery import queue
from deployments.delivery.engine import stored
from deployments.delivery.models import Deployment
from deployments.frozen import EnvironmentSettings, Plan, Step
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.swaps.facts import TwoSlotFacts
from deployments.vocabulary import Stage, Status
from deployments.words import clock_words, duration_words, stage_label


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Of one step, by us: its share of production, from when, and until when if nobody goes on before."""

    percent: int
    since: datetime
    until: datetime


def watch(deployment: Deployment) -> Watch | None:
    """What is going on now that could be cut short; None when there is nothing of the kind."""
    controller = swaps.get(deployment.settings["controller"])
    if deployment.status != Status.IN_PROGRESS or not controller.rungs_are_ours:
        return None
    step, since = _step(deployment), _since(deployment)
    if since is None or not step.bake_seconds or deployment.gone_on_from == deployment.position:
        return None
    until = since + timedelta(seconds=step.bake_seconds)
    return Watch(percent=100 if step.percent is None else step.percent, since=since, until=until)


def go_on(*, deployment: Deployment, principal: Principal, now: datetime, unproven: bool = False) -> None:
    """Have the engine look once more and, unless that speaks against it, go on as if this step's time were over.

    `unproven`: also where too few requests were seen to judge by. Raises Refused: without the right, where AWS counts
    that time, where nothing is watched or people are asked, and with what is not proven.
    """
    if refusal := rights.go_on_refusal(principal, deployment.environment, unproven=unproven):
        raise Refused(refusal)
    deployment.refresh_from_db()
    if refusal := _by_aws(deployment):
        raise Refused(refusal)
    if deployment.gates.open().exists():
        raise Refused("People are asked at this step already: who may decide goes on by approving at its gate.")
    going = watch(deployment)
    if going is None or now >= going.until:
        here = stage_label(deployment.stage)
        raise Refused(f"There is no time of watching to cut short now, at {here}; look at what it waits for.")
    doubt = _doubt(deployment, going)
    if doubt and not unproven:
        raise Refused(
            f"{doubt} It goes on at {clock_words(going.until, now)} UTC. To go on now although that proves nothing, "
            "confirm it.",
            field="unproven",
        )
    _record(deployment, going, doubt, principal, now)


def _record(deployment: Deployment, going: Watch, doubt: str, principal: Principal, now: datetime) -> None:
    here, watched = deployment.position, max((now - going.since).total_seconds(), 0)
    planned = (going.until - going.since).total_seconds()
    said = f"{duration_words(watched)} of {duration_words(planned)}"
    told = f"{principal} goes on from {going.percent} % after {said} of watching."
    with transaction.atomic():
        standing = Deployment.objects.filter(pk=deployment.pk, status=Status.IN_PROGRESS, position=here)
        fresh = standing.filter(Q(gone_on_from__isnull=True) | ~Q(gone_on_from=here))
        if not fresh.update(gone_on_from=here, next_check_at=now, clicks=F("clicks") + 1):
            raise Refused("It went on in the same moment, or somebody else did this before you; look again.")
        append_event(
            deployment, "deployment.gone_on",
            f"{told} Not proven, and wanted anyway: {doubt}" if doubt else told,
            now=now, principal=principal,
            data={"percent": going.percent, "watched_seconds": round(watched), "planned_seconds": round(planned)}
            | ({"unproven": doubt} if doubt else {}),
        )  # fmt: skip
    queue.nudge(deployment.pk)


def _by_aws(deployment: Deployment) -> str:
    controller = swaps.get(deployment.settings["controller"])
    if controller.rungs_are_ours:
        return ""
    if controller.goes_on:
        return (
            f"{controller.goes_on} counts how long each share of production is watched, and AWS offers no call that "
            "shortens it. It can be stopped or rolled back."
        )
    return "Tasks are replaced in place here: there is no share of production to go on from before its time."


def _step(deployment: Deployment) -> Step:
    return Plan.from_json(deployment.plan).steps[deployment.position]


def _since(deployment: Deployment) -> datetime | None:
    """From when the step's time counts; None before its traffic has moved, and at steps that watch nothing."""
    began, facts = deployment.step_started_at, stored.document(deployment)
    if deployment.stage == Stage.BAKE_TIME:
        return began
    moved = facts.shifted_at if isinstance(facts, TwoSlotFacts) else None
    if deployment.stage != Stage.PRODUCTION_TRAFFIC_SHIFT or moved is None or began is None or moved < began:
        return None
    return moved


def _doubt(deployment: Deployment, going: Watch) -> str:
    """What the watch has not proven yet, in a sentence; "" when it has judged enough requests."""
    least = EnvironmentSettings.from_json(deployment.settings).min_requests
    looks = deployment.measurements.filter(slot=deployment.target_slot, at__gte=going.since, requests__isnull=False)
    new = f"new {deployment.release.version}"
    seen = looks.order_by("-at").values_list("requests", flat=True).first()
    if seen is None:
        return f"No requests of {new} were measured yet at {going.percent} %."
    if seen >= least:
        return ""
    if not seen:
        return f"No requests of {new} were seen at {going.percent} %, too few to judge (from {least})."
    if seen == 1:
        return f"Only 1 request of {new} was seen at {going.percent} %, too few to judge (from {least})."
    return f"Only {seen} requests of {new} were seen at {going.percent} %, too few to judge (from {least})."
