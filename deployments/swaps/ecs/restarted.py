"""Somebody started the release anew while ECS baked it, such as for a secret that was rotated.

ECS stops its deployment for it, and shifts to the same release again. What was approved is what runs, so that is
followed to its end: the pauses are answered, as people have decided already.
"""

from dataclasses import replace

from deployments.aws.values import NativeDeployment
from deployments.swaps.decisions import Decision, Note, Wait
from deployments.swaps.ecs import following
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.steps import as_planned, one_service_as_planned
from deployments.vocabulary import Stage, Status


def noticed(snapshot: Snapshot, observed: Observed) -> Note | None:
    """Go on with the one that was started since; None when nothing was, or something else runs now."""
    restart, service, native = observed.restart, observed.service, observed.native
    if restart is None or service is None or native is None:
        return None
    expected = replace(one_service_as_planned.target(snapshot), serves=False)
    if as_planned.difference(expected, service, observed.tasks):
        return None
    said = as_planned.restarted(expected, service, "another")
    return Note(
        reason=f"{said[:1].upper()}{said[1:]} and the same images, so ECS shifts to it again as {restart.arn}",
        facts=replace(
            snapshot.facts, service_deployment=restart.arn, restarted=native.arn, percent=restart.production_percent
        ),
    )


def followed(snapshot: Snapshot, native: NativeDeployment) -> Decision | None:
    """Until ECS bakes again; None from then on, or when nobody started anything."""
    if not snapshot.facts.restarted or native.status == Status.SUCCESSFUL or following.beyond(native, Stage.BAKE_TIME):
        return None
    if hook := following.hook_to_answer(snapshot, native):
        return following.go_on(
            snapshot,
            native,
            hook,
            f"ECS may go on after {native.stage} with {snapshot.artefact.version}, which was approved before",
        )
    if native.stage != Stage.BAKE_TIME:
        return _on_its_way(snapshot, native)
    if native.production_percent == snapshot.facts.percent:
        return None
    return Note(
        reason=f"ECS sends {native.production_percent:g} % of production to {snapshot.artefact.version} again",
        facts=replace(snapshot.facts, percent=native.production_percent),
    )


def _on_its_way(snapshot: Snapshot, native: NativeDeployment) -> Wait:
    return Wait(reason=f"ECS shifts to {snapshot.artefact.version} once more and is at {native.stage or 'its start'}")
