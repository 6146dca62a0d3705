"""The demo's rows in the database. Reading them from AWS takes longer than most stories do, so a file keeps them."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db.models import Model

from sandbox.server import Sandbox

Rows = dict[type[Model], list[Model]]


class Seeds:
    """What `seed_demo` made of one sandbox's storefront, by the state of that storefront."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._kept: dict[str, Rows] = {}

    def sow(self) -> None:
        """As `seed_demo` would, which is asked when what it reads is not as it was."""
        state = repr(list(self._what_is_live()))
        if state in self._kept:
            for model, rows in self._kept[state].items():
                model._base_manager.bulk_create(rows)
            return
        before = {model: {row.pk for row in rows} for model, rows in _all_rows()}
        here = f"{self._sandbox.url}/_sandbox"
        call_command("seed_demo", world=f"{here}/world", listeners=f"{here}/listeners", slugs=["storefront"])
        self._kept[state] = {
            model: new for model, rows in _all_rows() if (new := [row for row in rows if row.pk not in before[model]])
        }

    def _what_is_live(self) -> Iterator[Any]:
        """Of what is read, that which stories change: who has the traffic, and what runs there."""
        world = self._sandbox.control.world
        ecs, elbv2 = self._sandbox.client("ecs"), self._sandbox.client("elbv2")
        for environment in world["environments"].values():
            services = ecs.describe_services(cluster=world["cluster"], services=[*environment["services"].values()])
            yield from ((each["taskDefinition"], each["desiredCount"]) for each in services["services"])
            rules = elbv2.describe_rules(RuleArns=[environment["production_rule"], environment["test_rule"]])
            yield from (each["Actions"] for each in rules["Rules"])


def _all_rows() -> Iterator[tuple[type[Model], list[Model]]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model, list(model._base_manager.all())
