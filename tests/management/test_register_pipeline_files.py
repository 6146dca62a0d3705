"""A pipeline's own files, handed to `register_release` as they are."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from deployments.aws import errors
from deployments.aws.values import Image
from deployments.catalog import live_images
from deployments.catalog.models import Application, Release
from deployments.outbound import registry
from deployments.outbound.images import Reference
from tests.delivery.engine.world import make_environment
from tests.fakes.aws import FakeGateway

pytestmark = pytest.mark.django_db

DIGEST = "sha256:" + "2" * 64
PINNED = f"docker.io/library/shop@{DIGEST}"
TASKDEF = {
    "family": "shop",
    "memory": "512",
    "containerDefinitions": [
        {"name": "web", "image": "<IMAGE1_NAME>", "environment": [{"name": "LEVEL", "value": "info"}]},
    ],
}
APPSPEC = """
version: 1
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo: {ContainerName: "web", ContainerPort: 3000}
Hooks:
  - AfterInstall: check
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """References that a registry without a network was asked for."""
    seen: list[str] = []

    def resolve(reference: Reference, credential: object) -> Image:
        seen.append(f"{reference.path}:{reference.wanted}")
        return Image(repository=reference.repository, tag=reference.tag, digest=DIGEST, platforms=())

    monkeypatch.setattr(registry, "resolve", resolve)
    return seen


@pytest.fixture
def shop(asked: list[str]) -> Application:
    return Application.objects.create(name="Shop", slug="shop")


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def one(name: str, content: Any) -> Path:
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        return tmp_path / name

    return one


def register(*arguments: Any) -> str:
    out = StringIO()
    call_command("register_release", "shop", "1.4.2", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_files_of_a_blue_green_pipeline_are_read_from_their_folder(shop: Application, write: Write) -> None:
    write("imageDetail.json", {"ImageURI": "shop:1.4.2"})
    write("appspec.yaml", APPSPEC)
    folder = write("taskdef.json", TASKDEF).parent

    said = register("--files", folder)

    release = Release.objects.get()
    assert release.pinned == {"web": PINNED}
    assert release.artefact.task_definition == {
        **TASKDEF, "containerDefinitions": [{**TASKDEF["containerDefinitions"][0], "image": PINNED}]  # type: ignore[dict-item]
    }  # fmt: skip
    assert "task definition of taskdef.json" in said
    assert "The hooks of the AppSpec (AfterInstall) are not taken over" in said


def test_the_file_of_a_standard_pipeline_names_containers(shop: Application, write: Write) -> None:
    register("--image-definitions", write("imagedefinitions.json", [{"name": "web", "imageUri": "shop:1.4.2"}]))

    assert Release.objects.get().pinned == {"web": PINNED}


def test_an_image_detail_alone_goes_to_the_container_that_the_appspec_names(shop: Application, write: Write) -> None:
    detail = write("imageDetail.json", {"ImageURI": "shop:1.4.2"})

    register("--image-detail", detail, "--appspec", write("appspec.yaml", APPSPEC))

    assert Release.objects.get().pinned == {"web": PINNED}


def test_several_image_details_are_told_apart_by_their_placeholders(
    shop: Application, asked: list[str], write: Write
) -> None:
    two = [{"name": "web", "image": "<IMAGE1_NAME>"}, {"name": "worker", "image": "<IMAGE2_NAME>"}]

    register(
        "--task-definition", write("taskdef.json", {"family": "shop", "containerDefinitions": two}),
        "--image-detail", f"IMAGE1_NAME={write('web.json', {'ImageURI': 'shop:1'})}",
        "--image-detail", f"worker={write('worker.json', {'ImageURI': 'jobs:1'})}",
    )  # fmt: skip

    assert asked == ["library/shop:1", "library/jobs:1"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("taskdef.json", '{\n "family": "shop",\n}', "taskdef.json, line 3: a comma stands before the closing bracket"),
        ("imageDetail.json", {"imageUri": "shop"}, "imageDetail.json, line 1: it has no ImageURI"),
        ("imagedefinitions.json", {"ImageURI": "x"}, "imagedefinitions.json, line 1: it is an imageDetail.json"),
        ("appspec.yaml", "version: 0.0\nResources: [", "appspec.yaml, line 2: it is no YAML"),
        ("readme.txt", "", "has none of imageDetail.json, imagedefinitions.json, taskdef.json"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_name_and_line(
    shop: Application, write: Write, name: str, content: Any, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        register("--files", write(name, content).parent)


def test_a_file_that_is_not_there_is_a_sentence(shop: Application, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"taskdef.json could not be read: No such file or directory\."):
        register("--task-definition", tmp_path / "taskdef.json")
    with pytest.raises(CommandError, match=r"nowhere is no folder\."):
        register("--files", tmp_path / "nowhere")


def test_two_images_for_one_container_are_refused(shop: Application, write: Write) -> None:
    rows = write("imagedefinitions.json", [{"name": "web", "imageUri": "shop:1.4.2"}])

    with pytest.raises(CommandError, match=r"Two images are given for web: shop:1.4.1 and shop:1.4.2\. Give one\."):
        register("--image", "web=shop:1.4.1", "--image-definitions", rows)


@pytest.fixture
def live(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop whose production runs something."""
    make_environment()
    monkeypatch.setattr(live_images, "connect", lambda binding: FakeGateway.pair())


def test_a_tag_alone_means_what_runs_in_production(live: None, asked: list[str]) -> None:
    """As ecs-deploy's -to, and with a container as its -toc."""
    register("--tag", "1.4.2")
    register_other("--tag", "web=1.4.3", "--environment", "production")

    assert asked == ["library/shop:1.4.2", "library/shop:1.4.3"]


def register_other(*arguments: str) -> None:
    call_command("register_release", "shop", "1.4.3", *arguments, stdout=StringIO())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tag", "wbe=1.4.2"], "shop/production runs no container wbe; it has web"),
        (["--tag", "1.4.2", "--environment", "prod"], "Shop has no environment prod; it has: production."),
        (["--tag", "web="], "'web=' is neither TAG nor CONTAINER=TAG."),
        (["--tag", "no good"], "is not a tag"),
    ],
)
def test_a_tag_that_fits_nothing_is_a_sentence(live: None, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        register(*arguments)


def test_a_tag_where_nothing_can_be_read_is_a_sentence(live: None, monkeypatch: pytest.MonkeyPatch) -> None:
    away = FakeGateway.pair()
    away.fail_next("rule", errors.Unavailable)
    monkeypatch.setattr(live_images, "connect", lambda binding: away)

    with pytest.raises(CommandError, match="What runs in shop/production could not be read"):
        register("--tag", "1.4.2")


def test_a_tag_where_there_is_no_environment_is_a_sentence(shop: Application) -> None:
    with pytest.raises(CommandError, match="Shop has no environment that runs anything; it has: none yet."):
        register("--tag", "1.4.2")
