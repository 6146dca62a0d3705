"""Everything there is to see of a deployment, as values: a page lays them out, an API would send them as they are.

In here there is no HTML, no request and no colour. What is drawn, and with which icon, is the door's to say.
"""

from dataclasses import dataclass
from datetime import datetime

from deployments import swaps
from deployments.delivery.models import Deployment
from deployments.delivery.views import checked, preflight_report
from deployments.delivery.views.checked import SmokeView, TaskView
from deployments.delivery.views.course import Course, course
from deployments.delivery.views.failure_seen import FailureView, failure_of
from deployments.delivery.views.found import found
from deployments.delivery.views.named import (
    EnvironmentName,
    ReleaseView,
    environment_name,
    release_view,
)
from deployments.delivery.views.outline import Outline, gates, newest, outlined
from deployments.delivery.views.page_version import version_of
from deployments.delivery.views.pipeline import PipelineView, is_followed, pipeline_view
from deployments.delivery.views.preflight_report import Group
from deployments.delivery.views.sampled import sampled
from deployments.delivery.views.targets import TargetView, targets
from deployments.frozen import Plan
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.swaps.reports import HeldTask
from deployments.vocabulary import ActorKind, DeploymentKind

#: Looks at both slots. Of more, some are left out; all stay in the database as evidence.
_POINTS = 480
_EVENTS = 200


@dataclass(frozen=True, kw_only=True)
class EventLine:
    id: int
    at: datetime
    kind: str
    #: AWS's name of where it was then; "" before it began
    stage: str
    actor_kind: ActorKind
    #: who it was, in words
    by: str
    message: str
    #: the message in the reader's language
    told: str


@dataclass(frozen=True, kw_only=True)
class DeploymentView(Outline):
    #: page_version.version_of: an ETag, except for what the reader may do and what time alone changes
    version: str
    release: ReleaseView
    environment: EnvironmentName
    requested_by: str
    #: the page of the CI's run that asked for it; "" where none did, or it is not known
    run_url: str
    reason: str
    kind: DeploymentKind
    strategy_label: str

    is_followed: bool
    is_rolling_back: bool
    created_at: datetime
    finished_at: datetime | None
    #: how often in a row AWS did not answer
    failures: int

    #: tasks that it waits for, because they are protected from scale-in
    held: tuple[HeldTask, ...]
    #: whether there are two slots to look at
    has_slots: bool
    #: whether the controller tells what happens on each target
    shows_targets: bool
    targets: tuple[TargetView, ...]

    #: as it was approved
    plan: Plan
    course: Course
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
    known, settings = found(deployment), deployment.settings
    runs, told, asked = list(deployment.stage_runs.all()), targets(deployment), gates(deployment)
    measurements, happened = newest(deployment, _POINTS), list(deployment.events.order_by("-id")[:_EVENTS])
    members = outlined(deployment, runs, asked, measurements, principal, now)
    return DeploymentView(
        **members,
        version=version_of(deployment),
        release=release_view(deployment.release),
        environment=environment_name(deployment.environment),
        requested_by=deployment.requester,
        run_url=deployment.requested_run_url,
        reason=deployment.reason,
        kind=DeploymentKind(deployment.kind),
        strategy_label=deployment.get_strategy_display(),
        is_followed=is_followed(deployment, now),
        is_rolling_back=deployment.is_rolling_back,
        created_at=deployment.created_at,
        finished_at=deployment.finished_at,
        failures=deployment.failures,
        held=() if deployment.is_terminal else known.held,
        has_slots=any(view.role or view.service for view in members["slots"]),
        shows_targets=swaps.get(settings["controller"]).shows_targets or bool(told),
        targets=told,
        plan=Plan.from_json(deployment.plan),
        course=course(
            deployment,
            runs=runs,
            gates=asked,
            measurements=measurements if len(measurements) < _POINTS else sampled(deployment, _POINTS),
            events=happened,
            slots=members["slots"],
            now=now,
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
        events=tuple(map(_event, happened)),
    )


def _event(event: Event) -> EventLine:
    return EventLine(
        id=event.pk,
        at=event.at,
        kind=event.kind,
        stage=event.stage,
        actor_kind=ActorKind(event.actor_kind),
        by=event.by,
        message=event.message,
        told=event.told,
    )
