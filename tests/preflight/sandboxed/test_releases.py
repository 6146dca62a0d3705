"""The release's images or bundle: each failure made in the account, and what people read."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from deployments.frozen import Artefact
from deployments.preflight.report import Level
from sandbox.world.names import REPORTS_BUCKET
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene


def released(version: str, **changes: Any) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        scene.release = replace(scene.released(version), **changes)

    return make


def tagged_latest(scene: Scene) -> None:
    scene.sandbox.push({"repository": "storefront", "tag": "latest"})
    scene.undo.callback(_delete_image, scene, imageTag="latest")
    scene.release = scene.released("latest")


def image_deleted(scene: Scene) -> None:
    name = scene.name()
    scene.sandbox.push({"repository": "storefront", "tag": name})
    scene.release = scene.released(name)
    _delete_image(scene, imageTag=name)


def _delete_image(scene: Scene, **image: str) -> None:
    scene.aws("ecr").batch_delete_image(repositoryName="storefront", imageIds=[image])


def by_tag(scene: Scene) -> None:
    image = f"{scene.world['repository_uri']}:1.1.0"
    scene.release = Artefact(version="1.1.0", images={"web": image}, platforms={"web": ("linux/amd64",)})


def from_elsewhere(scene: Scene) -> None:
    scene.release = Artefact(version="1.1.0", images={"web": f"docker.io/acme/shop@sha256:{'1' * 64}"})


def for_another_container(scene: Scene) -> None:
    release = scene.released("1.1.0")
    scene.release = replace(release, images={**release.images, "worker": release.images["web"]})


def not_for_the_sidecar(scene: Scene) -> None:
    shown = scene.aws("ecs").describe_task_definition(taskDefinition=scene.world["task_definition"])
    (web,) = shown["taskDefinition"]["containerDefinitions"]
    proxy = web | {"name": "proxy", "image": "nginx:1.29", "portMappings": [], "secrets": []}
    scene.serve(making.service(scene, making.definition(scene, containerDefinitions=[web, proxy])))
    scene.release = scene.released("1.1.0")


def bundle(key: str = "1.1.0.zip", **more: str) -> Callable[[Scene], None]:
    place = {"type": "S3", "bucket": REPORTS_BUCKET, "key": key, "bundleType": "zip", **more}
    return lambda scene: setattr(scene, "release", Artefact(version="1.1.0", bundle=place))


def bundle_deleted(scene: Scene) -> None:
    s3, key = scene.aws("s3"), f"{scene.name()}.zip"
    s3.put_object(Bucket=REPORTS_BUCKET, Key=key, Body=b"a bundle")
    s3.delete_object(Bucket=REPORTS_BUCKET, Key=key)
    bundle(key, eTag="0123")(scene)


def bundle_replaced(scene: Scene) -> None:
    s3, key = scene.aws("s3"), f"{scene.name()}.zip"
    first = s3.put_object(Bucket=REPORTS_BUCKET, Key=key, Body=b"a bundle")
    s3.put_object(Bucket=REPORTS_BUCKET, Key=key, Body=b"another bundle")
    bundle(key, eTag=first["ETag"].strip('"'))(scene)


def on_github(scene: Scene) -> None:
    place = {"type": "GitHub", "repository": "acme/reports", "commitId": "0123456789abcdef"}
    scene.release = Artefact(version="1.1.0", bundle=place)


def connected(scene: Scene) -> None:
    """The account to GitHub, but not the application."""
    connections = scene.sandbox.codedeploy.store.github_connections
    connections.append("acme")
    scene.undo.callback(connections.remove, "acme")
    on_github(scene)


def linked(scene: Scene) -> None:
    application = scene.sandbox.codedeploy.store.applications["reports"]
    application.github_connection = "acme"
    scene.undo.callback(setattr, application, "github_connection", "")
    on_github(scene)


WARNING, UNKNOWN = Level.WARNING, Level.UNKNOWN
NOT_KNOWN = "Which platform the image of container web was built for is not known"
FAILURES = (
    Failure(by_tag, "image-exists", "image-exists", "which is no digest: what it means can change"),
    Failure(image_deleted, "image-exists", "image-exists", "any more; tasks would stop with CannotPullContainerError"),
    Failure(from_elsewhere, "image-exists", "image-exists", "is not in ECR, so whether it still exists", level=UNKNOWN),
    Failure(tagged_latest, "image-exists", "image-latest", "The tag latest moves with every push", level=WARNING),
    Failure(
        released("1.4.0"),
        "image-architecture",
        "image-architecture",
        "was built for linux/arm64, but the task definition runs on X86_64 (linux/amd64): every task would stop with "
        "`exec format error`. Build it with `docker buildx build --platform linux/amd64`",
    ),
    Failure(from_elsewhere, "image-architecture", "image-architecture", NOT_KNOWN, level=UNKNOWN),
    Failure(for_another_container, "image-containers", "image-containers", "The release has an image for worker, but"),
    Failure(
        not_for_the_sidecar,
        "image-containers",
        "image-containers",
        "no image for every container: proxy keeps nginx:1.29",
        level=WARNING,
    ),
    Failure(released("1.4.0"), "image-architecture", "image-architecture", "exec format error", "ROLLING"),
    Failure(bundle(), "environment-complete", "release-kind", "has no image, only a bundle for servers", "CODE_DEPLOY"),
    Failure(released("1.1.0"), "bundle", "release-kind", "has images, but servers get a bundle", "servers"),
    Failure(bundle_deleted, "bundle", "bundle-exists", "so CodeDeploy would end with REVISION_MISSING", "servers"),
    Failure(bundle_replaced, "bundle", "bundle-unchanged", "was replaced since 1.1.0 was registered", "servers"),
    Failure(on_github, "bundle", "bundle-exists", "acme/reports at 0123456789ab is read by", "servers", UNKNOWN),
    Failure(on_github, "github-connection", "github-connection", "would end with MISSING_GITHUB_TOKEN", "servers"),
    Failure(
        connected,
        "github-connection",
        "github-connection",
        "reports is not connected to GitHub, though the account has connections (acme): acme/reports cannot be",
        "servers",
        WARNING,
    ),
    Failure(
        linked,
        "github-connection",
        "github-connection",
        "CodeDeploy downloads acme/reports by the connection acme",
        "servers",
        Level.OK,
    ),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_a_release_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
