"""Following a page: nothing to say is 204, something to say is the page's regions."""

import re
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from deployments.delivery.models import Deployment
from deployments.record.append import append_event
from deployments.vocabulary import Status
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World


def live(browse: Browser, person: User, deployment: Deployment, version: str = "") -> Any:
    return browse(person).get(reverse("admin:deployments_deployment_live", args=[deployment.pk]), {"v": version})


def test_nothing_changed_is_204(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    first = live(browse, outsider, at_gate)

    assert first.status_code == 200
    assert live(browse, outsider, at_gate, first["X-Tealgate-Version"]).status_code == 204


def test_the_page_starts_from_the_version_that_the_updates_know(
    at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    text = browse(outsider).get(reverse("admin:deployments_deployment_change", args=[at_gate.pk])).content.decode()
    version = re.search(r'data-live-version="(\w+)"', text)

    assert version
    assert live(browse, outsider, at_gate, version[1]).status_code == 204


def test_an_event_brings_the_regions_again(world: World, at_gate: Deployment, browse: Browser, outsider: User) -> None:
    version = live(browse, outsider, at_gate)["X-Tealgate-Version"]
    append_event(at_gate, "deployment.noted", "Somebody waved", now=world.clock())

    answer = live(browse, outsider, at_gate, version)

    assert answer.status_code == 200
    assert "Somebody waved" in answer.content.decode()
    assert set(re.findall(r'data-region="(\w+)"', answer.content.decode())) == {
        "head", "gate", "traffic", "failure", "timeline", "side", "now",
    }  # fmt: skip


def test_an_approval_changes_the_version(world: World, at_gate: Deployment, browse: Browser, outsider: User) -> None:
    version = live(browse, outsider, at_gate)["X-Tealgate-Version"]
    world.approve(at_gate)

    assert live(browse, outsider, at_gate, version).status_code == 200


def test_taking_a_lease_changes_nothing_that_is_seen(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    version = live(browse, outsider, at_gate)["X-Tealgate-Version"]
    Deployment.objects.filter(pk=at_gate.pk).update(lease_token="worker 7", waits=9, next_check_at=None)

    assert live(browse, outsider, at_gate, version).status_code == 204


def test_the_end_is_said_so_that_nobody_asks_again(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    assert live(browse, outsider, at_gate)["X-Tealgate-Ended"] == ""
    Deployment.objects.filter(pk=at_gate.pk).update(status=Status.STOPPED)

    assert live(browse, outsider, at_gate)["X-Tealgate-Ended"] == "1"


def test_an_unchanged_page_costs_few_queries(
    at_gate: Deployment, browse: Browser, outsider: User, django_assert_max_num_queries: Any
) -> None:
    version = live(browse, outsider, at_gate)["X-Tealgate-Version"]
    client = browse(outsider)

    with django_assert_max_num_queries(16):
        client.get(reverse("admin:deployments_deployment_live", args=[at_gate.pk]), {"v": version})


def test_the_board_answers_204_until_something_happens(
    world: World, at_gate: Deployment, browse: Browser, approver: User
) -> None:
    client, address = browse(approver), reverse("admin:deployments_board_live")
    first = client.get(address)
    assert client.get(address, {"v": first["X-Tealgate-Version"]}).status_code == 204

    world.approve(at_gate)

    assert client.get(address, {"v": first["X-Tealgate-Version"]}).status_code == 200
