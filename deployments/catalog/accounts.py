"""What is done to accounts, groups and rights, on the pages and at the server, as events in a chain of its own."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction

from deployments.catalog.settings_values import differences
from deployments.people.principal import SYSTEM, Principal
from deployments.people.roles import ROLES, ensure_roles
from deployments.record.append import PEOPLE, append_event
from deployments.refused import Refused
from deployments.words import joined

#: What decides what somebody may do.
POWERS = ("groups", "is_active", "is_superuser", "rights")

Values = Mapping[str, Any]


def values_of(person: User) -> dict[str, Any]:
    """What people see of an account. Never its password."""
    return {
        "username": person.get_username(),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "is_active": person.is_active,
        "is_superuser": person.is_superuser,
        "groups": sorted(person.groups.values_list("name", flat=True)),
        "rights": _rights(person.user_permissions),
    }


def group_values(group: Group) -> dict[str, Any]:
    return {"name": group.name, "rights": _rights(group.permissions)}


def _rights(permissions: Any) -> list[str]:
    pairs = permissions.values_list("content_type__app_label", "codename")
    return sorted(f"{app}.{codename}" for app, codename in pairs)


def added(*, person: User, principal: Principal, now: datetime) -> None:
    append_event(
        PEOPLE, "person.added", f"Account {person.get_username()} added",
        now=now, principal=principal, data={"person": person.pk, "values": values_of(person)},
    )  # fmt: skip


def changed(*, person: User, before: Values, principal: Principal, now: datetime) -> None:
    """After it was saved. Raises Refused for the own groups and rights; nothing is told when nothing is different."""
    what = differences(before, values_of(person))
    if principal.user == person and set(what) & set(POWERS):
        raise Refused("Nobody changes their own groups and rights; ask another administrator.")
    if what:
        append_event(
            PEOPLE, "person.changed", f"Account {before['username']}: {_names(what)} changed",
            now=now, principal=principal, data={"person": person.pk, "changed": what},
        )  # fmt: skip


def give_password(*, person: User, password: str, principal: Principal, now: datetime) -> None:
    """Written and told. Whether it is a good one was asked before."""
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])  # somebody may have changed the rest while it was typed
        password_set(person=person, principal=principal, now=now)


def password_set(*, person: User, principal: Principal, now: datetime) -> None:
    append_event(
        PEOPLE, "person.password_set", f"Account {person.get_username()} was given a password",
        now=now, principal=principal, data={"person": person.pk},
    )  # fmt: skip


def complete_roles(*, principal: Principal, now: datetime) -> dict[str, int]:
    """The groups of all roles, made or with the rights that were missing. Role to how many these were.

    An upgrade does so, and that is nobody's change of who may approve: approvals given before it count.
    """
    roles = Group.objects.filter(name__in=ROLES).order_by("name")
    with transaction.atomic():
        before = {group.pk: group_values(group) for group in roles}
        added = ensure_roles()
        for group in roles.all():
            if group.pk not in before:
                group_added(group=group, principal=principal, now=now)
            elif what := differences(before[group.pk], group_values(group)):
                append_event(
                    PEOPLE, "group.completed", f"Group {group.name}: rights of its role added",
                    now=now, principal=principal, data={"group": group.pk, "changed": what},
                )  # fmt: skip
    return added


def group_added(*, group: Group, principal: Principal, now: datetime) -> None:
    append_event(
        PEOPLE, "group.added", f"Group {group.name} added",
        now=now, principal=principal, data={"group": group.pk, "values": group_values(group)},
    )  # fmt: skip


def groups_named(names: Collection[str], now: datetime) -> list[Group]:
    """One that is gone, or has another name by now, is made again without members, and told: nobody decides by it."""
    found = []
    for name in names:
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            group_added(group=group, principal=SYSTEM, now=now)
        found.append(group)
    return found


def group_changed(*, group: Group, before: Values, principal: Principal, now: datetime) -> None:
    """After it was saved. Raises Refused for the rights of a group that one is in, unless one has all rights anyway."""
    what = differences(before, group_values(group))
    if what and _is_in(principal, group):
        raise Refused("Nobody changes the rights of a group they are in; ask another administrator.")
    if what:
        append_event(
            PEOPLE, "group.changed", f"Group {before['name']}: {_names(what)} changed",
            now=now, principal=principal, data={"group": group.pk, "changed": what},
        )  # fmt: skip


def group_deleted(*, group: Group, principal: Principal, now: datetime) -> None:
    """Before it is gone."""
    members = sorted(group.user_set.values_list("username", flat=True))
    values = {**group_values(group), "members": members}
    append_event(
        PEOPLE, "group.deleted", f"Group {group.name} deleted",
        now=now, principal=principal, data={"group": group.pk, "values": values},
    )  # fmt: skip


def _is_in(principal: Principal, group: Group) -> bool:
    user = principal.user
    return user is not None and not user.is_superuser and group.user_set.filter(pk=user.pk).exists()


def _names(what: Values) -> str:
    return joined([name.replace("_", " ").removeprefix("is ") for name in what])
