"""People sign in at a terminal: RFC 8628, answered on a page, and what comes of it decides at gates as they would."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments import clock
from deployments.catalog import device_grants, tokens
from deployments.catalog.models import DeviceGrant, Token
from deployments.ops import rate
from deployments.people.principal import Principal
from deployments.record.models import Event
from tests.api.conftest import Given, Pipeline
from tests.api.test_agents import agent
from tests.api.test_door import problem
from tests.delivery.engine.world import World

CODE = "/api/v1/device/code"
TOKEN = "/api/v1/device/token"


class Terminal:
    """Somebody's, with a clock that tests turn."""

    def __init__(self, client: str = "tealgate on maya-laptop", address: str = "127.0.0.1") -> None:
        self.http = Client(REMOTE_ADDR=address)
        self.said = self.post(CODE, {"client": client}).json()

    def post(self, path: str, body: Any) -> Any:
        return self.http.post(path, body, content_type="application/json")

    def fetch(self) -> Any:
        return self.post(TOKEN, {"device_code": self.said["device_code"]})

    def error(self) -> str:
        answer = self.fetch()
        assert answer.status_code == 400
        assert answer.headers["Cache-Control"] == "no-store"
        return str(problem(answer)["error"])


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """What the door takes for the time."""
    found = [timezone.now()]
    monkeypatch.setattr(clock, "now", lambda: found[0])
    yield found


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIGN_INS", "SIGN_IN_LOOKS", "CODES_TYPED"):
        monkeypatch.setattr(rate, name, rate.Bucket(burst=12, per_second=0.1, clock=lambda: 0.0))


def browser(person: User, address: str = "127.0.0.1") -> Client:
    client = Client(REMOTE_ADDR=address)
    client.force_login(person)
    return client


def answered(person: User, terminal: Terminal, verdict: str = "allow") -> str:
    data = {"user_code": terminal.said["user_code"], "verdict": verdict}
    return str(browser(person).post("/device/", data, follow=True).content.decode())


def signed_in(person: User) -> Pipeline:
    terminal = Terminal()
    answered(person, terminal)
    return Pipeline(terminal.fetch().json()["access_token"])


def test_somebody_signs_in_at_a_terminal(world: World) -> None:
    terminal = Terminal()
    assert re.fullmatch("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", terminal.said["user_code"])
    assert terminal.said["verification_uri"] == "http://testserver/device/"
    assert terminal.said["verification_uri_complete"].endswith(f"?user_code={terminal.said['user_code']}")
    assert (terminal.said["expires_in"], terminal.said["interval"]) == (600, 5)
    assert terminal.error() == "authorization_pending"

    assert "acts as you now" in answered(world.approver, terminal)
    answer = terminal.fetch()

    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.json()
    assert (made["token_type"], made["person"], made["expires_in"]) == ("Bearer", "approver", 12 * 3600)
    assert made["name"].startswith("tealgate on maya-laptop (")
    who = tokens.recognised(made["access_token"], timezone.now())
    assert who and who.user == world.approver
    assert str(who) == f"approver, through the API by {made['name']}"


def test_a_token_is_fetched_once(world: World) -> None:
    terminal = Terminal()
    answered(world.approver, terminal)

    assert terminal.fetch().status_code == 200
    assert terminal.error() == "invalid_grant"
    assert Token.objects.count() == 1


def test_no_code_is_kept_and_the_log_has_none(world: World) -> None:
    terminal = Terminal()
    answered(world.approver, terminal)
    secret = terminal.fetch().json()["access_token"]

    kept = str([*DeviceGrant.objects.values(), *Token.objects.values(), *Event.objects.values()])
    for code in (terminal.said["device_code"], terminal.said["user_code"], secret):
        assert code not in kept
    assert list(Event.objects.order_by("pk").values_list("kind", "actor")) == [
        ("token.allowed", "approver"),
        ("token.made", "approver"),
    ]


def test_what_was_denied_stays_so(world: World) -> None:
    terminal = Terminal()
    answered(world.approver, terminal, "deny")

    assert terminal.error() == "access_denied"
    assert "No terminal waits with this code" in answered(world.approver, terminal)
    assert terminal.error() == "access_denied"
    assert Event.objects.get().kind == "token.denied"


def test_nobody_is_signed_in_by_looking_at_a_link(world: World) -> None:
    """Whoever was sent one has to read what asks, and press a button."""
    terminal = Terminal()
    page = browser(world.approver)

    shown = page.get(terminal.said["verification_uri_complete"] + "&verdict=allow").content.decode()
    assert f'value="{terminal.said["user_code"]}"' in shown
    assert "maya-laptop" not in shown
    asked = page.post("/device/", {"user_code": terminal.said["user_code"]}).content.decode()
    assert "tealgate on maya-laptop" in asked
    assert "only if <strong>you began this yourself" in asked
    assert "You are at" not in asked
    assert terminal.error() == "authorization_pending"


def test_somebody_elses_terminal_is_seen_to_be_elsewhere(world: World) -> None:
    terminal = Terminal(address="203.0.113.9")

    asked = browser(world.approver, "198.51.100.3").post("/device/", {"user_code": terminal.said["user_code"]})

    page = asked.content.decode()
    assert "203.0.113.9" in page
    assert "You are at 198.51.100.3, and it is not" in page


def test_who_is_not_signed_in_signs_in_first_and_other_sites_cannot_allow(world: World) -> None:
    terminal = Terminal()
    data = {"user_code": terminal.said["user_code"], "verdict": "allow"}
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.approver)

    assert "/login/?next=" in Client().post("/device/", data).headers["Location"]
    assert strict.post("/device/", data).status_code == 403
    assert terminal.error() == "authorization_pending"


def test_a_code_may_be_typed_as_people_type(world: World) -> None:
    terminal = Terminal()
    typed = terminal.said["user_code"].lower().replace("-", " ")

    browser(world.approver).post("/device/", {"user_code": f" {typed} ", "verdict": "allow"})

    assert terminal.fetch().status_code == 200


def test_guessing_at_codes_ends_soon_and_a_right_one_is_not_told_apart(world: World) -> None:
    terminal = Terminal()
    page = browser(world.requester)
    statuses = [page.post("/device/", {"user_code": f"BCDF-GHJ{letter}"}).status_code for letter in "BCDFGHJKLMNP"]

    assert statuses == [200] * 12
    assert page.post("/device/", {"user_code": terminal.said["user_code"], "verdict": "allow"}).status_code == 429
    assert terminal.error() == "authorization_pending"


def test_who_asks_too_soon_is_slowed_down(world: World, now: list[datetime]) -> None:
    terminal = Terminal()
    said = []
    for seconds in (0, 5, 2, 5, 10):
        now[0] += timedelta(seconds=seconds)
        said.append(terminal.error())

    assert said == ["authorization_pending", "authorization_pending", "slow_down", "slow_down", "slow_down"]
    now[0] += timedelta(seconds=DeviceGrant.objects.get().interval)
    assert terminal.error() == "authorization_pending"
    answered(world.approver, terminal)
    assert terminal.fetch().status_code == 200


def test_a_code_is_good_for_ten_minutes(world: World, now: list[datetime]) -> None:
    terminal, late = Terminal(), Terminal()
    answered(world.approver, late)
    now[0] += timedelta(minutes=10)

    assert "No terminal waits with this code" in answered(world.approver, terminal)
    assert terminal.error() == "expired_token"
    assert late.error() == "expired_token"
    now[0] += timedelta(days=2)
    Terminal()
    assert DeviceGrant.objects.count() == 1


@pytest.mark.parametrize("code", ["x", "\ud800", "' OR 1=1 --", "é" * 50])
def test_what_nobody_asked_for_opens_nothing(db: None, code: str) -> None:
    answer = Client().post(TOKEN, {"device_code": code}, content_type="application/json")

    assert problem(answer)["status"] in (400, 422)


@pytest.mark.parametrize("client", ["", " ", "x" * 51, "a\u202eb", "<b>Tealgate</b>", "a\nb", "Sign in: yes"])
def test_what_asks_has_a_name_that_nothing_hides_in(db: None, client: str) -> None:
    assert problem(Client().post(CODE, {"client": client}, content_type="application/json"))["status"] == 422
    assert not DeviceGrant.objects.exists()


def test_who_floods_is_told_when_to_come_back(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = [Client().post(CODE, {"client": "x"}, content_type="application/json").status_code for _ in range(13)]
    assert statuses == [200] * 12 + [429]

    monkeypatch.setattr(device_grants, "MOST_WAITING", 12)
    other = Client(REMOTE_ADDR="203.0.113.9").post(CODE, {"client": "x"}, content_type="application/json")
    assert "Too many terminals wait" in problem(other)["detail"]


@pytest.mark.parametrize("change", ["password", "is_active", "is_staff"])
def test_a_terminal_is_signed_out_with_the_account(world: World, change: str) -> None:
    pipeline, person, waiting = signed_in(world.approver), world.approver, Terminal()
    answered(person, waiting)
    assert pipeline.get("/gates").status_code == 200

    if change == "password":
        person.set_password("another one")
    else:
        setattr(person, change, False)
    person.save()

    assert pipeline.get("/gates").status_code == 401
    assert waiting.error() == "access_denied"
    person.is_active = person.is_staff = True
    person.save()
    assert pipeline.get("/gates").status_code == (401 if change == "password" else 200)


def test_a_terminal_is_signed_out_after_twelve_hours_and_by_a_click(world: World, now: list[datetime]) -> None:
    pipeline, other = signed_in(world.approver), signed_in(world.approver)
    page = browser(world.approver)
    newest = Token.objects.order_by("-pk")[0]
    assert newest.name in page.get("/device/").content.decode()

    assert browser(world.requester).post("/device/", {"revoke": newest.pk}).status_code == 302
    assert other.get("/gates").status_code == 200
    assert "opens nothing any more" in page.post("/device/", {"revoke": newest.pk}, follow=True).content.decode()
    assert other.get("/gates").status_code == 401
    assert pipeline.get("/gates").status_code == 200
    now[0] += timedelta(hours=12)
    assert pipeline.get("/gates").status_code == 401


def test_a_terminal_does_as_its_person_may_and_no_more(world: World) -> None:
    pipeline = signed_in(world.approver)

    refused = problem(pipeline.put("/environments/shop/production/lock", {"message": "freeze"}))
    assert refused["detail"] == "You do not have the right to lock or unlock environments; ask an administrator for it."
    signed_in(world.requester).put("/environments/shop/production/lock", {"message": "freeze"})
    event = Event.objects.get(kind="environment.locked")
    assert (event.actor_kind, event.actor) == ("PERSON", "requester")
    assert event.data["through"].startswith("tealgate on maya-laptop (")


def test_somebody_signs_out_there_and_nowhere_else(world: World, given: Given) -> None:
    here, there = signed_in(world.approver), signed_in(world.approver)

    assert here.post("/device/sign-out").status_code == 204
    assert here.get("/gates").status_code == 401
    assert there.get("/gates").status_code == 200
    assert Event.objects.filter(kind="token.revoked", actor="approver").count() == 1
    assert "signed in nowhere" in problem(given().post("/device/sign-out"))["detail"]


def test_terminals_of_last_month_are_forgotten(world: World, now: list[datetime]) -> None:
    signed_in(world.approver)
    now[0] += timedelta(days=31)
    signed_in(world.approver)

    assert Token.objects.count() == 1


@pytest.mark.parametrize(
    ("secret", "kind", "name", "scopes"),
    [
        ("machine", "MACHINE", "shop-ci", ["read"]),
        ("agent", "AGENT", "robin", ["read"]),
        ("person", "PERSON", "x", []),
    ],
)
def test_each_is_told_whose_token_it_is(
    world: World, given: Given, secret: str, kind: str, name: str, scopes: list[str]
) -> None:
    made = {
        "machine": lambda: given("read"),
        "agent": lambda: agent(world, "read"),
        "person": lambda: signed_in(world.requester),
    }

    said = made[secret]().get("/me").json()

    assert (said["kind"], said["person"], said["scopes"]) == (kind, "requester", scopes)
    assert said["name"].startswith("tealgate on maya-laptop (") if kind == "PERSON" else said["name"] == name


def test_no_terminal_allows_another(world: World) -> None:
    grant = DeviceGrant(client="x", address="1")
    with pytest.raises(Exception, match="Sign in on the page"):
        device_grants.allow(
            grant=grant, principal=Principal.person(world.approver, through="x (1)"), now=timezone.now()
        )


def test_the_list_of_tokens_shows_terminals_and_their_administrator_ends_them(
    world: World, administrator: User
) -> None:
    signed_in(world.approver)
    token = Token.objects.get()
    page = browser(administrator)

    assert "Themselves, at a terminal" in page.get("/deployments/token/").content.decode()
    assert "deciding at gates included" in page.get(f"/deployments/token/{token.pk}/change/").content.decode()
    page.post(f"/deployments/token/{token.pk}/change/")
    assert Token.objects.get().revoked_at
