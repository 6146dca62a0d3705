"""Who may deploy to an environment, by name: of one it is asked when it is wanted, of many it is read at once."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models


class Restricted(models.Model):
    #: the groups; an environment's own column
    deployers: Any
    #: what `read_deployers` found; None before that
    _deployer_names: list[str] | None = None

    class Meta:
        abstract = True

    @property
    def deployer_names(self) -> list[str]:
        """Groups, sorted; empty: everyone with the right may deploy there."""
        if self._deployer_names is not None:
            return self._deployer_names
        return sorted(group.name for group in self.deployers.all())

    @classmethod
    def read_deployers(cls, environments: Iterable[Self]) -> None:
        """One query for all of them.

        `prefetch_related` would make each row hold a query that holds the row, and a page of all environments leaves
        thousands of such objects to the garbage collector.
        """
        rows = list(environments)
        links = cls.deployers.through.objects.filter(environment__in=[row.pk for row in rows])
        found: dict[int, list[str]] = {}
        for key, name in links.order_by("group__name").values_list("environment", "group__name"):
            found.setdefault(key, []).append(name)
        for row in rows:
            row._deployer_names = found.get(row.pk, [])
