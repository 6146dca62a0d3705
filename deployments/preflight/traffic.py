"""The listener rules: who is live, and whether their weights can be written without hurting anyone else."""

from collections.abc import Iterator

from deployments.aws.listeners import is_network, load_balancer_of
from deployments.aws.values import Rule
from deployments.aws.weights import spell
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import smoke_address
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import listed, named, spelled
from deployments.vocabulary import Controller, Slot


def production(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """production-rule, production-rule-attached, production-requests, live-slot"""
    rule = readings.rule(settings.production_rule)
    if rule is None:
        yield error(
            "production-rule",
            f"The production rule {settings.production_rule} does not exist.",
            "Correct the rule's ARN in the environment; a rule that is made anew gets another ARN.",
        )
        return
    if not rule.forwards:
        yield _does_not_forward("production-rule", "production", rule)
        return
    if is_network(rule.arn) and settings.controller != Controller.ECS:
        yield error(
            "production-rule",
            f"The production rule is a listener of the Network Load Balancer {named(load_balancer_of(rule.arn))}: only "
            "ECS's own strategies shift its traffic here.",
            "Choose the controller ECS, or name a rule of an Application Load Balancer.",
        )
        return
    yield from _strangers("production-rule", "production", settings, rule)
    # ECS gives a network listener its other target group when it shifts.
    missing = [slot for slot in Slot if settings.target_group(slot) not in rule.weights and not is_network(rule.arn)]
    for slot in missing:
        name = named(settings.target_group(slot))
        yield error(
            "production-rule-attached",
            f"The target group {name} ({slot}) is not attached to the production rule, which has "
            f"{spell(rule.weights)}: "
            "it would not be health-checked, and ECS says that it must be associated with a load balancer.",
            f"Add {name} to the rule's forward action with weight 0.",
        )
    if not missing:
        yield ok("production-rule-attached", "Both target groups are attached to the production rule.")
    yield _requests(rule)
    yield _live(settings, rule)


def test(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """test-rule, smoke-checks"""
    yield from smoke_address.check(settings)
    if not settings.test_rule:
        yield warning(
            "test-rule",
            "There is no test rule, so nobody can look at a release before production traffic reaches it.",
            "Make a listener rule that forwards test traffic (a port such as 8080, or a header) to these "
            "target "
            "groups, and name it in the environment.",
        )
        return
    if settings.test_rule == settings.production_rule:
        yield error(
            "test-rule",
            "The test rule is the production rule: testing a release would send it production traffic.",
            "Make a second listener rule for test traffic.",
        )
        return
    yield from _other_test_rule(settings, readings.rule(settings.test_rule))


def stickiness(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """stickiness: of targets (target group) and of target groups (rule)"""
    rules = readings.production_rules
    sticky = [group.name for group in readings.groups if group.stickiness]
    pinned = max(rule.stickiness_seconds for rule in rules)
    bare = [rule for rule in rules if not rule.stickiness_seconds]
    if sticky and bare:
        which = "the production rule" if bare[0] is rules[0] else f"the production rule {bare[0].arn}"
        yield error(
            "stickiness",
            f"{listed(sticky)} has target stickiness, but {which} has no target group stickiness: AWS refuses to "
            "write weights to such a rule.",
            "Switch target group stickiness of the production rule on, or stickiness of the target group off.",
        )
    elif pinned:
        yield warning(
            "stickiness",
            f"The production rule pins clients to a target group for {spelled(pinned)}: shares are of "
            "new clients, and a roll back reaches the others late.",
            "Switch target group stickiness off, or keep its duration shorter than the bake times.",
        )
    else:
        yield ok("stickiness", "The production rule pins nobody to a target group.")


def _requests(rule: Rule) -> Result:
    """What is said to be production, in words: a header rule that was taken for it leaves all other requests alone."""
    if not rule.catches_marked_requests:
        return ok("production-requests", f"The production rule catches {rule.requests}.")
    return warning(
        "production-requests",
        f"The production rule catches only {rule.requests}: no other request would get the release.",
        "If that is how a test is marked, name the rule of all other requests as production's and this one as the "
        "test's. If all of production comes so marked, leave it.",
    )


def _live(settings: EnvironmentSettings, rule: Rule) -> Result:
    live = [slot for arn in rule.live if (slot := settings.slot_of(arn))]
    seen = f"the production rule's weights are {spell(rule.weights)}"
    if len(live) == 1:
        return ok(
            "live-slot", f"What is live is in one slot ({live[0]} slot), and a release goes to the other one: {seen}."
        )
    if live:
        return error(
            "live-slot",
            f"Both slots are live: {seen}. Which one to come back to cannot be told.",
            "Set the weight of the slot that must not serve to 0 (somebody may be in the middle of a shift).",
        )
    return error(
        "live-slot",
        f"Neither slot is live: {seen}.",
        "Give the slot that serves production a weight of 100 in the production rule.",
    )


def _other_test_rule(settings: EnvironmentSettings, rule: Rule | None) -> Iterator[Result]:
    if rule is None:
        yield error(
            "test-rule",
            f"The test rule {settings.test_rule} does not exist.",
            "Correct its ARN in the environment.",
        )
        return
    if not rule.forwards:
        yield _does_not_forward("test-rule", "test", rule)
        return
    strangers = [*_strangers("test-rule", "test", settings, rule)]
    yield from strangers or [
        ok("test-rule", f"The test rule has {spell(rule.weights)}. It catches {rule.requests}."),
    ]


def _does_not_forward(check: str, name: str, rule: Rule) -> Result:
    kind = rule.actions[-1].get("Type", "nothing") if rule.actions else "nothing"
    return error(
        check,
        f"The {name} rule does not forward to target groups; its action is {kind}.",
        "Name the rule that forwards (often the one of the HTTPS listener; the HTTP listener only redirects).",
    )


def _strangers(check: str, name: str, settings: EnvironmentSettings, rule: Rule) -> Iterator[Result]:
    strangers = {arn: weight for arn, weight in rule.weights.items() if settings.slot_of(arn) is None}
    if strangers:
        yield error(
            check,
            f"The {name} rule also forwards to target groups that are not this environment's: {spell(strangers)}.",
            f"Take them out of the {name} rule, or name a rule that belongs to this environment alone.",
        )
