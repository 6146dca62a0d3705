"""A gate's own page, to which messages link: what it shows, what it decides, and what it says to whoever comes late."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deployments.catalog.models import Application, Release
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.vocabulary import GateStatus
from tests.admin.addresses.pages import Address, forms
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World


@pytest.fixture
def gate(at_gate: Deployment) -> Gate:
    return at_gate.gates.get()


def address(gate: Gate) -> str:
    return reverse("admin:deployments_gate_change", args=[gate.pk])


def text(browse: Browser, person: User, gate: Gate) -> str:
    return str(browse(person).get(address(gate)).content.decode())


def seen(client: Client, gate: Gate) -> list[str]:
    """What the page's form says that it shows."""
    [form] = [form for form in forms(client.get(address(gate)), Address("", address(gate))) if "seen" in form.data]
    assert form.buttons == [("verdict", "reject"), ("verdict", "approve")]
    return form.data["seen"]


def decide(browse: Browser, person: User, gate: Gate, verdict: str, **said: Any) -> str:
    """As the page's own form sends it."""
    client = browse(person)
    answer = client.post(address(gate), {"seen": seen(client, gate), "verdict": verdict, **said}, follow=True)
    assert answer.wsgi_request.path == address(gate)
    return str(answer.content.decode())


def test_who_asks_and_why_comes_first_and_all_that_a_decision_needs_follows(
    gate: Gate, browse: Browser, approver: User
) -> None:
    page = text(browse, approver, gate)

    parts = (
        *(
            'requester</strong> asks: <q dir="auto">because',
            "Open until",
            "Nothing was deployed here by Tealgate before.",
            'id="changes-title"',
        ),
        *("Read from AWS", "Who decides", "tg-thumbs"),
    )
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert "data-countdown" in page


def test_what_changes_links_releases_and_commits(gate: Gate, browse: Browser, approver: User) -> None:
    application = gate.deployment.environment.application
    Application.objects.update(repository_url="https://github.com/acme/shop")
    old = Release.objects.create(application=application, version="1.2.0", git_sha="a" * 40)
    between = Release.objects.create(application=application, version="1.3.0", git_sha="b" * 40, notes="Sells <b>bikes")
    new = Release.objects.create(application=application, version="1.4.0", git_sha="c" * 40)
    Deployment.objects.update(source_release=old, release=new)

    page = text(browse, approver, gate)

    assert f'href="https://github.com/acme/shop/compare/{"a" * 40}...{"c" * 40}"' in page
    assert f'href="https://github.com/acme/shop/commit/{"b" * 40}"' in page
    assert reverse("admin:deployments_release_change", args=[between.pk]) in page
    assert "From 1.2.0 to 1.4.0, with 1 release between." in page and "Sells &lt;b&gt;bikes" in page


LISTS = [("board", "/"), ("inbox", "/deployments/notice/")]


@pytest.mark.parametrize(("back", "where"), LISTS)
def test_a_gate_is_decided_in_the_list_of_what_waits_by_what_that_shows(
    gate: Gate, browse: Browser, approver: User, back: str, where: str
) -> None:
    client = browse(approver)
    shown = client.get(where).content.decode()
    assert 'requester</strong>: <q dir="auto">because</q>' in shown
    approve, reject = [each for each in forms(client.get(where), Address("", where)) if "seen" in each.data]
    assert (approve.buttons, reject.buttons) == ([("verdict", "approve")], [("verdict", "reject")])
    assert approve.data["back"] == [back]

    said = {**approve.data, "verdict": "approve", "comment": "From the list"}
    answer = client.post(approve.action, said, follow=True)

    assert answer.wsgi_request.path == where
    assert "1.1.0 to shop/production: Approved." in answer.content.decode()
    assert (Approval.objects.get().comment, Gate.objects.get().is_open) == ("From the list", False)


def test_a_rejection_from_the_list_needs_a_reason_and_an_old_list_decides_nothing(
    gate: Gate, browse: Browser, approver: User
) -> None:
    client = browse(approver)
    _, reject = [each for each in forms(client.get("/"), Address("", "/")) if "seen" in each.data]
    said = {**reject.data, "verdict": "reject"}

    assert "Say why you reject it" in client.post(reject.action, said).content.decode()
    Gate.objects.update(evidence={"warnings": ["The alarm is not sure."]})
    assert "the evidence" in client.post(reject.action, {**said, "comment": "no"}).content.decode()
    assert not Approval.objects.exists()
    assert "The alarm is not sure." in client.get("/").content.decode()


def test_whoever_approved_is_told_that_others_are_waited_for_and_has_it_in_the_list_no_more(
    gate: Gate, browse: Browser, approver: User
) -> None:
    Gate.objects.update(approvals_needed=2)

    page = decide(browse, approver, gate, "approve", back="board https://evil.example")

    assert "Approved; it waits for others, too." in page
    assert "Waiting for you" not in browse(approver).get("/").content.decode()


def test_an_approver_approves_there_and_sees_how_it_ended(gate: Gate, browse: Browser, approver: User) -> None:
    page = decide(browse, approver, gate, "approve", comment="<b>good</b>")

    assert "Approved." in page and "&lt;b&gt;good&lt;/b&gt;" in page
    assert "tg-thumbs" not in page and "approved by approver" in page
    assert Approval.objects.get().comment == "<b>good</b>"


def test_a_rejection_without_a_reason_is_asked_for_one_and_keeps_what_was_typed(
    gate: Gate, browse: Browser, approver: User
) -> None:
    assert "Say why you reject it" in decide(browse, approver, gate, "reject", comment=" ")

    Gate.objects.update(expires_at=timezone.now())
    page = decide(browse, approver, gate, "reject", comment="typed <so> far")
    assert "can no longer be decided" in page and "typed &lt;so&gt; far</textarea>" in page
    assert "Its time was over at" in page
    assert gate.approvals.count() == 0


@pytest.mark.parametrize("said", ["", "0_0_0_0_0", "\N{SNOWMAN}"])
def test_a_page_of_something_else_decides_nothing(gate: Gate, browse: Browser, approver: User, said: str) -> None:
    answer = browse(approver).post(address(gate), {"seen": said, "verdict": "approve"})

    assert "then decide." in answer.content.decode()
    assert not Approval.objects.exists()


def test_after_it_closed_the_page_says_so_by_whom_and_where_traffic_is(
    gate: Gate, world: World, browse: Browser, outsider: User
) -> None:
    world.approve(gate.deployment)

    page = text(browse, outsider, gate)

    assert "approved by approver" in page and "Who decided" in page
    assert "Where it is now" in page and "Production traffic" in page
    assert "tg-thumbs" not in page


def test_a_late_click_of_an_open_page_hears_who_was_first(
    gate: Gate, browse: Browser, approver: User, second_approver: User
) -> None:
    User.objects.update(is_staff=True)
    late = browse(second_approver)
    before = seen(late, gate)
    decide(browse, approver, gate, "approve")

    page = late.post(address(gate), {"seen": before, "verdict": "reject", "comment": "no"}).content.decode()

    assert "This gate is closed: approved by approver." in page
    assert Approval.objects.count() == 1


def test_whoever_may_not_decide_is_told_who_may(
    gate: Gate, browse: Browser, requester: User, outsider: User, approver: User
) -> None:
    assert "You do not have the right to approve; ask an administrator for it. approver may." in text(
        browse, outsider, gate
    )
    page = text(browse, requester, gate)
    assert "You asked for this deployment" in page and "tg-thumbs" not in page


def test_a_forwarded_link_gives_nobody_a_right(gate: Gate, browse: Browser, outsider: User) -> None:
    browse(outsider).post(address(gate), {"verdict": "approve", "seen": "x"})
    assert not Approval.objects.exists()

    stranger = User.objects.create_user("stranger", is_staff=True)
    assert browse(stranger).get(address(gate)).status_code == 403
    assert browse(outsider).get(address(Gate(pk=4711))).status_code == 404


def test_whoever_is_not_signed_in_signs_in_and_is_there(gate: Gate, approver: User) -> None:
    client = Client()
    answer = client.get(address(gate))
    assert answer.headers["Location"] == f"/login/?next={address(gate)}"

    said = {"username": "approver", "password": "correct horse", "next": address(gate)}
    assert client.post(answer.headers["Location"], said).headers["Location"] == address(gate)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_leads_nowhere_else(approver: User, elsewhere: str) -> None:
    said = {"username": "approver", "password": "correct horse", "next": elsewhere}

    answer = Client().post("/login/", said)

    assert answer.status_code == 302 and "evil" not in answer.headers["Location"]
    assert answer.headers["Location"].startswith("/")


def test_a_gate_that_timed_out_says_so(gate: Gate, browse: Browser, outsider: User) -> None:
    Gate.objects.update(status=GateStatus.TIMED_OUT, reason="nobody decided in time", closed_at=timezone.now())

    page = text(browse, outsider, gate)

    assert "Timed out" in page and "nobody decided in time" in page and "Nobody." in page


def test_an_open_page_hears_that_somebody_else_was_first(
    gate: Gate, world: World, browse: Browser, approver: User
) -> None:
    reader, live = browse(approver), f"/deployments/gate/{gate.pk}/live/"
    first = reader.get(live)
    assert "tg-thumbs" in first.content.decode() and not first.headers["X-Tealgate-Ended"]
    version = first.headers["X-Tealgate-Version"]
    assert reader.get(live, {"v": version}).status_code == 204

    world.approve(gate.deployment)
    then = reader.get(live, {"v": version})

    assert "approved by approver" in then.content.decode() and "tg-thumbs" not in then.content.decode()
    assert then.headers["X-Tealgate-Ended"] == "1"
