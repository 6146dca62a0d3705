"""The plan's page where production is sick or nothing runs: what it offers, and what is asked and shown for ever."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from deployments.delivery.models import Deployment
from deployments.vocabulary import DeploymentKind, Status
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World
from tests.fakes.aws import SHOP, FakeGateway

OFFER = "Production is sick: this would be a repair."


@pytest.fixture
def sick(aws: World) -> World:
    aws.aws.alarm(SHOP.alarm, "ALARM", "no healthy host")
    return aws


def plan(browse: Browser, world: World, person: User | None = None, **query: Any) -> str:
    data = {"release": world.release.pk, "environment": world.environment.pk, "strategy": "CANARY", **query}
    answer = browse(person or world.requester).get(reverse("admin:deployments_deployment_preview"), data)
    assert answer.status_code == 200
    return answer.content.decode()


def confirm(browse: Browser, world: World, text: str) -> Any:
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w*)"', text))
    hidden.pop("csrfmiddlewaretoken", None)
    address = reverse("admin:deployments_deployment_preview")
    return browse(world.requester).post(address, {**hidden, "reason": "TICKET-7"})


def test_a_sick_production_is_offered_a_repair_by_one_click_and_never_chosen_silently(
    sick: World, browse: Browser
) -> None:
    text = plan(browse, sick)

    assert OFFER in text
    assert "&amp;kind=REPAIR" in text
    assert 'name="kind" value="NORMAL"' in text
    assert "Preflight found errors; put them right first." in text


def test_a_healthy_production_is_offered_nothing(aws: World, browse: Browser) -> None:
    text = plan(browse, aws)

    assert OFFER not in text
    assert "kind=" not in text


def test_an_empty_service_is_offered_a_first_release(aws: World, browse: Browser) -> None:
    images = aws.aws.images
    aws.aws = FakeGateway.pair(desired=0)
    aws.aws.images.update(images)

    text = plan(browse, aws)

    assert "Nothing runs there: this would be a first release." in text
    assert "&amp;kind=FIRST" in text


def test_whoever_may_not_repair_reads_why(sick: World, browse: Browser) -> None:
    person = User.objects.create_user("deployer", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["add_deployment", "view_deployment"]))

    text = plan(browse, sick, person)

    assert "You do not have the right to deploy as a repair; ask an administrator for it." in text
    assert "&amp;kind=REPAIR" not in text


def test_the_plan_of_a_repair_lists_what_is_red_and_is_confirmed_with_a_reason(sick: World, browse: Browser) -> None:
    text = plan(browse, sick, kind="REPAIR")
    assert "red before it" in text
    assert "The alarm shop-5xx has been in ALARM" in text

    confirm(browse, sick, text)

    deployment = Deployment.objects.get()
    assert (deployment.kind, deployment.reason) == (DeploymentKind.REPAIR, "TICKET-7")
    assert [each["name"] for each in deployment.settings["red"]] == [SHOP.alarm]


def test_the_same_trouble_in_other_words_need_not_be_confirmed_again(aws: World, browse: Browser) -> None:
    aws.aws.set_health(SHOP.task_definition(), "unhealthy", "Target.Timeout", "Request timed out")
    text = plan(browse, aws, kind="REPAIR")
    aws.aws.ecs[SHOP.cluster, SHOP.service("blue")].running = 0

    confirm(browse, aws, text)

    red = [each["ailment"] for each in Deployment.objects.get().settings["red"]]
    assert red == ["ROLLOUT", "TASKS", "TARGETS"]


def test_a_repair_by_steps_says_who_stays_on_what_is_sick(sick: World, browse: Browser) -> None:
    said = "This strategy gives the release 10 % of production first: 90 % stay on what is sick until the next step."

    assert said in plan(browse, sick, kind="REPAIR")
    assert said not in plan(browse, sick, kind="REPAIR", strategy="BLUE_GREEN")
    assert said not in plan(browse, sick)


def test_another_thing_that_is_red_by_then_has_to_be_looked_at(sick: World, browse: Browser) -> None:
    text = plan(browse, sick, kind="REPAIR")
    sick.aws.set_health(SHOP.task_definition(), "unhealthy", "Target.Timeout", "Request timed out")

    answer = confirm(browse, sick, text)

    assert "what is red there changed since you looked" in answer.content.decode()
    assert not Deployment.objects.exists()


@pytest.mark.parametrize("kind", ["", "repair", "SILENT"])
def test_an_address_by_hand_is_an_ordinary_deployment(sick: World, browse: Browser, kind: str) -> None:
    assert 'name="kind" value="NORMAL"' in plan(browse, sick, kind=kind)


def test_a_repair_is_marked_on_its_page_at_its_gate_on_the_board_and_in_the_list(sick: World, browse: Browser) -> None:
    confirm(browse, sick, plan(browse, sick, kind="REPAIR"))
    deployment = sick.run(Deployment.objects.get())
    browser = browse(sick.approver)

    page = browser.get(reverse("admin:deployments_deployment_change", args=[deployment.pk])).content.decode()
    board = browser.get(reverse("admin:index")).content.decode()
    listed = browser.get(reverse("admin:deployments_deployment_changelist")).content.decode()

    pill = '<span class="tg-pill tg-pill-warn">Repair</span>'
    assert all(pill in text for text in (page, board, listed))
    assert "1 thing red before it began" in page
    assert "A repair of a production that was sick" in page
    assert "one rejection ends it" in page


def test_a_failed_repair_offers_the_way_back(sick: World, browse: Browser) -> None:
    confirm(browse, sick, plan(browse, sick, kind="REPAIR"))
    deployment = Deployment.objects.get()
    Deployment.objects.update(status=Status.FAILED, status_reason="It was bad.", next_check_at=None)

    address = reverse("admin:deployments_deployment_change", args=[deployment.pk])
    text = browse(sick.requester).get(address).content.decode()
    assert "It was bad." in text
    board = browse(sick.requester).get(reverse("admin:index")).content.decode()
    assert '<span class="tg-pill tg-pill-warn">Repair</span>' in board
    assert "Go back to what ran before?" in text

    browse(sick.requester).post(reverse("admin:deployments_deployment_do", args=[deployment.pk, "retry"]))

    deployment.refresh_from_db()
    assert deployment.status == Status.ROLLBACK_REQUESTED
    assert deployment.events.get(kind="deployment.rollback_requested").message == "Roll back asked for by requester"


def test_the_check_of_an_environment_says_what_the_plan_offers(sick: World, browse: Browser) -> None:
    address = reverse("admin:deployments_environment_check", args=[sick.environment.pk])
    text = browse(sick.requester).get(address).content.decode()

    assert "the plan of a release offers to deploy it as a repair" in text
    assert f"?environment={sick.environment.pk}" in text
