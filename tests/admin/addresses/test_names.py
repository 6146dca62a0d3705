"""Who is called like a message of ours is called so on every page, in every language."""

import re
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models

from config.language import FOR_MACHINES
from deployments.catalog.models import Application, Environment, Token, Trust
from deployments.telling.chat.models import ChatWorkspace
from deployments.telling.forge.models import Forge
from deployments.telling.notifications.models import NotificationChannel
from deployments.telling.webhooks.models import WebhookSubscription
from tests.admin.addresses.pages import Address
from tests.admin.addresses.seen import rendered
from tests.admin.addresses.test_seen import ASKED
from tests.admin.addresses.untranslated import all_texts
from tests.admin.conftest import Browser as Browse
from tests.delivery.engine.world import World

#: By what the fixtures call it: a name that nobody's message is, and one that is like a message of ours.
NAMES = {
    "approver": ("Aqprove", "Approve"),
    "requester": ("Fqiled", "Failed"),
    "shop/production": ("Lqve/fqiled", "Live/failed"),
    "shop/staging": ("Lqve/bque", "Live/blue"),
    "shop 1.1.0": ("Lqve Sqccessful", "Live Successful"),
    "1.1.0": ("Sqccessful", "Successful"),
    "Shop": ("Uqers", "Users"),
}
#: Those that are in one column only.
COLUMNS: list[tuple[type[models.Model], str, str, str]] = [
    (Application, "slug", "Lqve", "Live"),
    (Group, "name", "Rqll bqck", "Roll back"),
    (Token, "name", "Aqproved", "Approved"),
    (Trust, "name", "Pqople", "People"),
    (Forge, "name", "Rqgions", "Regions"),
    (ChatWorkspace, "name", "Hqme", "Home"),
    (WebhookSubscription, "name", "Cqange", "Change"),
    (NotificationChannel, "name", "Wqiting", "Waiting"),
]
_PASSED = re.compile(r"(?:\d+(?:일|시간|분|초|\b) ?)+|\d+")
_ALONE = r"(?<![\w/:.@-]){}(?![\w/-]|[:.]\w)"


def renamed(text: str, names: dict[str, str]) -> str:
    alone = "|".join(_ALONE.format(re.escape(name)) for name in names)
    return re.sub(alone, lambda found: names[found[0]], text, flags=re.ASCII)


def rename_rows(names: dict[str, str]) -> None:
    tables: list[type[models.Model]] = [User, Group]
    for model in [*tables, *apps.get_app_config("deployments").get_models(include_auto_created=True)]:
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.primary_key
        ]
        for row in model._base_manager.values("pk", *columns):
            pk = row.pop("pk")
            changed = {name: new for name, value in row.items() if (new := _renamed(value, names)) != value}
            if changed:
                model._base_manager.filter(pk=pk).update(**changed)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return renamed(value, names)
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return {key: _renamed(each, names) for key, each in value.items()} if isinstance(value, dict) else value


def texts(browse: Browse, names: dict[str, str], addresses: list[Address]) -> Iterator[tuple[str, list[str]]]:
    """By person and page; two looks at it differ in their numbers and times only."""
    people = {name: browse(names.get(name, name)) for name in ("root", "approver")}
    for name, client in people.items():
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
        for path, page in rendered(client, addresses).items():
            if not path.startswith(FOR_MACHINES):
                found = (_PASSED.sub("0", each) for each in all_texts(page.content.decode()))
                yield f"{name} {path}", list(dict.fromkeys(found))


def test_a_name_like_a_message_stands_on_every_page_as_it_was_typed(
    everywhere: list[Address], site: World, browse: Browse
) -> None:
    asked = [*everywhere, *(Address("", path.format(release=site.release.pk)) for path in ASKED)]
    unlike, like = ({old: new[kind] for old, new in NAMES.items()} for kind in (0, 1))
    back = {name: like[old] for old, name in unlike.items()} | {name: said for *_, name, said in COLUMNS}
    back |= {"fqiled": "failed", "bque": "blue"}

    rename_rows(unlike)
    Environment.objects.filter(name="production").update(name="fqiled")
    Environment.objects.filter(name="staging").update(name="bque")
    for model, column, name, _ in COLUMNS:
        model._base_manager.order_by("-pk").filter(pk=model._base_manager.latest("pk").pk).update(**{column: name})
    expected = {page: [renamed(text, back) for text in said] for page, said in texts(browse, unlike, asked)}
    rename_rows(back)

    odd: dict[str, list[str]] = {}
    for page, said in texts(browse, like, asked):
        for difference in unified_diff(expected[page], said, "typed", "shown", lineterm="", n=0):
            if difference[0] in "+-" and difference[:3] not in ("+++", "---"):
                odd.setdefault(difference, []).append(page)
    assert odd == {}
