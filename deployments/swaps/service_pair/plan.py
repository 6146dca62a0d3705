"""SERVICE_PAIR's plan: the stages in ECS's order, one traffic step a rung, and the way back."""

from deployments.frozen import EnvironmentSettings, GateSpec, Plan, Step
from deployments.swaps.steps import smoke_checks, too_few
from deployments.swaps.steps.ladder import Rung, ladder
from deployments.vocabulary import Stage, Strategy
from deployments.words import counted, duration_words


def plan(settings: EnvironmentSettings, strategy: Strategy) -> Plan:
    rungs = ladder(settings, strategy)
    _require_rungs_of_gates(settings, rungs)
    return Plan(
        controller=settings.controller,
        strategy=strategy,
        steps=(
            *_before_production(settings),
            *_production(settings, rungs),
            *_after(settings),
        ),
        way_back=_way_back(settings),
    )


def _require_rungs_of_gates(settings: EnvironmentSettings, rungs: tuple[Rung, ...]) -> None:
    """Nobody gets past a gate by choosing a strategy that has no such step."""
    wanted = {gate.percent for gate in settings.gates if gate.stage == Stage.PRODUCTION_TRAFFIC_SHIFT and gate.percent}
    passed_by = sorted(wanted - {rung.percent for rung in rungs})
    if passed_by:
        places = " and ".join(f"{percent} %" for percent in passed_by)
        raise ValueError(f"{settings.label} has a gate at {places}, where this strategy never stops; choose another.")


def _before_production(settings: EnvironmentSettings) -> list[Step]:
    steps = [
        Step(
            stage=Stage.RECONCILE_SERVICE,
            summary="Preflight, find the live slot from the listener's weights, register the task definition",
        )
    ]
    gate = _gate(settings, Stage.PRE_SCALE_UP)
    if gate or settings.one_off_tasks:
        tasks = ", ".join(task.name for task in settings.one_off_tasks)
        summary = f"Run once with the new release: {tasks}" if tasks else "Before anything is started"
        steps.append(Step(stage=Stage.PRE_SCALE_UP, gate=gate, summary=summary))
    steps.append(
        Step(
            stage=Stage.SCALE_UP,
            summary="Start the release beside the live one, with as many tasks; wait until all are healthy",
        )
    )
    if settings.test_rule:
        steps.append(Step(stage=Stage.TEST_TRAFFIC_SHIFT, summary="Send the test listener's traffic to the release"))
    steps.append(
        Step(
            stage=Stage.POST_TEST_TRAFFIC_SHIFT,
            gate=_gate(settings, Stage.POST_TEST_TRAFFIC_SHIFT),
            summary=_checks_summary(settings),
        )
    )
    return steps


def _checks_summary(settings: EnvironmentSettings) -> str:
    parts = []
    if settings.smoke_checks:
        parts.append(smoke_checks.planned(settings, counted(len(settings.smoke_checks), "smoke check")))
    if settings.webhooks:
        parts.append(f"{counted(len(settings.webhooks), 'webhook')}")
    return "Check the release before production: " + (", ".join(parts) or "targets healthy")


def _production(settings: EnvironmentSettings, rungs: tuple[Rung, ...]) -> list[Step]:
    return [
        Step(
            stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
            percent=rung.percent,
            bake_seconds=rung.bake_seconds,
            gate=_production_gate(settings, rung),
            summary=f"{rung.percent} % of production to the release"
            + (f", watched for {duration_words(rung.bake_seconds)}" if rung.bake_seconds else ""),
        )
        for rung in rungs
    ]


def _after(settings: EnvironmentSettings) -> list[Step]:
    return [
        Step(
            stage=Stage.BAKE_TIME,
            bake_seconds=settings.bake_seconds,
            gate=_gate(settings, Stage.BAKE_TIME),
            summary=f"All traffic on the release, watched for {duration_words(settings.bake_seconds)}"
            + too_few.planned(settings, asks=True),
        ),
        Step(
            stage=Stage.CLEAN_UP,
            bake_seconds=settings.termination_wait_seconds,
            summary=f"Keep the previous release warm for {duration_words(settings.termination_wait_seconds)}, then "
            "scale it to 0",
        ),
    ]


def _way_back(settings: EnvironmentSettings) -> tuple[Step, ...]:
    steps = [
        Step(
            stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
            percent=0,
            summary="All production traffic back to the source",
        ),
    ]
    if settings.test_rule:
        steps.append(Step(stage=Stage.TEST_TRAFFIC_SHIFT, summary="The test listener back to the source"))
    steps.append(Step(stage=Stage.CLEAN_UP, summary="Scale the release to 0"))
    return tuple(steps)


def _gate(settings: EnvironmentSettings, stage: Stage) -> GateSpec | None:
    return next((gate for gate in settings.gates if gate.stage == stage), None)


def _production_gate(settings: EnvironmentSettings, rung: Rung) -> GateSpec | None:
    """A gate for this very percentage, else the one for every step but the last."""
    gates = [gate for gate in settings.gates if gate.stage == Stage.PRODUCTION_TRAFFIC_SHIFT]
    exact = next((gate for gate in gates if gate.percent == rung.percent), None)
    if exact or rung.percent == 100:
        return exact
    return next((gate for gate in gates if gate.percent is None), None)
