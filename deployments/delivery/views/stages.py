"""Stages in the words of people. AWS's names are for those who know them, and stand beside."""

from collections.abc import Callable, Mapping
from typing import Any

from deployments.vocabulary import Stage
from deployments.words import stage_label

_TITLES = {
    Stage.RECONCILE_SERVICE: "Check",
    Stage.PRE_SCALE_UP: "Migrate",
    Stage.SCALE_UP: "Start",
    Stage.POST_SCALE_UP: "Look at it",
    Stage.TEST_TRAFFIC_SHIFT: "Open the test address",
    Stage.POST_TEST_TRAFFIC_SHIFT: "Try out",
    Stage.PRE_PRODUCTION_TRAFFIC_SHIFT: "Before production",
    Stage.PRODUCTION_TRAFFIC_SHIFT: "Shift traffic",
    Stage.POST_PRODUCTION_TRAFFIC_SHIFT: "After the shift",
    Stage.BAKE_TIME: "Watch",
    Stage.CLEAN_UP: "Clean up",
    Stage.SCHEDULED_TASKS: "Scheduled tasks",
}
#: Said of a version.
_DOING: dict[Stage, Callable[[str], str]] = {
    Stage.RECONCILE_SERVICE: lambda _: "Checking what runs there, and what could go wrong.",
    Stage.PRE_SCALE_UP: lambda version: f"Running what comes before the start of {version}.",
    Stage.SCALE_UP: lambda version: f"Starting {version}.",
    Stage.POST_SCALE_UP: lambda version: f"Looking at {version} before it gets traffic.",
    Stage.TEST_TRAFFIC_SHIFT: lambda version: f"Opening the test address to {version}.",
    Stage.POST_TEST_TRAFFIC_SHIFT: lambda version: f"Trying out {version} before production.",
    Stage.PRE_PRODUCTION_TRAFFIC_SHIFT: lambda version: f"About to bring {version} to production.",
    Stage.PRODUCTION_TRAFFIC_SHIFT: lambda version: f"Shifting production traffic to {version}.",
    Stage.POST_PRODUCTION_TRAFFIC_SHIFT: lambda version: f"Looking at {version} in production.",
    Stage.BAKE_TIME: lambda version: f"Watching {version} with all production traffic.",
    Stage.CLEAN_UP: lambda _: "Cleaning up.",
    Stage.SCHEDULED_TASKS: lambda version: f"Bringing the scheduled tasks to {version}.",
}


#: Whole sentences, since a word of a sentence may as well be a name.
_COMING = {
    Stage.RECONCILE_SERVICE: "Next: check.",
    Stage.PRE_SCALE_UP: "Next: migrate.",
    Stage.SCALE_UP: "Next: start.",
    Stage.POST_SCALE_UP: "Next: look at it.",
    Stage.TEST_TRAFFIC_SHIFT: "Next: open the test address.",
    Stage.POST_TEST_TRAFFIC_SHIFT: "Next: try out.",
    Stage.PRE_PRODUCTION_TRAFFIC_SHIFT: "Next: before production.",
    Stage.POST_PRODUCTION_TRAFFIC_SHIFT: "Next: after the shift.",
    Stage.BAKE_TIME: "Next: watch.",
    Stage.CLEAN_UP: "Next: clean up.",
    Stage.SCHEDULED_TASKS: "Next: scheduled tasks.",
}


def coming(stage: str, percent: int | None = None) -> str:
    """Such as "Next: shift traffic to 10 %."."""
    if stage == Stage.PRODUCTION_TRAFFIC_SHIFT and percent is not None:
        return f"Next: shift traffic to {percent} %."
    return _COMING.get(stage) or f"Next: {title(stage, percent).lower()}."  # type: ignore[call-overload]


def title(stage: str, percent: int | None = None, *, back: bool = False) -> str:
    """Such as "Shift traffic to 10 %"; AWS's name of a stage that we do not know yet. `back`: on the way back."""
    known = _TITLES.get(stage) or stage_label(stage)  # type: ignore[call-overload]
    if back and stage == Stage.PRODUCTION_TRAFFIC_SHIFT and not percent:
        return "Shift traffic back"
    if back and stage == Stage.TEST_TRAFFIC_SHIFT:
        return "Close the test address"
    return str(known) if percent is None else f"{known} to {percent} %"


def doing(step: Mapping[str, Any], version: str) -> str:
    """What happens while a step is under way, until a look says more. `step`: of a plan, as JSON."""
    stage, percent = step["stage"], step.get("percent")
    if stage == Stage.PRODUCTION_TRAFFIC_SHIFT and percent is not None:
        return f"Shifting {percent} % of production traffic to {version}."
    said = _DOING.get(stage)
    return said(version) if said else f"{stage_label(stage)}."
