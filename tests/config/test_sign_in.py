"""Guessing at passwords over HTTP, from as many addresses as a guesser may have."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils import timezone

from deployments.delivery import standing
from deployments.ops.client_address import client_network
from deployments.record.models import Event

OFFICE = "192.0.2.1"
PASSWORD = "a-password-of-hers"  # noqa: S105
CLOSED = 429


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password=PASSWORD, is_staff=True)


def sign_in(name: str, password: str, address: str = OFFICE) -> int:
    """The status: 302 is in, 200 is the page again."""
    return Client().post("/login/", {"username": name, "password": password}, REMOTE_ADDR=address).status_code


def addresses(count: int) -> list[str]:
    return [f"198.51.100.{last}" for last in range(1, count + 1)]


def test_ten_guesses_at_one_name_from_one_address_close_the_door(ada: User) -> None:
    statuses = [sign_in("ada", "wrong") for _ in range(10)]

    assert statuses == [200] * 9 + [CLOSED]
    assert sign_in("ada", PASSWORD) == CLOSED


def test_one_password_for_many_names_from_one_address_closes_the_door(ada: User) -> None:
    statuses = [sign_in(f"name-{number}", "Summer2026!") for number in range(41)]

    assert statuses.count(200) == 29
    assert sign_in("ada", PASSWORD) == CLOSED
    assert sign_in("ada", PASSWORD, "192.0.2.2") == 302


def test_guesses_at_one_name_from_many_addresses_close_the_door(ada: User) -> None:
    statuses = [sign_in("ada", "wrong", address) for address in addresses(40)]

    assert statuses.count(200) == 19
    assert sign_in("ada", PASSWORD, "203.0.113.9") == CLOSED


def test_who_guesses_at_a_name_keeps_nobody_out_of_where_they_were_before(ada: User) -> None:
    assert sign_in("ada", PASSWORD) == 302
    for address in addresses(40):
        sign_in("ada", "wrong", address)

    assert sign_in("ada", "a typing mistake") == 200
    assert sign_in("ada", PASSWORD) == 302


def test_others_are_not_kept_out_when_one_name_is_guessed_at(ada: User) -> None:
    for address in addresses(40):
        sign_in("grace", "wrong", address)

    assert sign_in("ada", PASSWORD, addresses(40)[-1]) == 302


def test_what_is_tried_at_a_closed_door_does_not_keep_it_closed(ada: User) -> None:
    for address in addresses(20):
        sign_in("ada", "wrong", address)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    for address in addresses(40):
        assert sign_in("ada", "wrong", address) == CLOSED
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert sign_in("ada", PASSWORD, "203.0.113.9") == 302


def test_all_addresses_of_one_ipv6_customer_count_as_one(ada: User) -> None:
    statuses = [sign_in("ada", "wrong", f"2001:db8:1:2::{number:x}") for number in range(10)]

    assert statuses[-1] == CLOSED
    assert sign_in("ada", PASSWORD, "2001:db8:1:3::1") == 302


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("", None),
        ("unknown", None),
    ],
)
def test_an_address_is_counted_by_its_network(address: str, network: str | None, rf: RequestFactory) -> None:
    assert client_network(rf.get("/", REMOTE_ADDR=address)) == network


def test_guessing_at_the_old_password_closes_the_door(ada: User, client: Client) -> None:
    client.force_login(ada)
    guess = {"old_password": "wrong", "new_password1": "another-secret", "new_password2": "another-secret"}

    statuses = [client.post("/password_change/", guess).status_code for _ in range(10)]
    right = client.post("/password_change/", {**guess, "old_password": PASSWORD})

    assert statuses == [200] * 9 + [CLOSED]
    assert right.status_code == CLOSED
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_no_password_of_the_page_that_changes_it_is_recorded(ada: User, client: Client) -> None:
    client.force_login(ada)
    client.post(
        "/password_change/", {"old_password": "wrong", "new_password1": "a-new-one", "new_password2": "a-new-one"}
    )

    (attempt,) = AccessAttempt.objects.all()
    assert attempt.username == "ada"
    assert "wrong" not in attempt.post_data
    assert "a-new-one" not in attempt.post_data


def test_a_new_password_that_was_mistyped_is_no_guess(ada: User, client: Client) -> None:
    client.force_login(ada)
    for _ in range(11):
        client.post("/password_change/", {"old_password": PASSWORD, "new_password1": "1", "new_password2": "2"})

    assert not AccessAttempt.objects.exists()


def test_the_right_old_password_changes_it(ada: User, client: Client) -> None:
    client.force_login(ada)
    new = {"new_password1": "another-secret-one", "new_password2": "another-secret-one"}

    answer = client.post("/password_change/", {"old_password": PASSWORD, **new})

    assert answer.headers["Location"] == "/password_change/done/"
    assert client.get("/password_change/").status_code == 200


def test_who_changes_the_own_password_is_told_once(ada: User, client: Client) -> None:
    client.force_login(ada)
    new = {"new_password1": "another-secret-one", "new_password2": "another-secret-one"}
    client.post("/password_change/", {"old_password": "wrong", **new})
    client.post("/password_change/", {"old_password": PASSWORD, **new, "new_password2": "mistyped"})
    client.post("/password_change/", {"old_password": PASSWORD, **new})

    event = Event.objects.get()
    assert (event.chain.name, event.kind, event.actor) == ("people", "person.password_set", "ada")
    assert event.data == {"person": ada.pk}
    assert standing.changes_since(ada, event.at - timedelta(minutes=1)) == []


def test_who_is_not_signed_in_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.post("/password_change/", {"old_password": "x"}).headers["Location"].startswith("/login/")
