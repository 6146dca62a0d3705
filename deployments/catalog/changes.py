"""Changes of settings as events: what was before and what is after, in the chain of what was changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deployments.catalog.models import Application, Environment
from deployments.catalog.settings_values import all_values, application_values, differences
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.words import joined

Values = Mapping[str, Any]
Subject = Environment | Application


def values_of(subject: Subject) -> dict[str, Any]:
    return all_values(subject) if isinstance(subject, Environment) else application_values(subject)


def added(*, subject: Subject, principal: Principal, now: datetime) -> None:
    kind = "environment.added" if isinstance(subject, Environment) else "application.added"
    append_event(subject, kind, "Added", now=now, principal=principal, data={"values": values_of(subject)})


def changed(*, subject: Subject, before: Values, principal: Principal, now: datetime) -> None:
    """After it was saved; nothing is told when nothing is different."""
    if what := differences(before, values_of(subject)):
        kind = "environment.changed" if isinstance(subject, Environment) else "application.changed"
        sentence = f"Changed: {joined([name.replace('_', ' ') for name in what])}"
        append_event(subject, kind, sentence, now=now, principal=principal, data={"changed": what})


def deleted(*, subject: Subject, principal: Principal, now: datetime) -> None:
    """Before it is gone."""
    kind = "environment.deleted" if isinstance(subject, Environment) else "application.deleted"
    append_event(
        subject, kind, f"{subject} deleted",
        now=now, principal=principal, data={"values": values_of(subject)},
    )  # fmt: skip
