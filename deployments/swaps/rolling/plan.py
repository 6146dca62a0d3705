"""ROLLING's plan: prepare, replace the tasks, watch; and back with the previous task definition."""

from deployments.frozen import EnvironmentSettings, GateSpec, Plan, Step
from deployments.swaps.steps import too_few
from deployments.vocabulary import Stage, Strategy
from deployments.words import duration_words, joined


def plan(settings: EnvironmentSettings, strategy: Strategy) -> Plan:
    """Raises ValueError with a sentence for any other strategy than ROLLING."""
    if strategy != Strategy.ROLLING:
        raise ValueError(f"{settings.label} has one service whose tasks ECS replaces: it knows only ROLLING.")
    return Plan(
        controller=settings.controller,
        strategy=strategy,
        steps=(
            Step(stage=Stage.RECONCILE_SERVICE, summary="Preflight, register the task definition"),
            *_before(settings),
            Step(
                stage=Stage.SCALE_UP,
                summary=f"Give the service the release{_percents(settings)}; wait until ECS has replaced all tasks "
                "and they are healthy",
            ),
            *_after(settings),
        ),
        way_back=(
            Step(
                stage=Stage.SCALE_UP,
                summary=f"Give the service its previous task definition{_own(settings)}; wait until all tasks run it "
                "again",
            ),
        ),
    )


def _percents(settings: EnvironmentSettings) -> str:
    given = [
        f"{name} {value}"
        for name, value in (
            ("minimumHealthyPercent", settings.minimum_healthy_percent),
            ("maximumPercent", settings.maximum_percent),
        )
        if value is not None
    ]
    return f", with {joined(given)} from then on" if given else ""


def _own(settings: EnvironmentSettings) -> str:
    return " and percentages" if _percents(settings) else ""


def _before(settings: EnvironmentSettings) -> list[Step]:
    gate = _gate(settings, Stage.PRE_SCALE_UP)
    if not gate and not settings.one_off_tasks:
        return []
    tasks = ", ".join(task.name for task in settings.one_off_tasks)
    summary = f"Run once with the new release: {tasks}" if tasks else "Before anything is started"
    return [Step(stage=Stage.PRE_SCALE_UP, gate=gate, summary=summary)]


def _after(settings: EnvironmentSettings) -> list[Step]:
    gate = _gate(settings, Stage.BAKE_TIME)
    if not gate and not settings.bake_seconds and not settings.requires_min_requests:
        return []
    summary = f"All tasks run the release, watched for {duration_words(settings.bake_seconds)}"
    summary += too_few.planned(settings, asks=True)
    return [Step(stage=Stage.BAKE_TIME, bake_seconds=settings.bake_seconds, gate=gate, summary=summary)]


def _gate(settings: EnvironmentSettings, stage: Stage) -> GateSpec | None:
    return next((gate for gate in settings.gates if gate.stage == stage), None)
