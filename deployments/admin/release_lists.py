"""The list of releases by application: one after the other for whoever looks for theirs, and by where they are live."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode

from deployments.admin.spoken import SpokenFilter
from deployments.catalog.models import Application, Environment, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.languages.told import told

#: The others are in the filter.
MOST = 12
BY_APPLICATION = "application__id__exact"


@dataclass(frozen=True)
class Tab:
    name: str
    link: str
    here: bool


def tabs(request: HttpRequest) -> tuple[Tab, ...]:
    """Applications, those with the newest release first; what is searched and filtered besides stays."""
    chosen = request.GET.get(BY_APPLICATION, "")
    rows = list(Application.objects.filter(IN_USE).annotate(newest=Max("releases")).order_by("-newest", "name"))
    if len(rows) < 2:
        return ()
    shown = rows[:MOST] + [row for row in rows[MOST:] if str(row.pk) == chosen]
    every = Tab(told("All"), _link(request), not chosen)
    return (every, *(Tab(row.name, _link(request, row.pk), str(row.pk) == chosen) for row in shown))


def _link(request: HttpRequest, application: int | None = None) -> str:
    kept = {name: str(value) for name, value in request.GET.items() if name not in (BY_APPLICATION, "p")}
    if application:
        kept[BY_APPLICATION] = str(application)
    return f"?{urlencode(kept)}"


class LiveFilter(SpokenFilter):
    """By where it is live, under the name of the environment: production of every application is one choice."""

    title = "live on"
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        yield "anywhere", told("Anywhere")
        for name in Environment.objects.filter(IN_USE).order_by("name").values_list("name", flat=True).distinct():
            yield f"on:{name}", name
        yield "nowhere", told("Nowhere")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Release]) -> QuerySet[Release]:
        value = self.value() or ""
        live = Environment.objects.filter(IN_USE, live_release=OuterRef("pk"))
        if value.startswith("on:"):
            return queryset.filter(Exists(live.filter(name=value.removeprefix("on:"))))
        if value == "anywhere":
            return queryset.filter(Exists(live))
        return queryset.exclude(Exists(live)) if value == "nowhere" else queryset
