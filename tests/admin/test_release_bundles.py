"""Releases for servers: asked for only where an environment needs them, refused in sentences, never changed."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from deployments.aws import errors
from deployments.aws.codedeploy_values import Bundle
from deployments.catalog import bundles, offers
from deployments.catalog.models import Application, Environment, Release
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World
from tests.fakes.aws import FakeGateway

ADD = "admin:deployments_release_add"
COMMIT = f"shop/reports@{'a' * 40}"
SERVERS = {"controller": "CODE_DEPLOY", "compute_platform": "Server", "codedeploy_application": "reports",
           "codedeploy_group": "web"}  # fmt: skip


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    gateway = FakeGateway()
    gateway.bundles["bundles", "reports.zip"] = Bundle(etag="0123")
    monkeypatch.setattr(bundles, "connect", lambda binding: gateway)
    return gateway


@pytest.fixture
def reports(world: World, s3: FakeGateway) -> Application:
    """An application that runs on servers only."""
    application = Application.objects.create(name="Reports", slug="reports")
    Environment.objects.create(application=application, name="production", **SERVERS)
    return application


def register(browse: Browser, world: World, application: Application, address: str, **changes: str) -> Any:
    data = {"application": str(application.pk), "version": "1.1.0", "address": address, "git_sha": "", "notes": ""}
    return browse(world.requester).post(reverse(ADD), data | changes, follow=True)


def test_a_bundle_is_registered_and_its_page_shows_it(reports: Application, world: World, browse: Browser) -> None:
    text = register(browse, world, reports, "s3://bundles/reports.zip").content.decode()

    release = reports.releases.get()
    assert release.bundle == {
        "type": "S3", "bucket": "bundles", "key": "reports.zip", "bundleType": "zip", "eTag": "0123"
    }  # fmt: skip
    assert "s3://bundles/reports.zip" in text
    assert "An archive in S3" in text
    assert "pinned by its ETag 0123" in text


def test_a_commit_is_registered_and_linked(reports: Application, world: World, browse: Browser) -> None:
    text = register(browse, world, reports, COMMIT).content.decode()

    assert reports.releases.get().git_sha == "a" * 40
    assert f'href="https://github.com/shop/reports/commit/{"a" * 40}"' in text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://bundles/gone.zip", "s3://bundles/gone.zip does not exist. Upload it first"),
        ("shop/reports@main", "Give the whole commit id, 40 hexadecimal digits: a branch or tag may move."),
        ("reports.zip", "is neither an archive nor a commit"),
        ("", "This field is required."),
    ],
)
def test_a_bundle_that_cannot_be_is_a_sentence_at_its_field(
    reports: Application, world: World, browse: Browser, address: str, said: str
) -> None:
    answer = register(browse, world, reports, address)

    assert said in str(answer.context["bundle"].errors["address"])
    assert f'value="{address}"' in answer.content.decode() or not address
    assert not reports.releases.exists()


def test_a_bundle_that_s3_does_not_show_is_a_sentence(
    reports: Application, s3: FakeGateway, world: World, browse: Browser
) -> None:
    s3.fail_next("bundle", errors.Denied)

    answer = register(browse, world, reports, "s3://bundles/reports.zip")

    assert "needs s3:GetObject" in str(answer.context["bundle"].errors["address"])


def test_only_what_the_application_needs_is_asked(reports: Application, world: World, browse: Browser) -> None:
    manager = browse(world.requester)
    servers = manager.get(reverse(ADD), {"application": reports.pk}).content.decode()
    services = manager.get(reverse(ADD), {"application": world.environment.application_id}).content.decode()

    assert ('name="address"' in servers, 'name="images-0-reference"' in servers) == (True, False)
    assert ('name="address"' in services, 'name="images-0-reference"' in services) == (False, True)


def test_an_application_with_both_is_asked_which(reports: Application, world: World, browse: Browser) -> None:
    Environment.objects.create(application=reports, name="staging", controller="ROLLING")
    manager = browse(world.requester)

    text = manager.get(reverse(ADD), {"application": reports.pk}).content.decode()
    assert "What is released of Reports?" in text
    assert 'name="version"' not in text

    for kind, field in (("images", "images-0-reference"), ("bundle", "address")):
        chosen = manager.get(reverse(ADD), {"application": str(reports.pk), "artefact": kind}).content.decode()
        assert f'name="{field}"' in chosen
    register(browse, world, reports, COMMIT, artefact="bundle")
    assert reports.releases.get().bundle_address == COMMIT


def test_with_several_applications_people_say_which_first(reports: Application, world: World, browse: Browser) -> None:
    text = browse(world.requester).get(reverse(ADD)).content.decode()

    assert "A release of which application?" in text
    assert f"?application={reports.pk}" in text
    assert 'name="version"' not in text


def test_an_application_without_environments_releases_images(db: None) -> None:
    assert offers.artefacts(Application.objects.create(name="New", slug="new")) == ("images",)


def test_lists_show_bundles_and_find_them(reports: Application, world: World, browse: Browser, outsider: User) -> None:
    register(browse, world, reports, "s3://bundles/reports.zip")
    client, address = browse(outsider), reverse("admin:deployments_release_changelist")

    assert "s3://bundles/reports.zip" in client.get(address).content.decode()
    found = client.get(address, {"q": "reports.zip"}).content.decode()
    assert ("s3://bundles/reports.zip" in found, "sha256:222222222222" in found) == (True, False)


def test_a_bundle_is_shown_where_it_is_deployed(reports: Application, world: World, browse: Browser) -> None:
    register(browse, world, reports, COMMIT)
    world.environment = reports.environments.get()
    deployment = world.request("AllAtOnce", release=Release.objects.get(application=reports))

    text = browse(world.requester).get(reverse("admin:deployments_deployment_change", args=[deployment.pk]))

    assert COMMIT in text.content.decode()
