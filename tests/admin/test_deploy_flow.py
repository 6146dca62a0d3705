"""From a release to a deployment: choose, look at the plan, confirm with a reason."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from deployments.aws.errors import Unavailable
from deployments.catalog import environments
from deployments.catalog.models import Environment
from deployments.delivery import requests
from deployments.delivery.admission import Candidate, Refusal
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World


def choose(browse: Browser, person: User, **query: Any) -> str:
    answer = browse(person).get(reverse("admin:deployments_deployment_add"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def preview(browse: Browser, world: World, strategy: str = "CANARY", person: User | None = None) -> str:
    query: dict[str, Any] = {
        "release": world.release.pk,
        "environment": world.environment.pk,
        "strategy": strategy,
    }
    answer = browse(person or world.requester).get(reverse("admin:deployments_deployment_preview"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def confirm(browse: Browser, world: World, person: User | None = None, **changes: Any) -> Any:
    data = {
        "release": world.release.pk, "environment": world.environment.pk, "strategy": "CANARY", "reason": "TICKET-7",
        "fingerprint": requests.fingerprint(world.environment, "CANARY"),
    }  # fmt: skip
    address = reverse("admin:deployments_deployment_preview")
    return browse(person or world.requester).post(address, data | changes)


def test_the_next_environment_and_its_own_strategy_are_chosen_already(world: World, browse: Browser) -> None:
    text = choose(browse, world.requester, release=world.release.pk)

    assert "tg-option-on" in text
    assert 'value="CANARY" checked' in text


def test_each_strategy_says_its_ladder(world: World, browse: Browser) -> None:
    text = choose(browse, world.requester, release=world.release.pk)

    assert "10\u00a0% for 1 min, then 100\u00a0%" in text
    assert "ladder of its own" not in text, "none was set up, so there is no tile that cannot be chosen"


def test_from_an_environment_a_release_is_chosen_first(world: World, browse: Browser) -> None:
    text = choose(browse, world.requester, environment=world.environment.pk)

    assert "Which release of Shop goes to production?" in text
    assert f"?release={world.release.pk}&amp;environment={world.environment.pk}" in text


@pytest.mark.parametrize("value", ["0", "999", "x", "-1", "9" * 30])
def test_a_release_that_does_not_exist_is_no_traceback(world: World, browse: Browser, value: str) -> None:
    text = choose(browse, world.requester, release=value, application=world.environment.application_id)

    assert "Which release of Shop?" in text


def test_the_preview_shows_plan_gate_difference_and_preflight(aws: World, browse: Browser) -> None:
    text = preview(browse, aws)

    assert "1 approval by anyone with the right to approve, not by the requester" in text
    assert "Shift traffic to 10 %" in text and "Production traffic shift" in text
    assert "tg-diff-add" in text
    assert "checks fine" in text


def test_what_changes_nothing_is_told_apart_from_what_could_not_be_read(aws: World, browse: Browser) -> None:
    same, unread = "Nothing changes in the task definition", "The live task definition could not be read"
    (live,) = aws.aws.task_definitions.values()
    (container,) = live.document["containerDefinitions"]
    pinned = {**live.document, "containerDefinitions": [{**container, "image": aws.release.pinned["web"]}]}
    aws.aws.task_definitions[live.arn] = replace(live, document=pinned)

    text = preview(browse, aws)
    del aws.aws.ecs[aws.environment.cluster, aws.environment.blue_service]

    assert same in text and unread not in text
    assert unread in (text := preview(browse, aws)) and same not in text


def test_the_preview_says_which_requests_each_rule_catches(aws: World, browse: Browser) -> None:
    text = preview(browse, aws)

    assert text.count("The production rule catches ") == 1
    assert " It catches " in text


def test_preflight_errors_disable_the_button_and_say_the_fix(aws: World, browse: Browser) -> None:
    aws.aws.alarm("shop-5xx", "ALARM", "too many")

    text = preview(browse, aws)

    assert "Preflight found errors; put them right first." in text
    assert " disabled" in text


def test_a_rule_that_an_installation_adds_refuses_on_the_page(aws: World, browse: Browser, settings: Settings) -> None:
    settings.ADMISSION_RULES = [*settings.ADMISSION_RULES, f"{__name__}.not_today"]

    seen, answered = preview(browse, aws), confirm(browse, aws).content.decode()

    assert seen.count("Deploy on another day than today.") == 1 and " disabled" in seen
    assert "Deploy on another day than today." in answered
    assert not Deployment.objects.exists()


def not_today(candidate: Candidate) -> Iterator[Refusal]:
    if candidate.now.date() == timezone.now().date():
        yield Refusal("Deploy on another day than today.")


def test_an_account_out_of_reach_is_a_sentence(aws: World, browse: Browser) -> None:
    for operation in ("identity", "rule", "services", "image"):
        aws.aws.fail_next(operation, Unavailable, times=50)

    assert "Confirm" in preview(browse, aws)


def test_a_ladder_that_cannot_be_read_is_a_sentence(aws: World, browse: Browser) -> None:
    Environment.objects.update(ladder="50:60, 10:60, 100")

    assert "has to climb" in preview(browse, aws, "LADDER")


@pytest.mark.parametrize("strategy", ["", "NONSENSE"])
def test_a_strategy_that_does_not_exist_leads_back(world: World, browse: Browser, strategy: str) -> None:
    answer = confirm(browse, world, strategy=strategy)

    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:deployments_deployment_add"))


def test_confirming_leads_to_the_deployment(aws: World, browse: Browser) -> None:
    answer = confirm(browse, aws)

    deployment = Deployment.objects.get()
    assert answer["Location"] == reverse("admin:deployments_deployment_change", args=[deployment.pk])
    assert (deployment.reason, deployment.requested_by) == ("TICKET-7", aws.requester)


def test_without_a_reason_nothing_is_deployed(aws: World, browse: Browser) -> None:
    answer = confirm(browse, aws, reason="  ")

    assert "Give a reason; it is kept with the deployment." in answer.content.decode()
    assert not Deployment.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda world: Environment.objects.update(canary_percent=50),
        lambda world: Environment.objects.update(alarms=""),
        lambda world: Environment.objects.update(live_release=world.release),
        lambda world: world.environment.gate_policies.all().delete(),
        lambda world: world.environment.webhooks.create(url="https://example.com/hook"),
        lambda world: world.environment.smoke_checks.create(path="/more"),
    ],
    ids=["ladder", "alarms", "live release", "gate", "webhook", "smoke check"],
)
def test_what_changed_since_it_was_shown_has_to_be_confirmed_again(
    aws: World, browse: Browser, change: Callable[[World], object]
) -> None:
    shown = re.search(r'name="fingerprint" value="(\w+)"', preview(browse, aws))
    assert shown
    change(aws)

    answer = confirm(browse, aws, fingerprint=shown[1])

    assert "changed since you looked" in answer.content.decode()
    assert "TICKET-7" in answer.content.decode()
    assert not Deployment.objects.exists()


def test_a_lock_is_told_before_and_after_the_click(aws: World, browse: Browser) -> None:
    environments.lock(
        environment=aws.environment, principal=Principal.person(aws.requester), message="Freeze", now=timezone.now()
    )

    assert "is locked by requester" in preview(browse, aws)
    assert "is locked by requester" in confirm(browse, aws).content.decode()
    assert not Deployment.objects.exists()


def test_a_busy_environment_says_with_what(aws: World, browse: Browser) -> None:
    aws.request()

    assert "is busy: 1.1.0 is pending there" in preview(browse, aws)
    assert "is busy: 1.1.0 is pending there" in confirm(browse, aws).content.decode()


def test_only_the_environments_deployers_may_deploy(aws: World, browse: Browser) -> None:
    aws.environment.deployers.add(Group.objects.create(name="Payments team"))

    assert "Only members of Payments team may deploy" in preview(browse, aws)
    confirm(browse, aws)
    assert not Deployment.objects.exists()


def test_a_viewer_is_refused_with_the_reason(world: World, browse: Browser, outsider: User) -> None:
    answer = browse(outsider).get(reverse("admin:deployments_deployment_add"))

    assert answer.status_code == 403
    assert "You do not have the right to deploy; ask an administrator for it." in answer.content.decode()
    assert confirm(browse, world, outsider).status_code == 403
    assert not Deployment.objects.exists()


def test_a_strategy_without_shares_of_traffic_can_be_chosen(world: World, browse: Browser, requester: User) -> None:
    Environment.objects.update(controller="ROLLING", service="api", strategy="ROLLING")

    text = choose(browse, requester, release=world.release.pk, environment=world.environment.pk)

    assert "Rolling: tasks are replaced a few at a time" in text
    assert "CodeDeploy's presets" not in text


def test_an_environment_that_takes_nothing_now_is_not_proposed(world: World, browse: Browser, requester: User) -> None:
    environments.lock(
        environment=world.environment, principal=Principal.person(requester), message="Freeze", now=timezone.now()
    )
    other = Environment.objects.get(pk=world.environment.pk)
    other.pk, other.name, other.rank, other.locked_at = None, "zone-b", 99, None
    other.save(force_insert=True)

    answer = browse(requester).get(reverse("admin:deployments_deployment_add"), {"release": world.release.pk})

    assert answer.context["env"] == other
