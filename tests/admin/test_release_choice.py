"""Which release to deploy: what tells it from the others, and how near its plan is."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deployments.admin.release_choice import Choice
from deployments.catalog.models import Application, Environment, Release, ReleaseImage
from deployments.delivery.models import Deployment
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World, make_release


def asked(browse: Browser, world: World, **query: Any) -> Any:
    answer = browse(world.requester).get(
        reverse("admin:deployments_deployment_add"), {"environment": world.environment.pk, **query}
    )
    assert answer.status_code == 200
    return answer


def choice(browse: Browser, world: World, version: str, **query: Any) -> Choice:
    (found,) = [
        each for each in asked(browse, world, **query).context["choices"].items if each.release.version == version
    ]
    assert isinstance(found, Choice)
    return found


def test_a_release_leads_to_its_plan_there(world: World, browse: Browser) -> None:
    found = choice(browse, world, "1.1.0", reason="Back from 1.2.0")

    where = f"release={world.release.pk}&environment={world.environment.pk}&reason=Back+from+1.2.0"
    assert found.link == f"{reverse('admin:deployments_deployment_preview')}?{where}&strategy=CANARY"
    assert found.other == f"{reverse('admin:deployments_deployment_add')}?{where}"


def test_without_a_strategy_of_its_own_it_is_asked_for(world: World, browse: Browser) -> None:
    Environment.objects.update(strategy="LADDER")

    found = choice(browse, world, "1.1.0")

    assert (found.link.partition("?")[0], found.other) == (reverse("admin:deployments_deployment_add"), "")


def test_it_says_what_it_brings_and_where_it_comes_from(world: World, browse: Browser) -> None:
    application = world.environment.application
    Application.objects.update(repository_url="https://github.com/acme/shop")
    Release.objects.create(application=application, version="1.2.0", git_sha="0a1b2c3d4e5f", registered_by="ci (run 7)",
                           notes="\n Faster checkout\nand more")  # fmt: skip

    text = asked(browse, world).content.decode()

    for said in ("Faster checkout", "https://github.com/acme/shop/commit/0a1b2c3d4e5f", "by ci (run 7)"):
        assert said in text
    assert "and more" not in text
    assert text.index("<strong>1.2.0</strong>") < text.index("<strong>1.1.0</strong>")


def test_it_says_what_is_live_and_what_is_the_same(world: World, browse: Browser) -> None:
    make_release(world.environment.application, "1.1.1")  # by its images
    make_release(world.environment.application, "1.2.0", "3")
    Environment.objects.update(live_release=world.release)

    assert "Live here" in asked(browse, world).content.decode()
    assert choice(browse, world, "1.1.1").equals == "1.1.0"
    assert choice(browse, world, "1.2.0").equals == ""
    assert choice(browse, world, "1.1.0").equals == ""


def test_one_that_was_rolled_back_says_when_and_why(world: World, browse: Browser) -> None:
    deployment = world.request()
    Deployment.objects.update(status="ROLLBACK_SUCCESSFUL", status_reason="Too many 5xx", finished_at=timezone.now())

    text = asked(browse, world).content.decode()

    assert choice(browse, world, "1.1.0").trouble == deployment
    assert re.search(r"Rolled back</span> on production .* ago</time>: Too many 5xx", text)


def test_one_that_was_turned_back_says_so_once(world: World, browse: Browser) -> None:
    world.request()
    reason = "Too many 5xx. Rolled back: All traffic is on old 1.0.0."
    Deployment.objects.update(status="ROLLBACK_SUCCESSFUL", status_reason=reason, finished_at=timezone.now())

    text = asked(browse, world).content.decode()

    assert text.count("Rolled back") == 1 and "Too many 5xx." in text


def test_one_that_went_well_since_says_no_trouble(world: World, browse: Browser) -> None:
    world.request()
    Deployment.objects.update(status="FAILED", finished_at=timezone.now())
    world.request()
    Deployment.objects.filter(status="PENDING").update(status="SUCCESSFUL", finished_at=timezone.now())

    found = choice(browse, world, "1.1.0")

    assert (found.trouble, found.was_on) == (None, ("production",))


def test_one_that_cannot_go_there_says_why_and_is_no_link(world: World, browse: Browser) -> None:
    ReleaseImage.objects.all().delete()
    Release.objects.filter(pk=world.release.pk).update(
        bundle={"type": "S3", "bucket": "b", "key": "k.zip", "bundleType": "zip", "eTag": "e"}
    )

    assert "production takes images" in choice(browse, world, "1.1.0").refusal
    assert "tg-release-link" not in asked(browse, world).content.decode()


def test_a_place_for_others_says_so_once(world: World, browse: Browser) -> None:
    make_release(world.environment.application, "1.2.0", "3")
    world.environment.deployers.add(Group.objects.create(name="Payments team"))

    text = asked(browse, world).content.decode()

    assert text.count("Only members of Payments team may deploy to shop/production.") == 1
    assert "tg-release-link" not in text


@pytest.mark.parametrize(("said", "found"), [("1.2", ["1.2.0"]), ("checkout", ["1.2.0"]), ("nothing", []), ("%", [])])
def test_releases_are_searched(said: str, found: list[str], world: World, browse: Browser) -> None:
    Release.objects.create(application=world.environment.application, version="1.2.0", notes="Faster checkout")

    answer = asked(browse, world, q=said)

    assert [each.release.version for each in answer.context["choices"].items] == found
    assert ("Show the newest" in answer.content.decode()) == (not found)


def test_it_costs_no_more_queries_for_more_releases(world: World, browse: Browser) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            asked(browse, world)
        return len(seen)

    Environment.objects.update(live_release=make_release(world.environment.application, "1.9.0", "9"))
    queries()
    before = queries()
    for number in range(35):
        make_release(world.environment.application, f"2.{number}.0", "3")

    assert queries() == before
    assert "These are the newest 30." in asked(browse, world).content.decode()


def test_a_release_that_ci_registered_is_requested_by_three_clicks(aws: World, browse: Browser) -> None:
    """Deploy on its page, the plan of what is chosen already, and the confirmation."""
    client = browse(aws.requester)
    page = client.get(reverse("admin:deployments_release_change", args=[aws.release.pk])).content.decode()
    (deploy,) = re.findall(r'class="tg-button tg-button-large" href="([^"]+)"', page)

    chosen = client.get(deploy).context
    plan = reverse("admin:deployments_deployment_preview")
    said = {"release": aws.release.pk, "environment": chosen["env"].pk, "strategy": chosen["chosen"]}
    shown = client.get(plan, said).context["preview"]
    answer = client.post(plan, {**said, "reason": "TICKET-7", "fingerprint": shown.fingerprint})

    assert answer.status_code == 302
    assert Deployment.objects.get().release == aws.release
