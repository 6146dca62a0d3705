"""Approve, reject, stop, roll back, extend: what the buttons do, and what people are told."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from deployments.delivery.models import Deployment, Gate
from deployments.vocabulary import GateStatus, Status
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World


def decide(browse: Browser, person: User, deployment: Deployment, verdict: str, comment: str = "") -> Any:
    gate = deployment.gates.get()
    address = reverse("admin:deployments_gate_decide", args=[deployment.pk, gate.pk])
    return browse(person).post(address, {"verdict": verdict, "comment": comment}, follow=True)


def do(browse: Browser, person: User, deployment: Deployment, verb: str, **data: str) -> str:
    address = reverse("admin:deployments_deployment_do", args=[deployment.pk, verb])
    text: str = browse(person).post(address, data, follow=True).content.decode()
    deployment.refresh_from_db()
    return text


def test_an_approver_approves_with_a_comment(at_gate: Deployment, browse: Browser, approver: User) -> None:
    answer = decide(browse, approver, at_gate, "approve", "Looked at the test address")

    assert "Approved." in answer.content.decode()
    gate = Gate.objects.get()
    assert gate.status == GateStatus.SUCCEEDED
    assert gate.approvals.get().comment == "Looked at the test address"


def test_a_rejection_without_a_comment_is_asked_for_one(at_gate: Deployment, browse: Browser, approver: User) -> None:
    answer = decide(browse, approver, at_gate, "reject", " ")

    assert "Say why you reject it" in answer.content.decode()
    assert Gate.objects.get().is_open


def test_a_refused_decision_keeps_what_was_typed(at_gate: Deployment, browse: Browser, approver: User) -> None:
    Gate.objects.update(expires_at=timezone.now())

    answer = decide(browse, approver, at_gate, "approve", "all <good>")

    assert "can no longer be decided" in answer.content.decode()
    assert "all &lt;good&gt;</textarea>" in answer.content.decode()


def test_the_requester_is_told_to_ask_somebody_else(at_gate: Deployment, browse: Browser, requester: User) -> None:
    answer = decide(browse, requester, at_gate, "approve", "mine")

    assert Gate.objects.get().is_open
    assert "gate" in answer.content.decode()


def test_looking_at_the_address_of_a_decision_decides_nothing(
    at_gate: Deployment, browse: Browser, approver: User
) -> None:
    gate = at_gate.gates.get()
    answer = browse(approver).get(reverse("admin:deployments_gate_decide", args=[at_gate.pk, gate.pk]))

    assert answer.status_code == 302
    assert Gate.objects.get().is_open


def test_a_gate_of_another_deployment_is_not_found(at_gate: Deployment, browse: Browser, approver: User) -> None:
    assert browse(approver).post(f"/deployments/deployment/{at_gate.pk}/gates/999/", {}).status_code == 404


def test_stop_is_one_click_with_a_reason(at_gate: Deployment, browse: Browser, requester: User) -> None:
    text = do(browse, requester, at_gate, "stop", reason="wrong ticket")

    assert at_gate.status == Status.STOP_REQUESTED
    assert "wrong ticket" in text


def test_roll_back_is_one_click_while_the_source_is_warm(warm: Deployment, browse: Browser, requester: User) -> None:
    do(browse, requester, warm, "roll-back")

    assert warm.status == Status.ROLLBACK_REQUESTED


def test_extend_adds_the_chosen_time(warm: Deployment, browse: Browser, requester: User) -> None:
    before = warm.source_kept_until
    do(browse, requester, warm, "extend", minutes="60")

    assert before and warm.source_kept_until
    assert (warm.source_kept_until - before).total_seconds() == 3600


@pytest.mark.parametrize("minutes", ["", "soon", "-5", "99999999999"])
def test_extend_by_nonsense_is_a_sentence(warm: Deployment, browse: Browser, requester: User, minutes: str) -> None:
    assert "Extend by at least one minute." in do(browse, requester, warm, "extend", minutes=minutes)


def test_finish_now_ends_the_warm_time(warm: Deployment, browse: Browser, requester: User) -> None:
    do(browse, requester, warm, "finish")

    assert warm.source_kept_until and warm.source_kept_until <= timezone.now()


def test_go_on_now_says_what_is_not_proven_and_is_confirmed(
    shifting: Deployment, browse: Browser, requester: User
) -> None:
    page = reverse("admin:deployments_deployment_change", args=[shifting.pk])
    now = timezone.now()  # the page's clock is the real one
    Deployment.objects.update(step_started_at=now, facts={**shifting.facts, "shifted_at": now.isoformat()})

    assert "Go on now" in browse(requester).get(page).content.decode()
    assert "proves nothing, confirm it" in do(browse, requester, shifting, "go-on")
    assert "It goes on." in do(browse, requester, shifting, "go-on", unproven="on")
    assert shifting.gone_on_from == shifting.position
    assert "Go on now" not in browse(requester).get(page).content.decode()


@pytest.mark.parametrize("verb", ["stop", "roll-back", "extend", "finish", "go-on", "retry"])
def test_whoever_has_no_right_changes_nothing(warm: Deployment, browse: Browser, outsider: User, verb: str) -> None:
    before = (warm.status, warm.source_kept_until)
    text = do(browse, outsider, warm, verb, minutes="15")

    assert "You do not have the right to stop or roll back" in text
    assert (warm.status, warm.source_kept_until) == before


@pytest.mark.parametrize("verb", ["stop", "roll-back", "extend", "finish", "go-on", "retry"])
def test_without_scripts_each_action_asks_on_a_page_of_its_own(
    warm: Deployment, browse: Browser, requester: User, verb: str
) -> None:
    answer = browse(requester).get(reverse("admin:deployments_deployment_do", args=[warm.pk, verb]))

    assert answer.status_code == 200
    assert "<form" in answer.content.decode()
    warm.refresh_from_db()
    assert warm.status == Status.IN_PROGRESS


def test_an_action_that_does_not_exist_is_not_found(world: World, warm: Deployment, browse: Browser) -> None:
    assert browse(world.requester).post(f"/deployments/deployment/{warm.pk}/do/explode/").status_code == 404


def test_at_a_gate_with_traffic_an_approver_reads_who_watches_and_has_it_looked_at_again(
    at_gate: Deployment, browse: Browser, approver: User, requester: User
) -> None:
    told = "AWS tells of alarms and of tasks that stop, so it is not asked meanwhile"
    at_gate.facts, at_gate.percent = {**at_gate.facts, "watch": told}, 10
    at_gate.save(update_fields=["facts", "percent"])
    page = reverse("admin:deployments_deployment_change", args=[at_gate.pk])

    shown = browse(approver).get(page).content.decode()
    done = do(browse, approver, at_gate, "look")

    assert f"{told}." in shown
    assert "Look again" in shown
    assert "Looking at AWS again." in done
    assert at_gate.events_heard == 1


def test_at_a_gate_before_traffic_there_is_no_watch_to_read_of(
    at_gate: Deployment, browse: Browser, approver: User
) -> None:
    page = reverse("admin:deployments_deployment_change", args=[at_gate.pk])

    assert "Look again" not in browse(approver).get(page).content.decode()
