"""Who reads is answered in the language of the own choice, else of the browser."""

from contextlib import closing

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from deployments.people.language import PersonLanguage, chosen_by

pytestmark = pytest.mark.django_db

KOREAN = "ko-KR,ko;q=0.9,en;q=0.8"


@pytest.fixture
def mina() -> User:
    return User.objects.create_superuser("mina", "mina@example.com", "a long password")


def language_of_page(client: Client, accepted: str = "") -> str:
    page = client.get("/login/", headers={"Accept-Language": accepted})
    return page.content.decode().split('<html lang="')[1].split('"')[0]


def sign_in(client: Client, accepted: str) -> None:
    who = {"username": "mina", "password": "a long password"}
    client.post("/login/", who, headers={"Accept-Language": accepted})


def test_the_browser_s_language_comes_first() -> None:
    client = Client()

    assert language_of_page(client) == "en"
    assert language_of_page(client, KOREAN) == "ko"
    assert language_of_page(client, "sv") == "en"


def test_the_switch_is_stronger_than_the_browser_and_kept_with_the_person(mina: User) -> None:
    client = Client()
    client.force_login(mina)

    answer = client.post("/language/", {"language": "ko", "next": "/deployments/release/"})

    assert answer.headers["Location"] == "/deployments/release/"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME]["httponly"]
    assert client.get("/").headers["Content-Language"] == "ko"
    assert chosen_by(mina) == "ko"


def test_another_browser_is_told_at_sign_in_what_was_chosen(mina: User) -> None:
    PersonLanguage.objects.create(person=mina, language="ko")
    client = Client()

    sign_in(client, "en")

    assert client.get("/", headers={"Accept-Language": "en"}).headers["Content-Language"] == "ko"


def test_the_next_one_at_a_browser_reads_the_own_language(mina: User) -> None:
    PersonLanguage.objects.create(person=mina, language="ko")
    robin = User.objects.create_superuser("robin", "robin@example.com", "another password")
    PersonLanguage.objects.create(person=robin, language="en")
    client = Client(headers={"Accept-Language": "en"})
    sign_in(client, "en")
    assert client.get("/").headers["Content-Language"] == "ko"

    client.post("/logout/")
    client.post("/login/", {"username": "robin", "password": "another password"})

    assert client.get("/").headers["Content-Language"] == "en"


def test_who_never_chose_is_taken_by_the_first_browser_s_word(mina: User) -> None:
    sign_in(Client(), KOREAN)

    assert chosen_by(mina) == "ko"


@pytest.mark.parametrize("language", ["xx", "", "../ko", "ko'\0"])
def test_no_other_language_is_kept(mina: User, language: str) -> None:
    client = Client()
    client.force_login(mina)

    client.post("/language/", {"language": language})

    assert chosen_by(mina) in {"", "en"}
    assert client.get("/").headers["Content-Language"] == "en"


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_switch_leads_to_no_other_site(to: str) -> None:
    answer = Client().post("/language/", {"language": "ko", "next": to})

    assert answer.headers["Location"] == "/"


def test_the_switch_leads_back_to_a_page_of_ours_alone() -> None:
    for page, to in (("http://testserver/x/?q=1", "http://testserver/x/?q=1"), ("https://evil.example/", "/")):
        answer = Client().post("/language/", {"language": "ko"}, headers={"Referer": page})

        assert answer.headers["Location"] == to


def test_a_link_does_not_switch_nor_does_a_form_of_another_site() -> None:
    assert Client().get("/language/?language=ko").status_code == 405
    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "ko"})

    assert (answer.status_code, answer.cookies) == (403, {})


def test_machines_are_answered_in_english() -> None:
    for address in ("/api/v1/releases", "/readyz", "/metrics"):
        assert Client().get(address, headers={"Accept-Language": KOREAN}).headers["Content-Language"] == "en"


def test_no_request_leaves_its_language_behind() -> None:
    Client().get("/login/", headers={"Accept-Language": KOREAN})

    assert translation.get_language() == "en"


def test_what_scripts_say_goes_by_the_address_under_which_a_browser_keeps_it() -> None:
    korean = Client().get("/words.js?language=ko", headers={"Accept-Language": "en"}).content.decode()
    english = Client().get("/words.js?language=en", headers={"Accept-Language": KOREAN}).content.decode()

    assert korean != english
    assert Client().get("/words.js?language=ko").headers["Content-Language"] == "ko"
    assert Client().get("/words.js?language=xx", headers={"Accept-Language": KOREAN}).content.decode() == korean


def test_caches_keep_pages_by_reader_and_files_for_everybody() -> None:
    page = Client().get("/words.js", headers={"Accept-Language": KOREAN})
    assert page.headers["Vary"] == "Accept-Language, Cookie"

    with closing(Client().get("/static/tealgate/logo.svg", headers={"Accept-Language": KOREAN})) as file:
        assert (file.status_code, file.headers.get("Vary"), file.headers.get("Content-Language")) == (200, None, None)
