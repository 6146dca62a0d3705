"""What states look like: a tone, which the style sheet colours, an icon and a word. Pure, and only for pages."""

from typing import Any

from django import template

from deployments.delivery.views.preflight_report import Group
from deployments.delivery.views.targets import spaced
from deployments.delivery.views.timeline import StepState
from deployments.preflight.report import Level
from deployments.vocabulary import GateStatus, Outcome, Status
from deployments.words import counted

register = template.Library()

_STATUSES = {
    Status.PENDING: "quiet",
    Status.IN_PROGRESS: "busy",
    Status.SUCCESSFUL: "good",
    Status.STOP_REQUESTED: "warn",
    Status.STOPPED: "quiet",
    Status.ROLLBACK_REQUESTED: "warn",
    Status.ROLLBACK_IN_PROGRESS: "warn",
    Status.ROLLBACK_SUCCESSFUL: "warn",
    Status.ROLLBACK_FAILED: "bad",
    Status.FAILED: "bad",
    GateStatus.AWAITING_ACTION: "attention",
    GateStatus.SUCCEEDED: "good",
    GateStatus.FAILED: "bad",
    GateStatus.TIMED_OUT: "warn",
    Outcome.RUNNING: "busy",
}
#: icon and word
_STEPS = {
    StepState.PLANNED: ("", "Planned"),
    StepState.RUNNING: ("progress_activity", "Running"),
    StepState.WAITING: ("front_hand", "Waiting for approval"),
    StepState.DONE: ("check", "Done"),
    StepState.FAILED: ("close", "Failed"),
    StepState.STOPPED: ("stop", "Stopped"),
    StepState.SKIPPED: ("remove", "Skipped"),
}
#: AWS's words for a target's and an event's status; what is not here is shown all the same.
_TARGETS = {"Succeeded": "good", "Failed": "bad", "InProgress": "busy", "Ready": "attention"}
_TARGET_ICONS = {"Succeeded": "check", "Failed": "close", "InProgress": "progress_activity", "Skipped": "remove"}
_ALARMS = {"OK": "good", "ALARM": "bad"}
#: icon, title, hint
_LEVELS = {
    Level.ERROR: ("error", "Errors", "They stop the deployment."),
    Level.UNKNOWN: ("help", "Could not be checked", "Tealgate may not look, or got no answer."),
    Level.WARNING: ("warning", "Warnings", "They do not stop it; read them."),
    Level.OK: ("check_circle", "Fine", ""),
}
#: one, and many
_COUNTED = {
    Level.ERROR: ("error", "errors"),
    Level.UNKNOWN: ("not looked at", "not looked at"),
    Level.WARNING: ("warning", "warnings"),
    Level.OK: ("fine", "fine"),
}


def status_tone(value: str) -> str:
    return _STATUSES.get(value, "quiet")  # type: ignore[call-overload, no-any-return]


@register.filter
def step_icon(state: StepState) -> str:
    return _STEPS[state][0]


@register.filter
def step_word(state: StepState) -> str:
    return _STEPS[state][1]


@register.filter
def target_tone(status: str) -> str:
    return _TARGETS.get(status, "quiet")


@register.filter
def target_icon(status: str) -> str:
    return _TARGET_ICONS.get(status, "")


@register.filter
def target_word(status: str) -> str:
    return spaced(status)


@register.filter
def alarm_tone(state: str) -> str:
    return _ALARMS.get(state, "warn")


@register.filter
def health_tone(slot: Any) -> str:
    """Of something with how many `targets` there are, and how many of them are `healthy`."""
    if not slot.targets:
        return "quiet"
    return "good" if slot.healthy == slot.targets else "bad" if not slot.healthy else "warn"


@register.filter
def level_icon(level: Level) -> str:
    return _LEVELS[level][0]


@register.filter
def level_title(level: Level) -> str:
    return _LEVELS[level][1]


@register.filter
def level_hint(level: Level) -> str:
    return _LEVELS[level][2]


@register.filter
def group_words(group: Group) -> str:
    """Such as "2 errors", for a summary."""
    return counted(group.count, *_COUNTED[group.level])
