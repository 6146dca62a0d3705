"""A deployment of CodeDeploy to ECS in the middle of its work, as frozen values: blue is live, green gets 1.1.0."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget, CodeDeployTaskSet, LifecycleEvent
from deployments.swaps import get
from deployments.swaps.code_deploy.facts import CodeDeployFacts, Group, Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Decision
from deployments.vocabulary import Slot, Stage, Strategy
from tests.evidence import cases as evidence
from tests.swaps import cases
from tests.swaps.cases import NOON, rule, seconds

CONTROLLER = get("CODE_DEPLOY")
EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
READY = Stage.PRE_PRODUCTION_TRAFFIC_SHIFT
GROUP = Group(config="own", waits=True, ready_minutes=60, terminates=True, termination_minutes=5)
FACTS = {**cases.REGISTERED, "group": GROUP, "code_deployment": "d-1"}


def at(
    stage: str,
    *,
    percent: int | None = None,
    back: bool = False,
    done: tuple[str, ...] = ("create",),
    facts: Mapping[str, Any] | None = None,
    strategy: Strategy = Strategy.CANARY_10_5,
    environment: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Snapshot:
    usual: dict[str, Any] = {
        "controller": "CODE_DEPLOY",
        "service_name": "shop",
        "codedeploy_application": "shop",
        "codedeploy_group": "web",
    }
    settings = cases.settings(**usual | dict(environment or {}))
    plan = CONTROLLER.plan(settings, strategy)
    steps = plan.way_back if back else plan.steps
    position = next(n for n, s in enumerate(steps) if s.stage == stage and percent in (None, s.percent))
    known = {**FACTS, "done": ("register", *done), **(facts or {})}
    if "create" not in done:
        known.pop("code_deployment")
    snapshot = Snapshot(
        source_version="1.0.0",
        key="7-abc",
        settings=settings,
        artefact=cases.release(),
        plan=plan,
        position=position,
        rolling_back=back,
        source=Slot.BLUE,
        target=Slot.GREEN,
        facts=CodeDeployFacts(**known),
        step_started_at=NOON - seconds(10),
    )
    return replace(snapshot, **changes)


def deployment(status: str = "InProgress", **changes: Any) -> CodeDeployment:
    return CodeDeployment(**{"id": "d-1", "status": status, "overview": {}, **changes})


def target(passed: str = "", *, percent: float = 0, **changes: Any) -> CodeDeployTarget:
    """The ECS service after this event."""
    until = EVENTS.index(passed) + 1 if passed else 0
    events = tuple(
        LifecycleEvent(name=name, status="Succeeded" if number < until else "Pending", ended=NOON)
        for number, name in enumerate(EVENTS)
    )
    green = CodeDeployTaskSet(
        label="Green", status="ACTIVE", desired=2, running=2, pending=0, percent=percent, target_group="shop-green"
    )
    return CodeDeployTarget(
        **{"id": "shop:shop", "status": "InProgress", "events": events, "task_sets": (green,), **changes}
    )


def seen(passed: str = "", status: str = "InProgress", *, percent: int = 0, **changes: Any) -> Observed:
    usual: dict[str, Any] = {
        "deployment": deployment(status),
        "targets": (target(passed, percent=percent),),
        "production": rule(100 - percent, percent),
        # until production is shifted the primary task set is the source's
        "service": cases.service("shop", task_definition=cases.OLD if status == "Ready" else cases.NEW),
        "alarms": {},
        "health": {"green": cases.HEALTHY},
    }
    return Observed(**evidence.look(**usual | changes))


def learnt(decision: Decision) -> CodeDeployFacts:
    """What is known from now on."""
    assert isinstance(decision.facts, CodeDeployFacts)
    return decision.facts


def decide(snapshot: Snapshot, observed: Observed, now: Any = NOON) -> Decision:
    return CONTROLLER.decide(snapshot, observed, now)
