"""Django's permissions of somebody, read by one query that is ready.

They are kept where Django keeps them: on the row of that person which a request has, so for no longer than it.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet

from deployments.prepared import Prepared


def has(user: User, right: str) -> bool:
    """`right`: Django's permission, such as deployments.decide_gate."""
    if user.is_active and not user.is_superuser and not hasattr(user, "_perm_cache"):
        user._perm_cache = {f"{app}.{name}" for app, name in _GIVEN(user=user.pk)}  # type: ignore[attr-defined]
    return user.has_perm(right)


def groups(user: User) -> frozenset[str]:
    """Their names."""
    return frozenset(_GROUPS(user=user.pk))


def _given(user: Any) -> "QuerySet[Permission, tuple[str, str]]":
    """By themselves, and by their groups, which may be the same ones."""
    names = Permission.objects.order_by().values_list("content_type__app_label", "codename")
    return names.filter(user=user).union(names.filter(group__user=user))


_GIVEN = Prepared(_given)
_GROUPS = Prepared(lambda user: Group.objects.order_by().filter(user=user).values_list("name", flat=True))
