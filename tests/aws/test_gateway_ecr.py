import gzip
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from deployments.aws import ecr, errors, oci
from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import ACCOUNT, Stubs

REPOSITORY = f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/team/shop"
WHERE = {"registryId": ACCOUNT, "repositoryName": "team/shop"}
DIGEST = "sha256:" + "d" * 64
CONFIG = json.dumps({"os": "linux", "architecture": "arm64"}).encode()


@pytest.fixture
def blob(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the presigned address answers."""
    answer: dict[str, Any] = {"status_code": 200, "content": CONFIG}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(
            answer["status_code"], headers=answer.get("headers"), stream=httpx.ByteStream(answer["content"])
        )
    )
    genuine = httpx.Client

    def stream(method: str, url: str, **options: Any) -> Any:
        return genuine(transport=transport).stream(method, url)

    monkeypatch.setattr(httpx, "stream", stream)
    return answer


def digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def add_image(aws: Stubs, manifest: dict[str, Any], **identity: str) -> None:
    image = {"imageId": {"imageDigest": DIGEST}, "imageManifest": json.dumps(manifest)}
    asked = {**WHERE, "imageIds": [identity], "acceptedMediaTypes": list(oci.MEDIA_TYPES)}
    aws.add("ecr", "batch_get_image", {"images": [image], "failures": []}, asked)


def add_single(aws: Stubs) -> None:
    add_image(aws, {"config": {"digest": digest(CONFIG)}}, imageTag="1.0")
    asked = {**WHERE, "layerDigest": digest(CONFIG)}
    aws.add("ecr", "get_download_url_for_layer", {"downloadUrl": "https://blobs.example/1"}, asked)


def test_an_index_is_resolved_without_its_attestations(gateway: BotoGateway, aws: Stubs) -> None:
    platforms = [{"os": "linux", "architecture": cpu} for cpu in ("amd64", "arm64")]
    platforms.append({"os": "unknown", "architecture": "unknown"})
    add_image(aws, {"manifests": [{"platform": each} for each in platforms]}, imageTag="1.0")

    image = gateway.image(REPOSITORY, "1.0")

    assert image.pinned == f"{REPOSITORY}@{DIGEST}"
    assert (image.tag, image.platforms) == ("1.0", ("linux/amd64", "linux/arm64"))
    assert aws.asked == [("ecr", False, "us-west-2")]


def test_an_image_can_be_asked_for_by_digest(gateway: BotoGateway, aws: Stubs) -> None:
    add_image(aws, {"manifests": []}, imageDigest=DIGEST)

    assert gateway.image(REPOSITORY, DIGEST).tag == ""


def test_a_single_images_platform_is_in_its_config_blob(gateway: BotoGateway, aws: Stubs, blob: dict[str, Any]) -> None:
    add_single(aws)

    assert gateway.image(REPOSITORY, "1.0").platforms == ("linux/arm64",)


def test_platforms_that_nobody_wants_are_not_asked_for(gateway: BotoGateway, aws: Stubs) -> None:
    manifest = {"config": {"digest": f"sha256:{'a' * 64}"}}
    add_image(aws, manifest, imageDigest=DIGEST)

    assert gateway.image(REPOSITORY, DIGEST, platforms=False).platforms == ()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"content": b"{}"}, errors.Invalid),
        ({"content": b" " * (ecr.CONFIG_LIMIT + 1)}, errors.Invalid),
        ({"content": gzip.compress(CONFIG), "headers": {"Content-Encoding": "gzip"}}, errors.Invalid),
        ({"status_code": 503}, errors.Unavailable),
        ({"status_code": 307}, errors.Unavailable),
    ],
)
def test_a_config_blob_that_is_not_itself_is_not_believed(
    gateway: BotoGateway, aws: Stubs, blob: dict[str, Any], answer: dict[str, Any], error: type[errors.AwsError]
) -> None:
    add_single(aws)
    blob.update(answer)

    with pytest.raises(error):
        gateway.image(REPOSITORY, "1.0")


def test_a_missing_image_is_not_found(gateway: BotoGateway, aws: Stubs) -> None:
    failure = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
    aws.add("ecr", "batch_get_image", {"images": [], "failures": [failure]})

    with pytest.raises(errors.NotFound, match="Requested image not found"):
        gateway.image(REPOSITORY, "9.9")


def test_a_missing_repository_is_not_found(gateway: BotoGateway, aws: Stubs) -> None:
    aws.refuse("ecr", "batch_get_image", "RepositoryNotFoundException")

    with pytest.raises(errors.NotFound):
        gateway.image(REPOSITORY, "1.0")


@pytest.mark.parametrize("repository", ["nginx", "ghcr.io/team/shop", f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com"])
def test_an_address_outside_ecr_is_invalid(gateway: BotoGateway, repository: str) -> None:
    with pytest.raises(errors.Invalid, match="not an ECR address"):
        gateway.image(repository, "1.0")


def test_addresses_of_china_are_ecr_too(gateway: BotoGateway, aws: Stubs) -> None:
    add_image(aws, {"manifests": []}, imageTag="1.0")

    gateway.image(f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn/team/shop", "1.0")

    assert aws.asked == [("ecr", False, "cn-north-1")]


LABELLED = json.dumps({"os": "linux", "config": {"Labels": {"revision": "0123abc", "number": 7}}}).encode()
PUSHED = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def add_page(aws: Stubs, *details: dict[str, Any], token: str = "", after: str = "") -> None:
    asked = {**WHERE, "filter": {"tagStatus": "TAGGED"}, "maxResults": 1000} | ({"nextToken": after} if after else {})
    described = [{"imageDigest": DIGEST, "imagePushedAt": PUSHED, **detail} for detail in details]
    answer: dict[str, Any] = {"imageDetails": described} | ({"nextToken": token} if token else {})
    aws.add("ecr", "describe_images", answer, asked)


def test_all_tags_of_images_that_can_be_pulled_are_listed(gateway: BotoGateway, aws: Stubs) -> None:
    chart, config = "application/vnd.cncf.helm.config.v1+json", "application/vnd.oci.image.config.v1+json"
    add_page(
        aws,
        {"imageTags": ["1.4.2", "latest"], "artifactMediaType": config},
        {"imageTags": ["1.4.1"], "artifactMediaType": chart},
        {"imageTags": ["1.4.0"], "imageStatus": "ARCHIVED"},
        token="more",
    )
    add_page(aws, {"imageTags": ["1.3.9"], "imageStatus": "ACTIVE"}, after="more")

    tagged = gateway.tagged_images(REPOSITORY)

    assert [each.tag for each in tagged] == ["1.4.2", "latest", "1.3.9"]
    assert {(each.digest, each.pushed_at) for each in tagged} == {(DIGEST, PUSHED)}


def test_labels_of_an_index_are_those_of_its_first_image_that_can_run(
    gateway: BotoGateway, aws: Stubs, blob: dict[str, Any]
) -> None:
    child = "sha256:" + "c" * 64
    entries = [
        {"platform": {"os": "unknown", "architecture": "unknown"}, "digest": DIGEST},
        {"platform": {"os": "linux", "architecture": "arm64"}, "digest": child},
    ]
    add_image(
        aws, {"manifests": entries, "annotations": {"revision": "fff", "source": "https://x"}}, imageDigest=DIGEST
    )
    add_image(aws, {"config": {"digest": digest(LABELLED)}}, imageDigest=child)
    blob["content"] = LABELLED
    asked = {**WHERE, "layerDigest": digest(LABELLED)}
    aws.add("ecr", "get_download_url_for_layer", {"downloadUrl": "https://blobs.example/1"}, asked)

    assert gateway.image_labels(REPOSITORY, DIGEST) == {"revision": "0123abc", "source": "https://x"}


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'"text"'])
def test_a_config_blob_that_is_none_is_said_to_be_none(
    gateway: BotoGateway, aws: Stubs, blob: dict[str, Any], body: bytes
) -> None:
    add_image(aws, {"config": {"digest": digest(body)}}, imageDigest=DIGEST)
    blob["content"] = body
    asked = {**WHERE, "layerDigest": digest(body)}
    aws.add("ecr", "get_download_url_for_layer", {"downloadUrl": "https://blobs.example/1"}, asked)

    with pytest.raises(errors.Invalid, match="no JSON object"):
        gateway.image_labels(REPOSITORY, DIGEST)
