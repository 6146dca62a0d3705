"""What the deployment's page tells of each target: whatever a controller kept of it, and nothing more."""

from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from deployments import swaps
from deployments.delivery.models import Deployment
from deployments.delivery.views.targets import spaced, targets
from deployments.swaps.service_pair import ServicePair
from deployments.vocabulary import Status
from tests.admin.conftest import Browser
from tests.admin.test_deployment_page import EVIL, page
from tests.delivery.engine.world import World

NOON, LATER = "2026-03-02T12:00:00+00:00", "2026-03-02T12:00:42+00:00"


def event(name: str, status: str = "Succeeded", **more: Any) -> dict[str, Any]:
    started = NOON if status != "Pending" else ""
    ended = LATER if status in ("Succeeded", "Failed") else ""
    return {"name": name, "status": status, "started": started, "ended": ended, "error_code": "", "script": "",
            "message": "", "log": "", **more}  # fmt: skip


FINE = {"target": "i-0aaa", "status": "Succeeded", "events": [event("BeforeInstall", error_code="Success")]}
FAILED = {
    "target": "i-0bbb",
    "status": "Failed",
    "label": "Green",
    "events": [
        event("BeforeInstall", log="[stdout]migrated"),
        event("ApplicationStart", "Failed", error_code="ScriptFailed", script="scripts/start.sh",
              message="exit code 1", log="[stderr]no such table"),
        event("ValidateService", "Pending"),
    ],
}  # fmt: skip


@pytest.fixture
def told(world: World) -> Deployment:
    deployment = world.request()
    deployment.targets = deepcopy([FINE, FAILED])
    deployment.save(update_fields=["targets"])
    return deployment


def test_the_page_shows_each_target_with_its_lifecycle_events(
    told: Deployment, browse: Browser, outsider: User
) -> None:
    text = page(browse, outsider, told)

    for said in ("2 targets, 1 done", "i-0aaa", "i-0bbb", "replacement", "1 lifecycle event: 1 succeeded", "42 s",
                 "3 lifecycle events: 1 succeeded, 1 failed", "[stdout]migrated"):  # fmt: skip
        assert said in text


def test_the_event_that_failed_stands_before_everything_else(told: Deployment, browse: Browser, outsider: User) -> None:
    text = page(browse, outsider, told)

    assert "<strong>ApplicationStart</strong> failed in <code>scripts/start.sh</code>: exit code 1" in text
    assert "(script failed)" in text
    assert "[stderr]no such table" in text
    assert text.index("i-0bbb") < text.index("i-0aaa")


def test_what_succeeded_says_nothing_of_an_error(told: Deployment) -> None:
    (fine,) = (target for target in targets(told) if target.id == "i-0aaa")

    assert (fine.events[0].error_code, fine.failure, fine.current) == ("", None, None)


def test_a_target_that_is_worked_on_says_at_what(told: Deployment, browse: Browser, outsider: User) -> None:
    told.targets = [{"target": "i-0ccc", "status": "InProgress", "events": [event("Install", "InProgress")]}]
    told.save(update_fields=["targets"])

    text = page(browse, outsider, told)

    assert "In progress" in text
    assert "1 lifecycle event: now Install" in text
    assert f'data-elapsed="{NOON}"' in text


def test_targets_that_move_on_show_without_a_reload(told: Deployment, browse: Browser, outsider: User) -> None:
    client = browse(outsider)
    address = reverse("admin:deployments_deployment_live", args=[told.pk])
    version = client.get(address)["X-Tealgate-Version"]
    assert client.get(address, {"v": version}).status_code == 204

    told.targets[1]["status"] = "Succeeded"
    told.save(update_fields=["targets"])

    assert "2 targets, 2 done" in client.get(address, {"v": version}).content.decode()


def test_a_controller_that_tells_of_targets_says_what_will_stand_there(
    world: World, browse: Browser, outsider: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = world.request()
    assert "Targets" not in page(browse, outsider, deployment)

    monkeypatch.setattr(ServicePair, "shows_targets", True)
    assert "As soon as the first target is reached" in page(browse, outsider, deployment)

    Deployment.objects.filter(pk=deployment.pk).update(status=Status.STOPPED, finished_at=timezone.now())
    assert "It ended before any target was reached." in page(browse, outsider, deployment)


def test_only_codedeploy_tells_of_targets() -> None:
    names = ("SERVICE_PAIR", "ROLLING", "ECS", "EXPRESS_MODE", "CODE_DEPLOY")

    assert [swaps.get(name).shows_targets for name in names] == [False, False, False, False, True]


def test_members_may_be_missing_and_nothing_becomes_markup(told: Deployment, browse: Browser, outsider: User) -> None:
    scripted = event(EVIL, "Failed", script=EVIL, message=EVIL, log=EVIL, error_code=EVIL, started="soon")
    told.targets = [{}, {"target": EVIL, "events": [{}, scripted]}]
    told.save(update_fields=["targets"])

    text = page(browse, outsider, told)

    assert EVIL not in text
    assert "unnamed" in text


@pytest.mark.parametrize(
    ("word", "said"), [("InProgress", "In progress"), ("Succeeded", "Succeeded"), ("ScriptMissing", "Script missing")]
)
def test_words_of_codedeploy_are_spaced(word: str, said: str) -> None:
    assert spaced(word) == said
