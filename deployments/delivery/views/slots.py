"""Who serves what right now: the two slots of a deployment, and sentences about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from deployments.delivery.models import Deployment, Measurement
from deployments.vocabulary import Slot, Status


@dataclass(frozen=True, kw_only=True)
class SlotView:
    name: str
    role: str  # source, target, or "" while the live slot is not known yet
    version: str
    service: str
    percent: float | None
    seen: Measurement | None

    @property
    def title(self) -> str:
        return self.name.capitalize()

    @property
    def health(self) -> str:
        if self.seen is None or self.seen.targets is None:
            return "not looked at yet"
        if not self.seen.targets:
            return "no targets"
        return f"{self.seen.healthy} of {self.seen.targets} healthy"

    @property
    def health_tone(self) -> str:
        if self.seen is None or not self.seen.targets:
            return "quiet"
        return "good" if self.seen.healthy == self.seen.targets else "bad" if not self.seen.healthy else "warn"

    @property
    def share_5xx(self) -> float | None:
        if self.seen is None or not self.seen.requests:
            return None
        return 100 * (self.seen.errors_5xx or 0) / self.seen.requests


def slots(deployment: Deployment, measurements: Sequence[Measurement]) -> tuple[SlotView, ...]:
    """Blue first, always: a slot keeps its place on the page whatever its role is."""
    newest = {row.slot: row for row in measurements if row.targets is not None or row.requests is not None}
    shares = _shares(deployment)
    roles = deployment.roles
    services = deployment.settings
    return tuple(
        SlotView(
            name=slot.value,
            role=roles.get(slot, ""),
            version=_version(deployment, roles.get(slot, "")),
            service=services.get(f"{slot.value}_service", ""),
            percent=shares.get(slot.value),
            seen=newest.get(slot.value),
        )
        for slot in Slot
    )


def place_sentence(deployment: Deployment, views: Sequence[SlotView]) -> str:
    """What is where now, for somebody who opens the page in a hurry."""
    source = next((view for view in views if view.role == "source"), None)
    target = next((view for view in views if view.role == "target"), None)
    if source is None or target is None:
        stopped = deployment.status == Status.STOPPED
        return "Nothing was touched; production traffic is as it was." if stopped else ""
    share = target.percent or 0
    if not share:
        return f"{_serves(source)} all production traffic. {_rest(deployment, target)}".strip()
    if share >= 100:
        return f"{_serves(target)} all production traffic. {_rest(deployment, source)}".strip()
    return f"{_serves(source)} {100 - share:g} % of production traffic, {_serves(target)} {share:g} %."


def _serves(view: SlotView) -> str:
    return f"{view.version} on {view.name} serves"


def _rest(deployment: Deployment, idle: SlotView) -> str:
    if deployment.status == Status.SUCCESSFUL:
        return f"{idle.title} is scaled to 0 and free for the next release."
    if deployment.status in (Status.ROLLBACK_SUCCESSFUL, Status.STOPPED):
        return f"Nothing of {idle.version} runs any more." if idle.role == "target" else ""
    if deployment.is_warm and idle.role == "source":
        return f"{idle.version} is kept warm on {idle.name}: roll back is one write."
    if idle.role == "target" and idle.seen and idle.seen.targets:
        return f"{idle.version} runs beside it on {idle.name} and gets none."
    return ""


def _version(deployment: Deployment, role: str) -> str:
    if role == "target":
        return deployment.release.version
    if role == "source":
        return deployment.source_release.version if deployment.source_release else "what was live before"
    return ""


def _shares(deployment: Deployment) -> dict[str, float]:
    """Slot to percent of production, as last written or read."""
    if not deployment.target_slot:
        return {}
    return {deployment.target_slot: deployment.percent, deployment.source_slot: 100 - deployment.percent}
