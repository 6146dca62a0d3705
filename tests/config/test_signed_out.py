"""What is sent after a session has ended."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

NOT_DONE = "nothing of what you sent was done"


@pytest.fixture
def client(db: None) -> Client:
    """Of somebody whose session has ended."""
    User.objects.create_user("ada", password="of-hers", is_staff=True)  # noqa: S106
    return Client()


@pytest.mark.parametrize("path", ["/deployments/gate/1/change/", "/deployments/deployment/1/do/roll-back/", "/device/"])
def test_who_was_signed_out_is_told_that_nothing_was_done(client: Client, path: str) -> None:
    answer = client.post(path, {"verdict": "approve"}, follow=True)

    assert NOT_DONE in answer.content.decode()


def test_who_was_signed_out_is_told_so_in_their_language(client: Client) -> None:
    answer = client.post("/deployments/gate/1/change/", follow=True, headers={"accept-language": "ko"})

    assert "로그아웃되어" in answer.content.decode()


def test_who_only_looks_is_told_nothing(client: Client) -> None:
    assert NOT_DONE not in client.get("/deployments/gate/1/change/", follow=True).content.decode()


def test_who_signs_in_or_chooses_a_language_first_is_told_nothing(client: Client) -> None:
    there = "/login/?next=/deployments/gate/1/change/"

    wrong = client.post(there, {"username": "ada", "password": "wrong"}, follow=True)
    chosen = client.post("/language/", {"language": "en", "next": there}, follow=True)

    assert NOT_DONE not in wrong.content.decode() + chosen.content.decode()
