"""Lambda functions that the service's owner has ECS run as hooks: kept as lifecycle events, and named where they fail.

ECS tells of a hook without its stage. That is the one which its configuration names for the function; where that names
several, the one that the deployment is at when the hook is first seen.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from deployments.aws.codedeploy_values import LifecycleEvent
from deployments.aws.values import FunctionHook, NativeDeployment
from deployments.swaps.decisions import Decision
from deployments.swaps.ecs.facts import EcsFacts, FunctionSeen, Snapshot
from deployments.swaps.reports import TargetLifecycle

RUNS = "IN_PROGRESS"
#: CodeDeploy's words for ECS's, by which pages show lifecycle events
_WORDS = {RUNS: "InProgress", "SUCCEEDED": "Succeeded", "FAILED": "Failed", "TIMED_OUT": "Failed"}


def kept(snapshot: Snapshot, decision: Decision, native: NativeDeployment | None, now: datetime) -> Decision:
    """The decision with what was seen of the functions among its facts, when that is news."""
    if native is None or not native.functions:
        return decision
    facts = decision.facts if isinstance(decision.facts, EcsFacts) else snapshot.facts
    seen = _seen(snapshot.facts.functions, native, now)
    if seen == snapshot.facts.functions:
        return decision
    return replace(decision, facts=replace(facts, functions=seen, targets=(_lifecycle(snapshot, native, seen),)))


def running(native: NativeDeployment) -> str:
    """Those that ECS waits for, such as "check and ask"; "" = none."""
    return " and ".join(hook.name for hook in native.functions if hook.status == RUNS)


def failed(native: NativeDeployment) -> str:
    """In a sentence, the hooks by which ECS turned it back; "" where it was not by a hook."""
    why = native.rollback_reason or native.reason
    bad = [hook for hook in native.functions if hook.status in ("FAILED", "TIMED_OUT")]
    if "lifecycle hook" not in why or not bad:
        return ""
    told = " and ".join(f"{hook.name} {'timed out' if hook.status == 'TIMED_OUT' else 'failed'}" for hook in bad)
    return f"The owner's hook {told}: see the function's log"


def lines(configuration: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """For the plan, as (sign, text), of a service's deploymentConfiguration."""
    return tuple((" ", f"Lambda hook at {stage}: {name} (kept)") for stage, name in of_owner(configuration))


def of_owner(configuration: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Stage and name of each function that ECS runs in every deployment."""
    for hook in configuration.get("lifecycleHooks", ()):
        if hook.get("targetType", "AWS_LAMBDA") == "AWS_LAMBDA":
            name = FunctionHook(id="", function=hook.get("hookTargetArn", ""), status="").name
            yield from ((stage, name) for stage in hook.get("lifecycleStages", ()))


def _seen(before: Iterable[FunctionSeen], native: NativeDeployment, now: datetime) -> tuple[FunctionSeen, ...]:
    known = {each.id: each for each in before}
    for hook in native.functions:
        stage = _stage(hook, native)
        was = known.get(hook.id) or FunctionSeen(id=hook.id, name=hook.name, stage=stage, since=now, status="")
        if was.status != hook.status:
            known[hook.id] = replace(was, status=hook.status, until=None if hook.status == RUNS else now)
    return tuple(known.values())


def _stage(hook: FunctionHook, native: NativeDeployment) -> str:
    configured = native.configuration.get("lifecycleHooks", ())
    own = [each for each in configured if each.get("hookTargetArn") == hook.function]
    stages = {stage for each in own for stage in each.get("lifecycleStages", ())}
    return stages.pop() if len(stages) == 1 else native.stage


def _lifecycle(snapshot: Snapshot, native: NativeDeployment, seen: Iterable[FunctionSeen]) -> TargetLifecycle:
    events = tuple(
        LifecycleEvent(
            name=each.stage, script=each.name, status=_WORDS.get(each.status, "Unknown"), started=each.since,
            ended=each.until, message="It timed out" if each.status == "TIMED_OUT" else "",
        )
        for each in seen
    )  # fmt: skip
    worst = next(
        (word for word in ("Failed", "InProgress") if any(each.status == word for each in events)), "Succeeded"
    )
    return TargetLifecycle(target=snapshot.settings.service_name, status=worst, events=events)
