"""Reading CodeDeploy's deployment: where it is, and whether it has ended without us."""

from deployments.aws import appspecs
from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget
from deployments.evidence import Watched, verdict
from deployments.swaps.code_deploy import theirs, troubles
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Fail
from deployments.swaps.steps import two_slots


def wrong(snapshot: Snapshot, observed: Observed) -> Fail | None:
    deployment = observed.deployment
    if deployment is None:
        return gone(snapshot)
    if deployment.status in ("Failed", "Stopped"):
        why = troubles.sentence(deployment, observed.targets)
        said = f"{why} {theirs.told(snapshot, observed.theirs)}" if observed.theirs else why
        return Fail(reason=said, followed=True)
    return None


def gone(snapshot: Snapshot) -> Fail:
    known = snapshot.facts.code_deployment
    return Fail(
        reason=f"CodeDeploy no longer knows the deployment {known}: its application or group was deleted or made anew."
    )


def watched(snapshot: Snapshot, observed: Observed) -> Watched:
    """With as many targets as the replacement task set is to have."""
    replacement = observed.target.replacement if observed.target else None
    watching = two_slots.watched(snapshot, replacement.desired if replacement else snapshot.facts.desired or 1)
    return two_slots.comparable(watching, snapshot, observed.production)


def unready(snapshot: Snapshot, observed: Observed) -> str:
    """Why traffic must not be given to the release, in a sentence; "" when its targets are healthy."""
    return verdict.unready(watched(snapshot, observed), observed.measured)


def whose(deployment: CodeDeployment | None) -> str:
    """Such as "CodeDeploy's deployment d-1 of 2026-03-02 12:00:03 UTC"; "" of none."""
    if deployment is None:
        return ""
    at = f" of {deployment.created_at:%Y-%m-%d %H:%M:%S} UTC" if deployment.created_at else ""
    return f"CodeDeploy's deployment {deployment.id}{at}"


def hook_that_runs(target: CodeDeployTarget | None) -> str:
    """In a sentence, which function of the owner's CodeDeploy waits for; "" = none."""
    for event in target.events if target else ():
        if event.status == "InProgress" and event.script and event.name in appspecs.EVENTS:
            return f"CodeDeploy waits for {event.script}, the owner's hook at {event.name}"
    return ""


def too_few_requests(snapshot: Snapshot, observed: Observed) -> str:
    """That the release was asked too seldom to tell, in a sentence; "" when it was not."""
    return verdict.too_few(watched(snapshot, observed), observed.measured)


def current(target: CodeDeployTarget | None) -> str:
    """The lifecycle event that runs now, or the next one."""
    if target is None:
        return "not started"
    for event in target.events:
        if event.status == "InProgress":
            return f"{event.name}: {event.script}" if event.script else event.name
    waiting = next((event.name for event in target.events if not event.is_over), "")
    return f"before {waiting}" if waiting else "at its end"
