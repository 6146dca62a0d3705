"""A first release where AWS shifts the traffic: the service's desired count is written, and given back on the way back.

A service that CodeDeploy deploys to takes no task definition from anyone else, but a desired count.
"""

from deployments.aws.actions import UpdateService
from deployments.swaps.decisions import Act, Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.steps import marks
from deployments.words import counted


def wanted(snapshot: Snapshot[Facts]) -> Act | None:
    """Before AWS is told to deploy; None where it wants tasks already, or was told."""
    facts, name = snapshot.facts, snapshot.settings.service_name
    if facts.desired_before is None or marks.done(snapshot, "desired"):
        return None
    return Act(
        reason=f"{name} scaled from {facts.desired_before} to {counted(facts.desired, 'task')}, for a first release",
        action=UpdateService(cluster=snapshot.settings.cluster, service=name, desired=facts.desired),
        mark="desired",
    )


def emptied(snapshot: Snapshot[Facts]) -> Act | None:
    """At the end of the way back: as many tasks as before; None where that was never changed, or is done."""
    facts, name, mark = snapshot.facts, snapshot.settings.service_name, marks.of_try(snapshot, "desired_back")
    changed = marks.done(snapshot, "desired", "update") or marks.may_have_happened(snapshot, "UpdateService")
    if facts.desired_before is None or not changed or marks.done(snapshot, mark):
        return None
    return Act(
        reason=f"{name} has its desired count of {facts.desired_before} again",
        action=UpdateService(cluster=snapshot.settings.cluster, service=name, desired=facts.desired_before),
        mark=mark,
    )
