"""What a token can be given: scopes, each a part of the rights of the person who answers for it.

None of them decides at gates. That is people's, whoever asks for it and whatever a token is given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    meaning: str
    #: Django's permissions
    rights: frozenset[str]


def _scope(meaning: str, *rights: str) -> Scope:
    return Scope(meaning, frozenset(f"deployments.{right}" for right in rights))


SCOPES: Mapping[str, Scope] = {
    "read": _scope(
        "See applications, releases, environments with their preflight, deployments, gates and events",
        "view_application", "view_release", "view_environment", "view_deployment", "view_gate", "view_event",
    ),
    "releases:write": _scope("Register releases", "add_release"),
    "deployments:write": _scope("Ask for deployments, and preview them", "add_deployment"),
    "deployments:repair": _scope(
        "Ask for repairs and first releases, besides deployments:write", "repair_deployment", "first_deployment"
    ),
    "deployments:stop": _scope("Stop, roll back, retry a roll back, keep the source longer, finish", "stop_deployment"),
    "locks:write": _scope("Lock and unlock environments", "lock_environment"),
}  # fmt: skip


def rights_of(scopes: Iterable[str]) -> frozenset[str]:
    """One that a later version took away gives nothing."""
    return frozenset(right for name in scopes if name in SCOPES for right in SCOPES[name].rights)


def giving(right: str) -> str:
    """The scope that a right comes with; "" for what no token can have."""
    return next((name for name, scope in SCOPES.items() if right in scope.rights), "")
