"""What people set of an environment, as plain values that can be kept and compared."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Field, Model

from deployments.catalog.models import Application, Environment, GatePolicy


def set_by_people() -> list["Field[Any, Any]"]:
    """The columns of the environment's form; a lock and what is live are not among them."""
    return [field for field in Environment._meta.concrete_fields if field.editable and not field.primary_key]


def label(name: str) -> str:
    """The setting's name for people."""
    return str(getattr(Environment._meta.get_field(name), "verbose_name", name))


def own_values(environment: Environment, deployers: Iterable[Group]) -> dict[str, Any]:
    """Column to value, as JSON knows them; the application by its slug and `deployers` by their names."""
    values = {field.name: field.value_from_object(environment) for field in set_by_people()}
    return {
        **values,
        "application": environment.application.slug,
        "deployers": sorted(group.name for group in deployers),
    }


def all_values(environment: Environment) -> dict[str, Any]:
    """Also gates, checks, tasks and webhooks. Of a webhook's address only the host, and a mark that tells it apart."""
    gates = environment.gate_policies.prefetch_related("groups")
    return own_values(environment, environment.deployers.all()) | {
        "gates": [_gate(policy) for policy in gates],
        "smoke checks": [_columns(row, "path", "expected_status", "contains", "timeout_seconds", "headers",
                                  "follow_redirects")
                         for row in environment.smoke_checks.all()],
        "one-off tasks": [_columns(row, "name", "command", "container", "timeout_seconds", "position")
                          for row in environment.one_off_tasks.all()],
        "webhooks": [{"sent to": hook.place, "mark": hook.mark, "secret": hook.secret}
                     for hook in environment.webhooks.all()],
    }  # fmt: skip


def application_values(application: Application) -> dict[str, Any]:
    columns = ("name", "slug", "description", "repository_url", "registries", "registry_secret")
    links = [
        _columns(row, "name", "template", "on_board", "on_deployment", "on_gate") for row in application.links.all()
    ]
    return _columns(application, *columns) | {"links": links}


def _gate(policy: GatePolicy) -> dict[str, Any]:
    columns = _columns(policy, "stage", "percent", "approvals", "requester_may_approve", "timeout_minutes",
                       "timeout_action")  # fmt: skip
    return columns | {"groups": sorted(group.name for group in policy.groups.all())}


def _columns(row: Model, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Name to {"before": ..., "after": ...} of everything that is not the same."""
    names = [*before, *(name for name in after if name not in before)]
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    }
