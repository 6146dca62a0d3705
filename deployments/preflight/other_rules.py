"""What else of the load balancer forwards to the two target groups: whatever does has to move with production.

A rule that stays behind would go on sending its requests to the source, and get 503 once the source has no tasks.
"""

from collections.abc import Callable, Collection, Iterator

from deployments.aws.listeners import listener_of
from deployments.aws.values import Route, Rule
from deployments.aws.weights import spell
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.code_deploy_readings import CodeDeployReadings
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.report import Result, error, ok
from deployments.vocabulary import Slot


def of_pair(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """more-production-rules, other-rules"""
    for arn in settings.more_production_rules:
        yield from _further(settings, arn, readings)
    named = {*settings.production_rules, settings.test_rule}
    yield from _left_behind(
        _sending(settings, readings.routes, lambda route: route.rule.arn not in named),
        "which the environment does not name",
        "Name it in the environment among the more production rules, if both target groups are in it; otherwise take "
        "the target groups out of it.",
    )


def of_ecs(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """other-rules: ECS moves the service's production rule, and its test rule where there is one"""
    yield from _left_behind(
        unmoved_by_ecs(settings, readings.routes, [each.test_rule for each in readings.services]),
        "and ECS moves only the service's production rule and test rule",
        "Take the target groups out of it, or choose the controller SERVICE_PAIR, which can move several rules.",
    )


def of_code_deploy(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings
) -> Iterator[Result]:
    """other-rules: CodeDeploy moves all rules of its production listener and of its test listener"""
    group = readings.find_group()
    yield from _left_behind(
        unmoved_by_code_deploy(settings, readings.routes, group.test_listener if group else ""),
        "and CodeDeploy moves only the deployment group's production listener and test listener",
        "Take the target groups out of it, or have it redirect to the production listener.",
    )


def unmoved_by_ecs(
    settings: EnvironmentSettings, routes: Collection[Route], test_rules: Collection[str]
) -> Collection[Route]:
    """`test_rules` are ARNs, of those that the service names; "" among them names none."""
    moved = {settings.production_rule, settings.test_rule, *test_rules}
    return _sending(settings, routes, lambda route: route.rule.arn not in moved)


def unmoved_by_code_deploy(
    settings: EnvironmentSettings, routes: Collection[Route], test_listener: str
) -> Collection[Route]:
    """`test_listener` is the group's; "" = none."""
    listeners = {listener_of(settings.production_rule), test_listener}
    return _sending(settings, routes, lambda route: route.listener not in listeners)


def _sending(
    settings: EnvironmentSettings, routes: Collection[Route], stays: Callable[[Route], bool]
) -> Collection[Route]:
    ours = (settings.blue_target_group, settings.green_target_group)
    return [route for route in routes if any(map(route.rule.share, ours)) and stays(route)]


def _left_behind(routes: Collection[Route], why: str, fix: str) -> Iterator[Result]:
    for route in routes:
        yield error(
            "other-rules",
            f"The rule {route.rule.arn} forwards {route.requests} to {spell(route.rule.weights)}, {why}: these "
            "requests would stay on the previous release, and get 503 once it is stopped.",
            fix,
        )
    if not routes:
        yield ok("other-rules", "No other rule of the load balancer forwards to the target groups.")


def _further(settings: EnvironmentSettings, arn: str, readings: PairReadings) -> Iterator[Result]:
    rule = readings.rule(arn)
    if rule is None:
        yield error(
            "more-production-rules",
            f"The production rule {arn} does not exist.",
            "Take it out of the environment, or correct its ARN; a rule that is made anew gets another ARN.",
        )
    elif set(rule.weights) != {settings.target_group(slot) for slot in Slot}:
        yield error(
            "more-production-rules",
            f"The production rule {arn} ({rule.requests}) forwards to {spell(rule.weights) or 'no target group'}, not "
            "to the environment's two.",
            "Have it forward to both target groups, the idle one with weight 0, and to no other; or take it out of the "
            "environment.",
        )
    elif arn == settings.test_rule:
        yield error(
            "more-production-rules",
            f"The test rule {arn} is named among the production rules: testing a release would send it production "
            "traffic.",
            "Take it out of the more production rules, or name another test rule.",
        )
    else:
        yield _live(rule, readings.production_rule)


def _live(rule: Rule, first: Rule) -> Result:
    if rule.live == first.live:
        return ok("more-production-rules", f"{rule.arn} is moved together with it: {rule.requests}.")
    return error(
        "more-production-rules",
        f"The production rule {rule.arn} ({rule.requests}) has {spell(rule.weights)}, but {first.arn} has "
        f"{spell(first.weights)}: another slot is live there.",
        "Give both rules the same weights.",
    )
