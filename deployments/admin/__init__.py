"""The pages. Each parses input, checks the right, calls one service function and shows its sentence."""

from deployments.admin import (
    applications,
    chat_workspaces,
    deployments,
    environments,
    events,
    forges,
    gates,
    inbox,
    notifications,
    operations,
    people,
    releases,
    tokens,
    trusts,
    webhook_deliveries,
    webhooks,
)

__all__ = [
    "applications",
    "chat_workspaces",
    "deployments",
    "environments",
    "events",
    "forges",
    "gates",
    "inbox",
    "notifications",
    "operations",
    "people",
    "releases",
    "tokens",
    "trusts",
    "webhook_deliveries",
    "webhooks",
]
