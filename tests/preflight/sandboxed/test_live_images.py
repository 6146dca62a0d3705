"""The way back: images that run and that a lifecycle policy, or somebody, has taken out of the registry."""

from collections.abc import Callable

import pytest

from deployments.preflight.report import Level
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene


def running(image: str) -> Callable[[Scene], None]:
    """The live service is to run a task of it."""

    def make(scene: Scene) -> None:
        named = image.format(uri=scene.world["repository_uri"])
        definition = making.definition(scene, {"image": named})
        scene.serve(making.service(scene, definition, desiredCount=1))

    return make


def expired(*, by_digest: bool) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        tag, ecr = scene.name(), scene.aws("ecr")
        scene.sandbox.push({"repository": "storefront", "tag": tag})
        digest = scene.released(tag).images["web"].partition("@")[2]
        running("{uri}@" + digest if by_digest else "{uri}:" + tag)(scene)
        ecr.batch_delete_image(repositoryName="storefront", imageIds=[{"imageTag": tag}])

    return make


def repository_deleted(scene: Scene) -> None:
    running("{uri}-of-yore:1.0.0")(scene)


GONE = "CannotPullContainerError. Push the very same image again before you deploy"


def told(make: Callable[[Scene], None], words: str, controller: str, level: Level = Level.WARNING) -> Failure:
    return Failure(make, "live-image-exists", "live-image-exists", words, controller, level)


FAILURES = (
    *(told(expired(by_digest=True), GONE, controller) for controller in ("SERVICE_PAIR", "ROLLING")),
    told(expired(by_digest=True), "storefront@sha256:", "ROLLING"),
    told(expired(by_digest=False), ", which container web of case-", "ROLLING"),
    told(repository_deleted, "ECR does not have ", "ROLLING"),
    told(running("{uri}:1.0.0"), "so the way back can be pulled.", "SERVICE_PAIR", Level.OK),
    told(running("nginx:1.29"), "nginx:1.29, which container web runs now, is not in ECR", "ROLLING", Level.UNKNOWN),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_runs_and_could_not_be_pulled_again_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
