"""A new environment has a gate unless somebody says, with name and reason, that it needs none."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from deployments.catalog import discovery, environments
from deployments.catalog.models import Environment, GatePolicy
from deployments.people import roles
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.admin.test_environments import ALONE, address, form_data
from tests.delivery.engine.world import NOON, World

ADD = "/deployments/environment/add/?by_hand=1"


@pytest.fixture
def proposed(world: World, browse: Browser, administrator: User) -> dict[str, Any]:
    """What a browser sends of the form as it is offered, with what has no default typed in."""
    data = form_data(browse(administrator).get(ADD))
    columns = ("region", "cluster", "production_rule", "blue_service", "green_service", "blue_target_group")
    Environment.objects.update(**ALONE)
    return {
        **data,
        **{name: getattr(world.environment, name) for name in (*columns, "green_target_group", "container_name")},
        "application": world.environment.application_id,
        "name": "staging",
    }


def test_the_form_proposes_one_to_the_approvers_with_production_untouched(
    proposed: dict[str, Any], browse: Browser, administrator: User
) -> None:
    browse(administrator).post(ADD, proposed)

    (gate,) = GatePolicy.objects.filter(environment__name="staging")
    assert (gate.stage, [group.name for group in gate.groups.all()]) == ("POST_TEST_TRAFFIC_SHIFT", [roles.APPROVERS])


def test_deleting_it_takes_a_reason_which_is_kept_with_the_name(
    proposed: dict[str, Any], browse: Browser, administrator: User
) -> None:
    client, none = browse(administrator), {**proposed, "gate_policies-TOTAL_FORMS": "0"}

    refused = client.post(ADD, none).content.decode()
    assert "Nobody would be asked. Keep a gate, or say why nobody has to approve" in refused
    assert not Environment.objects.filter(name="staging").exists()

    client.post(ADD, {**none, "no_gate_because": "The pipeline has tested it"})
    environment = Environment.objects.get(name="staging")
    assert environment.unattended_sentence.startswith(f"{administrator.get_username()} said at ")
    assert environment.unattended_sentence.endswith("that nobody has to approve: The pipeline has tested it.")
    assert Event.objects.latest("pk").kind == "environment.unattended"


def test_taking_the_last_gate_away_takes_a_reason_and_a_gate_asks_again(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    data = {**form_data(client.get(address("change", world))), "gate_policies-0-DELETE": "on"}

    assert "Nobody would be asked." in client.post(address("change", world), data).content.decode()
    client.post(address("change", world), {**data, "no_gate_because": "Staging"})
    assert not GatePolicy.objects.exists()
    assert Environment.objects.get().unattended_reason == "Staging"

    gate = {"gate_policies-TOTAL_FORMS": "1", "gate_policies-0-stage": "POST_TEST_TRAFFIC_SHIFT",
            "gate_policies-0-approvals": "1", "gate_policies-0-timeout_minutes": "60",
            "gate_policies-0-timeout_action": "ROLLBACK"}  # fmt: skip
    client.post(address("change", world), form_data(client.get(address("change", world))) | gate)
    assert GatePolicy.objects.exists()
    assert Environment.objects.get().unattended_sentence == ""


def test_an_older_environment_without_a_gate_can_still_be_edited(
    world: World, browse: Browser, administrator: User
) -> None:
    GatePolicy.objects.all().delete()
    client = browse(administrator)

    client.post(address("change", world), form_data(client.get(address("change", world))) | {"bake_seconds": 7})

    assert Environment.objects.get().bake_seconds == 7


@pytest.fixture
def in_aws(aws: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The form of discovery, filled in for a pair that AWS has."""
    monkeypatch.setattr(discovery, "connect", lambda binding: aws.aws)
    environment = aws.environment
    Environment.objects.update(**ALONE)
    return {"application": environment.application_id, "name": "found", "region": environment.region,
            "chosen": f"service:{environment.cluster}/{environment.blue_service}", "see": ""}  # fmt: skip


def test_an_environment_that_is_read_from_aws_gets_one(
    in_aws: dict[str, Any], browse: Browser, administrator: User
) -> None:
    client, page = browse(administrator), "/deployments/environment/discover/"
    roles.ensure_roles()

    looked = client.post(page, in_aws).content.decode()
    assert "A gate at post test traffic shift is proposed: 1 approval by Approvers, not by the requester" in looked

    client.post(page, {**in_aws, "keep": "1"})
    (gate,) = GatePolicy.objects.filter(environment__name="found")
    assert [group.name for group in gate.groups.all()] == [roles.APPROVERS]


def test_one_that_is_read_from_aws_without_a_gate_keeps_who_said_why(
    in_aws: dict[str, Any], browse: Browser, administrator: User
) -> None:
    client = browse(administrator)

    client.post("/deployments/environment/discover/", {**in_aws, "keep": "1", "no_gate_because": "x" * 300})
    assert not Environment.objects.filter(name="found").exists(), "the reason is too long, and nothing is left"

    client.post("/deployments/environment/discover/", {**in_aws, "keep": "1", "no_gate_because": "Staging"})
    environment = Environment.objects.get(name="found")
    assert (environment.gate_policies.count(), environment.unattended_reason) == (0, "Staging")


@pytest.mark.parametrize(("name", "rank", "warned"), [("production", 10, True), ("qa", 20, True), ("qa", 5, False)])
def test_preflight_warns_where_customers_are_and_nobody_is_asked(
    aws: World, name: str, rank: int, warned: bool
) -> None:
    Environment.objects.create(application=aws.environment.application, name="other", rank=15)
    GatePolicy.objects.all().delete()
    Environment.objects.filter(pk=aws.environment.pk).update(name=name, rank=rank)
    aws.environment.refresh_from_db()

    def checks() -> list[str]:
        return [each.check for each in environments.check(aws.environment, now=NOON).results]

    assert checks().count(environments.NOBODY_ASKED) == warned
    Environment.objects.update(unattended_at=NOON, unattended_reason="Nobody uses it")
    aws.environment.refresh_from_db()
    assert environments.NOBODY_ASKED not in checks()


def test_board_and_plan_say_who_said_why_nobody_is_asked(aws: World, browse: Browser, requester: User) -> None:
    GatePolicy.objects.all().delete()
    client = browse(requester)
    asked = f"?release={aws.release.pk}&environment={aws.environment.pk}&strategy=CANARY"
    pages = ("/", reverse("admin:deployments_deployment_preview") + asked)
    for page in pages:
        assert "Nobody has said why nobody has to approve." in client.get(page).content.decode()

    Environment.objects.update(unattended_at=NOON, unattended_reason="Staging")
    for page in pages:
        assert "that nobody has to approve: Staging." in client.get(page).content.decode()
