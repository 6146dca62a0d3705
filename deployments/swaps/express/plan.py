"""The plan where ECS does all by itself: a gate before it is told, then its own canary, step by step."""

from deployments.frozen import EnvironmentSettings, GateSpec, Plan, Step
from deployments.preflight.express import BAKE_SECONDS, CANARY_PERCENT, CANARY_SECONDS
from deployments.swaps.steps import too_few
from deployments.vocabulary import Stage, Strategy
from deployments.words import duration_words

#: UpdateExpressGatewayService takes no hooks, so nobody can be asked once it is called.
GATE_STAGES = (Stage.PRE_SCALE_UP,)


def plan(settings: EnvironmentSettings, strategy: Strategy) -> Plan:
    """Raises ValueError with a sentence for any other strategy than CANARY."""
    if strategy != Strategy.CANARY:
        raise ValueError(f"{settings.label} is a service of Express Mode: it knows only ECS's own CANARY.")
    return Plan(
        controller=settings.controller,
        strategy=strategy,
        steps=(
            Step(stage=Stage.RECONCILE_SERVICE, summary="Preflight, register the task definition"),
            *_before(settings),
            Step(stage=Stage.SCALE_UP, summary="Tell ECS; it starts the release beside the live one"),
            Step(
                stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
                percent=CANARY_PERCENT,
                bake_seconds=CANARY_SECONDS,
                summary=f"ECS sends {CANARY_PERCENT} % of production to the release for "
                f"{duration_words(CANARY_SECONDS)}, and rolls back by its own alarm",
            ),
            Step(
                stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
                percent=100,
                summary="ECS sends 100 % of production to the release",
            ),
            Step(
                stage=Stage.BAKE_TIME,
                bake_seconds=BAKE_SECONDS,
                summary=f"All traffic on the release; ECS keeps the previous one for {duration_words(BAKE_SECONDS)}"
                + too_few.planned(settings, asks=False),
            ),
            Step(stage=Stage.CLEAN_UP, summary="ECS removes the previous release's tasks"),
        ),
        way_back=(
            Step(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=0, summary="ECS moves all traffic back to the source"),
            Step(stage=Stage.CLEAN_UP, summary="ECS removes the release's tasks"),
        ),
    )


def _before(settings: EnvironmentSettings) -> list[Step]:
    gate = _gate(settings)
    if not gate and not settings.one_off_tasks:
        return []
    tasks = ", ".join(task.name for task in settings.one_off_tasks)
    summary = f"Run once with the new release: {tasks}" if tasks else "Before ECS is told, which waits for nobody then"
    return [Step(stage=Stage.PRE_SCALE_UP, gate=gate, summary=summary)]


def _gate(settings: EnvironmentSettings) -> GateSpec | None:
    return next((gate for gate in settings.gates if gate.stage == Stage.PRE_SCALE_UP), None)
