"""The inbox: what waits for somebody and what they were told, their own and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deployments.delivery.models import Deployment
from deployments.ops import forgetting
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Notice, NotificationPreference
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

LIST = "/deployments/notice/"
UNREAD = "/deployments/notice/unread/"


def tell(person: User, subject: str = "Live: shop 1.1.0 on production", **columns: Any) -> Notice:
    content = Content(
        subject=subject, sentences=("It is <live>.",), path="/deployments/deployment/1/change/", tone="good"
    )
    usual = {"kind": "live", "key": f"k{Notice.objects.count()}", "content": content.as_json(), "at": timezone.now()}
    return Notice.objects.create(person=person, subject=subject, **{**usual, **columns})


def page(browse: Browser, person: User, address: str = LIST) -> str:
    answer = browse(person).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_approver_sees_what_waits_though_nobody_told_them(
    at_gate: Deployment, browse: Browser, approver: User, outsider: User
) -> None:
    gate = at_gate.gates.get()
    shown = page(browse, approver)

    assert "Waits for you" in shown
    assert reverse("admin:deployments_gate_change", args=[gate.pk]) in shown
    assert "You were told nothing yet" in shown
    assert "Nothing waits for you." in page(browse, outsider)


def test_everybody_sees_their_own_notices_only(browse: Browser, approver: User, outsider: User) -> None:
    theirs = tell(approver, "Turned back: shop 1.1.0 on production")

    assert "Turned back: shop" in page(browse, approver)
    assert "Turned back: shop" not in page(browse, outsider)
    assert browse(outsider).get(f"{LIST}{theirs.pk}/change/").status_code == 404
    assert browse(outsider).post(f"{LIST}{theirs.pk}/change/").status_code == 404
    assert browse(outsider).get(UNREAD).json() == {
        "unread": 0,
        "newest": [],
        "browser": False,
        "release": settings.VERSION,
    }


def test_looking_changes_nothing_and_the_pages_post_makes_it_read(browse: Browser, approver: User) -> None:
    notice = tell(approver)
    address = f"{LIST}{notice.pk}/change/"
    shown = page(browse, approver, address)
    assert "It is &lt;live&gt;." in shown
    assert "data-read-by-looking" in shown
    assert 'href="/deployments/deployment/1/change/"' in shown
    assert Notice.objects.filter(read_at=None).exists()

    browse(approver).post(address)

    assert not Notice.objects.filter(read_at=None).exists()
    assert "data-read-by-looking" not in page(browse, approver, address)


def test_what_is_over_says_how(browse: Browser, approver: User) -> None:
    tell(approver, over_at=timezone.now(), over="Approved by bob.")

    assert "Over: Approved by bob." in page(browse, approver)


def test_all_that_was_shown_can_be_marked_as_read_and_nothing_that_came_after(
    browse: Browser, approver: User, outsider: User
) -> None:
    shown, other = tell(approver), tell(outsider)
    later = tell(approver)

    browse(approver).post(f"{LIST}read/", {"upto": shown.pk})

    assert set(Notice.objects.filter(read_at=None)) == {later, other}
    assert browse(approver).get(f"{LIST}read/").status_code == 405


def test_the_open_pages_ask_for_the_unread_at_the_cost_of_one_query(browse: Browser, approver: User) -> None:
    for number in range(7):
        tell(approver, f"Live: shop 1.{number}")
    client = browse(approver)
    client.get(UNREAD)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(UNREAD)

    own = [query["sql"] for query in asked if "deployments_" in query["sql"]]
    assert len(own) == 1
    assert answer.json()["unread"] == 7
    assert [each["subject"] for each in answer.json()["newest"]] == [
        f"Live: shop 1.{number}" for number in (6, 5, 4, 3, 2)
    ]
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_browser_is_told_whether_it_is_to_show_what_is_new(browse: Browser, approver: User) -> None:
    tell(approver)
    assert browse(approver).get(UNREAD).json()["browser"] is False

    NotificationPreference.objects.create(person=approver, browser=True)

    assert browse(approver).get(UNREAD).json()["browser"] is True


def test_the_list_is_narrowed_by_application_kind_and_what_is_unread(
    at_gate: Deployment, browse: Browser, approver: User
) -> None:
    tell(approver, "Live: one", deployment=at_gate)
    tell(approver, "Stuck: two", kind="stuck")
    tell(approver, "Live: three", read_at=timezone.now())
    application = at_gate.environment.application_id

    def shown(query: str) -> list[str]:
        return [
            each for each in ("Live: one", "Stuck: two", "Live: three") if each in page(browse, approver, LIST + query)
        ]

    assert shown("") == ["Live: one", "Stuck: two", "Live: three"]
    assert shown(f"?application={application}") == ["Live: one"]
    assert shown("?kind=stuck&application=") == ["Stuck: two"]
    assert shown("?unread=1") == ["Live: one", "Stuck: two"]
    assert shown("?kind=nonsense") == []
    assert shown("?application=²&p=x") == ["Live: one", "Stuck: two", "Live: three"]


def test_a_long_list_has_pages_that_keep_what_was_asked(browse: Browser, approver: User) -> None:
    for number in range(51):
        tell(approver, f"Live: shop {number}")

    first, second = (page(browse, approver, f"{LIST}?kind=live&p={number}") for number in (1, 2))

    assert "kind=live&amp;p=2" in first.replace("&amp;amp;", "&amp;")
    assert "1 of 2" in first
    assert "Live: shop 0<" in second


@pytest.mark.parametrize("kind", ["live", "a_kind_of_another_version"])
def test_a_notice_of_any_version_is_shown(browse: Browser, approver: User, kind: str) -> None:
    notice = tell(approver, kind=kind, content={"subject": "x", "path": "//evil.example/"})

    assert "evil.example" not in page(browse, approver, f"{LIST}{notice.pk}/change/")


def test_read_notices_go_after_a_month_and_unread_ones_after_three(approver: User, world: World) -> None:
    now = timezone.now()
    month, quarter = now - timedelta(days=31), now - timedelta(days=91)
    kept = {tell(approver, at=month), tell(approver, at=now, read_at=now)}
    tell(approver, at=month, read_at=month)
    tell(approver, at=quarter)

    assert forgetting.forget(now) is False
    assert set(Notice.objects.all()) == kept


def test_every_page_says_where_the_unread_are_asked_for(browse: Browser, approver: User) -> None:
    shown = page(browse, approver, "/")

    assert f'data-inbox="{UNREAD}"' in shown
    assert f'href="{LIST}"' in shown
