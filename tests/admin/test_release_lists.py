"""The list of releases: by application, and by where they are live."""

from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from deployments.admin.release_lists import Tab
from deployments.catalog.models import Application, Environment, Release
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World, make_release


def listed(browse: Browser, person: User, **query: Any) -> Any:
    answer = browse(person).get(reverse("admin:deployments_release_changelist"), query)
    assert answer.status_code == 200
    return answer.context


def versions(context: Any) -> list[str]:
    return [row.version for row in context["cl"].result_list]


def test_releases_are_looked_at_by_application(world: World, browse: Browser, outsider: User) -> None:
    ledger = Application.objects.create(name="Ledger", slug="ledger")
    make_release(ledger, "7.0.0", "7")

    seen = listed(browse, outsider, q="0", live="nowhere")
    by_application = "application__id__exact"
    shop = f"?q=0&live=nowhere&{by_application}={world.release.application_id}"

    assert seen["tabs"] == (
        Tab("All", "?q=0&live=nowhere", True),
        Tab("Ledger", f"?q=0&live=nowhere&{by_application}={ledger.pk}", False),
        Tab("Shop", shop, False),
    )
    assert versions(listed(browse, outsider, **{by_application: ledger.pk})) == ["7.0.0"]
    assert [tab.here for tab in listed(browse, outsider, **{by_application: ledger.pk})["tabs"]] == [False, True, False]


def test_the_only_application_needs_no_choice(world: World, browse: Browser, outsider: User) -> None:
    assert listed(browse, outsider)["tabs"] == ()


def test_releases_are_narrowed_to_where_they_are_live(world: World, browse: Browser, outsider: User) -> None:
    make_release(world.environment.application, "1.2.0", "3")
    Environment.objects.update(live_release=world.release)

    assert versions(listed(browse, outsider, live="on:production")) == ["1.1.0"]
    assert versions(listed(browse, outsider, live="anywhere")) == ["1.1.0"]
    assert versions(listed(browse, outsider, live="nowhere")) == ["1.2.0"]
    assert versions(listed(browse, outsider, live="on:staging")) == []
    assert len(versions(listed(browse, outsider, live="nonsense"))) == Release.objects.count()
