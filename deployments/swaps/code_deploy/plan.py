"""The plan when CodeDeploy shifts the traffic of an ECS service: its lifecycle events under our stages' names.

What only the deployment group says (its own configuration, how long the source is kept) is not known here: plans
are made without asking AWS. So GROUP_CONFIG is one step up to 100 %, whatever way CodeDeploy takes there.
"""

from deployments.frozen import EnvironmentSettings, GateSpec, Plan, Step
from deployments.swaps.steps import smoke_checks, too_few
from deployments.swaps.steps.ladder import PRESETS, ladder
from deployments.vocabulary import Stage, Strategy
from deployments.words import counted, duration_words

STRATEGIES = (Strategy.GROUP_CONFIG, *PRESETS)
GATE_STAGES = (Stage.PRE_SCALE_UP, Stage.PRE_PRODUCTION_TRAFFIC_SHIFT)


def plan(settings: EnvironmentSettings, strategy: Strategy) -> Plan:
    return Plan(
        controller=settings.controller,
        strategy=strategy,
        steps=(*_before_production(settings), *_production(settings, strategy), *_after(settings)),
        way_back=(
            Step(
                stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
                percent=0,
                summary="CodeDeploy stops and moves all traffic back to the source",
            ),
            Step(stage=Stage.CLEAN_UP, summary="CodeDeploy removes the release's tasks"),
        ),
    )


def config_of(strategy: str) -> str:
    """CreateDeployment's deploymentConfigName; "" is the group's own."""
    return "" if strategy == Strategy.GROUP_CONFIG else f"CodeDeployDefault.ECS{strategy}"


def has_test_traffic(settings: EnvironmentSettings) -> bool:
    return bool(settings.test_rule or settings.test_url)


def needs_ready(settings: EnvironmentSettings) -> bool:
    """Whether CodeDeploy has to wait in Ready: for people, or for our checks."""
    return bool(gate_at(settings, Stage.PRE_PRODUCTION_TRAFFIC_SHIFT) or settings.smoke_checks or settings.webhooks)


def gate_at(settings: EnvironmentSettings, stage: Stage) -> GateSpec | None:
    return next((gate for gate in settings.gates if gate.stage == stage), None)


def _before_production(settings: EnvironmentSettings) -> list[Step]:
    steps = [
        Step(
            stage=Stage.RECONCILE_SERVICE,
            summary="Preflight, find the live task set, register the task definition",
        )
    ]
    gate = gate_at(settings, Stage.PRE_SCALE_UP)
    if gate or settings.one_off_tasks:
        tasks = ", ".join(task.name for task in settings.one_off_tasks)
        summary = f"Run once with the new release: {tasks}" if tasks else "Before CodeDeploy is told anything"
        steps.append(Step(stage=Stage.PRE_SCALE_UP, gate=gate, summary=summary))
    steps.append(Step(stage=Stage.SCALE_UP, summary="CodeDeploy starts the release beside the live one"))
    if has_test_traffic(settings):
        steps.append(Step(stage=Stage.TEST_TRAFFIC_SHIFT, summary="CodeDeploy sends test traffic to the release"))
    if needs_ready(settings):
        checks = (
            smoke_checks.planned(settings, counted(len(settings.smoke_checks), "check"))
            if settings.smoke_checks
            else "nothing has moved yet"
        )
        summary = f"CodeDeploy waits in Ready: {checks}"
        steps.append(
            Step(
                stage=Stage.PRE_PRODUCTION_TRAFFIC_SHIFT,
                gate=gate_at(settings, Stage.PRE_PRODUCTION_TRAFFIC_SHIFT),
                summary=summary,
            )
        )
    return steps


def _production(settings: EnvironmentSettings, strategy: Strategy) -> list[Step]:
    if strategy is Strategy.GROUP_CONFIG:
        summary = "CodeDeploy moves production as the deployment group is configured"
        return [Step(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=100, summary=summary)]
    return [
        Step(
            stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
            percent=rung.percent,
            bake_seconds=rung.bake_seconds,
            summary=f"CodeDeploy sends {rung.percent} % of production to the release"
            + (f" for {duration_words(rung.bake_seconds)}" if rung.bake_seconds else ""),
        )
        for rung in ladder(settings, strategy)
    ]


def _after(settings: EnvironmentSettings) -> list[Step]:
    return [
        Step(
            stage=Stage.BAKE_TIME,
            summary="All traffic on the release; the source is kept as long as the deployment group says"
            + too_few.planned(settings, asks=False),
        ),
        Step(stage=Stage.CLEAN_UP, summary="CodeDeploy removes the source's tasks"),
    ]
