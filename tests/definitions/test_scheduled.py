"""Which container of a scheduled family gets which image of a release."""

from typing import Any

import pytest

from deployments.aws.values import TaskDefinition
from deployments.definitions.scheduled import NoImage, document, images_for
from deployments.frozen import Artefact, EnvironmentSettings, ScheduledSpec

SHOP, PROXY, OTHER = (f"registry:5000/{name}@sha256:{'2' * 64}" for name in ("shop", "proxy", "other"))


def family(**containers: str) -> TaskDefinition:
    defined = [{"name": name, "image": image, "command": ["run"]} for name, image in containers.items()]
    document = {"family": "cron", "containerDefinitions": defined}
    return TaskDefinition(arn="…/cron:5", family="cron", revision=5, status="ACTIVE", document=document)


def given(definition: TaskDefinition, released: dict[str, str], container: str = "web", **told: str) -> dict[str, str]:
    settings = EnvironmentSettings(
        label="shop/production", controller="ROLLING", region="eu-central-1", container_name=container
    )
    spec = ScheduledSpec(family="cron", images=told)
    return dict(images_for(definition, spec, Artefact(version="1.1.0", images=released), settings))


BOTH = {"web": SHOP, "proxy": PROXY}


@pytest.mark.parametrize(
    ("containers", "released", "told", "images"),
    [
        ({"web": "old:1"}, BOTH, {}, {"web": SHOP}),
        ({"web": "old:1", "proxy": "old:1", "log": "old:1"}, BOTH, {}, {"web": SHOP, "proxy": PROXY}),
        ({"job": "registry:5000/shop:1.0", "log": "fluent:1"}, BOTH, {}, {"job": SHOP}),
        ({"job": "old:1"}, BOTH, {}, {"job": SHOP}),
        ({"job": "old:1"}, {"app": SHOP}, {}, {"job": SHOP}),
        ({"job": "old:1", "proxy": "old:1"}, BOTH, {"job": "web"}, {"job": SHOP}),
    ],
    ids=["by name", "all of the same name", "by repository", "the only one", "of one image", "as it is said"],
)
def test_a_container_gets_its_image(
    containers: dict[str, str], released: dict[str, str], told: dict[str, str], images: dict[str, str]
) -> None:
    assert given(family(**containers), released, **told) == images


@pytest.mark.parametrize(
    ("containers", "released", "told", "words"),
    [
        ({"job": "a:1", "log": "b:1"}, BOTH, {}, "cron:5 (job, log) has the name or the repository"),
        ({"job": "registry:5000/shop:1"}, {"a": SHOP, "b": SHOP.replace("2", "3")}, {}, "No container of cron:5"),
        ({"job": "a:1"}, BOTH, {"jib": "web"}, "cron:5 has no container jib"),
        ({"job": "a:1"}, BOTH, {"job": "api"}, "Release 1.1.0 has no image for api"),
    ],
    ids=["none fits", "two of one repository", "no such container", "no such image"],
)
def test_what_cannot_be_told_is_said_with_what_to_do(
    containers: dict[str, str], released: dict[str, str], told: dict[str, str], words: str
) -> None:
    with pytest.raises(NoImage) as refused:
        given(family(**containers), released, **told)

    assert words in refused.value.seen
    assert refused.value.fix


def test_all_else_of_the_revision_stays() -> None:
    made: dict[str, Any] = document(family(job="old:1", log="fluent:1"), {"job": SHOP})

    assert made["containerDefinitions"] == [
        {"name": "job", "image": SHOP, "command": ["run"]},
        {"name": "log", "image": "fluent:1", "command": ["run"]},
    ]
