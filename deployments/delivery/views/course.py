"""The course of a deployment on one time axis: what was measured of old and new, who waited, what is planned.

Numbers and times, no picture: a page draws them, and its table says them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployments.delivery.models import Deployment, Gate, Measurement, StageRun
from deployments.delivery.views import course_marks, course_rates
from deployments.delivery.views.course_marks import GateSpan, Mark
from deployments.delivery.views.course_rates import Look, Seen
from deployments.delivery.views.slots import SlotView
from deployments.record.models import Event
from deployments.vocabulary import DeploymentKind, Outcome, Role, Status

#: So much of the future is shown where nobody asks for more, measured by what is past.
_AHEAD = 0.6
_LEAST_AHEAD = timedelta(seconds=60)
#: and of what was before traffic moved, measured by what is after
_BEFORE = 0.3
_LEAST_BEFORE = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two releases. Its slot changes with every deployment, so it is not its name."""

    role: Role
    #: "old" or "new"
    word: str
    version: str
    #: "blue" or "green"; "" where there are none
    slot: str


@dataclass(frozen=True, kw_only=True)
class Share:
    """Percent of production on the new one from a moment on."""

    at: datetime
    percent: float


@dataclass(frozen=True, kw_only=True)
class Course:
    begins: datetime
    #: its end, or now
    until: datetime
    is_over: bool
    #: what of the axis is shown unless somebody looks further: people may think for hours before traffic moves
    shown_from: datetime
    shown_until: datetime
    #: old first; without the old one where nothing was there before
    sides: tuple[Side, ...]
    #: oldest first
    looks: tuple[Look, ...]
    #: oldest first; () where nobody knows how much of production has it
    shares: tuple[Share, ...]
    #: the rest of the plan if nobody waits for anything, from now on; () once it is over or turns back
    planned: tuple[Share, ...]
    gates: tuple[GateSpan, ...]
    marks: tuple[Mark, ...]
    max_5xx: float | None
    max_latency_ms: float | None

    @property
    def is_measured(self) -> bool:
        return any(seen.is_something for look in self.looks for seen in look.seen.values())


def course(
    deployment: Deployment,
    *,
    runs: Sequence[StageRun],
    gates: Iterable[Gate],
    measurements: Sequence[Measurement],
    events: Iterable[Event],
    slots: Sequence[SlotView],
    now: datetime,
) -> Course:
    """`measurements`: oldest first."""
    begins, over = deployment.started_at or deployment.created_at, deployment.is_terminal
    until = max(deployment.finished_at or now, begins) if over else max(now, begins)
    looks = course_rates.looks(deployment, measurements)
    planned = () if over else _planned(deployment, until)
    shares = _shares(deployment, looks, runs, begins, until)
    shown_until = _shown_until(begins, until, planned)
    limit = deployment.settings.get("max_5xx_percent")
    return Course(
        begins=begins,
        until=until,
        is_over=over,
        shown_from=_shown_from(begins, shares, shown_until),
        shown_until=shown_until,
        sides=_sides(deployment, slots),
        looks=looks,
        shares=shares,
        planned=planned,
        gates=tuple(course_marks.span(gate) for gate in gates),
        marks=course_marks.marks(events, begins),
        max_5xx=limit if limit and limit < 100 else None,
        max_latency_ms=deployment.settings.get("max_latency_ms") or None,
    )


def _sides(deployment: Deployment, slots: Sequence[SlotView]) -> tuple[Side, ...]:
    named = {view.role: view.name for view in slots if view.role}
    source = deployment.source_release
    old = Side(role=Role.SOURCE, word="old", version=source.version if source else "", slot=named.get("source", ""))
    new = Side(role=Role.TARGET, word="new", version=deployment.release.version, slot=named.get("target", ""))
    return (new,) if deployment.kind == DeploymentKind.FIRST else (old, new)


def _shares(
    deployment: Deployment, looks: Sequence[Look], runs: Sequence[StageRun], begins: datetime, until: datetime
) -> tuple[Share, ...]:
    """As it was seen at each look; where nothing is looked at side by side, as the steps say."""
    seen = [Share(at=look.at, percent=look.share) for look in looks if look.share is not None]
    # On the way back there is less to look at than to do.
    seen += [
        Share(at=run.finished_at or run.started_at, percent=float(run.percent))
        for run in runs
        if run.percent is not None and run.outcome == Outcome.SUCCEEDED and (run.rolling_back or not looks)
    ]
    seen.sort(key=lambda share: share.at)
    moved = deployment.percent or any(share.percent for share in seen)
    if not moved and (deployment.is_terminal or not _has_shares(deployment)):
        return ()
    steps = [Share(at=begins, percent=0.0)]
    for share in seen:
        if share.percent != steps[-1].percent and share.at >= steps[-1].at:
            steps.append(share)
    if steps[-1].percent != deployment.percent:
        steps.append(Share(at=until, percent=deployment.percent))
    return tuple(steps)


def _has_shares(deployment: Deployment) -> bool:
    """Whether its plan moves traffic by shares, and does not replace what is behind one address."""
    return any(step.get("percent") is not None for step in deployment.plan.get("steps", ()))


def _planned(deployment: Deployment, now: datetime) -> tuple[Share, ...]:
    if deployment.status not in (Status.PENDING, Status.IN_PROGRESS) or not _has_shares(deployment):
        return ()
    steps, at, shares = deployment.plan.get("steps", ()), now, [Share(at=now, percent=deployment.percent)]
    spent = now - (deployment.step_started_at or now)
    for position, step in enumerate(steps[deployment.position :]):
        if step["stage"] == "CLEAN_UP":  # warm time is no part of the way there
            break
        percent = step.get("percent")
        if percent is not None and percent != shares[-1].percent:
            shares.append(Share(at=at, percent=float(percent)))
        baked = timedelta(seconds=step.get("bake_seconds") or 0)
        at += max(baked - spent, timedelta()) if position == 0 else baked
    return (*shares, Share(at=at, percent=shares[-1].percent)) if at > now or len(shares) > 1 else ()


def _shown_from(begins: datetime, shares: Sequence[Share], shown_until: datetime) -> datetime:
    """A little before traffic moves, once it does."""
    moved = next((share.at for share in shares if share.percent), None)
    return begins if moved is None else max(begins, moved - max((shown_until - moved) * _BEFORE, _LEAST_BEFORE))


def _shown_until(begins: datetime, until: datetime, planned: Sequence[Share]) -> datetime:
    if not planned:
        return until
    ahead = max((until - begins) * _AHEAD, _LEAST_AHEAD)
    return min(planned[-1].at, until + ahead) if planned[-1].at > until else until + _LEAST_AHEAD / 4


__all__ = ["Course", "GateSpan", "Look", "Mark", "Seen", "Share", "Side", "course"]
