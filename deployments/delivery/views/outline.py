"""What of a deployment is told to whoever asks often: where it stands, and what can be done. The page adds to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from deployments.catalog.models import Environment, Link
from deployments.delivery.models import Approval, Deployment, Gate, Measurement, StageRun
from deployments.delivery.views import links, timeline
from deployments.delivery.views.found import found
from deployments.delivery.views.headline import headline
from deployments.delivery.views.links import LinkView
from deployments.delivery.views.named import ReleaseName, release_name
from deployments.delivery.views.open_gate import GateView, gate_view
from deployments.delivery.views.reader_actions import ActionView, is_kept, reader_actions
from deployments.delivery.views.slots import SlotView, place_sentence, slots
from deployments.delivery.views.timeline import StepView
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.prepared import Prepared, by, keep
from deployments.vocabulary import Status

#: Enough for a look at both slots, also where some looks measured only one.
_NEWEST = 20
#: of one that turned back its failure says what went wrong
_NOT_TURNED_BACK = (Status.PENDING, Status.IN_PROGRESS, Status.SUCCESSFUL)


@dataclass(frozen=True, kw_only=True)
class Outline:
    id: int
    #: what was live before; None when Tealgate had not deployed there
    source_release: ReleaseName | None
    #: what was red before it began and does not count against it, a sentence each
    red: tuple[str, ...]
    #: to logs, dashboards and tickets
    links: tuple[LinkView, ...]
    strategy: str
    status: Status
    is_terminal: bool
    started_at: datetime | None
    #: until then the source is warm and a roll back is one write; None when it is not, or no more
    kept_until: datetime | None
    #: what happens now, and what it waits for
    headline: str
    #: what is not as it should be although it goes on or went well, a sentence each
    warnings: tuple[str, ...]
    #: what is where now; "" while that is not known
    place: str
    slots: tuple[SlotView, ...]
    plan_hash: str
    steps: tuple[StepView, ...]
    #: empty until it is walked
    way_back: tuple[StepView, ...]
    #: the one that waits for people now
    gate: GateView | None
    #: number and status of the newest, whether or not it waits; None before there was one
    last_gate: tuple[int, str] | None
    #: why the reader may not stop, roll back, extend, finish or retry here; "" when they may
    turn_back_refusal: str
    actions: tuple[ActionView, ...]


def load_outline(pk: int) -> Deployment | None:
    """With all that `outline` follows."""
    row = _DEPLOYMENT.first(pk=pk) if 0 < pk < 2**63 else None
    if row is not None:
        environment, application = row.environment, row.environment.application
        deployers = by("environment_id", _DEPLOYERS(environment=environment.pk))
        keep([environment], "deployers", {pk: [each.group for each in found] for pk, found in deployers.items()})
        keep([application], "links", by("application_id", _LINKS(application=application.pk)))
    return row


def outline(deployment: Deployment, *, principal: Principal, now: datetime) -> Outline:
    """As `principal` sees it. That they may look at deployments at all is for the door to check."""
    seen = newest(deployment, _NEWEST)
    return Outline(**outlined(deployment, _RUNS(deployment=deployment.pk), gates(deployment), seen, principal, now))


def outlined(
    deployment: Deployment,
    runs: list[StageRun],
    gates: list[Gate],
    measurements: Sequence[Measurement],
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """The members of an Outline. `measurements`: oldest first."""
    known, source = found(deployment), deployment.source_release
    open_gate = next((gate for gate in gates if gate.is_open), None)
    looked_at = measurements[-1].at if measurements else None
    gate = gate_view(open_gate, deployment, principal, looked_at) if open_gate else None
    refusal, views = rights.turn_back_refusal(principal, deployment.environment), slots(deployment, measurements)
    return {
        "id": deployment.pk,
        "source_release": release_name(source) if source else None,
        "red": tuple(str(each.get("seen", "")) for each in deployment.settings.get("red", ())),
        "links": links.of_deployment(deployment),
        "strategy": deployment.strategy,
        "status": Status(deployment.status),
        "is_terminal": deployment.is_terminal,
        "started_at": deployment.started_at,
        "kept_until": deployment.source_kept_until if is_kept(deployment, now) else None,
        "headline": headline(deployment, gate, gates),
        "warnings": known.warnings if deployment.status in _NOT_TURNED_BACK else (),
        "place": place_sentence(deployment, views, now),
        "slots": views,
        "plan_hash": deployment.plan_hash,
        "steps": timeline.forward(deployment, runs, gates),
        "way_back": timeline.way_back(deployment, runs),
        "gate": gate,
        "last_gate": max(((each.pk, each.status) for each in gates), default=None),
        "turn_back_refusal": refusal,
        "actions": reader_actions(deployment, gate, principal, now, turn_back_refusal=refusal),
    }


def gates(deployment: Deployment) -> list[Gate]:
    found = _GATES(deployment=deployment.pk)
    for gate in found:
        gate.deployment = deployment  # saves a query a gate
    with_answers(found)
    return found


def with_answers(gates: Sequence[Gate]) -> None:
    """Reads who is asked at each, and what they said."""
    keys = tuple(gate.pk for gate in gates)
    groups = by("gate_id", _GROUPS(gates=keys))
    keep(gates, "groups", {pk: [each.group for each in found] for pk, found in groups.items()})
    keep(gates, "approvals", by("gate_id", _APPROVALS(gates=keys)))


def newest(deployment: Deployment, most: int) -> list[Measurement]:
    """The newest, oldest first."""
    return _MEASUREMENTS(most=most, deployment=deployment.pk)[::-1]


def _deployment(pk: Any) -> QuerySet[Deployment]:
    named = ("environment__application", "environment__live_release", "release", "source_release", "requested_by")
    # A release's task definition can be longer than all of the answer, and is not in it.
    releases = ("release", "source_release", "environment__live_release")
    rows = Deployment.objects.select_related(*named)
    return rows.defer(*(f"{each}__task_definition" for each in releases)).filter(pk=pk)


def _groups(gates: Any) -> QuerySet[Any]:
    return Gate.groups.through.objects.filter(gate__pk__in=gates).select_related("group").order_by("pk")


def _deployers(environment: Any) -> QuerySet[Any]:
    rows = Environment.deployers.through.objects.filter(environment=environment)
    return rows.select_related("group").order_by("pk")


_DEPLOYMENT, _GROUPS, _DEPLOYERS = Prepared(_deployment), Prepared(_groups), Prepared(_deployers)
_LINKS = Prepared(lambda application: Link.objects.filter(application=application))
_RUNS = Prepared(lambda deployment: StageRun.objects.filter(deployment=deployment))
_GATES = Prepared(lambda deployment: Gate.objects.filter(deployment=deployment))
_APPROVALS = Prepared(lambda gates: Approval.objects.filter(gate__pk__in=gates).select_related("person"))
_MEASUREMENTS = Prepared(lambda deployment: Measurement.objects.filter(deployment=deployment).order_by("-at", "-slot"))
