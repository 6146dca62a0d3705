"""From a gate that opens to the message in Teams that nobody can press any more."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from deployments.delivery.models import Approval, Gate
from deployments.people.principal import Principal
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from deployments.telling.notifications import addresses, channels, receiving
from deployments.telling.notifications.models import Message, MessageStatus
from deployments.telling.notifications.sending import carrying, claiming, recording
from tests.delivery.engine.world import Clock, make_world
from tests.telling.chat.bot.conftest import Press, Send, activity, text, verbs
from tests.telling.chat.bot.microsoft import BOB, CHANNEL, Microsoft
from tests.telling.notifications.people import join


@pytest.fixture
def gate(contoso: ChatWorkspace) -> Gate:
    """Opened by the engine. Whoever may decide there has an account in Teams."""
    world = make_world()
    world.clock = Clock(timezone.now())
    world.environment.decided_in_chat = True
    world.environment.save()
    join(world.approver.username, "Viewers")
    ChatAccount.objects.create(workspace=contoso, account=BOB, person=world.approver, bound_at=timezone.now())
    return world.run(world.request()).gates.get()


def hear_and_send(gate: Gate) -> None:
    """As the outbox and the worker do it, one after the other."""
    now = timezone.now()
    for event in gate.deployment.events.order_by("pk"):
        receiving.take(event, now)
    while parcels := claiming.claim("worker", timezone.now(), under_way=(), most=10):
        for parcel in parcels:
            recording.record(carrying.send(parcel), "worker", timezone.now())


def test_a_gate_is_told_pressed_and_closed_in_the_same_message(
    gate: Gate, administrator: User, microsoft: Microsoft, send: Send, press: Press
) -> None:
    send(activity(microsoft, text="here"))
    code = text(microsoft.said.pop()[2]["attachments"][0]["content"]).split()[-1]
    said: dict[str, Any] = {"principal": Principal.person(administrator), "now": timezone.now()}
    channel = channels.add(wanted=channels.Wanted(name="Operations", kinds=["gate_waits"]), **said)
    addresses.add(of=channel, url=f"teamsbot://{code}", shown="", **said)

    hear_and_send(gate)
    [(conversation, instead, told)] = microsoft.said
    card = told["attachments"][0]["content"]
    assert (conversation, instead) == (CHANNEL, "")
    assert text(card).startswith("Waits for approval: shop 1.1.0 to production")
    assert verbs(card)[:2] == ["tealgate_approve", "tealgate_reject"]

    approve = card["actions"][0]["card"]["actions"][0]
    assert "It goes on." in text(press(approve["verb"], gate, more=approve["data"]))
    assert Approval.objects.get().chat.startswith("by a button in Microsoft Teams")

    hear_and_send(gate)
    conversation, instead, over = microsoft.said[-1]
    message = Message.objects.get(does="TELL")
    assert (conversation, {"activity": instead}) == (CHANNEL, message.reference)
    assert f"by a button in Microsoft Teams as {BOB} (Contoso)" in json.dumps(over)
    assert not any("tealgate_" in verb for verb in verbs(over["attachments"][0]["content"]))
    assert set(Message.objects.values_list("status", flat=True)) == {MessageStatus.SENT}
