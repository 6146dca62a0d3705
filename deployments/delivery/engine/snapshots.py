"""From a claimed row to the frozen values a controller decides on."""

from collections.abc import Mapping
from typing import Any

from deployments.delivery.models import Deployment, EventsQueue, Gate
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.swaps.decisions import GateState, Snapshot
from deployments.vocabulary import GateStatus, Slot, Status

#: deployments that a new one may take something from
EARLIER = 5


def take(deployment: Deployment) -> Snapshot:
    # ROLLBACK_REQUESTED still stands at a forward step; the engine turns it before anything is decided.
    rolling_back = deployment.status == Status.ROLLBACK_IN_PROGRESS
    plan = Plan.from_json(deployment.plan)
    stands_at_gate = not rolling_back and plan.steps[deployment.position].gate is not None
    return Snapshot(
        key=deployment.key,
        settings=EnvironmentSettings.from_json(deployment.settings),
        artefact=_artefact(deployment),
        plan=plan,
        position=deployment.position,
        rolling_back=rolling_back,
        attempt=deployment.attempt,
        status_reason=deployment.status_reason,
        source=Slot(deployment.source_slot) if deployment.source_slot else None,
        target=Slot(deployment.target_slot) if deployment.target_slot else None,
        facts=deployment.facts,
        intent=deployment.intent,
        step_started_at=deployment.step_started_at or deployment.created_at,
        source_kept_until=deployment.source_kept_until,
        gate=_gate(deployment) if stands_at_gate else None,
        tellings=deployment.tellings,
        listened_at=EventsQueue.objects.values_list("read_at", flat=True).first() if stands_at_gate else None,
        earlier=_earlier(deployment) if deployment.position == 0 and not deployment.facts else (),
    )


def _artefact(deployment: Deployment) -> Artefact:
    images = list(deployment.release.images.all())
    return Artefact(
        version=deployment.release.version,
        images={image.container: image.pinned for image in images},
        platforms={image.container: tuple(image.platforms) for image in images},
        references={image.container: image.reference for image in images},
        bundle=deployment.release.bundle,
    )


def _earlier(deployment: Deployment) -> tuple[Mapping[str, Any], ...]:
    good = Deployment.objects.filter(
        environment=deployment.environment_id, status=Status.SUCCESSFUL, facts__has_key="checked"
    )
    return tuple(good.order_by("-pk").values_list("facts", flat=True)[:EARLIER])


def _gate(deployment: Deployment) -> GateState | None:
    gate = Gate.objects.filter(deployment=deployment, position=deployment.position).first()
    if gate is None:
        return None
    return GateState(
        status=GateStatus(gate.status),
        expires_at=gate.expires_at,
        timeout_action=gate.timeout_action,
        reason=gate.reason,
    )
