"""What an address may filter a list by: nothing that no page shows."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse

from config import urls  # noqa: F401 - finds the pages
from tests.admin.conftest import Browser

COLUMNS = [(kind, column.name) for kind in admin.site._registry for column in kind._meta.concrete_fields]


def offered(kind: Any, request: Any) -> set[str]:
    filters: Any = admin.site._registry[kind].get_list_filter(request)
    columns = (each[0] if isinstance(each, tuple) else each for each in filters)
    return {each if isinstance(each, str) else each.parameter_name for each in columns}


@pytest.mark.parametrize(("kind", "column"), COLUMNS, ids=lambda each: getattr(each, "__name__", each))
def test_a_column_is_a_filter_only_where_the_list_offers_it(
    kind: Any, column: str, rf: RequestFactory, administrator: User
) -> None:
    request = rf.get("/")
    request.user = administrator
    model_admin = admin.site._registry[kind]

    for lookup in (column, f"{column}__startswith", f"{column}__exact"):
        assert model_admin.lookup_allowed(lookup, "a", request) is (column in offered(kind, request))


@pytest.mark.parametrize(
    "lookup", ["lease_token__startswith=a", "environment__external_id__startswith=a", "release__bundle__icontains=a"]
)
def test_a_token_cannot_be_guessed_at_letter_by_letter(lookup: str, browse: Browser, administrator: User) -> None:
    assert browse(administrator).get(f"/deployments/deployment/?{lookup}").status_code == 400


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("deployment", "status__exact=FAILED"),
        ("deployment", "environment__application__id__exact=1"),
        ("deployment", "environment=1"),
        ("environment", "application__id__exact=1"),
        ("release", "application__id__exact=1"),
    ],
)
def test_what_a_list_offers_goes_on(name: str, query: str, browse: Browser, administrator: User) -> None:
    page = reverse(f"admin:deployments_{name}_changelist")

    assert browse(administrator).get(f"{page}?{query}").status_code == 200


@pytest.mark.parametrize("page", ["axes/accessattempt/1/delete", "auth/user/{}/change", "deployments/release/1/change"])
def test_an_empty_name_of_a_column_is_none(page: str, browse: Browser, administrator: User) -> None:
    answer = browse(administrator).get(f"/{page.format(administrator.pk)}/?_to_field=")

    assert answer.status_code in (200, 302, 404)
