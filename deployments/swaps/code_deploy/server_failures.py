"""Servers that a deployment failed on: which, where, by which script, and what that means for each."""

from collections.abc import Iterable, Iterator

from deployments.aws.codedeploy_values import FROM_BEFORE, CodeDeployTarget, LifecycleEvent
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.reports import TargetLifecycle


def warnings(snapshot: Snapshot, targets: Iterable[CodeDeployTarget]) -> tuple[str, ...]:
    """A sentence for each server that failed although the deployment goes on or went well."""
    return tuple(_warning(snapshot, target, event) for target, event in failures(targets))


def without_it(snapshot: Snapshot, targets: Iterable[CodeDeployTarget]) -> tuple[str, ...]:
    """Of a deployment that went well: those that failed, and those that CodeDeploy passed over."""
    seen = tuple(targets)
    passed_over = (each for each in seen if each.label != "Blue" and each.status in ("Skipped", "Unknown"))
    return (
        *warnings(snapshot, seen),
        *(
            f"CodeDeploy passed over server {each.id} ({each.status}): it may not have {snapshot.artefact.version}."
            for each in passed_over
        ),
    )


def failures(targets: Iterable[CodeDeployTarget]) -> Iterator[tuple[CodeDeployTarget, LifecycleEvent | None]]:
    """With the event that failed; None where CodeDeploy names none, as when it lost the agent."""
    for target in targets:
        event = next((event for event in target.events if event.status == "Failed"), None)
        if target.status == "Failed" or event is not None:
            yield target, event


def were_touched(targets: Iterable[CodeDeployTarget]) -> bool:
    """Whether anything was begun on any of them."""
    return any(event.status not in ("Pending", "Skipped") for target in targets for event in target.events)


def on_what_is_there(targets: Iterable[CodeDeployTarget | TargetLifecycle]) -> bool:
    """Whether one failed on a script of what was on the server before."""
    return any(event.status == "Failed" and event.name in FROM_BEFORE for each in targets for event in each.events)


def _warning(snapshot: Snapshot, target: CodeDeployTarget, event: LifecycleEvent | None) -> str:
    version = snapshot.artefact.version
    how = "CodeDeploy says no more than that it failed" if event is None else _how(event)
    if target.label == "Blue":
        return f"The original server {target.id} could not be taken out of traffic well: {how}."
    serves = target.passed("BlockTraffic") or target.label == "Green"
    then = "It gets no requests until a deployment succeeds there." if serves else "See what it serves."
    return f"Server {target.id} failed and may not have {version}: {how}. {then}"


def _how(event: LifecycleEvent) -> str:
    script = f" ({event.script})" if event.script else ""
    said = f": {event.message.strip().rstrip('.')}" if event.message else ""
    return f"{event.name}{script} failed{said}"
