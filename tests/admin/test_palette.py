"""One field that finds and acts: what is found, in which order, by whom, and where it leads."""

import gc
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deployments.admin.palette.asking import all_fit, words_of
from deployments.admin.palette.entries import Entry
from deployments.catalog import environments
from deployments.catalog.models import Application, Environment, Release
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World, make_environment, make_release
from tests.delivery.engine.world import person as make_person


def found(client: Client, said: str) -> list[Entry]:
    answer = client.get(reverse("admin:search"), {"s": said, "part": "1"})
    assert answer.status_code == 200
    return [entry for section in answer.context["sections"] for entry in section.entries]


def titles(client: Client, said: str) -> list[str]:
    return [entry.title for entry in found(client, said)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Deploy  1.1.0 to shop/production", ("deploy", "1.1.0", "shop", "production")),
        ("1.1.0 → production", ("1.1.0", "production")),
        ("to", ("to",)),
        ("", ()),
        (unicodedata.normalize("NFD", "결제 배포"), ("결제", "배포")),
        ("a b c d e f g h i j", ("b", "c", "d", "e", "f", "g", "h", "i")),
    ],
)
def test_what_was_typed_is_words(said: str, words: tuple[str, ...]) -> None:
    assert words_of(said) == words


@pytest.mark.parametrize(
    ("said", "better", "worse"),
    [("1.1.0", "1.1.0", "1.1.01"), ("prod", "production", "preprod"), ("shop", "shop", "shopping")],
)
def test_what_is_called_so_comes_before_what_only_begins_or_has_it(said: str, better: str, worse: str) -> None:
    assert all_fit((said,), (better,)) > all_fit((said,), (worse,)) > 0
    assert all_fit((said, "ledger"), (better,)) == 0


def test_a_deployment_is_asked_for_in_any_order(world: World, browse: Browser) -> None:
    client = browse(world.requester)
    query = f"release={world.release.pk}&environment={world.environment.pk}&strategy=CANARY"
    for said in ("deploy 1.1.0 to production", "prod dep 1.1", "1.1.0 shop production", "DEPLOY pro 1.1.0"):
        first = found(client, said)[0]

        assert first.title == "Deploy 1.1.0 to shop/production", said
        assert first.link == f"{reverse('admin:deployments_deployment_preview')}?{query}"


def test_the_beginning_of_a_place_that_begins_a_verb_too_is_the_place(world: World, browse: Browser) -> None:
    """Both "promote" and "production" begin with pro."""
    make_environment(application=world.environment.application, name="development", rank=0)
    client = browse(world.requester)
    deploys = [each.title for each in found(client, "deploy pro 1.1.0") if each.title.startswith("Deploy")]

    assert deploys == ["Deploy 1.1.0 to shop/production"]
    assert "Deploy 1.1.0 to shop/development" in titles(client, "pro 1.1.0")


def test_a_place_alone_offers_its_newest_release_and_the_choice(world: World, browse: Browser) -> None:
    make_release(world.environment.application, "1.2.0", "3")

    said = titles(browse(world.requester), "deploy production")

    assert said[:2] == ["Deploy 1.2.0 to shop/production", "Deploy to shop/production…"]


def test_what_runs_is_turned_back_by_its_place(
    world: World, shifting: Deployment, browse: Browser, requester: User
) -> None:
    first = found(browse(requester), "roll back production")[0]

    assert first.title.startswith("Roll back shop/production")
    assert first.link == reverse("admin:deployments_deployment_do", args=[shifting.pk, "roll-back"])
    assert browse(requester).get(first.link).status_code == 200
    shifting.refresh_from_db()
    assert not shifting.is_rolling_back


def test_a_gate_is_offered_to_who_may_decide_there(
    at_gate: Deployment, browse: Browser, approver: User, requester: User
) -> None:
    mine = found(browse(approver), "approve shop production")[0]

    assert (mine.title, mine.hint) == ("Approve or reject 1.1.0 to shop/production", "requester: because")
    assert mine.link == reverse("admin:deployments_gate_change", args=[at_gate.gates.open().get().pk])
    assert "Approve or reject 1.1.0 to shop/production" not in titles(browse(requester), "approve shop production")


def test_a_live_release_is_gone_back_from_by_a_deployment(world: World, browse: Browser) -> None:
    before = make_release(world.environment.application, "1.0.0", "9")
    deployment = world.request()
    Deployment.objects.update(status="SUCCESSFUL", source_release=before)
    Environment.objects.update(live_release=world.release)

    first = found(browse(world.requester), "roll back production")[0]

    assert first.title == "Go back to 1.0.0 on shop/production…"
    assert f"release={before.pk}&environment={deployment.environment_id}" in first.link


FOUND_BY = {
    "1.1.0": "Shop 1.1.0",
    "shop 1.1": "Shop 1.1.0",
    "0a1b2c3": "Shop 1.3.0",
    "production": "shop/production",
    "Shop": "Shop",
    "pending": "1.1.0 to shop/production",
    "requester 1.1": "1.1.0 to shop/production",
    "requester": "requester",
    "events": "Events",
    "add environment": "Add an environment…",
    "lock prod": "Lock shop/production…",
    "check prod": "Check shop/production",
}


def test_everything_is_found_by_its_name(world: World, browse: Browser, administrator: User) -> None:
    Release.objects.create(application=world.environment.application, version="1.3.0", git_sha="0a1b2c3d")
    world.request()
    client = browse(administrator)

    assert {said: title for said, title in FOUND_BY.items() if title not in titles(client, said)} == {}


def test_a_hint_says_what_is_live_busy_and_locked(world: World, browse: Browser, administrator: User) -> None:
    Environment.objects.update(live_release=world.release)
    world.request(release=make_release(world.environment.application, "1.2.0", "3"))
    said = Principal.person(administrator)
    environments.lock(environment=world.environment, principal=said, message="Freeze", now=timezone.now())
    client = browse(administrator)

    hints = {entry.title: entry.hint for entry in (*found(client, "production"), *found(client, "1.1.0"))}

    assert hints["shop/production"] == "1.1.0 is live · busy with 1.2.0 · locked: Freeze"
    assert hints["Shop 1.1.0"] == "live on production"


def test_a_lock_says_how_long_it_lasts(world: World, browse: Browser, administrator: User) -> None:
    hints = {entry.title: entry.hint for entry in found(browse(administrator), "lock prod")}

    assert hints["Lock shop/production…"] == "nobody can deploy there until it is unlocked"


def test_a_time_is_one_that_the_readers_browser_puts_into_its_own_zone(
    world: World, browse: Browser, requester: User
) -> None:
    """As everywhere; without a script it says that it is UTC."""
    world.request(release=make_release(world.environment.application, "1.2.0", "3"))
    at = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    Release.objects.update(created_at=at)
    Deployment.objects.update(created_at=at)

    text = browse(requester).get(reverse("admin:search"), {"s": "1.2.0", "part": "1"}).content.decode()

    shown = '<time datetime="2026-03-02T22:30:00+00:00" data-local>2026-03-02 22:30 UTC</time>'
    assert f"<bdi>not live, registered</bdi> {shown}" in text
    assert f"<bdi>Pending · requester,</bdi> {shown}" in text


def test_nobody_is_shown_what_is_not_theirs(world: World, at_gate: Deployment, browse: Browser) -> None:
    blind = make_person("blind")
    blind.is_staff = True
    blind.save()
    client = browse(blind)

    for said in ("shop", "1.1.0", "production", "deploy", "requester", "gate", "roll back prod", "lock", "add", ""):
        assert {entry.group.name for entry in found(client, said)} <= {"PAGES"}, said


def test_a_place_for_others_is_not_offered(world: World, browse: Browser, administrator: User) -> None:
    said = "deploy 1.1.0 production"
    assert "Deploy 1.1.0 to shop/production" in titles(browse(world.requester), said)

    world.environment.deployers.add(Group.objects.create(name="Payments team"))

    assert not [title for title in titles(browse(world.requester), said) if title.startswith("Deploy")]


def test_a_right_that_is_lost_is_lost_at_once(world: World, browse: Browser, outsider: User) -> None:
    client = browse(outsider)
    assert "Shop 1.1.0" in titles(client, "1.1.0")

    outsider.groups.clear()
    outsider.user_permissions.clear()

    assert titles(client, "1.1.0") == []


def test_names_in_other_letters_are_found(world: World, browse: Browser, outsider: User) -> None:
    Application.objects.update(name="결제")
    client = browse(outsider)

    for said in ("결제", unicodedata.normalize("NFD", "결제"), "결", "PRODUCTION"):
        assert "shop/production" in titles(client, said), said


def test_people_are_found_in_either_case(world: World, browse: Browser, administrator: User) -> None:
    User.objects.create_user("elodie", first_name="Élodie", last_name="Ärmel")

    for said in ("élodie", "ÉLODIE", "Ärmel elo"):
        assert "elodie (Élodie Ärmel)" in titles(browse(administrator), said), said


def test_what_is_no_name_finds_nothing_and_says_what_would(world: World, browse: Browser, administrator: User) -> None:
    client = browse(administrator)
    for said in ("%", "_", "1%1", "shop_", "' OR 1=1 --", "\\", '"><script>', "x" * 500, "🚀", "²", "9" * 40):
        text = client.get(reverse("admin:search"), {"s": said, "part": "1"}).content.decode()

        assert "Nothing fits “" in text, said
        assert "gates, environments, releases, deployments, applications and people" in text
        assert "<script>" not in text


def test_a_single_letter_finds_what_begins_with_it(world: World, browse: Browser, administrator: User) -> None:
    said = titles(browse(administrator), "p")

    assert "shop/production" in said
    assert "Shop" not in said  # it has one inside


def test_before_anything_is_typed_it_says_what_waits_and_what_runs(
    at_gate: Deployment, browse: Browser, approver: User, requester: User
) -> None:
    assert titles(browse(approver), "")[0] == "Approve or reject 1.1.0 to shop/production"
    assert titles(browse(requester), "")[0] == "Stop 1.1.0 to shop/production…"


def test_it_does_nothing_itself(world: World, at_gate: Deployment, browse: Browser, administrator: User) -> None:
    client, before = browse(administrator), Event.objects.count()
    said = ("deploy", "roll back", "approve", "lock prod", "add", "shop", "")
    links = {entry.link.partition("#")[0] for each in said for entry in found(client, each)}

    # 302: a page that first asks something else, such as which account an environment is in.
    assert {client.get(link).status_code for link in links} <= {200, 302}
    assert Event.objects.count() == before


def test_it_costs_no_more_queries_for_more_rows(
    world: World, at_gate: Deployment, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    said = ("deploy 1.1 prod", "roll back shop", "shop", "1.1.0", "requester", "")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            for each in said:
                found(client, each)
        return len(seen)

    queries()
    before = queries()
    for number in range(5):
        _another(world, at_gate, f"production-{number}")

    assert queries() <= before
    assert before <= 30 * len(said)


def test_nothing_of_an_answer_is_left_to_the_garbage_collector(world: World, browse: Browser, requester: User) -> None:
    """What it leaves of every environment at each letter makes somebody wait for a long look."""
    client = browse(requester)
    found(client, "deploy 1.1.0 production")
    gc.collect()
    gc.disable()
    try:
        before = _environments_in_memory()
        found(client, "deploy 1.1.0 production")
        found(client, "requester")

        assert _environments_in_memory() == before
    finally:
        gc.enable()


def _environments_in_memory() -> int:
    return sum(isinstance(each, Environment) for each in gc.get_objects())


def _another(world: World, at_gate: Deployment, name: str) -> None:
    environment: Any = Environment.objects.get(pk=world.environment.pk)
    environment.pk, environment.name, environment._state.adding = None, name, True
    environment.save()
    deployment: Any = Deployment.objects.get(pk=at_gate.pk)
    deployment.pk, deployment.key, deployment.environment = None, f"key-{name}", environment
    deployment._state.adding = True
    deployment.save()
    make_release(world.environment.application, f"1.1.{name[-1]}0", name[-1])


def test_it_is_a_page_without_a_script_too(world: World, browse: Browser, outsider: User) -> None:
    client = browse(outsider)

    text = client.get(reverse("admin:search"), {"s": "production"}).content.decode()

    assert re.search(r'<a class="tg-palette-entry" href="[^"]+/change/">', text)
    assert text.count(f'href="{reverse("admin:search")}" data-palette-open') == 1
    assert client.get(reverse("admin:search") + "?page=x&extended=1").status_code == 200


def test_strangers_are_asked_to_sign_in(client: Client, db: None) -> None:
    answer = client.get(reverse("admin:search"), {"s": "shop", "part": "1"})

    assert (answer.status_code, answer["Location"].startswith(reverse("admin:login"))) == (302, True)
