"""The plan when ECS shifts the traffic itself: its stages in its order, and where a PAUSE hook holds it.

A hook is asked of ECS wherever people decide, and after the test traffic shift also when checks are to run,
because ECS would not wait for them otherwise. ECS offers no hook at BAKE_TIME.
"""

from collections.abc import Mapping
from typing import Any

from deployments.frozen import EnvironmentSettings, GateSpec, Plan, Step
from deployments.preflight.native_hooks import CHECKS_TIMEOUT_MINUTES
from deployments.swaps.steps import smoke_checks, too_few
from deployments.swaps.steps.ladder import Rung, ladder
from deployments.vocabulary import DeploymentKind, Stage, Strategy
from deployments.words import counted, duration_words

STRATEGIES = (Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR)
GATE_STAGES = (
    Stage.PRE_SCALE_UP,
    Stage.POST_SCALE_UP,
    Stage.POST_TEST_TRAFFIC_SHIFT,
    Stage.PRE_PRODUCTION_TRAFFIC_SHIFT,
    Stage.POST_PRODUCTION_TRAFFIC_SHIFT,
)
#: Stages where ECS itself is told to pause; PRE_SCALE_UP's gate comes before ECS is told anything.
HOOK_STAGES = GATE_STAGES[1:]


def plan(settings: EnvironmentSettings, strategy: Strategy) -> Plan:
    rungs = ladder(settings, strategy)
    return Plan(
        controller=settings.controller,
        strategy=strategy,
        steps=(*_before_production(settings), *_production(settings, rungs), *_after(settings)),
        way_back=(
            Step(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=0, summary="ECS moves all traffic back to the source"),
            Step(stage=Stage.CLEAN_UP, summary="ECS removes the release's tasks"),
        ),
    )


def deployment_configuration(settings: EnvironmentSettings, strategy: Strategy) -> dict[str, Any]:
    """UpdateService's deploymentConfiguration: strategy, bake time, alarms and the hooks for our gates.

    ECS counts bake times in whole minutes, so seconds are rounded up.
    """
    configuration: dict[str, Any] = {
        "strategy": strategy.value,
        "bakeTimeInMinutes": _minutes(settings.bake_seconds),
        "lifecycleHooks": hooks(settings),
    }
    if strategy is Strategy.CANARY:
        configuration["canaryConfiguration"] = {
            "canaryPercent": float(settings.canary_percent),
            "canaryBakeTimeInMinutes": _minutes(settings.canary_bake_seconds),
        }
    if strategy is Strategy.LINEAR:
        configuration["linearConfiguration"] = {
            "stepPercent": float(settings.linear_percent),
            "stepBakeTimeInMinutes": _minutes(settings.linear_bake_seconds),
        }
    if settings.kind != DeploymentKind.NORMAL:  # ECS would turn it back to what was sick
        configuration["alarms"] = {"alarmNames": list(settings.alarms), "enable": False, "rollback": False}
    elif settings.alarms:
        configuration["alarms"] = {"alarmNames": list(settings.alarms), "enable": True, "rollback": True}
    return configuration


def at_once(settings: EnvironmentSettings) -> dict[str, Any]:
    """UpdateService's deploymentConfiguration of the way back: nobody is waited for, and no alarm undoes it.

    Members that are left out would stay as the release's own deployment set them.
    """
    configuration: dict[str, Any] = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": []}
    if settings.alarms:
        configuration["alarms"] = {"alarmNames": list(settings.alarms), "enable": False, "rollback": False}
    return configuration


def hooks(settings: EnvironmentSettings) -> list[dict[str, Any]]:
    gates = {gate.stage: gate for gate in settings.gates if gate.stage in HOOK_STAGES}
    wanted = dict.fromkeys(stage for stage in HOOK_STAGES if stage in gates)
    if needs_checks(settings):
        wanted[Stage.POST_TEST_TRAFFIC_SHIFT] = None
    return [_hook(stage, gates.get(stage)) for stage in wanted]


def pauses(configuration: Mapping[str, Any]) -> frozenset[str]:
    """Stages at which the PAUSE hooks of a deploymentConfiguration hold every deployment."""
    found = configuration.get("lifecycleHooks", ())
    return frozenset(stage for hook in found if is_pause(hook) for stage in hook.get("lifecycleStages", ()))


def is_pause(hook: Mapping[str, Any]) -> bool:
    return bool(hook.get("targetType") == "PAUSE")


def needs_checks(settings: EnvironmentSettings) -> bool:
    return bool(settings.smoke_checks or settings.webhooks)


def _hook(stage: str, gate: GateSpec | None) -> dict[str, Any]:
    timeout: Mapping[str, Any] = {"timeoutInMinutes": CHECKS_TIMEOUT_MINUTES, "action": "ROLLBACK"}
    if gate:
        timeout = {"timeoutInMinutes": gate.timeout_minutes, "action": gate.timeout_action}
    return {"targetType": "PAUSE", "lifecycleStages": [str(stage)], "timeoutConfiguration": dict(timeout)}


def _before_production(settings: EnvironmentSettings) -> list[Step]:
    steps = [
        Step(
            stage=Stage.RECONCILE_SERVICE,
            summary="Preflight, check the listener's weights, register the task definition",
        )
    ]
    if _gate(settings, Stage.PRE_SCALE_UP) or settings.one_off_tasks:
        tasks = ", ".join(task.name for task in settings.one_off_tasks)
        steps.append(
            Step(
                stage=Stage.PRE_SCALE_UP,
                gate=_gate(settings, Stage.PRE_SCALE_UP),
                summary=f"Run once with the new release: {tasks}" if tasks else "Before ECS is told anything",
            )
        )
    steps.append(Step(stage=Stage.SCALE_UP, summary="ECS starts the release beside the live one"))
    if gate := _gate(settings, Stage.POST_SCALE_UP):
        steps.append(Step(stage=Stage.POST_SCALE_UP, gate=gate, summary="ECS waits before test traffic"))
    gate = _gate(settings, Stage.POST_TEST_TRAFFIC_SHIFT)
    if gate or needs_checks(settings):
        checks = (
            smoke_checks.planned(settings, counted(len(settings.smoke_checks), "check"))
            if needs_checks(settings)
            else ""
        )
        steps.append(
            Step(
                stage=Stage.POST_TEST_TRAFFIC_SHIFT,
                gate=gate,
                summary=f"Test traffic is on the release: {checks or 'people decide'}",
            )
        )
    return steps


def _production(settings: EnvironmentSettings, rungs: tuple[Rung, ...]) -> list[Step]:
    steps = []
    gate = _gate(settings, Stage.PRE_PRODUCTION_TRAFFIC_SHIFT)
    for rung in rungs:
        if gate:
            summary = f"ECS waits before {rung.percent} % of production"
            steps.append(Step(stage=Stage.PRE_PRODUCTION_TRAFFIC_SHIFT, gate=gate, summary=summary))
        minutes = _minutes(rung.bake_seconds)
        steps.append(
            Step(
                stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
                percent=rung.percent,
                bake_seconds=60 * minutes,
                summary=f"ECS sends {rung.percent} % of production to the release"
                + (f" for {duration_words(60 * minutes)}" if minutes else ""),
            )
        )
    return steps


def _after(settings: EnvironmentSettings) -> list[Step]:
    steps = []
    if gate := _gate(settings, Stage.POST_PRODUCTION_TRAFFIC_SHIFT):
        steps.append(
            Step(stage=Stage.POST_PRODUCTION_TRAFFIC_SHIFT, gate=gate, summary="ECS waits with all traffic moved")
        )
    minutes = _minutes(settings.bake_seconds)
    return [
        *steps,
        Step(
            stage=Stage.BAKE_TIME,
            bake_seconds=60 * minutes,
            summary=f"All traffic on the release; ECS keeps the previous one for {duration_words(60 * minutes)}"
            + too_few.planned(settings, asks=False),
        ),
        Step(stage=Stage.CLEAN_UP, summary="ECS removes the previous release's tasks"),
    ]


def _gate(settings: EnvironmentSettings, stage: Stage) -> GateSpec | None:
    return next((gate for gate in settings.gates if gate.stage == stage), None)


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
