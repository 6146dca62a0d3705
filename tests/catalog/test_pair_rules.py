"""Which rule is production's and which the test's, told by ports and conditions."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.conditions import Condition
from deployments.aws.values import Route, Rule
from deployments.catalog.discovery.pair_rules import pair_rules
from deployments.refused import Refused
from tests.catalog.test_discovery import propose
from tests.fakes.aws import SHOP, FakeGateway

BLUE, GREEN = SHOP.target_group("blue"), SHOP.target_group("green")
HEADER = Condition(field="http-header", name="X-Test-Traffic", values=("yes",))
PATH = Condition(field="path-pattern", values=("/api/*",))
QUERY = Condition(field="query-string", values=("try=1",))


def route(name: str, port: int, *conditions: Condition, **changes: Any) -> Route:
    """Of the listener on that port, weighing the pair; the default rule unless it has conditions."""
    rule = Rule(
        arn=f"rule/{name}",
        listener_arn=f"listener/{port}",
        is_default=not conditions,
        weights={BLUE: 100, GREEN: 0},
        actions=(),
        conditions=conditions,
    )
    return Route(listener=f"listener/{port}", port=port, protocol="HTTP", rule=replace(rule, **changes))


@pytest.mark.parametrize(
    ("routes", "production", "test"),
    [
        pytest.param([route("all", 80), route("tests", 8080)], "all", "tests", id="two listeners"),
        pytest.param([route("marked", 80, HEADER), route("all", 80)], "all", "marked", id="a header"),
        pytest.param([route("marked", 443, QUERY), route("all", 443)], "all", "marked", id="a query string"),
        pytest.param([route("tests", 8080), route("all", 443)], "all", "tests", id="HTTPS beside a test port"),
        pytest.param([route("plain", 80), route("all", 443)], "all", None, id="HTTP beside HTTPS is no test"),
        pytest.param([route("api", 80, PATH), route("tests", 8080, PATH)], "api", "tests", id="a path on both"),
        pytest.param([route("marked", 80, PATH, HEADER), route("api", 80, PATH)], "api", "marked", id="both"),
    ],
)  # fmt: skip
def test_ports_and_conditions_tell(routes: list[Route], production: str, test: str | None) -> None:
    found = pair_rules(routes, {BLUE, GREEN})

    assert found.production and found.production.rule.arn == f"rule/{production}"
    assert (found.test.rule.arn if found.test else None) == (f"rule/{test}" if test else None)
    assert found.doubts == ()


def test_two_that_could_be_the_test_s_are_left_to_a_person() -> None:
    found = pair_rules([route("all", 80), route("marked", 80, HEADER), route("tests", 8080)], {BLUE, GREEN})

    assert found.test is None
    assert found.doubts == (
        "Which rule is the test's is not clear, choose it yourself. There are: rule/marked (requests with header "
        "X-Test-Traffic: yes on port 80) or rule/tests (all requests that no other rule of its listener catches on "
        "port 8080).",
    )


def test_a_rule_for_marked_requests_alone_is_not_taken_for_production() -> None:
    found = pair_rules([route("marked", 80, HEADER)], {BLUE, GREEN})

    assert (found.production, found.test) == (None, None)
    assert "Which rule is production's is not clear" in found.doubts[0]


def test_rules_of_other_target_groups_are_not_asked_about() -> None:
    found = pair_rules([route("all", 80), route("blog", 8080, weights={"blog": 1})], {BLUE, GREEN})

    assert (found.test, found.doubts) == (None, ())


def test_a_pair_behind_one_listener_is_found_with_the_header_as_its_test() -> None:
    """As people reported it: the header rule comes first in AWS's order and was taken for production."""
    gateway = FakeGateway.pair()
    production = gateway.rules[SHOP.production_rule]
    del gateway.rules[SHOP.test_rule]
    gateway.rules[SHOP.production_rule] = replace(production, is_default=True)
    marked = f"{SHOP.production_rule}0"
    gateway.rules = {marked: replace(production, arn=marked, conditions=(HEADER,)), **gateway.rules}

    found = propose(gateway, cluster=SHOP.cluster, service="shop-blue")

    assert (found.columns["production_rule"], found.columns["test_rule"]) == (SHOP.production_rule, marked)
    assert "A test is requests with header X-Test-Traffic: yes on port 80." in found.seen


@pytest.mark.parametrize(
    ("routes", "production"),
    [
        ([route("api", 443, PATH), route("all", 443), route("tests", 8080)], ["api", "all"]),
        ([route("plain", 80), route("all", 443), route("marked", 443, HEADER)], ["all", "plain"]),
        ([route("plain", 80), route("api", 443, PATH), route("all", 443)], ["api", "plain", "all"]),
        ([route("all", 443), route("marked", 443, HEADER), route("tests", 8080)], ["all"]),
        ([route("all", 443), route("blog", 443, PATH, weights={"blog": 1})], ["all"]),
    ],
)  # fmt: skip
def test_whatever_weighs_the_pair_and_is_no_test_is_production_too(routes: list[Route], production: list[str]) -> None:
    found = pair_rules(routes, {BLUE, GREEN})

    assert found.production
    assert [each.rule.arn for each in (found.production, *found.more)] == [f"rule/{name}" for name in production]


def test_rules_to_be_shifted_together_are_proposed_and_half_of_one_is_a_doubt() -> None:
    gateway = FakeGateway.pair()
    further, half = f"{SHOP.production_rule}-api", f"{SHOP.production_rule}-old"
    for arn, weights in ((further, {BLUE: 100, GREEN: 0}), (half, {BLUE: 1})):
        gateway.rules[arn] = replace(
            gateway.rules[SHOP.production_rule], arn=arn, weights=weights, conditions=(PATH,), is_default=False
        )
    gateway.rules[SHOP.production_rule] = replace(gateway.rules[SHOP.production_rule], is_default=True)

    found = propose(gateway, cluster=SHOP.cluster, service="shop-blue")

    assert found.columns["production_rule"] == further
    assert found.columns["more_production_rules"] == SHOP.production_rule
    together = "Shifted together with it: all requests that no other rule of its listener catches on port 80."
    assert together in found.seen
    (doubt,) = found.doubts
    assert doubt.startswith(
        f"{half} (requests with path /api/* on port 80) forwards to shop-blue 1, so Tealgate cannot"
    )


def test_a_region_that_an_arn_does_not_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from deployments.catalog import discovery

    with pytest.raises(Refused, match="is in the region eu-west-1, and eu-central-1 was given"):
        discovery._short("arn:aws:ecs:eu-west-1:123456789012:cluster/shop", "eu-central-1", "cluster")
    assert discovery._short("arn:aws:ecs:eu-central-1:1:service/shop/web", "eu-central-1", "service") == "web"
