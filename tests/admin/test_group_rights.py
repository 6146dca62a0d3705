"""The rights of a group, ticked where each is under what it is about."""

import re

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from deployments.people import roles
from tests.admin.conftest import Browser


@pytest.fixture
def admin(browse: Browser, administrator: User) -> Client:
    return browse(administrator)


def page(admin: Client, name: str) -> str:
    address = reverse("admin:auth_group_change", args=[Group.objects.get(name=name).pk])
    return str(admin.get(address).content.decode())


def under(title: str, text: str) -> list[str]:
    """What can be ticked there."""
    (group,) = re.findall(rf"<p[^>]*>{title}</p><ul[^>]*>(.*?)</ul>", text)
    return re.findall(r"<span>(.*?)</span>", group)


def test_an_administrator_finds_each_right_under_what_it_is_about(admin: Client) -> None:
    text = page(admin, roles.APPROVERS)

    assert under("Gates", text)[-1] == "Can approve or reject at gates"
    assert under("Deployments", text)[:2] == ["Can view deployment", "Can add deployment"]
    assert under("Webhooks of environments", text)[0] == under("Webhooks", text)[0] == "Can view webhook"
    assert "Can view historical environment" in under("What no page asks for", text)
    assert text.index(">Webhooks</p>") < text.index(">What no page asks for</p>")
    assert text.count('name="permissions"') == Permission.objects.count()
    assert "selectfilter" not in text


def test_an_administrator_gives_and_takes_a_right_by_its_box(admin: Client) -> None:
    group = Group.objects.create(name="Payments")
    views = Permission.objects.filter(codename__in=["view_gate", "view_deployment"])
    address = reverse("admin:auth_group_change", args=[group.pk])

    assert "checked" not in page(admin, "Payments")
    admin.post(address, {"name": "Payments", "permissions": [right.pk for right in views]})
    assert page(admin, "Payments").count(" checked") == 2
    admin.post(address, {"name": "Payments"})

    assert not group.permissions.exists()


def test_the_rights_of_the_own_group_are_only_read(admin: Client) -> None:
    text = page(admin, roles.ADMINISTRATORS)

    assert 'name="permissions"' not in text
    assert "Can add environment" in text
