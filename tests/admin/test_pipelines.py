"""Where an environment's pipeline waits is set up in its form, and the deployment's page says what it was told."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment, PipelineAnswer
from deployments.delivery.views.deployment import load
from deployments.delivery.views.page_version import version_of
from tests.admin.conftest import Browser
from tests.admin.test_deployment_page import page
from tests.admin.test_environments import form_data
from tests.delivery.engine.world import World, make_environment
from tests.fakes.pipeline import ACTION


def save(world: World, browse: Browser, administrator: User, arn: str) -> str:
    """What the form says to it; "" when it was saved."""
    client, address = browse(administrator), reverse("admin:deployments_environment_change", args=[1])
    address = address.replace("/1/", f"/{world.environment.pk}/")
    answer = client.post(address, form_data(client.get(address)) | {"approval_action": arn})
    return "" if answer.status_code == 302 else str(answer.context["errors"])


def test_an_administrator_names_the_action_that_waits(world: World, browse: Browser, administrator: User) -> None:
    assert save(world, browse, administrator, ACTION) == ""
    assert Environment.objects.get().approval_action == ACTION

    for wrong in (ACTION.rpartition("/")[0], ACTION.replace("codepipeline", "codebuild"), "shop/Production/Wait"):
        assert "The ARN of an action of CodePipeline" in save(world, browse, administrator, wrong)


def test_no_two_environments_answer_one_action(world: World, browse: Browser, administrator: User) -> None:
    make_environment(name="staging", application=world.environment.application, approval_action=ACTION)

    assert "Another environment answers that approval action" in save(world, browse, administrator, ACTION)


def test_the_page_says_what_the_pipeline_was_told(world: World, browse: Browser, outsider: User) -> None:
    Environment.objects.update(approval_action=ACTION)
    deployment = world.request()
    before = page(browse, outsider, deployment)
    at = world.clock()
    PipelineAnswer.objects.update(told="Approved", closed_at=at)
    Deployment.objects.update(status="SUCCESSFUL", finished_at=at)

    after = page(browse, outsider, deployment)

    named = "CodePipeline shop, action Wait-for-Tealgate in stage Production: "
    assert f"{named}Will be told once this has ended." in before
    assert f"{named}told Approved at <time" in after


def test_the_page_says_why_the_pipeline_was_not_told(world: World, browse: Browser, outsider: User) -> None:
    Environment.objects.update(approval_action=ACTION)
    deployment = world.request()
    Deployment.objects.update(status="SUCCESSFUL", finished_at=world.clock())
    texts = []
    for said, closed_at in (("", None), ("It waits for shop 2.", None), ("Somebody else answered.", world.clock())):
        PipelineAnswer.objects.update(said=said, closed_at=closed_at)
        texts.append(page(browse, outsider, deployment).partition("in stage Production: ")[2].partition("</p>")[0])

    assert texts == ["Not told yet.", "Not told yet. It waits for shop 2.", "Not told. Somebody else answered."]


def test_the_page_is_another_one_once_the_pipeline_was_told(world: World, browse: Browser, outsider: User) -> None:
    Environment.objects.update(approval_action=ACTION)
    deployment = world.request()

    def version() -> str:
        return page(browse, outsider, deployment).partition('data-live-version="')[2][:20]

    before = version()
    PipelineAnswer.objects.update(said="It waits for shop 2.")

    assert version() != before


def test_the_page_is_followed_until_the_pipeline_was_told(world: World, browse: Browser, outsider: User) -> None:
    Environment.objects.update(approval_action=ACTION)
    deployment = world.request()
    address = reverse("admin:deployments_deployment_live", args=[deployment.pk])

    def ended(seconds_ago: int, **answer: Any) -> tuple[bool, bool]:
        """What its live address says, and whether the page would ask there."""
        at = timezone.now() - timedelta(seconds=seconds_ago)
        Deployment.objects.update(status="SUCCESSFUL", finished_at=at)
        PipelineAnswer.objects.update(**answer)
        seen = browse(outsider).get(address)["X-Tealgate-Ended"], page(browse, outsider, deployment)
        return seen[0] == "1", "data-live=" in seen[1]

    assert ended(5, said="") == (False, True)
    assert ended(90, said="") == (True, False)
    assert ended(5, told="Approved", closed_at=timezone.now()) == (True, False)


def test_a_page_that_is_up_to_date_is_told_of_the_end_too(world: World, browse: Browser, outsider: User) -> None:
    deployment = world.request()
    Deployment.objects.update(status="SUCCESSFUL", finished_at=timezone.now())
    version = version_of(load(deployment.pk) or deployment)

    answer = browse(outsider).get(reverse("admin:deployments_deployment_live", args=[deployment.pk]), {"v": version})

    assert (answer.status_code, answer["X-Tealgate-Ended"]) == (204, "1")
