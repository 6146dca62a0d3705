"""Whoever decides from a chat: a person by an account that is theirs, where the environment takes that."""

import pytest
from django.contrib.auth.models import User

from deployments.delivery import approvals
from deployments.delivery.models import Approval
from deployments.people import chat_rights
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery import stages
from tests.delivery.engine.world import World

ACCOUNT = "Slack as U2CERLKJA (Acme)"


def test_nobody_decides_from_a_chat_unless_the_environment_takes_that(shop: World, approver: User) -> None:
    gate = stages.at_gate(shop)
    asked = Principal.in_chat(approver, ACCOUNT)

    with pytest.raises(Refused, match="Nobody decides on .* from a chat; open the gate's page"):
        approvals.approve(gate=gate, principal=asked, comment="", now=shop.clock())
    with pytest.raises(Refused, match="from a chat"):
        approvals.reject(gate=gate, principal=asked, comment="no", now=shop.clock())

    assert not Approval.objects.exists()


def test_an_answer_from_a_chat_is_told_with_the_account(shop: World, approver: User) -> None:
    gate = stages.at_gate(shop)
    shop.environment.decided_in_chat = True
    shop.environment.save()

    approvals.approve(gate=gate, principal=Principal.in_chat(approver, ACCOUNT), comment="", now=shop.clock())

    approval, event = Approval.objects.get(), Event.objects.get(kind="gate.approved")
    assert f"{approval.name}{approval.way}" == event.by == f"approver, in {ACCOUNT}"
    assert event.message == f"Approved by approver, in {ACCOUNT}"
    assert gate.reason == "approved by approver"


def test_a_chat_binds_no_further_account(approver: User) -> None:
    assert "Sign in on the page" in chat_rights.bind_refusal(Principal.in_chat(approver, ACCOUNT))
    assert "Sign in on the page" in chat_rights.bind_refusal(Principal.person(approver, through="approver on laptop"))
    assert not chat_rights.bind_refusal(Principal.person(approver))


def test_nobody_is_in_a_chat_without_an_account_here() -> None:
    with pytest.raises(ValueError, match="nobody who signs in at a terminal or in a chat"):
        Principal(Principal.token("ci").kind, "ci", chat=ACCOUNT)
