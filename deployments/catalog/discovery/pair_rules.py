"""Which rules of a load balancer are production's and which the test's, of all that weigh one pair of target groups.

Ports and conditions tell. A rule that catches only requests that their sender marks (a header, a query string, an
address) is not taken for production's: it would be the test that moves, while production stays where it is. What ports
and conditions do not tell is left to a person.
"""

from collections.abc import Collection
from dataclasses import dataclass

from deployments.aws.values import Route
from deployments.aws.weights import spell
from deployments.words import joined

#: Where production is looked for first.
_USUAL_PORTS = (443, 80)


@dataclass(frozen=True, kw_only=True)
class PairRules:
    """Either may be missing; then a doubt says which ones it could be."""

    production: Route | None
    test: Route | None
    #: production's too, to be shifted together with it
    more: tuple[Route, ...] = ()
    doubts: tuple[str, ...] = ()


def pair_rules(routes: Collection[Route], groups: Collection[str]) -> PairRules:
    mine = [route for route in routes if set(route.rule.weights) == set(groups)]
    plain = [route for route in mine if not route.rule.catches_marked_requests]
    if not plain:
        said = f"Which rule is production's is not clear, choose it yourself. There are: {_listed(mine)}."
        return PairRules(production=None, test=None, doubts=(said,))
    production = min(plain, key=_usual)
    tests = [route for route in mine if route is not production and _may_be_test(route, production)]
    more = tuple(route for route in mine if route is not production and route not in tests)
    if len(tests) > 1:
        said = f"Which rule is the test's is not clear, choose it yourself. There are: {_listed(tests)}."
        return PairRules(production=production, test=None, more=more, doubts=(said,))
    return PairRules(production=production, test=tests[0] if tests else None, more=more)


def half_rules(routes: Collection[Route], groups: Collection[str]) -> tuple[str, ...]:
    """A doubt for each rule that forwards to these target groups, but not to both of them and nothing else."""
    half = [
        route
        for route in routes
        if any(route.rule.share(group) for group in groups) and set(route.rule.weights) != set(groups)
    ]
    return tuple(
        f"{route.rule.arn} ({route.requests}) forwards to {spell(route.rule.weights)}, so Tealgate cannot shift it: "
        "have it forward to both target groups like production's, or take them out of it."
        for route in half
    )


def _usual(route: Route) -> tuple[int, int, bool]:
    rank = _USUAL_PORTS.index(route.port) if route.port in _USUAL_PORTS else len(_USUAL_PORTS)
    return rank, route.port, route.rule.is_default


def _may_be_test(route: Route, production: Route) -> bool:
    if route.rule.catches_marked_requests:
        return True
    if production.port in _USUAL_PORTS and route.port in _USUAL_PORTS:
        return False  # HTTP beside HTTPS is production too
    return route.listener != production.listener


def _listed(routes: Collection[Route]) -> str:
    return joined([f"{route.rule.arn} ({route.requests})" for route in routes], "or")
