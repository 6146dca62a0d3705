"""Who serves what right now: the two slots of a deployment, and sentences about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deployments.catalog.models import running
from deployments.delivery.models import Deployment, Measurement
from deployments.delivery.views.found import found
from deployments.delivery.views.named import called, version
from deployments.delivery.views.reader_actions import is_kept
from deployments.delivery.views.served import Served, measured
from deployments.vocabulary import DeploymentKind, Slot, Status
from deployments.words import begun

#: instead of a health, of a slot that was emptied
SCALED_TO_0 = "scaled to 0"


@dataclass(frozen=True, kw_only=True)
class SlotView:
    name: Slot
    role: str  # source, target, or "" while the live slot is not known yet
    #: of the release; of what somebody else put there its task definition, such as "shop:9"
    version: str
    #: such as "new 1.1.0": a slot's colour means another release with every deployment
    called: str
    outside: bool
    service: str
    #: of production; None while it is not known
    percent: float | None
    #: of its targets when it was last looked at; None when it was not
    healthy: int | None
    targets: int | None
    #: such as "1 of 2 healthy"
    health: str
    served: Served | None
    #: when it was last looked at
    seen_at: datetime | None


def slots(deployment: Deployment, measurements: Sequence[Measurement]) -> tuple[SlotView, ...]:
    """Blue first, always: a slot keeps its place on the page whatever its role is. `measurements`: oldest first."""
    newest = {row.slot: row for row in measurements if row.targets is not None or row.requests is not None}
    shares, outside = _shares(deployment), found(deployment).outside
    return tuple(_slot(deployment, slot, shares.get(slot), newest.get(slot), outside.get(slot, "")) for slot in Slot)


def _slot(
    deployment: Deployment, slot: Slot, percent: float | None, seen: Measurement | None, outside: str
) -> SlotView:
    role = deployment.roles.get(slot, "")
    turned_back = deployment.status == Status.ROLLBACK_SUCCESSFUL  # then also what somebody else had put there
    gone = _is_scaled_to_0(deployment, role, percent) and (turned_back or not outside)
    looked_at = None if gone else seen
    return SlotView(
        name=slot,
        role=role,
        version=outside or version(deployment, role),
        called=outside or called(deployment, role),
        outside=bool(outside),
        service=deployment.settings.get(f"{slot.value}_service", ""),
        percent=percent,
        healthy=looked_at.healthy if looked_at else None,
        targets=looked_at.targets if looked_at else None,
        health=SCALED_TO_0 if gone else _health(seen),
        served=measured(looked_at) if looked_at else None,
        seen_at=seen.at if seen else None,
    )


def _is_scaled_to_0(deployment: Deployment, role: str, percent: float | None) -> bool:
    """What was last seen of its targets is old then: the clean-up stopped them."""
    emptied = {Status.SUCCESSFUL: "source", Status.ROLLBACK_SUCCESSFUL: "target"}.get(Status(deployment.status))
    return bool(role) and role == emptied and not percent


def _health(seen: Measurement | None) -> str:
    if seen is None or seen.targets is None:
        return "not looked at yet"
    return f"{seen.healthy} of {seen.targets} healthy" if seen.targets else "no targets"


def place_sentence(deployment: Deployment, views: Sequence[SlotView], now: datetime) -> str:
    """What is where now, for somebody in a hurry; of what is long over, what was where when it ended."""
    place, since = _place(deployment, views, now), _since(deployment)
    if not since:
        return place
    if _was_there_already(deployment):
        return since
    return f"When it ended: {place} Since then: {since}" if place else f"Since it ended: {since}"


def _was_there_already(deployment: Deployment) -> bool:
    """Whether what somebody else brought was there when it ended: it was not seen by then, or ended it."""
    outside, ended = running.outside(deployment.environment), deployment.finished_at
    if outside is None or outside.under_way or not outside.since or deployment.status == Status.SUCCESSFUL:
        return False
    return ended is not None and outside.since <= running.moment(ended)


def _since(deployment: Deployment) -> str:
    """What is known to have become of it since it ended, in a sentence; "" when nothing is."""
    environment, ended = deployment.environment, deployment.finished_at
    if ended is None:
        return ""
    if outside := running.sentence(environment):
        return outside
    if environment.live_since is None or environment.live_since <= ended or environment.live_release is None:
        return ""
    return f"{environment.live_release.version} is live."


def _place(deployment: Deployment, views: Sequence[SlotView], now: datetime) -> str:
    source = next((view for view in views if view.role == "source"), None)
    target = next((view for view in views if view.role == "target"), None)
    if source is None or target is None:
        return _without_slots(deployment)
    share = target.percent or 0
    if deployment.kind == DeploymentKind.FIRST:
        return _alone(target, share)
    if not share:
        return f"{_begin(source)} serves all production traffic. {_rest(deployment, target, now)}".strip()
    if share >= 100:
        return f"{_begin(target)} serves all production traffic. {_rest(deployment, source, now)}".strip()
    return f"{_begin(source)} serves {100 - share:g} % of production traffic, and {target.called} serves {share:g} %."


def _alone(target: SlotView, share: float) -> str:
    """Of a first release: beside it there is nothing, and nothing was there before."""
    if not share:
        return "Nothing serves production."
    if share < 100:
        return f"{_begin(target)} serves {share:g} % of production traffic; the rest finds nothing."
    return f"{_begin(target)} serves all production traffic. There is nothing to go back to."


def _without_slots(deployment: Deployment) -> str:
    """Where ECS tells how much of production a release has, and the two sides have no names."""
    share, old, new = deployment.percent, called(deployment, "source"), called(deployment, "target")
    if not share or deployment.is_terminal:
        return ""
    if share >= 100:
        return f"{begun(new)} serves all production traffic."
    return f"{begun(old)} serves {100 - share:g} % of production traffic, and {new} serves {share:g} %."


def _begin(view: SlotView) -> str:
    """A task definition is written as its owner does, at the start of a sentence too."""
    return view.called if view.outside else begun(view.called)


def _rest(deployment: Deployment, idle: SlotView, now: datetime) -> str:
    if idle.outside and (deployment.status == Status.SUCCESSFUL or idle.role == "source"):
        return f"{_begin(idle)}, which somebody else put on {idle.service}, gets none of it."
    if deployment.status == Status.SUCCESSFUL:
        return f"{_begin(idle)} is scaled to 0."
    if deployment.status in (Status.ROLLBACK_SUCCESSFUL, Status.STOPPED):
        return f"Nothing of {idle.called} runs any more." if idle.role == "target" else ""
    if deployment.is_warm and idle.role == "source":
        if not is_kept(deployment, now):
            return f"{_begin(idle)} is kept warm no more: what still runs of it is being stopped."
        return f"{_begin(idle)} is kept warm: roll back is one write."
    if deployment.status == Status.ROLLBACK_FAILED and idle.role == "target":
        return f"What still runs of {idle.called} was not looked at."
    if idle.role == "target" and idle.targets:
        return f"{_begin(idle)} runs beside it and gets none."
    return ""


def _shares(deployment: Deployment) -> dict[str, float]:
    """Slot to percent of production, as last written or read."""
    if not deployment.target_slot:
        return {}
    return {deployment.target_slot: deployment.percent, deployment.source_slot: 100 - deployment.percent}
