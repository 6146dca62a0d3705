"""The environment's form, grouped in the order in which somebody sets one up."""

from typing import Any

from deployments import swaps
from deployments.catalog.models import Environment
from deployments.frozen import EnvironmentSettings
from deployments.vocabulary import ComputePlatform, Controller, Strategy

_RIGHTS = ("deployers", "strict_approvals", "decided_in_chat", ("remind_after_minutes", "remind_before_minutes"))

FIELDSETS: tuple[tuple[str | None, dict[str, Any]], ...] = (
    (None, {"fields": (("application", "name"), ("rank", "production_url"), "log_group")}),
    (
        "AWS account",
        {
            "fields": (("region", "account_id"), ("role_arn", "external_id")),
            "description": "Tealgate assumes a role; no key is ever stored here.",
        },
    ),
    (
        "What runs",
        {
            "fields": (
                "controller",
                ("cluster", "service"),
                ("container_name", "container_port"),
                ("first_desired", "may_run_nothing"),
                ("definition_base", "task_roles"),
                ("stop_timeout_seconds", "keep_revisions"),
                "scheduled_families",
            ),
            "description": "The controller says who shifts traffic, and which of the fields below are needed; "
            "what is missing is said when you save.",
        },
    ),
    (
        "Replacing tasks",
        {
            "fields": (("minimum_healthy_percent", "maximum_percent"),),
            "description": "Only with Rolling: how many tasks ECS keeps, and how many it may run, while it replaces "
            "them. What is set here is the service's from the next deployment on; a roll back gives back what was "
            "there before.",
        },
    ),
    (
        "Blue and green",
        {
            "fields": (
                ("blue_service", "green_service"),
                ("blue_target_group", "green_target_group"),
                ("production_rule", "test_rule"),
                "more_production_rules",
                "test_url",
            ),
            "description": "Two slots with a target group each, and the listener rule that forwards to both by weight. "
            "Neither colour means new: which one is live is read from the rule.",
        },
    ),
    (
        "CodeDeploy",
        {
            "fields": (
                ("codedeploy_application", "codedeploy_group"),
                "compute_platform",
                ("file_exists", "ignore_stop_failures"),
            ),
            "description": "Only when CodeDeploy is the controller.",
        },
    ),
    (
        "How traffic moves",
        {
            "fields": (
                "strategy",
                ("canary_percent", "canary_bake_seconds"),
                ("linear_percent", "linear_bake_seconds"),
                "ladder",
                ("bake_seconds", "termination_wait_seconds"),
                "scale_up_timeout_seconds",
            ),
            "description": "The default for deployments here; people may choose another when they deploy. "
            "Times are written as 10 min, 1 h 30 min or 45 s.",
        },
    ),
    (
        "What rolls it back",
        {
            "fields": (
                "alarms",
                ("max_5xx_percent", "max_latency_ms"),
                ("min_requests", "max_stopped_tasks"),
                ("requires_min_requests", "min_requests_wait_seconds", "too_few_action"),
            ),
            "description": "Watched after every step and at 100 %, on the slot that gets the release.",
        },
    ),
    (
        "A pipeline that waits",
        {
            "fields": ("approval_action", "answered_when"),
            "description": "CodePipeline may wait for what becomes of a deployment here, in an action for manual "
            "approval, instead of a build that sits and waits.",
        },
    ),
    ("Who may deploy and approve", {"fields": _RIGHTS}),
)

#: Of the form alone, for who may save it and until it was said.
NO_GATE = (
    "Who may deploy and approve",
    {"fields": (*_RIGHTS, "no_gate_because")},
)

#: Groups that some controllers do not need at all.
_OPTIONAL = ("Blue and green", "CodeDeploy", "A pipeline that waits")
#: Every environment has one, if only by default.
_NEVER_EMPTY = ("compute_platform", "answered_when")
#: Those that only one has, left out elsewhere.
_OF_ONE = {"Replacing tasks": Controller.ROLLING}
#: Folded when an environment is made.
_FOR_FEW = ("CodeDeploy", "A pipeline that waits", *_OF_ONE)


def fieldsets(environment: Environment | None, *, may_save: bool) -> list[tuple[str | None, dict[str, Any]]]:
    """Folded: what the controller does not need and where nothing is filled in; of what is retired, all."""
    if environment is None:
        return [_folded(group) if group[0] in _FOR_FEW else group for group in (*FIELDSETS[:-1], NO_GATE)]
    if environment.is_retired:
        return [_folded(group) if group[0] else group for group in FIELDSETS if _is_known(group, environment)]
    needed = swaps.get(environment.controller).required
    groups = (*FIELDSETS[:-1], NO_GATE) if may_save and not environment.unattended_at else FIELDSETS
    shown = [group for group in groups if _is_known(group, environment)]
    return [group if _is_used(group, environment, needed) else _folded(group) for group in shown]


def _is_known(group: tuple[str | None, dict[str, Any]], environment: Environment) -> bool:
    only = _OF_ONE.get(group[0] or "")
    names = _names(group[1]["fields"])
    return only in (None, environment.controller) or any(getattr(environment, name) is not None for name in names)


def _is_used(group: tuple[str | None, dict[str, Any]], environment: Environment, needed: tuple[str, ...]) -> bool:
    names = [name for name in _names(group[1]["fields"]) if name not in _NEVER_EMPTY]
    return group[0] not in _OPTIONAL or any(name in needed or getattr(environment, name) for name in names)


def _folded(group: tuple[str | None, dict[str, Any]]) -> tuple[str | None, dict[str, Any]]:
    return group[0], {**group[1], "classes": ("collapse",)}


def _names(fields: tuple[Any, ...]) -> list[str]:
    return [name for entry in fields for name in (entry if isinstance(entry, tuple) else (entry,))]


#: Columns that only some controllers go by; the others are for all.
_CONTROLLERS: dict[str, tuple[Controller, ...]] = {
    **dict.fromkeys(("blue_service", "green_service", "more_production_rules"), (Controller.SERVICE_PAIR,)),
    "termination_wait_seconds": (Controller.SERVICE_PAIR,),
    "service": (Controller.ROLLING, Controller.ECS, Controller.EXPRESS_MODE, Controller.CODE_DEPLOY),
    **dict.fromkeys(
        ("blue_target_group", "green_target_group", "production_rule", "test_rule", "test_url"),
        (Controller.SERVICE_PAIR, Controller.ECS, Controller.CODE_DEPLOY),
    ),
    **dict.fromkeys(("minimum_healthy_percent", "maximum_percent", "may_run_nothing"), (Controller.ROLLING,)),
    **dict.fromkeys(
        ("codedeploy_application", "codedeploy_group", "compute_platform", "file_exists", "ignore_stop_failures"),
        (Controller.CODE_DEPLOY,),
    ),
}
#: Columns that only one strategy goes by.
_STRATEGIES = {
    "canary_percent": Strategy.CANARY,
    "canary_bake_seconds": Strategy.CANARY,
    "linear_percent": Strategy.LINEAR,
    "linear_bake_seconds": Strategy.LINEAR,
    "ladder": Strategy.LADDER,
}


def uses() -> dict[str, Any]:
    """What the page shows: columns to the controllers and strategies that go by them, controllers to strategies."""
    return {
        "controllers": {name: list(these) for name, these in _CONTROLLERS.items()},
        "strategies": {name: [strategy] for name, strategy in _STRATEGIES.items()},
        "offered": {controller.value: _offered(controller) for controller in Controller},
    }


def _offered(controller: Controller) -> list[str]:
    """Of CodeDeploy those for ECS and for servers."""
    found: dict[str, None] = {}
    for platform in ComputePlatform:
        settings = EnvironmentSettings(label="", controller=controller, region="", compute_platform=platform)
        found |= dict.fromkeys(str(each.value) for each in swaps.get(controller).strategies(settings))
    return list(found)
