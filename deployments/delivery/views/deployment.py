"""Everything there is to see of a deployment, as values: a page lays them out, an API would send them as they are.

In here there is no HTML, no request and no colour. What is drawn, and with which icon, is the door's to say.
"""

from dataclasses import dataclass
from datetime import datetime

from deployments import swaps
from deployments.delivery.models import Deployment, Gate, Measurement
from deployments.delivery.views import checked, links, preflight_report, timeline
from deployments.delivery.views.checked import SmokeView, TaskView
from deployments.delivery.views.failure_seen import FailureView, failure_of
from deployments.delivery.views.found import found
from deployments.delivery.views.headline import headline
from deployments.delivery.views.links import LinkView
from deployments.delivery.views.named import (
    EnvironmentName,
    ReleaseName,
    ReleaseView,
    environment_name,
    release_name,
    release_view,
)
from deployments.delivery.views.open_gate import GateView, gate_view
from deployments.delivery.views.page_version import version_of
from deployments.delivery.views.pipeline import PipelineView, is_followed, pipeline_view
from deployments.delivery.views.preflight_report import Group
from deployments.delivery.views.reader_actions import ActionView, is_kept, reader_actions
from deployments.delivery.views.series import Series, series
from deployments.delivery.views.slots import SlotView, place_sentence, slots
from deployments.delivery.views.targets import TargetView, targets
from deployments.delivery.views.timeline import StepView
from deployments.frozen import Plan
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.swaps.reports import HeldTask
from deployments.vocabulary import ActorKind, DeploymentKind, Status

#: Enough for half an hour of looks at both slots; older points stay in the database as evidence.
_POINTS = 480
_EVENTS = 200
#: of one that turned back its failure says what went wrong
_NOT_TURNED_BACK = (Status.PENDING, Status.IN_PROGRESS, Status.SUCCESSFUL)


@dataclass(frozen=True, kw_only=True)
class EventLine:
    id: int
    at: datetime
    kind: str
    actor_kind: ActorKind
    #: "" for Tealgate itself
    actor: str
    message: str


@dataclass(frozen=True, kw_only=True)
class DeploymentView:
    id: int
    #: page_version.version_of: an ETag, except for what the reader may do and what time alone changes
    version: str
    release: ReleaseView
    #: what was live before; None when Tealgate had not deployed there
    source_release: ReleaseName | None
    environment: EnvironmentName
    #: to logs, dashboards and tickets
    links: tuple[LinkView, ...]
    requested_by: str
    #: the page of the CI's run that asked for it; "" where none did, or it is not known
    run_url: str
    reason: str
    kind: DeploymentKind
    #: what was red before it began and does not count against it, a sentence each
    red: tuple[str, ...]
    strategy: str
    strategy_label: str

    status: Status
    is_terminal: bool
    is_followed: bool
    is_rolling_back: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    #: until then the source is warm and a roll back is one write; None when it is not, or no more
    kept_until: datetime | None
    #: how often in a row AWS did not answer
    failures: int

    #: what happens now, and what it waits for
    headline: str
    #: tasks that it waits for, because they are protected from scale-in
    held: tuple[HeldTask, ...]
    #: what is not as it should be although it goes on or went well, a sentence each
    warnings: tuple[str, ...]
    #: what is where now; "" while that is not known
    place: str
    slots: tuple[SlotView, ...]
    #: whether there are two slots to look at
    has_slots: bool
    #: whether the controller tells what happens on each target
    shows_targets: bool
    targets: tuple[TargetView, ...]

    #: as it was approved
    plan: Plan
    plan_hash: str
    steps: tuple[StepView, ...]
    #: empty until it is walked
    way_back: tuple[StepView, ...]
    #: the one that waits for people now
    gate: GateView | None
    series: tuple[Series, ...]
    failure: FailureView | None
    preflight: tuple[Group, ...]
    smoke: tuple[SmokeView, ...]
    tasks: tuple[TaskView, ...]
    #: what CodePipeline was told, where it waits for this
    pipeline: PipelineView | None
    task_definition: str
    source_task_definition: str
    #: how many tasks the service is to run; 0 when it was not read
    desired: int
    #: lines of the task definition as (sign, text): "+" added, "-" removed, " " same
    difference: tuple[tuple[str, str], ...]
    #: newest first
    events: tuple[EventLine, ...]

    #: why the reader may not stop, roll back, extend, finish or retry here; "" when they may
    turn_back_refusal: str
    actions: tuple[ActionView, ...]


def load(pk: int) -> Deployment | None:
    """With all that `deployment_view` follows."""
    return (
        Deployment.objects.select_related(
            "environment__application",
            "environment__live_release",
            "release__application",
            "source_release",
            "requested_by",
        )
        .prefetch_related("environment__deployers", "environment__application__links", "release__images")
        .filter(pk=pk)
        .first()
    )


def deployment_view(deployment: Deployment, *, principal: Principal, now: datetime) -> DeploymentView:
    """As `principal` sees it. That they may look at deployments at all is for the door to check."""
    known, settings, source = found(deployment), deployment.settings, deployment.source_release
    runs, gates, measurements = list(deployment.stage_runs.all()), _gates(deployment), _measurements(deployment)
    views, told = slots(deployment, measurements), targets(deployment)
    open_gate = next((gate for gate in gates if gate.is_open), None)
    looked_at = measurements[-1].at if measurements else None
    gate = gate_view(open_gate, deployment, principal, looked_at) if open_gate else None
    refusal = rights.turn_back_refusal(principal, deployment.environment)
    return DeploymentView(
        id=deployment.pk,
        version=version_of(deployment),
        release=release_view(deployment.release),
        source_release=release_name(source) if source else None,
        environment=environment_name(deployment.environment),
        links=links.of_deployment(deployment),
        requested_by=deployment.requester,
        run_url=deployment.requested_run_url,
        reason=deployment.reason,
        kind=DeploymentKind(deployment.kind),
        red=tuple(str(each.get("seen", "")) for each in settings.get("red", ())),
        strategy=deployment.strategy,
        strategy_label=deployment.get_strategy_display(),
        status=Status(deployment.status),
        is_terminal=deployment.is_terminal,
        is_followed=is_followed(deployment, now),
        is_rolling_back=deployment.is_rolling_back,
        created_at=deployment.created_at,
        started_at=deployment.started_at,
        finished_at=deployment.finished_at,
        kept_until=deployment.source_kept_until if is_kept(deployment, now) else None,
        failures=deployment.failures,
        headline=headline(deployment, gate),
        held=() if deployment.is_terminal else known.held,
        warnings=known.warnings if deployment.status in _NOT_TURNED_BACK else (),
        place=place_sentence(deployment, views, now),
        slots=views,
        has_slots=any(view.role or view.service for view in views),
        shows_targets=swaps.get(settings["controller"]).shows_targets or bool(told),
        targets=told,
        plan=Plan.from_json(deployment.plan),
        plan_hash=deployment.plan_hash,
        steps=timeline.forward(deployment, runs, gates),
        way_back=timeline.way_back(deployment, runs),
        gate=gate,
        series=series(
            measurements, max_5xx=settings.get("max_5xx_percent"), max_latency=settings.get("max_latency_ms")
        ),
        failure=failure_of(deployment, runs),
        preflight=preflight_report.kept(known.preflight),
        smoke=checked.smoke_checks(known.smoke),
        tasks=checked.one_off_tasks(known.tasks),
        pipeline=pipeline_view(deployment),
        task_definition=known.task_definition,
        source_task_definition=known.source_task_definition,
        desired=known.desired,
        difference=known.difference,
        events=tuple(_event(event) for event in deployment.events.order_by("-id")[:_EVENTS]),
        turn_back_refusal=refusal,
        actions=reader_actions(deployment, gate, principal, now, turn_back_refusal=refusal),
    )


def _gates(deployment: Deployment) -> list[Gate]:
    gates = list(deployment.gates.prefetch_related("groups", "approvals__person"))
    for gate in gates:
        gate.deployment = deployment  # saves a query a gate
    return gates


def _measurements(deployment: Deployment) -> list[Measurement]:
    """The newest, oldest first."""
    return list(deployment.measurements.order_by("-at", "-slot")[:_POINTS])[::-1]


def _event(event: Event) -> EventLine:
    return EventLine(
        id=event.pk,
        at=event.at,
        kind=event.kind,
        actor_kind=ActorKind(event.actor_kind),
        actor=event.actor,
        message=event.message,
    )
