import json
from typing import Any

import pytest

from deployments.definitions import json_file
from deployments.definitions.json_file import JsonFile
from deployments.definitions.pipeline_files import (
    AppSpec,
    appspec,
    containers_for,
    image_definitions,
    image_detail,
    repository,
)
from deployments.refused import Refused

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
DIGEST = "sha256:" + "2" * 64
APPSPEC = """
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: web
          ContainerPort: 8000
"""


def file(value: Any, name: str) -> JsonFile:
    return json_file.read(name, json.dumps(value, indent=1), field="images")


def taskdef(**images: str) -> dict[str, Any]:
    return {"containerDefinitions": [{"name": name, "image": image} for name, image in images.items()]}


def test_image_definitions_name_containers() -> None:
    rows = [{"name": "web", "imageUri": f"{ECR}:1"}, {"name": "worker", "imageUri": f"{ECR}:1"}]

    assert image_definitions(file(rows, "imagedefinitions.json")) == {"web": f"{ECR}:1", "worker": f"{ECR}:1"}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"ImageURI": ECR}, "line 1: it is an imageDetail.json; hand it over as that."),
        ([], "line 1: it is no list of objects with name and imageUri."),
        ([{"name": "web"}], "line 2: [0] has no imageUri."),
        ([{"name": "web", "imageUri": "a"}, {"name": "web", "imageUri": "b"}],
         "line 7: [1].name names container web a second time."),
    ],
)  # fmt: skip
def test_image_definitions_of_another_shape_are_refused_with_the_line(value: Any, sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        image_definitions(file(value, "imagedefinitions.json"))

    assert caught.value.sentence == f"imagedefinitions.json, {sentence}"


def test_an_image_detail_tells_an_image_by_its_digest_where_it_can() -> None:
    written = {"ImageURI": f"{ECR}:1"}

    assert image_detail(file(written, "imageDetail.json")) == f"{ECR}:1"
    assert image_detail(file({**written, "ImageDigest": DIGEST}, "imageDetail.json")) == f"{ECR}@{DIGEST}"
    with pytest.raises(Refused, match="imageDetail.json, line 1: it is a list: an imagedefinitions.json"):
        image_detail(file([], "imageDetail.json"))
    with pytest.raises(Refused, match="imageDetail.json, line 1: it has no ImageURI"):
        image_detail(file({"ImageUri": ECR}, "imageDetail.json"))


@pytest.mark.parametrize(
    ("key", "document", "spec", "only", "containers"),
    [
        ("", taskdef(web="<IMAGE1_NAME>", log="fluent:1"), AppSpec(), "", ("web",)),
        ("", taskdef(web="<IMAGE1_NAME>", worker="<IMAGE1_NAME>"), AppSpec(), "", ("web", "worker")),
        ("IMAGE2_NAME", taskdef(web="<IMAGE1_NAME>", worker="<IMAGE2_NAME>"), AppSpec(), "", ("worker",)),
        ("worker", taskdef(web="<IMAGE1_NAME>", worker="<IMAGE2_NAME>"), AppSpec(), "", ("worker",)),
        ("", taskdef(web="shop:1", log="fluent:1"), AppSpec(container="web"), "", ("web",)),
        ("", None, AppSpec(), "web", ("web",)),
    ],
)
def test_an_image_detail_goes_where_the_placeholder_the_appspec_or_the_only_container_is(
    key: str, document: dict[str, Any] | None, spec: AppSpec, only: str, containers: tuple[str, ...]
) -> None:
    assert containers_for(key, document=document, appspec=spec, only=only) == containers


def test_an_image_detail_that_could_be_for_several_is_refused() -> None:
    two = taskdef(web="<IMAGE1_NAME>", worker="<IMAGE2_NAME>")
    with pytest.raises(Refused, match="the placeholders IMAGE1_NAME and IMAGE2_NAME.*Write NAME=FILE for each"):
        containers_for("", document=two, appspec=AppSpec(), only="web")
    with pytest.raises(Refused, match="which container it is for. Write CONTAINER=FILE"):
        containers_for("", document=None, appspec=AppSpec(), only="")


def test_an_appspec_names_its_container_and_its_hooks() -> None:
    assert appspec("appspec.yaml", APPSPEC) == AppSpec(container="web")
    assert appspec("appspec.yaml", f"{APPSPEC}Hooks:\n  - AfterInstall: check\n").hooks == ("AfterInstall",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("version: 0.0\nResources: [\n", "appspec.yaml, line 3: it is no YAML: "),
        ("- a", "appspec.yaml: an AppSpec is an object"),
        ("version: 0.0\nos: linux\nfiles: []", "appspec.yaml is an AppSpec for servers"),
        ("version: 0.0", "appspec.yaml has no resource of type AWS::ECS::Service."),
    ],
)
def test_an_appspec_of_another_kind_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        appspec("appspec.yaml", text)

    assert caught.value.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("image", "without"),
    [
        (f"{ECR}:1.4", ECR),
        (f"{ECR}@{DIGEST}", ECR),
        ("localhost:5000/shop", "localhost:5000/shop"),
        ("localhost:5000/shop:1@sha256:2", "localhost:5000/shop"),
        ("nginx:1.25", "nginx"),
    ],
)
def test_a_repository_is_an_image_without_tag_and_digest(image: str, without: str) -> None:
    assert repository(image) == without
