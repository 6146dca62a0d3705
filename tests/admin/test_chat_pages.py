"""Chat accounts and workspaces: what people confirm, what administrators set up, and what nobody sees again."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deployments.record.models import Event
from deployments.telling.chat import binding
from deployments.telling.chat.binding import Asked
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from tests.admin.conftest import Browser
from tests.admin.test_environments import form_data
from tests.delivery.engine.world import World

PAGE = "/chat-accounts/"


@pytest.fixture
def acme(db: None) -> ChatWorkspace:
    return ChatWorkspace.objects.create(name="Acme", place="T1", secret="shhh-secret")


def link(acme: ChatWorkspace, shown: str = "alice.s") -> str:
    return binding.link(Asked(acme, "U1", shown), timezone.now()).removeprefix("http://testserver")


def test_a_link_from_a_chat_asks_who_opened_it_and_binds_by_a_click(
    acme: ChatWorkspace, browse: Browser, approver: User
) -> None:
    address = link(acme, "<b>alice</b>")
    page = browse(approver).get(address).content.decode()
    assert "decide at gates as <strong>approver</strong>" in page
    assert "&lt;b&gt;alice&lt;/b&gt;" in page and "pressed that button yourself" in page
    assert not ChatAccount.objects.exists()

    text = browse(approver).post(PAGE, {"code": address.partition("?code=")[2]}, follow=True).content.decode()

    assert "Slack as U1 (Acme) acts as you now." in text
    assert ChatAccount.objects.get().person == approver


def test_whoever_is_not_signed_in_signs_in_and_comes_back_to_the_link(acme: ChatWorkspace) -> None:
    answer = Client().get(link(acme))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=/chat-accounts/%3Fcode%3D")


def test_a_link_that_is_over_says_what_to_do(acme: ChatWorkspace, browse: Browser, approver: User) -> None:
    assert "Press the button in the chat again" in browse(approver).get(f"{PAGE}?code=x").content.decode()
    assert "Press the button in the chat again" in browse(approver).post(PAGE, {"code": "x"}).content.decode()


def test_people_unbind_what_acts_as_them_and_nothing_else(
    acme: ChatWorkspace, browse: Browser, approver: User, outsider: User
) -> None:
    account = ChatAccount.objects.create(workspace=acme, account="U1", person=approver, bound_at=timezone.now())

    text = browse(outsider).post(PAGE, {"unbind": account.pk}, follow=True).content.decode()
    assert "You do not have the right to unbind somebody else" in text and ChatAccount.objects.exists()

    browse(approver).post(PAGE, {"unbind": account.pk})
    assert not ChatAccount.objects.exists()


def test_who_is_made_inactive_is_unbound_at_once(
    acme: ChatWorkspace, browse: Browser, approver: User, administrator: User
) -> None:
    ChatAccount.objects.create(workspace=acme, account="U1", person=approver, bound_at=timezone.now())

    browse(administrator).post(f"/auth/user/{approver.pk}/change/", {"username": "approver"})

    approver.refresh_from_db()
    assert not approver.is_active and not ChatAccount.objects.exists()
    assert Event.objects.get(kind="chat.unbound").actor == "administrator"


def test_an_administrator_adds_a_workspace_and_nobody_sees_its_secret_again(
    browse: Browser, administrator: User, outsider: User
) -> None:
    said = {"name": "Acme", "kind": "SLACK", "place": "T1", "api_url": "https://slack.com/api", "is_on": "on"}
    add = "/deployments/chatworkspace/add/"

    assert "Without it nothing from there can be believed." in browse(administrator).post(add, said).content.decode()
    browse(administrator).post(add, {**said, "secret": " shhh-secret "})
    row = ChatWorkspace.objects.get()
    page = browse(administrator).get(f"/deployments/chatworkspace/{row.pk}/change/").content.decode()

    assert row.secret == "shhh-secret"
    assert "shhh" not in page and f"/chat/slack/{row.pk}" in page
    assert "shhh" not in str(Event.objects.get(kind="chat.added").data)
    assert browse(outsider).get(add).status_code == 403


def test_what_is_left_empty_stays_and_each_change_is_told(
    acme: ChatWorkspace, browse: Browser, administrator: User
) -> None:
    page = f"/deployments/chatworkspace/{acme.pk}/change/"
    said = {"name": "Acme", "kind": "SLACK", "place": "T2", "api_url": "https://slack.com/api", "is_on": "on"}

    browse(administrator).post(page, {**said, "secret": "", "bot_token": "xoxb-1"})

    acme = ChatWorkspace.objects.get()
    assert (acme.secret, acme.bot_token) == ("shhh-secret", "xoxb-1")
    event = Event.objects.get(kind="chat.changed")
    assert event.message == "Chat workspace Acme: place and bot token changed"
    assert event.data["changed"] == {"place": {"before": "T1", "after": "T2"}}


def test_a_kept_bot_token_is_sent_to_no_address_that_is_written_in_later(
    acme: ChatWorkspace, browse: Browser, administrator: User
) -> None:
    ChatWorkspace.objects.filter(pk=acme.pk).update(bot_token="xoxb-1")
    page, client = f"/deployments/chatworkspace/{acme.pk}/change/", browse(administrator)
    said = {"name": "Acme", "kind": "SLACK", "place": "T1", "api_url": "https://slack-gov.com/api", "is_on": "on"}

    assert "Give the bot token again" in client.post(page, said).content.decode()
    plain = said | {"api_url": "http://example.com/api", "bot_token": "xoxb-2"}
    assert "Give it https://" in client.post(page, plain).content.decode()
    assert (kept := ChatWorkspace.objects.get()).bot_token == "xoxb-1" and kept.api_url == "https://slack.com/api"

    client.post(page, said | {"bot_token": "xoxb-2"})
    assert (kept := ChatWorkspace.objects.get()).bot_token == "xoxb-2" and "gov" in kept.api_url


def test_a_security_token_of_teams_is_base64(browse: Browser, administrator: User) -> None:
    said = {"name": "Contoso", "kind": "TEAMS", "place": "1-2", "api_url": "https://slack.com/api", "secret": "no!"}

    text = browse(administrator).post("/deployments/chatworkspace/add/", said).content.decode()

    assert "This is no security token of Teams" in text and not ChatWorkspace.objects.exists()


def test_a_bot_in_teams_has_an_application_and_an_endpoint(browse: Browser, administrator: User) -> None:
    app = "0D9F1A6E-5A2B-4C3D-8E7F-102030405060"
    said = {"name": "Contoso", "kind": "BOT", "place": "1-2", "api_url": "https://slack.com/api", "is_on": "on"}
    add, client = "/deployments/chatworkspace/add/", browse(administrator)
    assert "Without it every bot&#x27;s messages would be as good." in client.post(add, said).content.decode()
    assert "It has 32 letters and digits" in client.post(add, said | {"app_id": "x"}).content.decode()

    client.post(add, said | {"app_id": app, "secret": "value~of.it"})

    row = ChatWorkspace.objects.get()
    page = client.get(f"/deployments/chatworkspace/{row.pk}/change/").content.decode()
    assert (row.app_id, row.secret) == (app.lower(), "value~of.it")
    assert f"/chat/teams-bot/{row.pk}" in page and "messaging endpoint" in page
    assert "value~of.it" not in page and "value~of.it" not in str(Event.objects.get(kind="chat.added").data)


def test_a_workspace_that_becomes_a_bot_takes_a_secret_of_its_own(
    acme: ChatWorkspace, browse: Browser, administrator: User
) -> None:
    said = {"name": "Acme", "kind": "BOT", "place": "1-2", "api_url": "https://slack.com/api", "is_on": "on"}
    said["app_id"] = "0d9f1a6e-5a2b-4c3d-8e7f-102030405060"

    text = browse(administrator).post(f"/deployments/chatworkspace/{acme.pk}/change/", said).content.decode()

    assert "Without it nothing from there can be believed." in text
    assert ChatWorkspace.objects.get().kind == "SLACK"


def test_a_deleted_workspace_takes_its_accounts_along(
    acme: ChatWorkspace, browse: Browser, administrator: User, approver: User
) -> None:
    ChatAccount.objects.create(workspace=acme, account="U1", person=approver, bound_at=timezone.now())

    browse(administrator).post(f"/deployments/chatworkspace/{acme.pk}/delete/", {"post": "yes"})

    assert not ChatAccount.objects.exists()
    assert Event.objects.get(kind="chat.deleted").data["accounts"] == 1


def test_taking_answers_from_chats_is_off_at_first_and_told_when_it_is_switched_on(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    page = reverse("admin:deployments_environment_change", args=[world.environment.pk])
    form = form_data(client.get(page))
    assert "decided_in_chat" not in form and not world.environment.decided_in_chat

    client.post(page, form | {"decided_in_chat": "on"})

    changed = Event.objects.get(kind="environment.changed").data["changed"]
    assert changed == {"decided_in_chat": {"before": False, "after": True}}
