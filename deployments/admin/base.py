"""What several of the admin's classes share."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from deployments.admin.list_search import SearchedAsTyped
from deployments.admin.spoken import Spoken, SpokenFilter, SpokenModelForm, told_fieldsets
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.languages.told import told
from deployments.refused import Refused


def with_https(overrides: Mapping[Any, Any]) -> dict[Any, Any]:
    """The theme's form fields, but "example.com" typed into a URL means https."""
    return {**overrides, models.URLField: {**overrides.get(models.URLField, {}), "assume_scheme": "https"}}


class OfferedLookups(Spoken, SearchedAsTyped):
    """Lists are filtered by what their filters offer and by nothing else.

    Django lets an address filter by any column: what no page shows, such as the token of a lease, could be guessed at
    letter by letter (?lease_token__startswith=).
    """

    form: Any = SpokenModelForm

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        mine: Any = self
        return (
            _is_no_column(mine.opts, lookup) or _is_offered(mine.get_list_filter(request), lookup)
        ) and super().lookup_allowed(lookup, value, request)  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return told_fieldsets(super().get_fieldsets(request, obj))  # type: ignore[misc]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Django takes an empty `_to_field` of an address for a column's name, and ends as an error."""
        return super().get_object(request, object_id, from_field or None)  # type: ignore[misc]


def _is_no_column(options: Any, lookup: str) -> bool:
    """Such names filter nothing."""
    try:
        options.get_field(lookup.partition("__")[0])
    except FieldDoesNotExist:
        return True
    return False


def _is_offered(filters: Any, lookup: str) -> bool:
    names = (_column(each) for each in filters)
    return any(lookup == name or lookup.startswith(f"{name}__") for name in names)


def _column(offered: Any) -> str:
    """What a list's filter asks for: a column, a column with how it is shown, or a filter of its own."""
    if isinstance(offered, str | tuple):
        return offered if isinstance(offered, str) else str(offered[0])
    return str(offered.parameter_name)


class RecordAdmin(OfferedLookups, ModelAdmin):
    """Rows that only services write: looked at here, never changed."""

    list_fullwidth = True
    list_filter_submit = False
    empty_value_display = "–"
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EnvironmentFilter(SpokenFilter):
    """By environment. All their names are read at once; Django's own filter asks once for each."""

    title = "environment"
    parameter_name = "environment"
    #: from the list's rows to their environment
    path = "environment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(env.pk), env.told_apart) for env in Environment.objects.select_related("application")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        pk = number(self.value())
        return queryset.filter(**{self.path: pk}) if pk else queryset


class ApplicationFilter(admin.RelatedFieldListFilter):
    """By application. One that is retired may be called like another one."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return [(str(each.pk), each.told_apart) for each in Application.objects.all()]


class RetiredFilter(SpokenFilter):
    """Those in use, unless the others are asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("retired", told("Retired")), ("all", told("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        in_use, *others = super().choices(changelist)
        yield {**in_use, "display": told("In use")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.exclude(IN_USE) if self.value() == "retired" else queryset.filter(IN_USE)


def number(text: str | None) -> int:
    """0, which is nobody's key, for what is no number or none that a column can hold. "²" is a digit, and no number."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def allowed(act: Callable[[], object]) -> None:
    """Do it, or end with 403: for what no page offers."""
    try:
        act()
    except Refused as refused:
        raise PermissionDenied(refused.sentence) from refused


def require(request: HttpRequest, right: str, what: str) -> None:
    if not request.user.has_perm(right):
        raise PermissionDenied(f"You do not have the right to {what}; ask an administrator for it.")


def show_refusal(form: Form, refused: Refused) -> None:
    """Beside the field that it is about, else above all of them."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)


def attempt(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Do it and say so, or show why it was refused."""
    try:
        act()
    except Refused as refused:
        messages.error(request, refused.sentence)
        return False
    messages.success(request, done)
    return True
