"""Links of an application: typed, proposed, and where they are shown."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from deployments.catalog import links
from deployments.catalog.models import Environment, Link
from deployments.delivery.models import Deployment
from deployments.delivery.views import links as views
from deployments.link_template import VALUES
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

GRAFANA = "https://grafana.example.com/d/ecs?var-service={service}&from={started_ms}&to={ended_ms}"


def change(pk: int) -> str:
    return reverse("admin:deployments_application_change", args=[pk])


def typed(world: World, template: str, **more: Any) -> dict[str, Any]:
    application = world.environment.application
    return {
        "name": application.name, "slug": application.slug, "description": "", "repository_url": "", "registries": "",
        "registry_secret": "", "links-TOTAL_FORMS": "1", "links-INITIAL_FORMS": "0", "links-0-name": "Dashboard",
        "links-0-template": template, "links-0-application": str(application.pk), "links-0-on_deployment": "on",
    } | more  # fmt: skip


def test_a_link_is_shown_on_board_deployment_and_gate_in_a_new_tab(
    world: World, at_gate: Deployment, browse: Browser, approver: User
) -> None:
    application = world.environment.application
    Environment.objects.update(live_release=world.release, live_since=world.clock())
    for name in ("board", "deployment", "gate"):
        chosen = {f"on_{place}": place == name for place in ("board", "deployment", "gate")}
        Link.objects.create(
            application=application, name=name, template=f"https://x.example.com/{name}/{{version}}", **chosen
        )

    page = browse(approver).get(reverse("admin:deployments_deployment_change", args=[at_gate.pk])).content.decode()
    board = browse(approver).get(reverse("admin:index")).content.decode()

    found = re.findall(r'<a href="(https://x[^"]*)" rel="noopener noreferrer" target="_blank">', page)
    assert found == ["https://x.example.com/deployment/1.1.0", "https://x.example.com/gate/1.1.0"]
    assert re.findall(r'href="(https://x[^"]*)"', board) == ["https://x.example.com/board/1.1.0"]


def test_a_template_is_checked_when_it_is_saved_and_told_in_the_log(
    world: World, browse: Browser, administrator: User
) -> None:
    address = change(world.environment.application_id)

    refused = browse(administrator).post(address, typed(world, "javascript:{version}")).content.decode()
    assert "An address begins with https:// or http://" in refused
    assert not Link.objects.exists()

    browse(administrator).post(address, typed(world, GRAFANA))

    assert Link.objects.get().template == GRAFANA
    event = Event.objects.filter(kind="application.changed").latest("pk")
    assert event.data["changed"]["links"]["after"][0]["template"] == GRAFANA


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("https://x.example.com/{service}?from={started_ms}&to={ended_ms}", r"https://x.example.com/shop-green\?from=\d{13}&to=now"),
        ("https://x.example.com/{log_group}", r"Left out: {log_group} is not known of"),
        ("https://x.example.com/{nothing}", r"There is no {nothing} \(at character 23\)"),
        ("https://x.example.com/{ticket}", r"Left out: {ticket} is not known"),
    ],
)  # fmt: skip
def test_a_preview_says_what_it_leads_to_or_why_it_is_left_out(
    world: World, at_gate: Deployment, browse: Browser, administrator: User, template: str, says: str
) -> None:
    address = reverse("admin:deployments_application_link_preview", args=[world.environment.application_id])

    answer = browse(administrator).get(address, {"template": template})

    assert re.match(says, answer.json()["said"])


def test_links_of_aws_console_are_added_by_a_click_with_the_log_group_of_what_runs(
    world: World, at_gate: Deployment, browse: Browser, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "connect", lambda binding: world.aws)
    arn = at_gate.facts["task_definition"]
    container = world.aws.task_definitions[arn].document["containerDefinitions"][0]
    container["logConfiguration"] = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/shop"}}
    pk = world.environment.application_id
    propose = reverse("admin:deployments_application_propose_link", args=[pk])
    page = browse(administrator).get(change(pk)).content.decode()
    assert "Add CloudWatch logs" in page

    for name in ("CloudWatch logs", "ECS console"):
        browse(administrator).post(propose, {"name": name})

    page = browse(administrator).get(reverse("admin:deployments_deployment_change", args=[at_gate.pk])).content.decode()
    console = "https://eu-central-1.console.aws.amazon.com"
    assert f"{console}/cloudwatch/home?region=eu-central-1#logsV2:log-groups/log-group/$252Fecs$252Fshop" in page
    assert f"{console}/ecs/v2/clusters/shop/services/shop-green/health?region=eu-central-1" in page
    assert Environment.objects.get().log_group == "/ecs/shop"


def test_every_value_that_a_template_may_name_is_known_of_a_deployment(world: World, at_gate: Deployment) -> None:
    values = views.of(at_gate)

    assert set(values) == set(VALUES)
    assert {name for name, value in values.items() if not value} == {
        "account", "cloudwatch_log_group", "ended", "git_sha", "log_group", "previous_version", "ticket",
    }  # fmt: skip


def test_whoever_may_not_change_applications_adds_none(world: World, browse: Browser, approver: User) -> None:
    propose = reverse("admin:deployments_application_propose_link", args=[world.environment.application_id])

    page = browse(approver).post(propose, {"name": "ECS console"}, follow=True).content.decode()

    assert "right to change applications" in page
    assert not Link.objects.exists()
