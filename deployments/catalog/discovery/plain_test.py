"""A smoke check for a test listener of plain HTTP beside an HTTPS production."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from deployments.aws.conditions import Condition
from deployments.aws.listeners import load_balancer_of
from deployments.aws.protocol import Discovery
from deployments.aws.values import Route, Rule
from deployments.catalog.discovery.proposal import Proposal
from deployments.frozen import SmokeSpec
from deployments.outbound import headers

#: Without wildcards, and no regular expression but one that means itself.
_LITERAL = re.compile(r"[\w.-]+")
_REPLACED = (
    "An Application Load Balancer puts its listener's own protocol into X-Forwarded-Proto: an application that sends "
    "plain HTTP on to HTTPS answers 301 to the smoke check on port {port} all the same. Exempt the path that is "
    "checked, or give the test listener HTTPS."
)
_NAMELESS = (
    "No rule names a host, so the smoke check is asked under the load balancer's name: give it the header Host if the "
    "application answers to names of its own only."
)


def with_check(gateway: Discovery, found: Proposal, production: Route | None, test: Route | None) -> Proposal:
    """The proposal with a test URL and a check that says what production's listener would, where that differs."""
    if not production or not test or (production.protocol, test.protocol) != ("HTTPS", "HTTP"):
        return found
    balancer = load_balancer_of(test.rule.arn)
    name = gateway.load_balancer_names((balancer,)).get(balancer)
    try:
        sent = headers.parse("\n".join(_lines(production.rule, test.rule)))
    except ValueError as error:
        return replace(found, doubts=(*found.doubts, f"No smoke check is proposed for the test rule. {error}"))
    check = _check(gateway, test.rule, sent)
    if not name or not all(_is_met(condition, check) for condition in test.rule.conditions):
        return found
    nameless = () if headers.value_of(sent, "Host") else (_NAMELESS,)
    return replace(
        found,
        columns={**found.columns, "test_url": f"http://{name}" + (f":{test.port}" if test.port != 80 else "")},
        checks=(check,),
        doubts=(*found.doubts, _REPLACED.format(port=test.port), *nameless),
    )


def _lines(production: Rule, test: Rule) -> Iterator[str]:
    if host := _first(test, "host-header") or _first(production, "host-header"):
        yield f"Host: {host}"
    yield "X-Forwarded-Proto: https"
    for condition in test.conditions:
        if condition.field == "http-header":
            yield f"{condition.name}: {next(iter(condition.values), '')}"


def _first(rule: Rule, field: str) -> str:
    values = (value for condition in rule.conditions if condition.field == field for value in condition.values)
    return next((value for value in values if _LITERAL.fullmatch(value)), "")


def _check(gateway: Discovery, rule: Rule, sent: headers.Headers) -> SmokeSpec:
    """What the targets' health check asks: it comes by plain HTTP too, so that path answers already."""
    group = next(iter(gateway.target_groups(tuple(rule.weights)).values()), None)
    status = group.matcher[:3] if group else ""
    return SmokeSpec(
        path=(group.health_path if group else "") or "/",
        expected_status=int(status) if status.isdigit() else 200,
        headers=sent,
    )


def _is_met(condition: Condition, check: SmokeSpec) -> bool:
    """Whether the rule catches it: by its headers, which name what the rule asks for, or by its path."""
    if condition.field == "path-pattern":
        return any(fnmatchcase(check.path, pattern) for pattern in condition.values)
    if condition.field == "host-header":
        return any(fnmatchcase(headers.value_of(check.headers, "Host"), pattern) for pattern in condition.values)
    return condition.field == "http-header"
