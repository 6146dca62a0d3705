"""What CreateService and UpdateService refuse at once, in AWS's words where they are known, and AWS's defaults."""

import re
from typing import Any

from sandbox.ecs.errors import InvalidParameter, UnsupportedFeature
from sandbox.ecs.model import Json
from sandbox.ecs.service_deployments import rolling_configuration
from sandbox.ecs.service_deployments.stages import HOOK_STAGES, PRODUCTION_TRAFFIC_SHIFT, TEST_TRAFFIC_SHIFT

DEFAULT_CONFIGURATION: Json = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}
STRATEGIES = ("ROLLING", "BLUE_GREEN", "LINEAR", "CANARY")
HOOK_TYPES = ("AWS_LAMBDA", "PAUSE")
MOST_OF_A_TYPE = 10
LONGEST_HOOK = {"AWS_LAMBDA": 1440, "PAUSE": 20160}  # minutes
NO_PAUSE_AT = (TEST_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT)  # AWS enters them again on the way back
DEFAULTS: dict[str, tuple[str, Json]] = {
    "LINEAR": ("linearConfiguration", {"stepPercent": 10.0, "stepBakeTimeInMinutes": 6}),
    "CANARY": ("canaryConfiguration", {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10}),
}
RANGES: tuple[tuple[str, str, float, float], ...] = (
    ("", "bakeTimeInMinutes", 0, 1440),
    ("linearConfiguration", "stepPercent", 3.0, 100.0),
    ("linearConfiguration", "stepBakeTimeInMinutes", 0, 1440),
    ("canaryConfiguration", "canaryPercent", 0.1, 100.0),
    ("canaryConfiguration", "canaryBakeTimeInMinutes", 0, 1440),
)
RULE = re.compile(r"arn:[\w-]+:elasticloadbalancing:[\w-]+:\d+:listener-rule/app(/[^/]+){4}")
NETWORK_LISTENER = re.compile(r"arn:[\w-]+:elasticloadbalancing:[\w-]+:\d+:listener/net(/[^/]+){3}")


def completed(given: Json) -> Json:
    """The deployment configuration with what AWS fills in. Raises what AWS refuses."""
    strategy = given.get("strategy", "ROLLING")
    if strategy not in STRATEGIES:
        raise InvalidParameter(f"The deployment strategy {strategy} is not one of {', '.join(STRATEGIES)}.")
    configuration = dict(given)
    if strategy in DEFAULTS:
        name, defaults = DEFAULTS[strategy]
        configuration[name] = defaults | given.get(name, {})
    for part, name, least, most in RANGES:
        value = (configuration.get(part, {}) if part else configuration).get(name)
        if value is not None and not least <= float(value) <= most:
            raise InvalidParameter(f"{name} must be between {least} and {most}.")
    rolling_configuration.check(given)
    if given.get("lifecycleHooks"):
        if strategy == "ROLLING":
            raise UnsupportedFeature("The sandbox does not run lifecycle hooks of rolling deployments.")
        configuration["lifecycleHooks"] = [_hook(each) for each in given["lifecycleHooks"]]
        for kind in HOOK_TYPES:
            if sum(each["targetType"] == kind for each in configuration["lifecycleHooks"]) > MOST_OF_A_TYPE:
                raise InvalidParameter(f"A service can have at most {MOST_OF_A_TYPE} lifecycle hooks of type {kind}.")
    if given.get("alarms", {}).get("enable") and not given["alarms"].get("alarmNames"):
        raise InvalidParameter("alarmNames must not be empty when deployment alarms are enabled.")
    return configuration


def _hook(given: Json) -> Json:
    kind = given.get("targetType", "AWS_LAMBDA")
    if kind not in HOOK_TYPES:
        raise InvalidParameter(f"The lifecycle hook target type {kind} is not one of {', '.join(HOOK_TYPES)}.")
    _check_target(given, kind)
    if not given.get("lifecycleStages"):
        raise InvalidParameter("lifecycleStages must not be empty.")
    for stage in given["lifecycleStages"]:
        if stage not in HOOK_STAGES or (kind == "PAUSE" and stage in NO_PAUSE_AT):
            raise InvalidParameter(f"Lifecycle hooks of type {kind} are not supported at the lifecycle stage {stage}.")
    timeout = {"timeoutInMinutes": 1440, "action": "ROLLBACK"} | given.get("timeoutConfiguration", {})
    if not 1 <= int(timeout["timeoutInMinutes"]) <= LONGEST_HOOK[kind]:
        raise InvalidParameter(f"timeoutInMinutes must be between 1 and {LONGEST_HOOK[kind]}.")
    if timeout["action"] not in ("ROLLBACK", "CONTINUE"):
        raise InvalidParameter("The timeout action must be ROLLBACK or CONTINUE.")
    return {**given, "targetType": kind, "timeoutConfiguration": timeout}


def _check_target(given: Json, kind: str) -> None:
    for name in ("hookTargetArn", "hookDetails") if kind == "PAUSE" else ():
        if given.get(name):
            raise InvalidParameter(f"{name} is not supported for lifecycle hooks of type PAUSE.")
    for name in ("hookTargetArn", "roleArn") if kind == "AWS_LAMBDA" else ():
        if not given.get(name):
            raise InvalidParameter(f"{name} is required for lifecycle hooks of type AWS_LAMBDA.")


def check_load_balancers(balancers: list[Json], strategy: str) -> None:
    advanced = [each["advancedConfiguration"] for each in balancers if each.get("advancedConfiguration")]
    if any(each.get("loadBalancerName") for each in balancers if each.get("advancedConfiguration")):
        raise InvalidParameter("advancedConfiguration field is not allowed with ELBv1 loadBalancers")
    if balancers and not advanced and strategy != "ROLLING":
        raise InvalidParameter(
            "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy"
        )
    if advanced and len(advanced) != len(balancers):
        raise InvalidParameter(
            "Either all or none of the provided loadBalancers must have advancedConfiguration defined"
        )
    for each in advanced:
        _check_rules(each)
    if advanced:
        _check_unique(balancers)


def _check_rules(advanced: Json) -> None:
    for name in ("alternateTargetGroupArn", "productionListenerRule", "roleArn"):
        if not advanced.get(name):
            raise InvalidParameter(f"{name} is required in advancedConfiguration")
    for name in ("productionListenerRule", "testListenerRule"):
        rule = str(advanced.get(name) or "")
        if rule and not (RULE.fullmatch(rule) or NETWORK_LISTENER.fullmatch(rule)):
            raise InvalidParameter(
                f"{name} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {rule}"
            )


def _check_unique(balancers: list[Json]) -> None:
    production = {each["advancedConfiguration"]["productionListenerRule"] for each in balancers}
    both = sorted(production & {each["advancedConfiguration"].get("testListenerRule") for each in balancers})
    if both:
        raise InvalidParameter(
            f"The following rules cannot be used as both production and test listener rules: {', '.join(both)}"
        )
    seen: set[Any] = set()
    for each in balancers:
        for group in (each.get("targetGroupArn"), each["advancedConfiguration"]["alternateTargetGroupArn"]):
            if group in seen:
                raise InvalidParameter(f"Duplicate targetGroupArn found: {group}")
            seen.add(group)
