"""The event log: who did what, when and why. Append-only, so there is nothing to change here."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from deployments.admin import event_search
from deployments.admin.base import EnvironmentFilter, RecordAdmin
from deployments.admin.list_search import words_of
from deployments.admin.spoken import SpokenFilter
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.languages.told import named, told
from deployments.record.kinds import ABOUT
from deployments.record.models import Event
from deployments.templatetags.tealgate import clocks, when
from deployments.words import stage_label

#: as programs write one, which people read in their own zone
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)")


class ChainFilter(EnvironmentFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        value = self.value()
        return queryset.filter(chain__name=f"environment:{value}") if value else queryset


class KindFilter(SpokenFilter):
    title = "kind"
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, told(about)) for kind, about in ABOUT.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        value = self.value()
        return queryset.filter(kind__startswith=f"{value}.") if value else queryset


@admin.register(Event)
class EventAdmin(RecordAdmin):
    about_empty = "Every step and every click is written here, and nothing of it can be changed unnoticed."
    list_display = ("moment", "sentence", "who", "stage_words", "subject")
    list_display_links = ("moment",)
    list_filter = (ChainFilter, KindFilter, "actor_kind")
    search_fields = ("message",)  # and what `event_search` adds
    search_help_text = "Search messages, people, versions, applications and environments"
    list_select_related = ("deployment__release", "deployment__environment__application", "chain")
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("moment", "sentence", "kind", "stage_words", "who", "subject")}),
        ("Details", {"fields": ("details",)}),
        (
            "Chain",
            {
                "fields": ("chain", "number", "previous_hash", "own_hash"),
                "description": "Each event holds the hash of the one before it; manage.py verify_events checks all.",
            },
        ),
    )
    readonly_fields = ("moment", "sentence", "stage_words", "who", "subject", "details", "previous_hash", "own_hash")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """With the name of what it is about: a chain holds only a number."""
        chain = Concat(Value("environment:"), Cast("pk", CharField()))
        retired = Case(When(IN_USE, then=Value("")), default=Value(" (retired)"))
        name = Concat("application__slug", Value("/"), "name", retired, output_field=CharField())
        environment = Environment.objects.annotate(chain_name=chain, label=name).filter(
            chain_name=OuterRef("chain__name")
        )
        application = Application.objects.annotate(
            chain_name=Concat(Value("application:"), Cast("pk", CharField())), label=Concat("name", retired)
        ).filter(chain_name=OuterRef("chain__name"))
        found: QuerySet[Event] = super().get_queryset(request)
        return found.annotate(
            environment_name=Subquery(environment.order_by().values("label")[:1]),
            application_name=Subquery(application.order_by().values("label")[:1]),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        return event_search.narrowed(queryset, words_of(search_term)), False

    @admin.display(description="When", ordering="id")
    def moment(self, event: Event) -> SafeString | str:
        return when(event.at)

    @admin.display(description="What happened")
    def sentence(self, event: Event) -> SafeString:
        return format_html('<span class="tg">{}</span>', clocks(event.told, event.at))

    @admin.display(description="Stage")
    def stage_words(self, event: Event) -> str:
        return told(stage_label(event.stage)) if event.stage else "–"

    @admin.display(description="Who", ordering="actor")
    def who(self, event: Event) -> str:
        is_plain = event.actor_kind == "TOKEN" and event.by == event.actor
        return told(f"{event.actor} (token)") if is_plain else named(event.by)

    @admin.display(description="About")
    def subject(self, event: Event) -> SafeString | str:
        if event.deployment is None:
            names = (getattr(event, f"{kind}_name", None) for kind in ("environment", "application"))
            return next(filter(None, names), told(event.chain.name.replace(":", " ").capitalize()))
        return format_html('<a href="{}">{}</a>', deployment_address(event.deployment_id), told(event.deployment))

    @admin.display(description="Previous")
    def previous_hash(self, event: Event) -> SafeString | str:
        return _hash(event.previous) if event.previous else "–"

    @admin.display(description="Hash")
    def own_hash(self, event: Event) -> SafeString:
        return _hash(event.hash)

    @admin.display(description="Data")
    def details(self, event: Event) -> SafeString | str:
        rows = list(flattened(event.data))
        if not rows:
            return "–"
        said = ((name, _value(value, event)) for name, value in rows)
        cells = format_html_join("", '<tr><th scope="row" translate="no">{}</th><td>{}</td></tr>', said)
        return format_html('<div class="tg"><table class="tg-table tg-data">{}</table></div>', cells)


def _value(value: str, event: Event) -> SafeString | str:
    return when(value) if _MOMENT.fullmatch(value) else clocks(value, event.at)


def flattened(data: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(name, value) of every leaf: {"action": {"cluster": "shop"}} becomes ("action › cluster", "shop")."""
    members: Iterable[tuple[Any, Any]]
    if isinstance(data, dict):
        members = sorted(data.items())
    elif isinstance(data, list):
        members = enumerate(data, 1)
    else:
        yield name, "–" if data in (None, "") else str(data)
        return
    for key, value in members:
        label = str(key).replace("_", " ")
        yield from flattened(value, f"{name} › {label}" if name else label)


def _hash(value: str) -> SafeString:
    return format_html('<span class="tg"><code class="tg-wrap">{}</code></span>', value)


def deployment_address(pk: int | None) -> str:
    return reverse("admin:deployments_deployment_change", args=[pk])
