"""CodeDeploy in the middle of installing a bundle on servers, as frozen values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget, LifecycleEvent
from deployments.swaps import get
from deployments.swaps.code_deploy.facts import CodeDeployFacts, Group, Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Decision
from deployments.vocabulary import Stage, Strategy
from tests.evidence import cases as evidence
from tests.swaps import cases
from tests.swaps.cases import NOON, seconds

CONTROLLER = get("CODE_DEPLOY")
BUNDLE = {
    "type": "S3", "bucket": "bundles", "key": "reports-1.1.0.zip", "bundleType": "zip", "version": "v1", "eTag": "0123"
}  # fmt: skip
SERVERS: dict[str, Any] = {
    "controller": "CODE_DEPLOY",
    "compute_platform": "Server",
    "codedeploy_application": "reports",
    "codedeploy_group": "web",
}
GROUP = Group(config="own", waits=False, ready_minutes=0, terminates=True, termination_minutes=5, in_place=True)
INSTALL = Stage.PRODUCTION_TRAFFIC_SHIFT


def at(
    stage: str,
    *,
    back: bool = False,
    done: tuple[str, ...] = ("create",),
    facts: Mapping[str, Any] | None = None,
    strategy: Strategy = Strategy.HALF_AT_A_TIME,
    environment: Mapping[str, Any] | None = None,
    bundle: Mapping[str, str] = BUNDLE,
    **changes: Any,
) -> Snapshot:
    settings = cases.settings(**SERVERS | dict(environment or {}))
    plan = CONTROLLER.plan(settings, strategy)
    steps = plan.way_back if back else plan.steps
    known: dict[str, Any] = {"group": GROUP, "done": done, **(facts or {})}
    if "create" in done:
        known["code_deployment"] = "d-1"
    snapshot = Snapshot(
        key="7-abc",
        settings=settings,
        artefact=cases.release(images={}, platforms={}, references={}, bundle=bundle),
        plan=plan,
        position=next(number for number, step in enumerate(steps) if step.stage == stage),
        rolling_back=back,
        facts=CodeDeployFacts(**known),
        step_started_at=NOON - seconds(10),
    )
    return replace(snapshot, **changes)


def deployment(status: str = "InProgress", **changes: Any) -> CodeDeployment:
    return CodeDeployment(**{"id": "d-1", "status": status, "overview": {}, **changes})


def instance(number: int, status: str, *, label: str = "", **event: Any) -> CodeDeployTarget:
    events = (LifecycleEvent(**{"name": "AfterInstall", "status": status, **event}),)
    return CodeDeployTarget(id=f"i-{number}", status=status, label=label, events=events)


def seen(*statuses: str, **changes: Any) -> Observed:
    targets = tuple(instance(number, status) for number, status in enumerate(statuses))
    return Observed(**evidence.look(**{"deployment": deployment(), "targets": targets, "alarms": {}, **changes}))


def decide(snapshot: Snapshot, observed: Observed, now: Any = NOON) -> Decision:
    return CONTROLLER.decide(snapshot, observed, now)
