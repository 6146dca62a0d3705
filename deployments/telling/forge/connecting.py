"""What people set up: a forge's connection, and which repository an application is. The log has it all but secrets."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.append import Chain, append_event
from deployments.refused import Refused
from deployments.telling.forge import resting
from deployments.telling.forge.models import Forge, ForgeRepository, ForgeTelling
from deployments.words import joined

#: Forges belong to no environment.
FORGES: Final = Chain("forges")
_SECRETS = ("secret", "webhook_secret")
Values = Mapping[str, Any]


def values_of(forge: Forge) -> dict[str, Any]:
    """Without its secrets."""
    names = ("name", "kind", "api_url", "app_id", "installation_id", "answered_when")
    repositories = forge.repositories.select_related("application").order_by("application__slug")
    return {name: getattr(forge, name) for name in names} | {
        "repositories": {each.application.slug: [each.repository, each.environment_names] for each in repositories}
    }


def require(principal: Principal) -> None:
    """Raises Refused."""
    if refusal := rights.forge_refusal(principal):
        raise Refused(refusal)


def saved(
    *, forge: Forge, before: Values | None, secrets: Collection[str], principal: Principal, now: datetime
) -> None:
    """After it was saved, with its repositories: tell the log, and try again at once whatever rested or was given up.

    `before`: None for a new one. `secrets`: the names of those that were given anew. Raises Refused without the right.
    """
    require(principal)
    values = values_of(forge)
    with transaction.atomic():
        Forge.objects.filter(pk=forge.pk).update(**resting.WELL)
        ForgeRepository.objects.filter(forge=forge).update(**resting.WELL, moved=False)
        given_up = ForgeTelling.objects.given_up().filter(repository__forge=forge)
        given_up.update(due_at=now, asked_at=now, asks=F("asks") + 1)
        said: dict[str, Any] = {"now": now, "principal": principal}
        if before is None:
            append_event(FORGES, "forge.added", f"Forge {forge} connected", data={"values": values}, **said)
            return
        changed = {
            name: {"before": before[name], "after": value} for name, value in values.items() if before[name] != value
        }
        names = [*changed, *(name for name in _SECRETS if name in secrets)]
        if names:
            sentence = f"Forge {forge}: {joined([name.replace('_', ' ') for name in names])} changed"
            append_event(FORGES, "forge.changed", sentence, data={"changed": changed}, **said)


def delete(*, forge: Forge, principal: Principal, now: datetime) -> None:
    """It is told nothing any more, and what it was told is forgotten here. Raises Refused without the right."""
    require(principal)
    with transaction.atomic():
        append_event(
            FORGES, "forge.deleted", f"Forge {forge} deleted", now=now, principal=principal,
            data={"values": values_of(forge)},
        )  # fmt: skip
        forge.delete()
