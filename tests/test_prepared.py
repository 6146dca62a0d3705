"""Queries that are ready: they answer what Django's own would, each time anew."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connections
from django.db.models import QuerySet

from deployments.people import permissions, roles
from deployments.prepared import Prepared, by, keep

Named = tuple[str, bool]


def _people(name: Any = None, below: Any = None, active: bool | None = None) -> "QuerySet[User, Named]":
    rows = User.objects.order_by("-pk").values_list("username", "is_active")
    rows = rows.filter(username__startswith=name) if name is not None else rows
    rows = rows.filter(pk__lt=below) if below is not None else rows
    return rows if active is None else rows.filter(is_active=active)


@pytest.fixture
def people(db: None) -> Prepared[Named]:
    for name, active in (("ann", True), ("anton", False), ("b%", True)):
        User.objects.create_user(name, is_active=active)
    return Prepared(_people)


def test_values_are_sent_and_what_is_left_out_is_not_asked_for(people: Prepared[Named]) -> None:
    ann, anton, other = ("ann", True), ("anton", False), ("b%", True)
    last = User.objects.get(username="b%").pk

    assert people() == [other, anton, ann]
    assert [people(name=name) for name in ("an", "b%", "%", "", "' OR 1=1 --")] == [
        [anton, ann], [other], [], [other, anton, ann], [],
    ]  # fmt: skip
    assert [people(active=active) for active in (True, False)] == [[other, ann], [anton]]
    assert (people(below=last, most=1), people(below=last, name="ann")) == ([anton], [ann])
    assert (people.first(name="an"), people.first(name="c")) == (anton, None)


def test_no_answer_is_kept(people: Prepared[Named], django_assert_num_queries: Any) -> None:
    assert people(name="c") == []
    User.objects.create_user("carl")

    with django_assert_num_queries(1):
        assert people(name="c") == [("carl", True)]


def test_rows_have_what_is_joined_to_them(requester: User, django_assert_num_queries: Any) -> None:
    given = Prepared(lambda app: Permission.objects.select_related("content_type").filter(content_type__app_label=app))
    plain = list(Permission.objects.filter(content_type__app_label="deployments"))

    with django_assert_num_queries(1):
        found = given(app="deployments")
        assert found == plain and {each.content_type.app_label for each in found} == {"deployments"}


def test_several_are_found_by_one_query_however_many_there_are(people: Prepared[Named]) -> None:
    keys = tuple(User.objects.order_by("pk").values_list("pk", flat=True))
    named = Prepared(lambda keys: User.objects.filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))

    assert [tuple(named(keys=keys[:most])) for most in range(len(keys) + 1)] == [
        keys[:most] for most in range(len(keys) + 1)
    ]


def test_a_relation_is_kept_for_each_row_and_asked_for_no_more(outsider: User, django_assert_num_queries: Any) -> None:
    other = User.objects.create_user("other")
    rows = [outsider, other]
    groups = by("user_id", User.groups.through.objects.select_related("group").filter(user__in=rows))

    keep(rows, "groups", {pk: [each.group for each in found] for pk, found in groups.items()})

    with django_assert_num_queries(0):
        assert [[group.name for group in row.groups.all()] for row in rows] == [[roles.VIEWERS], []]
    with django_assert_num_queries(1):
        assert not other.groups.filter(name=roles.VIEWERS).exists()


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection() -> None:
    counted = Prepared(lambda name: User.objects.filter(username=name).values_list("pk", flat=True))
    counted(name="ann")

    def asked() -> bool:
        try:
            return counted(name="ann") == [] and connections["default"].connection is not None
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(asked).result()


def test_rights_are_djangos_by_oneself_and_by_groups(outsider: User) -> None:
    lock, seen = "deployments.lock_environment", "deployments.view_release"
    outsider.user_permissions.add(Permission.objects.get(codename="lock_environment"))
    assert [permissions.has(_again(outsider), right) for right in (lock, seen, "deployments.decide_gate")] == [
        True, True, False,
    ]  # fmt: skip
    asked = _again(outsider)
    assert permissions.has(asked, seen) and asked.get_all_permissions() == _again(outsider).get_all_permissions()

    outsider.user_permissions.clear()
    outsider.groups.set([Group.objects.create(name="QA")])
    assert [permissions.has(_again(outsider), right) for right in (lock, seen)] == [False, False]
    assert permissions.groups(outsider) == {"QA"}


@pytest.mark.parametrize(("column", "value", "may"), [("is_active", False, False), ("is_superuser", True, True)])
def test_who_is_switched_off_has_no_right_and_a_superuser_all(
    outsider: User, column: str, value: bool, may: bool
) -> None:
    setattr(outsider, column, value)

    assert permissions.has(outsider, "deployments.decide_gate") is may
    assert permissions.has(outsider, "deployments.view_release") is may


def _again(person: User) -> User:
    """As the next request reads them."""
    return User.objects.get(pk=person.pk)
