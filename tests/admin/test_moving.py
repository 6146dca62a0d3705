"""The page by which an environment moves to ECS's own traffic shift, with AWS in memory."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deployments.aws import errors
from deployments.catalog.models import Environment
from deployments.delivery.models import Move
from deployments.delivery.moves import beginning, claiming
from deployments.record.models import Event
from deployments.refused import Refused
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World
from tests.fakes.aws import API, FakeGateway
from tests.fakes.names import arn

ROLE = "arn:aws:iam::123456789012:role/ecs-shifts"
OTHER = arn("elasticloadbalancing", "targetgroup/api-green/1")
RULE = arn("elasticloadbalancing", "listener-rule/app/api/50dc6c495c0c9188/1/2")
GIVEN = {"alternate_target_group": OTHER, "infrastructure_role": ROLE}


@pytest.fixture
def aws(world: World, monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    """A rolled service behind one rule, in the account of the environment; its owner has made a second group."""
    gateway = FakeGateway.single()
    gateway.groups[OTHER] = replace(gateway.groups[API.target_group], arn=OTHER, name="api-green")
    gateway.set_weights(RULE, {API.target_group: 1})
    for module in (beginning, claiming):
        monkeypatch.setattr(module, "connect", lambda binding: gateway)
    world.requester.user_permissions.add(Permission.objects.get(codename="change_environment"))
    Environment.objects.update(
        controller="ROLLING", strategy="ROLLING", cluster=API.cluster, service=API.name, blue_service="",
        green_service="", blue_target_group="", green_target_group="", production_rule="", test_rule="",
    )  # fmt: skip
    world.environment.gate_policies.all().delete()
    return gateway


def address() -> str:
    return reverse("admin:deployments_environment_move", args=[Environment.objects.get().pk])


def page(client: Client, **given: str) -> str:
    return client.get(address(), given).content.decode()


def click(client: Client, **given: str) -> str:
    return client.post(address(), given, follow=True).content.decode()


def test_the_page_says_what_is_missing_and_changes_nothing(aws: FakeGateway, world: World, browse: Browser) -> None:
    text = page(browse(world.requester))

    assert "Make a second target group like api (HTTP" in text
    assert "Name the infrastructure role" in text
    assert "Lock and begin" not in text
    assert "Steps, once nothing is in its way" in text
    assert aws.performed == []


def test_of_what_cannot_move_at_all_the_page_says_so_and_asks_for_nothing(
    aws: FakeGateway, world: World, browse: Browser
) -> None:
    Environment.objects.update(controller="SERVICE_PAIR", service="")

    text = page(browse(world.requester))

    assert "Only what CodeDeploy or rolling updates deploy can be moved; shop/production is SERVICE_PAIR." in text
    assert not [each for each in ("Steps", "Where to", "to ECS", "In your infrastructure code") if each in text]


def test_the_plan_shows_steps_and_the_lines_to_change(aws: FakeGateway, world: World, browse: Browser) -> None:
    text = page(browse(world.requester), **GIVEN)

    assert "Lock and begin" in text
    assert f'value="{RULE}"' in text, "found by the load balancer's rules"
    assert "alternate_target_group_arn = &quot;" in text
    assert ">Steps<" in text
    assert "Give api to ECS" in text


def test_a_pair_is_shown_and_refused_in_words(aws: FakeGateway, world: World, browse: Browser) -> None:
    text = page(browse(world.requester), to="SERVICE_PAIR")

    assert "Tealgate does not make a pair out of one service" in text
    assert "api-green" in text
    assert "Lock and begin" not in text


def test_clicks_begin_it_do_a_step_and_take_it_back(aws: FakeGateway, world: World, browse: Browser) -> None:
    browser = browse(world.requester)

    assert "nothing was changed yet" in click(browser, begin="1", **GIVEN)
    assert Environment.objects.get().is_locked
    assert "names both target groups" in click(browser, step="1")
    assert aws.rules[RULE].weights == {API.target_group: 100, OTHER: 0}
    assert "The move is taken back" in click(browser, back="1")
    assert aws.rules[RULE].weights == {API.target_group: 1}
    assert not Environment.objects.get().is_locked
    assert [event.kind for event in Event.objects.order_by("id")] == [
        "environment.move_begun",
        "aws.SetWeights",
        "environment.move_step",
        "environment.move_back",
        "aws.SetWeights",
        "environment.move_back",
        "environment.move_ended",
    ]


def test_what_aws_refuses_is_said_and_the_step_stays_open(aws: FakeGateway, world: World, browse: Browser) -> None:
    browser = browse(world.requester)
    click(browser, begin="1", **GIVEN)
    aws.fail_next("SetWeights", errors.Denied("ModifyRule", "AccessDenied", "no"))

    text = click(browser, step="1")

    assert "AWS did not do it" in text and "Nothing was changed" in text
    assert (Move.objects.get().done, Move.objects.get().stopped) == (0, True)
    assert "names both target groups" in click(browser, step="1")


def test_what_iam_would_refuse_half_way_is_said_beforehand(aws: FakeGateway, world: World, browse: Browser) -> None:
    aws.denied.add("elasticloadbalancing:ModifyRule")

    text = click(browse(world.requester), begin="1", **GIVEN)

    assert "To have the production rule name both target groups" in text
    assert not Move.objects.exists()


def test_a_role_that_may_not_be_passed_to_ecs_is_said_beforehand(
    aws: FakeGateway, world: World, browse: Browser
) -> None:
    aws.denied.add("iam:PassRole")

    text = click(browse(world.requester), begin="1", **GIVEN)

    assert "To hand ECS the role ecs-shifts" in text
    assert not Move.objects.exists()


def test_a_lock_of_somebody_else_stays_at_the_end(aws: FakeGateway, world: World, browse: Browser) -> None:
    browser = browse(world.requester)
    click(browser, begin="1", **GIVEN)
    Environment.objects.update(lock_message="Freeze until Monday")

    click(browser, back="1")

    assert Environment.objects.get().lock_message == "Freeze until Monday"


def test_nobody_deploys_meanwhile_though_somebody_opens_the_lock(
    aws: FakeGateway, world: World, browse: Browser
) -> None:
    click(browse(world.requester), begin="1", **GIVEN)
    Environment.objects.update(locked_at=None, locked_by=None, lock_message="")
    world.environment.refresh_from_db()

    with pytest.raises(Refused, match="is moving to another way to deploy. Finish the move on its page"):
        world.request()


def test_two_clicks_at_once_are_one(aws: FakeGateway, world: World, browse: Browser) -> None:
    browser = browse(world.requester)
    click(browser, begin="1", **GIVEN)
    Move.objects.update(busy_until=timezone.now() + timedelta(seconds=30))

    assert "Somebody else has just gone on with this move" in click(browser, step="1")
    assert aws.performed == []
    Move.objects.update(busy_until=timezone.now())
    assert "names both target groups" in click(browser, step="1"), "whoever died holds it no longer"


def test_a_write_whose_answer_was_lost_is_found_by_the_next_click(
    aws: FakeGateway, world: World, browse: Browser
) -> None:
    browser = browse(world.requester)
    click(browser, begin="1", **GIVEN)
    aws.fail_next("SetWeights", errors.Unavailable("ModifyRule", "Timeout", "no answer"), after_write=True)

    assert "look again" in click(browser, step="1")
    assert "names both target groups" in click(browser, step="1")
    assert len(aws.performed) == 1


def test_who_may_not_change_environments_may_only_look(aws: FakeGateway, world: World, browse: Browser) -> None:
    text = click(browse(world.approver), begin="1", **GIVEN)

    assert "You do not have the right to change environments" in text
    assert not Move.objects.exists()


def test_the_command_plans_steps_and_goes_back(aws: FakeGateway, world: World) -> None:
    name, given = str(Environment.objects.get()), [f"--other-target-group={OTHER}", f"--infrastructure-role={ROLE}"]

    def run(*arguments: str) -> str:
        out = StringIO()
        call_command("move_environment", name, *arguments, stdout=out)
        return out.getvalue()

    assert "1. Name both target groups in the production rule" in run(*given)
    with pytest.raises(CommandError, match="Say with --as"):
        run("--step", *given)
    assert "is locked" in run("--step", "--as=requester", *given)
    assert "names both target groups" in run("--step", "--as=requester")
    assert "taken back" in run("--back", "--as=requester")
    assert aws.rules[RULE].weights == {API.target_group: 1}


def test_the_command_shows_no_step_of_what_cannot_move(aws: FakeGateway, world: World) -> None:
    Environment.objects.update(controller="SERVICE_PAIR", service="")
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("move_environment", "shop/production", stdout=out, no_color=True)

    assert out.getvalue().splitlines() == [
        "Only what CodeDeploy or rolling updates deploy can be moved; shop/production is SERVICE_PAIR."
    ]
