"""Where the scheduled tasks stand in a plan: there once all of production is on the release and everybody was asked."""

from dataclasses import replace

from deployments.frozen import EnvironmentSettings, Plan, Step
from deployments.vocabulary import Stage
from deployments.words import joined


def with_scheduled_tasks(plan: Plan, settings: EnvironmentSettings) -> Plan:
    """The plan with a step of its own, there and back; as it is where no family is named."""
    if not settings.scheduled:
        return plan
    families = joined([spec.family for spec in settings.scheduled])
    there = Step(
        stage=Stage.SCHEDULED_TASKS,
        summary=f"Rules and schedules that start {families} get the release's images; tasks that run go on to their "
        "end",
    )
    back = Step(
        stage=Stage.SCHEDULED_TASKS,
        summary=f"Rules and schedules of {families} start what they started before",
    )
    at = 1 + max(number for number, step in enumerate(plan.steps) if _comes_before(step, settings))
    # Traffic goes back first; what is only tidied up can wait.
    return replace(
        plan,
        steps=(*plan.steps[:at], there, *plan.steps[at:]),
        way_back=(*plan.way_back[:1], back, *plan.way_back[1:]),
    )


def _comes_before(step: Step, settings: EnvironmentSettings) -> bool:
    """Whether the release has not all traffic before this step, or somebody may be asked in it."""
    asks = step.stage == Stage.BAKE_TIME and settings.requires_min_requests
    return step.gate is not None or step.percent is not None or step.stage == Stage.SCALE_UP or asks
