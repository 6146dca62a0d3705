from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from deployments.catalog import environments
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.running import Running
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Status
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World, make_release


def board(browse: Browser, person: User) -> str:
    return browse(person).get(reverse("admin:index")).content.decode()


def test_an_empty_installation_says_what_to_do_first(browse: Browser, administrator: User) -> None:
    text = board(browse, administrator)

    assert "Your first release, in four steps" in text
    assert reverse("admin:deployments_application_add") in text


def test_whoever_may_not_do_a_first_step_is_told_who_does_it(browse: Browser, outsider: User) -> None:
    text = board(browse, outsider)

    assert "an administrator does this" in text
    assert reverse("admin:deployments_application_add") not in text


def test_somebody_without_a_role_is_told_to_ask_for_one(browse: Browser, world: World) -> None:
    stranger = User.objects.create_user("stranger", is_staff=True)

    text = board(browse, stranger)

    # The search field of each page has an example of its own.
    shown = text.partition('id="board"')[2].partition("</main>")[0]
    assert "You have no role yet" in shown
    assert "production" not in shown


def test_a_cell_says_what_is_live_where_and_since_when(world: World, browse: Browser, outsider: User) -> None:
    live = make_release(world.environment.application, "1.0.0", "4")
    Environment.objects.update(live_release=live, live_slot="blue", live_since=timezone.now())

    text = board(browse, outsider)

    assert "1.0.0" in text
    assert 'tg-slot-blue">blue<' in text


def test_a_gate_waits_for_the_approver_and_for_nobody_else(
    at_gate: Deployment, browse: Browser, approver: User, outsider: User
) -> None:
    assert "Waiting for you" in board(browse, approver)
    assert "Waiting for you" not in board(browse, outsider)


def test_what_waits_for_me_is_not_told_of_again_among_what_runs(
    at_gate: Deployment, browse: Browser, approver: User, outsider: User
) -> None:
    mine, others = board(browse, approver), board(browse, outsider)

    assert ("Waiting for you" in mine, "Running now" in mine) == (True, False)
    assert ("Waiting for you" in others, "Running now" in others) == (False, True)
    assert mine.count(reverse("admin:deployments_deployment_change", args=[at_gate.pk])) == 1


def test_running_deployments_stand_on_top(shifting: Deployment, browse: Browser, outsider: User) -> None:
    text = board(browse, outsider)

    assert "Running now" in text
    assert "10 % of traffic on new 1.1.0" in text


def test_a_lock_shows_its_message_and_kills_the_button(world: World, browse: Browser, requester: User) -> None:
    environments.lock(
        environment=world.environment, principal=Principal.person(requester), message="Freeze <3", now=timezone.now()
    )

    text = board(browse, requester)

    assert "Freeze &lt;3" in text
    assert f"?environment={world.environment.pk}" not in text


def test_the_last_trouble_is_kept_in_sight(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    Deployment.objects.update(status=Status.ROLLBACK_SUCCESSFUL, finished_at=timezone.now())

    assert "Rolled back" in board(browse, outsider)


def test_green_that_is_not_all_green_says_what_is_not(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    facts = {"warnings": ["Server i-2 failed & serves nobody."]}
    Deployment.objects.filter(pk=at_gate.pk).update(status=Status.SUCCESSFUL, facts=facts)

    text = board(browse, outsider)

    assert "tg-pill-warn" in text
    assert "Server i-2 failed &amp; serves nobody." in text


def test_more_environments_cost_no_more_queries(
    world: World, browse: Browser, requester: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        application = Application.objects.create(name=f"App {number}", slug=f"app-{number}")
        world.environment.pk = None
        world.environment._state.adding = True
        world.environment.application = application
        world.environment.save()
    client = browse(requester)

    with django_assert_max_num_queries(32):
        client.get(reverse("admin:index"))


def test_the_longest_promotion_paths_come_first(world: World, browse: Browser, outsider: User) -> None:
    small = Application.objects.create(name="Admin tools", slug="admin-tools")
    Environment.objects.create(application=small, name="production", rank=20)
    Environment.objects.create(application=world.environment.application, name="staging", rank=5)

    rows = browse(outsider).get(reverse("admin:index")).context["rows"]

    assert [row.application.name for row in rows] == ["Shop", "Admin tools"]


def test_what_somebody_else_deployed_is_shown_with_a_button_for_whoever_may_adopt_it(
    world: World, browse: Browser, outsider: User, administrator: User
) -> None:
    live = make_release(world.environment.application, "1.0.0", "4")
    found = Running(key="web=1", what="shop:1.6.0", version="1.6.0", by="ECS's deployment ecs-svc/7")
    Environment.objects.update(live_release=live, outside=found.as_json())
    said = "Runs 1.6.0 (shop:1.6.0), which is not 1.0.0; deployed outside Tealgate by ECS&#x27;s deployment ecs-svc/7."

    assert said in board(browse, outsider)
    assert "Adopt 1.6.0" not in board(browse, outsider)
    assert "Adopt 1.6.0" in board(browse, administrator)
    page = reverse("admin:deployments_environment_change", args=[world.environment.pk])
    assert said in browse(administrator).get(page).content.decode()


def test_an_image_of_no_release_can_be_registered_where_it_is_adopted(
    world: World, browse: Browser, administrator: User
) -> None:
    live = make_release(world.environment.application, "1.0.0", "4")
    found = Running(key="web=1", what="shop:stable", images={"web": "shop@sha256:1"})
    Environment.objects.update(live_release=live, outside=found.as_json())

    page = reverse("admin:deployments_environment_change", args=[world.environment.pk])
    text = browse(administrator).get(page).content.decode()

    assert "Register and adopt" in text
    assert 'name="register_as"' in text
