"""From a claimed row to the frozen values a controller decides on."""

from collections.abc import Collection

from deployments import members
from deployments.delivery.engine import stored
from deployments.delivery.models import Deployment, EventsQueue, Gate
from deployments.frozen import EnvironmentSettings, Plan
from deployments.swaps.decisions import GateState, Snapshot
from deployments.swaps.facts import Facts
from deployments.vocabulary import GateStatus, Slot, Status
from deployments.words import joined

#: what earlier versions have frozen by another name
_TAKEN_UP = {"url"}
#: deployments that a new one may take something from
EARLIER = 5


class Newer(Exception):
    """A newer version has frozen what this one does not know, and would leave out."""

    def __init__(self, names: Collection[str]) -> None:
        self.sentence = (
            f"A newer version of Tealgate asked for this deployment, with {joined(sorted(names))}, which this version "
            "does not know. A worker of that version goes on with it"
        )
        super().__init__(self.sentence)


def take(deployment: Deployment) -> Snapshot[Facts]:
    # ROLLBACK_REQUESTED still stands at a forward step; the engine turns it before anything is decided.
    rolling_back = deployment.status == Status.ROLLBACK_IN_PROGRESS
    plan = Plan.from_json(deployment.plan)
    source = deployment.source_release
    settings = EnvironmentSettings.from_json(deployment.settings)
    _refuse_newer(deployment, plan, settings)
    # Where requests are required, a step without a gate turns out to need one.
    stands_at_gate = not rolling_back and bool(
        settings.requires_min_requests or plan.steps[deployment.position].gate is not None
    )
    return Snapshot(
        key=deployment.key,
        settings=settings,
        artefact=deployment.release.artefact,
        source_artefact=source.artefact if source and rolling_back else None,
        source_version=source.version if source else "",
        plan=plan,
        position=deployment.position,
        rolling_back=rolling_back,
        attempt=deployment.attempt,
        status_reason=deployment.status_reason,
        source=Slot(deployment.source_slot) if deployment.source_slot else None,
        target=Slot(deployment.target_slot) if deployment.target_slot else None,
        facts=stored.facts(deployment),
        intent=deployment.intent,
        step_started_at=deployment.step_started_at or deployment.created_at,
        source_kept_until=deployment.source_kept_until,
        gate=_gate(deployment) if stands_at_gate else None,
        gone_on=not rolling_back and deployment.gone_on_from == deployment.position,
        events_heard=deployment.events_heard,
        listened_at=EventsQueue.objects.values_list("read_at", flat=True).first() if stands_at_gate else None,
        earlier=_earlier(deployment) if deployment.position == 0 and not deployment.facts else (),
    )


def _refuse_newer(deployment: Deployment, plan: Plan, settings: EnvironmentSettings) -> None:
    names = {*members.strangers(plan, deployment.plan), *members.strangers(settings, deployment.settings)}
    if names - _TAKEN_UP:
        raise Newer(names)


def _earlier(deployment: Deployment) -> tuple[Facts, ...]:
    good = Deployment.objects.filter(
        environment=deployment.environment_id,
        settings__controller=deployment.settings["controller"],
        status=Status.SUCCESSFUL,
        checked__isnull=False,
    )
    return tuple(stored.facts(each) for each in good.order_by("-pk")[:EARLIER])


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
