"""Several production rules weigh the same pair: all are shifted at each step, and all are turned back."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import SetWeights, UpdateService
from deployments.aws.conditions import Condition
from deployments.aws.values import Route, Rule
from deployments.preflight.report import Report
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Snapshot, Wait
from deployments.swaps.service_pair.facts import PairFacts
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.steps.rules import all_agree_on
from deployments.vocabulary import Role, Slot, Stage
from tests.evidence import cases as evidence
from tests.fakes.aws import SHOP
from tests.swaps.cases import BLUE, ELSEWHERE, GREEN, HEALTHY, NOON, at, decide, learnt, pair, rule

FIRST, VERSION, PLAIN = SHOP.production_rule, f"{SHOP.production_rule}-version", f"{SHOP.production_rule}-plain"
SEVERAL = {"more_production_rules": (VERSION, PLAIN)}
PATH = Condition(field="path-pattern", values=("/version",))
OLD_WEIGHTS, CANARY = {BLUE: 100, GREEN: 0}, {BLUE: 90, GREEN: 10}
UP = ("suspend_target", "scale_up", "test_shift")


def named(arn: str, blue: int = 100, green: int = 0, **changes: Any) -> Rule:
    return rule(blue, green, arn=arn, conditions=(PATH,) if arn == VERSION else (), **changes)


def look(first: Rule, *more: Rule, **changes: Any) -> Observed:
    health = dict.fromkeys(Slot, HEALTHY)
    return Observed(**evidence.look(production=first, more=more, health=health, services=pair(), **changes))


def all_at(blue: int, green: int, **changes: Any) -> Observed:
    return look(named(FIRST, blue, green), named(VERSION, blue, green), named(PLAIN, blue, green), **changes)


def shifting(*done: str, **facts: Any) -> Snapshot[PairFacts]:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10, done=(*UP, *done), facts=facts or None, environment=SEVERAL)


def written(decision: Decision) -> str:
    assert isinstance(decision, Act), decision
    assert isinstance(decision.action, SetWeights)
    return decision.action.rule


def story(snapshot: Snapshot[PairFacts], seen: dict[str, Rule]) -> list[Decision]:
    """What is decided until nothing is written any more, as the engine performs and remembers it."""
    decisions: list[Decision] = []
    for _ in range(9):
        decision = decide(snapshot, look(seen[FIRST], seen[VERSION], seen[PLAIN]))
        decisions.append(decision)
        if not isinstance(decision, Act):
            return decisions
        assert isinstance(decision.action, SetWeights)
        arn = decision.action.rule
        seen[arn] = replace(seen[arn], weights=dict(decision.action.weights))
        snapshot = replace(snapshot, facts=learnt(decision).marked(decision.mark))
    raise AssertionError("it never stops writing")


def test_a_step_writes_each_rule_once_and_the_first_one_last() -> None:
    seen = {arn: named(arn) for arn in (FIRST, VERSION, PLAIN)}

    *writes, end = story(shifting(), seen)

    assert [written(each) for each in writes] == [VERSION, PLAIN, FIRST]
    assert [dict(each.weights) for each in seen.values()] == [CANARY, CANARY, CANARY]
    assert isinstance(end, Wait)
    assert writes[0].reason == "Production: 10 % to new 1.1.0, 90 % stay on old 1.0.0; requests with path /version"


def test_the_share_of_production_is_that_of_all_rules() -> None:
    decision = decide(shifting(), all_at(100, 0))

    assert written(decision) == VERSION
    assert (learnt(decision).percent, learnt(decision).weights) == (0, OLD_WEIGHTS)
    assert learnt(decision).weights_of(VERSION) == CANARY
    assert learnt(decision).weights_of(PLAIN) == OLD_WEIGHTS


def test_a_write_that_nobody_heard_of_is_not_taken_for_someone_elses() -> None:
    decision = decide(shifting(), look(named(FIRST), named(VERSION, 90, 10), named(PLAIN)))

    assert written(decision) == VERSION  # which the gateway finds as it should be


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            (named(VERSION, 50, 50), named(PLAIN)),
            f"Someone else changed the production rule {VERSION}: it shows 50 % on old 1.0.0, 50 % on new 1.1.0, but "
            f"0 % on new 1.1.0 was",
        ),
        (
            (named(VERSION), named(PLAIN, weights={BLUE: 1, ELSEWHERE: 1})),
            f"Someone else changed the production rule {PLAIN}: it forwards to maintenance.",
        ),
        ((named(VERSION),), f"Someone else deleted the production rule {PLAIN}."),
    ],
)
def test_someone_elses_change_of_any_rule_is_noticed(more: tuple[Rule, ...], words: str) -> None:
    decision = decide(shifting(), look(named(FIRST), *more))

    assert isinstance(decision, Fail)
    assert decision.reason.startswith(words)


def test_a_rule_that_is_turned_back_while_it_is_watched_is_noticed() -> None:
    facts = {"weights": CANARY, "more_weights": {VERSION: CANARY, PLAIN: CANARY}, "percent": 10, "shifted_at": NOON}
    snapshot = shifting(f"shift:{shifting().position}", **facts)

    decision = decide(snapshot, look(named(FIRST, 90, 10), named(VERSION, 100, 0), named(PLAIN, 90, 10)))

    assert isinstance(decision, Fail)
    assert f"{VERSION}: it shows 100 % on old 1.0.0, but 10 % on new 1.1.0 was expected." in decision.reason


def test_all_rules_have_to_name_one_live_slot() -> None:
    before = at(Stage.RECONCILE_SERVICE, source=None, target=None, facts={"done": (), "task_definition": ""},
                environment=SEVERAL)  # fmt: skip

    decision = decide(before, look(named(FIRST), named(VERSION, 0, 100), named(PLAIN), report=Report(())))

    assert isinstance(decision, Fail)
    assert f"the production rule {VERSION} shows 100 % on shop-green" in decision.reason


# The way back


def going_back(*done: str) -> Snapshot[PairFacts]:
    facts = {"weights": CANARY, "more_weights": {VERSION: CANARY}, "percent": 10}
    marks = (*UP, "shift:4", *done)
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=marks, facts=facts, environment=SEVERAL)


def test_all_rules_are_turned_back() -> None:
    seen = {FIRST: named(FIRST, 90, 10), VERSION: named(VERSION, 90, 10), PLAIN: named(PLAIN)}

    *writes, end = story(going_back(), seen)

    assert [written(each) for each in writes] == [VERSION, PLAIN, FIRST]
    assert [dict(each.weights) for each in seen.values()] == [OLD_WEIGHTS] * 3
    assert isinstance(end, Advance)


def test_a_rule_that_someone_took_away_does_not_keep_the_others_from_going_back() -> None:
    strange = named(VERSION, weights={ELSEWHERE: 1})
    seen = {FIRST: named(FIRST, 90, 10), VERSION: strange, PLAIN: named(PLAIN, 90, 10)}

    *writes, end = story(going_back(), seen)

    assert [written(each) for each in writes] == [PLAIN, FIRST]
    assert isinstance(end, Fail)
    assert end.reason.startswith(f"The production rule {VERSION} was left alone because it forwards to maintenance;")


def test_a_rule_that_is_gone_is_nothing_to_turn_back() -> None:
    of_plain = f"back:{PLAIN.partition(':listener-rule/')[2]}#0"

    decision = decide(going_back(of_plain, "back#0"), look(named(FIRST), named(PLAIN)))

    assert isinstance(decision, Advance)


# What still gets traffic keeps its tasks


def route(arn: str, blue: int, green: int, port: int = 443) -> Route:
    return Route(listener="listener", port=port, protocol="HTTPS", rule=named(arn, blue, green))


def cleaning_up(**changes: Any) -> Snapshot[PairFacts]:
    facts = {"weights": {BLUE: 0, GREEN: 100}, "percent": 100}
    return at(Stage.CLEAN_UP, facts=facts, done=UP, source_kept_until=NOON, **changes)


def after_all(*routes: Route) -> Observed:
    moved = route(FIRST, 0, 100)
    return look(moved.rule, routes=(moved, *routes))


@pytest.mark.parametrize(
    ("other", "live"),
    [(named(VERSION, 100, 0), Role.SOURCE), (named(VERSION, 0, 100), None), (named(VERSION, 50, 50), None)],
)
def test_the_source_is_live_once_all_rules_say_so(other: Rule, live: Role | None) -> None:
    assert all_agree_on(shifting(), (named(FIRST, 100, 0), other)) == live


def test_the_source_is_scaled_down_when_no_rule_sends_it_anything() -> None:
    decision = decide(cleaning_up(), after_all(route(PLAIN, 0, 100)))

    assert isinstance(decision, Act)
    assert isinstance(decision.action, UpdateService)


@pytest.mark.parametrize("arn", [VERSION, SHOP.test_rule])
def test_the_source_keeps_its_tasks_while_a_rule_sends_it_requests(arn: str) -> None:
    decision = decide(cleaning_up(), after_all(route(arn, 100, 0)))

    assert isinstance(decision, Fail)
    assert decision.reason.startswith(f"Old 1.0.0 was not scaled down, because the rule {arn} (")
    assert "on port 443) still sends 100 % to it. Name it in the environment" in decision.reason


def cleaning_up_behind(*done: str) -> Snapshot[PairFacts]:
    return at(Stage.CLEAN_UP, back=True, done=(*done, "suspend_target", "scale_up", "back#0"))


def test_the_target_keeps_its_tasks_while_a_rule_sends_it_requests() -> None:
    decision = decide(cleaning_up_behind("test_shift"), look(named(FIRST), routes=(route(VERSION, 0, 100),)))

    assert isinstance(decision, Fail)
    assert decision.reason == (
        f"New 1.1.0 was not scaled down because the rule {VERSION} (requests with path /version on port 443) still "
        "sends 100 % to it. Take shop-green out of it, then try the roll back again."
    )


def test_the_target_keeps_its_tasks_while_a_further_production_rule_has_it() -> None:
    snapshot = cleaning_up_behind()
    several = replace(snapshot.settings, more_production_rules=(VERSION, PLAIN))

    decision = decide(replace(snapshot, settings=several), look(named(FIRST), named(VERSION, 90, 10), named(PLAIN)))

    assert isinstance(decision, Fail)
    assert f"because the production rule {VERSION} shows 90 % on old 1.0.0, 10 % on new 1.1.0." in decision.reason


def test_a_test_rule_that_was_never_moved_keeps_nothing() -> None:
    decision = decide(cleaning_up_behind(), look(named(FIRST), routes=(route(SHOP.test_rule, 0, 100, port=8443),)))

    assert isinstance(decision, Act)
    assert decision.reason == "shop-green scaled to 0"


def test_settings_frozen_before_there_were_several_still_load() -> None:
    frozen = cleaning_up().settings
    document = frozen.as_json()
    del document["more_production_rules"]

    assert type(frozen).from_json(document) == frozen
