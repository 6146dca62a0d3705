"""Older versions of an environment's settings: what they were, and bringing one back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from deployments.catalog import holding, in_use
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.catalog.settings_values import differences, label, own_values, set_by_people
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.refused import Refused


@dataclass(frozen=True)
class Version:
    """One row of the environment's history."""

    number: int
    at: datetime
    #: who saved it; "" when nobody was signed in
    by: str
    environment: Environment
    deployers: tuple[Group, ...]
    #: names in `deployers` of groups that were deleted since, as numbers: their names are gone
    gone: tuple[int, ...]

    @property
    def values(self) -> dict[str, Any]:
        return own_values(self.environment, self.deployers)


def version_of(environment: Environment, number: int) -> Version | None:
    """None when there is no such version of this environment."""
    row = environment.history.select_related("history_user").filter(history_id=number).first()
    if row is None:
        return None
    wanted = [link.group_id for link in row.deployers.all()]
    found = tuple(Group.objects.filter(pk__in=wanted).order_by("name"))
    return Version(
        number=row.history_id,
        at=row.history_date,
        by=row.history_user.get_username() if row.history_user else "",
        environment=row.instance,
        deployers=found,
        gone=tuple(sorted({*wanted} - {group.pk for group in found})),
    )


def restore(*, environment: Environment, number: int, principal: Principal, now: datetime) -> None:
    """Bring back the settings and deployers of an older version. Gates, checks, tasks and webhooks stay as they are.

    Raises Refused: no right to change environments, retired, no such version, groups or an application that are gone,
    values that are no longer allowed, what another environment holds by now, nothing that would change.
    """
    if refusal := rights.change_refusal(principal):
        raise Refused(refusal)
    with transaction.atomic():
        holding.one_at_a_time()
        current = (
            Environment.objects.select_for_update(of=("self",)).select_related("application").get(pk=environment.pk)
        )
        in_use.require(current)
        version = version_of(current, number)
        if version is None:
            raise Refused(f"{current} has no such version; choose one from its history.")
        changed = differences(own_values(current, current.deployers.all()), _possible(version))
        if not changed:
            raise Refused(f"{current} has these settings now; there is nothing to restore.")
        _put_back(current, version, principal)
        append_event(
            current, "environment.restored", f"Settings of {version.at:%Y-%m-%d %H:%M:%S} UTC restored",
            now=now, principal=principal, data={"version": number, "changed": changed},
        )  # fmt: skip


def _possible(version: Version) -> dict[str, Any]:
    """Its values. Raises Refused for what cannot come back."""
    if version.gone:
        # Without it the environment could be open to everyone with the right to deploy.
        raise Refused(
            "That version let a group deploy which was deleted since, so it cannot be restored as it was. Set what you "
            "need by hand."
        )
    if not Application.objects.filter(IN_USE, pk=version.environment.application_id).exists():
        raise Refused(
            "That version belonged to an application which was deleted or retired since; set what you need by hand."
        )
    return version.values


def _put_back(current: Environment, version: Version, principal: Principal) -> None:
    columns = [field.attname for field in set_by_people()]
    for column in columns:
        setattr(current, column, getattr(version.environment, column))
    try:
        current.full_clean()
    except ValidationError as error:
        raise Refused(f"That version is not allowed any more. {_sentences(error)}") from error
    holding.require_free(current)
    vars(current).update(
        _history_user=principal.user, _change_reason=f"version of {version.at:%Y-%m-%d %H:%M:%S} UTC restored"
    )
    current.save(update_fields=[field.name for field in set_by_people()])
    if {group.pk for group in current.deployers.all()} != {group.pk for group in version.deployers}:
        current.deployers.set(version.deployers)


def _sentences(error: ValidationError) -> str:
    return " ".join(
        message if field == NON_FIELD_ERRORS else f"{label(field)}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    )
