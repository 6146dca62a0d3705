"""IAM policies, evaluated: an explicit Deny wins, then an Allow, otherwise the answer is no.

Understood: Action, NotAction, Resource, NotResource with wildcards, and string and ARN conditions. A
condition on a key that the request does not carry does not match, and is reported as missing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = "allowed", "explicitDeny", "implicitDeny"
Policy = dict[str, Any]


@dataclass
class Decision:
    outcome: str
    missing_context: set[str] = field(default_factory=set)
    matched: list[str] = field(default_factory=list)  # names of the policies that decided

    @property
    def allowed(self) -> bool:
        return self.outcome == ALLOWED


def evaluate(
    policies: Mapping[str, Policy], action: str, resource: str | None, context: Mapping[str, list[str]]
) -> Decision:
    """``resource`` None: any resource will do, for calls whose resource is not known."""
    decision = Decision(IMPLICIT_DENY)
    for name, policy in policies.items():
        for statement in as_list(policy.get("Statement", [])):
            if not _applies(statement, action, resource) or not _conditions_hold(statement, context, decision):
                continue
            if statement["Effect"] == "Deny" and resource is not None:
                return Decision(EXPLICIT_DENY, decision.missing_context, [name])
            if statement["Effect"] == "Allow":
                decision.outcome = ALLOWED
                decision.matched.append(name)
    return decision


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def matches(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    return _expression(pattern, ignore_case).fullmatch(value) is not None


def _applies(statement: Policy, action: str, resource: str | None) -> bool:
    return _fits(statement, "Action", action, ignore_case=True) and (
        resource is None or _fits(statement, "Resource", resource, ignore_case=False)
    )


def _fits(statement: Policy, element: str, value: str, *, ignore_case: bool) -> bool:
    if f"Not{element}" in statement:
        return not _any_match(as_list(statement[f"Not{element}"]), value, ignore_case)
    return _any_match(as_list(statement.get(element, [])), value, ignore_case)


def _any_match(patterns: Iterable[str], value: str, ignore_case: bool) -> bool:
    return any(matches(pattern, value, ignore_case=ignore_case) for pattern in patterns)


def _conditions_hold(statement: Policy, context: Mapping[str, list[str]], decision: Decision) -> bool:
    given = {key.lower(): values for key, values in context.items()}
    for operator, tests in statement.get("Condition", {}).items():
        for key, wanted in tests.items():
            values = given.get(key.lower())
            if values is None:
                if operator.endswith("IfExists") or operator == "Null":
                    continue
                decision.missing_context.add(key)
                return False
            if not _condition(operator.removesuffix("IfExists"), values, [str(each) for each in as_list(wanted)]):
                return False
    return True


def _condition(operator: str, values: list[str], wanted: list[str]) -> bool:
    negative = "Not" in operator
    kind = operator.replace("Not", "")
    if kind == "StringEquals":
        hit = any(value in wanted for value in values)
    elif kind == "StringEqualsIgnoreCase":
        hit = any(value.lower() == each.lower() for value in values for each in wanted)
    elif kind in ("StringLike", "ArnLike", "ArnEquals"):
        hit = any(matches(each, value) for value in values for each in wanted)
    elif kind == "Bool":
        hit = any(value.lower() == each.lower() for value in values for each in wanted)
    else:
        return False  # an operator this sandbox does not know never grants anything
    return hit != negative


@lru_cache(maxsize=4096)
def _expression(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(expression, re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL)
