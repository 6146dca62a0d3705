"""A service that is to run no task on purpose: the release is put on it, and nothing shows whether it works."""

from dataclasses import replace
from datetime import datetime

from deployments.aws.values import Service, ServiceDeployment
from deployments.swaps.decisions import Advance, Decision, Fail
from deployments.swaps.rolling import neighbours, polling
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.steps.task_definition import short


def are_wanted(snapshot: Snapshot, service: Service | None) -> bool:
    """Whether it was off when the deployment began, and still is."""
    return not snapshot.facts.desired and service is not None and not service.desired


def ended(snapshot: Snapshot, service: Service, primary: ServiceDeployment, now: datetime) -> Decision:
    """In SCALE_UP, of a service with a desired count of 0."""
    if not are_wanted(snapshot, service):
        return Fail(reason=neighbours.difference(neighbours.release(snapshot), service))
    if primary.rollout_state not in ("", "COMPLETED") or service.running or service.pending:
        return polling.wait(snapshot, service, now)
    version, wanted = snapshot.artefact.version, short(snapshot.facts.task_definition)
    told = (
        f"{service.name} is to run no task, so nothing shows whether {version} works: it starts once somebody scales "
        f"{service.name} up."
    )
    return Advance(
        reason=f"{service.name} has {version} ({wanted}) and runs no task, as before",
        facts=replace(snapshot.facts, completed_at=now, warnings=(*snapshot.facts.warnings, told)),
    )
