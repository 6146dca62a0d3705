"""Registering releases: every refusal is a sentence at its field."""

from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from deployments.aws import errors
from deployments.aws.values import Image
from deployments.catalog import releases
from deployments.catalog.models import Application, Release
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World
from tests.fakes.aws import FakeGateway

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    gateway = FakeGateway()
    gateway.images[ECR, "1.2.0"] = Image(repository=ECR, tag="1.2.0", digest=DIGEST, platforms=("linux/amd64",))
    monkeypatch.setattr(releases, "connect", lambda binding: gateway)
    return gateway


def register(browse: Browser, world: World, *images: tuple[str, str], **changes: str) -> Any:
    rows = images or (("web", f"{ECR}:1.2.0"),)
    data = {
        "application": str(world.environment.application_id), "version": "1.2.0", "git_sha": "", "notes": "",
        "images-TOTAL_FORMS": str(len(rows)), "images-INITIAL_FORMS": "0",
    }  # fmt: skip
    for number, (container, reference) in enumerate(rows):
        data |= {f"images-{number}-container": container, f"images-{number}-reference": reference}
    return browse(world.requester).post(reverse("admin:deployments_release_add"), data | changes, follow=True)


def test_a_release_is_registered_with_its_digest(ecr: FakeGateway, world: World, browse: Browser) -> None:
    text = register(browse, world, git_sha="9FCEB02", notes="Faster").content.decode()

    release = Release.objects.get(version="1.2.0")
    assert (release.images.get().digest, release.git_sha, release.registered_by) == (DIGEST, "9fceb02", "requester")
    assert "is registered" in text


def test_the_form_takes_a_commit_that_is_hashed_with_sha256(ecr: FakeGateway, world: World, browse: Browser) -> None:
    register(browse, world, git_sha="9fceb02d" * 8)

    assert Release.objects.get(version="1.2.0").git_sha == "9fceb02d" * 8


def test_the_form_suggests_the_containers_that_are_known(world: World, browse: Browser) -> None:
    text = browse(world.requester).get(reverse("admin:deployments_release_add")).content.decode()

    assert '<option value="web">' in text
    assert 'value="web"' in text


def test_an_unknown_tag_is_a_sentence_at_the_image(ecr: FakeGateway, world: World, browse: Browser) -> None:
    text = register(browse, world, ("web", f"{ECR}:9.9")).content.decode()

    assert "does not exist in ECR" in text
    assert f'value="{ECR}:9.9"' in text


@pytest.mark.parametrize(
    ("error", "said"), [(errors.Denied, "ECR would not show"), (errors.Unavailable, "could not be resolved")]
)
def test_a_registry_without_access_or_answer_is_a_sentence(
    ecr: FakeGateway, world: World, browse: Browser, error: type[errors.AwsError], said: str
) -> None:
    ecr.fail_next("image", error)

    assert said in register(browse, world).content.decode()
    assert not Release.objects.filter(version="1.2.0").exists()


def test_a_registry_that_is_not_listed_is_a_sentence(world: World, browse: Browser) -> None:
    text = register(browse, world, ("web", "ghcr.io/example/shop:1")).content.decode()

    assert "is not on Shop&#x27;s list of registries" in text


def test_a_time_out_is_a_sentence(world: World, browse: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **kwargs: Any) -> None:
        raise httpx.ConnectTimeout("no answer")

    monkeypatch.setattr(httpx.Client, "send", never)
    answer = register(browse, world, ("web", "docker.io/library/nginx:1.27"))

    assert answer.status_code == 200
    assert not Release.objects.filter(version="1.2.0").exists()


def test_the_refusal_stands_at_the_row_that_it_is_about(ecr: FakeGateway, world: World, browse: Browser) -> None:
    answer = register(browse, world, ("web", f"{ECR}:1.2.0"), ("worker", f"{ECR}:9.9"))

    first, second = answer.context["images"].forms
    assert not first.errors
    assert "9.9" in str(second.errors["reference"])


@pytest.mark.parametrize("version", ["", "a b", "<b>", "x" * 200])
def test_a_bad_version_is_a_sentence_at_its_field(
    ecr: FakeGateway, world: World, browse: Browser, version: str
) -> None:
    answer = register(browse, world, version=version)

    assert answer.status_code == 200
    assert answer.context["form"].errors["version"]


def test_a_version_can_be_used_once(ecr: FakeGateway, world: World, browse: Browser) -> None:
    assert "already" in register(browse, world, version="1.1.0").content.decode()


def test_one_container_cannot_stand_there_twice(ecr: FakeGateway, world: World, browse: Browser) -> None:
    text = register(browse, world, ("web", f"{ECR}:1.2.0"), ("web", f"{ECR}:1.2.0")).content.decode()

    assert "Container web stands here twice." in text


def test_an_image_without_its_container_is_told_so(ecr: FakeGateway, world: World, browse: Browser) -> None:
    assert "This field is required" in register(browse, world, (" ", f"{ECR}:1.2.0")).content.decode()


def test_another_row_comes_without_scripts_too(world: World, browse: Browser) -> None:
    text = register(browse, world, ("web", f"{ECR}:1.2.0"), more="1").content.decode()

    assert 'name="images-1-container"' in text
    assert f'value="{ECR}:1.2.0"' in text


def test_a_broken_form_is_no_traceback(world: World, browse: Browser) -> None:
    address = reverse("admin:deployments_release_add")

    assert browse(world.requester).post(address, {"version": "1"}).status_code == 200


def test_the_page_shows_digest_and_history(at_gate: Any, world: World, browse: Browser, outsider: User) -> None:
    text = browse(outsider).get(reverse("admin:deployments_release_change", args=[world.release.pk])).content.decode()

    assert "sha256:" + "2" * 64 in text
    assert "shop/production" in text
    assert "You do not have the right to deploy" in text


def test_releases_are_found_by_their_application_and_not_by_the_path_of_their_image(
    world: World, browse: Browser, outsider: User
) -> None:
    (image,) = world.release.images.all()
    client, address = browse(outsider), reverse("admin:deployments_release_changelist")
    page = reverse("admin:deployments_release_change", args=[world.release.pk])

    assert page in client.get(address, {"q": world.release.application.name}).content.decode()
    assert page in client.get(address, {"q": image.digest[:20]}).content.decode()
    assert page not in client.get(address, {"q": image.repository.partition("/")[0]}).content.decode()


def test_the_list_says_where_a_release_is_live(world: World, browse: Browser, outsider: User) -> None:
    world.environment.live_release, world.environment.live_slot = world.release, "green"
    world.environment.save()

    text = browse(outsider).get(reverse("admin:deployments_release_changelist")).content.decode()

    assert "sha256:222222222222" in text
    assert 'tg-slot-green">green<' in text


TASKDEF = """{
  "family": "shop",
  "containerDefinitions": [{
    "name": "web",
    "image": "%s:1.2.0",
    "environment": [{"name": "API_KEY", "value": "hunter2"}]
  }]
}"""


def test_a_task_definition_may_come_with_a_release_and_no_value_of_it_is_shown(
    ecr: FakeGateway, world: World, browse: Browser
) -> None:
    text = register(browse, world, ("", ""), task_definition=TASKDEF % ECR).content.decode()

    release = Release.objects.get(version="1.2.0")
    assert release.pinned == {"web": f"{ECR}@{DIGEST}"}
    assert release.artefact.task_definition is not None
    assert "Its task definition, without the values of variables" in text and "API_KEY" in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (TASKDEF.replace('"name": "web",', '"name": "web", // ours'), "line 4: JSON has no comments."),
        (TASKDEF.replace('"family"', '"famly"'), "line 2: famly is no field that AWS knows; family is."),
        ("[]", "a task definition is an object with containerDefinitions, not a list alone."),
    ],
)
def test_a_task_definition_that_aws_would_refuse_is_refused_at_its_field(
    ecr: FakeGateway, world: World, browse: Browser, written: str, said: str
) -> None:
    text = register(browse, world, task_definition=written).content.decode()

    assert said in text
    assert not Release.objects.filter(version="1.2.0").exists()


def test_the_commit_s_link_leads_to_the_commit_and_not_to_the_repository(world: World, browse: Browser) -> None:
    Application.objects.update(repository_url="https://github.com/acme/shop")
    sha = "9fceb02d0ae598e9"
    release = Release.objects.create(application=world.environment.application, version="1.0.0", git_sha=sha)
    address, client = "https://github.com/acme/shop/commit/9fceb02d0ae598e9", browse(world.requester)

    for page in (reverse("admin:deployments_release_change", args=[release.pk]), "/deployments/release/"):
        assert f'<a href="{address}" rel="noreferrer">' in client.get(page).content.decode()
