"""Images as clients of ECR see them."""

import json
import urllib.request
import uuid
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.listening import Listener

INDEX = "application/vnd.oci.image.index.v1+json"


def image_of(ecr: Any, **image_id: str) -> dict[str, Any]:
    return dict(ecr.batch_get_image(repositoryName="storefront", imageIds=[image_id])["images"][0])


def test_a_tag_has_a_digest_that_fetches_the_same_image(client: Any) -> None:
    ecr = client("ecr")
    detail = ecr.describe_images(repositoryName="storefront", imageIds=[{"imageTag": "1.0.0"}])["imageDetails"][0]

    by_tag, by_digest = image_of(ecr, imageTag="1.0.0"), image_of(ecr, imageDigest=detail["imageDigest"])

    assert by_tag["imageId"] == {"imageDigest": detail["imageDigest"], "imageTag": "1.0.0"}
    assert by_tag["imageManifest"] == by_digest["imageManifest"]


@pytest.mark.parametrize(("tag", "architecture"), [("1.0.0", "amd64"), ("1.4.0", "arm64")])
def test_the_config_blob_tells_the_architecture(client: Any, tag: str, architecture: str) -> None:
    ecr = client("ecr")
    manifest = json.loads(image_of(ecr, imageTag=tag)["imageManifest"])

    answer = ecr.get_download_url_for_layer(repositoryName="storefront", layerDigest=manifest["config"]["digest"])

    with urllib.request.urlopen(answer["downloadUrl"], timeout=5) as blob:
        config = json.load(blob)
    assert (config["architecture"], config["os"]) == (architecture, "linux")


def test_an_image_for_two_processors_is_an_index_with_attestations(client: Any) -> None:
    image = image_of(client("ecr"), imageTag="1.6.0")

    platforms = [entry["platform"]["architecture"] for entry in json.loads(image["imageManifest"])["manifests"]]

    assert image["imageManifestMediaType"] == INDEX
    assert platforms == ["amd64", "unknown", "arm64", "unknown"]


def test_what_is_missing_is_an_error_or_a_failure(client: Any) -> None:
    ecr = client("ecr")
    wanted = [{"imageTag": "9.9.9"}]

    with pytest.raises(ecr.exceptions.ImageNotFoundException):
        ecr.describe_images(repositoryName="storefront", imageIds=wanted)
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_images(repositoryName="nowhere", imageIds=wanted)
    with pytest.raises(ecr.exceptions.LayersNotFoundException):
        ecr.get_download_url_for_layer(repositoryName="storefront", layerDigest="sha256:" + "0" * 64)
    assert ecr.batch_get_image(repositoryName="storefront", imageIds=wanted)["failures"] == [
        {"imageId": wanted[0], "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
    ]


def test_a_pushed_image_can_be_tagged_again(client: Any, sandbox: Sandbox) -> None:
    ecr = client("ecr")
    pushed = sandbox.push({"repository": "storefront", "tag": "2.0.0", "behaviour": "latency", "seconds": 0.1})
    image = image_of(ecr, imageTag="2.0.0")

    ecr.put_image(repositoryName="storefront", imageManifest=image["imageManifest"], imageTag="stable")

    details = ecr.describe_images(repositoryName="storefront", imageIds=[{"imageTag": "stable"}])["imageDetails"][0]
    assert details["imageDigest"] == pushed["digest"]
    assert set(details["imageTags"]) == {"2.0.0", "stable"}


def test_an_image_whose_tag_was_moved_can_be_pulled_by_its_digest(client: Any, sandbox: Sandbox) -> None:
    ecr, both = client("ecr"), []
    for seconds in (0.1, 0.2):
        image = {"repository": "storefront", "tag": "moved", "behaviour": "latency", "seconds": seconds}
        both.append(sandbox.push(image)["digest"])

    assert image_of(ecr, imageTag="moved")["imageId"]["imageDigest"] == both[1]
    assert image_of(ecr, imageDigest=both[0])["imageId"] == {"imageDigest": both[0]}
    details = ecr.describe_images(repositoryName="storefront", imageIds=[{"imageDigest": both[0]}])["imageDetails"]
    assert not details[0].get("imageTags")


def test_an_unknown_behaviour_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="behaviour is one of"):
        sandbox.push({"repository": "storefront", "tag": "x", "behaviour": "magic"})


def test_another_account_s_registry_is_not_this_one(client: Any) -> None:
    ecr, theirs = client("ecr"), {"registryId": "999999999999", "repositoryName": "storefront"}
    wanted = [{"imageTag": "1.0.0"}]

    for read in (ecr.batch_get_image, ecr.describe_images, ecr.batch_delete_image):
        with pytest.raises(ecr.exceptions.RepositoryNotFoundException, match="999999999999"):
            read(**theirs, imageIds=wanted)
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.get_download_url_for_layer(**theirs, layerDigest="sha256:" + "0" * 64)
    assert ecr.batch_get_image(registryId="123456789012", repositoryName="storefront", imageIds=wanted)["images"]


def test_a_tag_that_is_pushed_is_told_to_eventbridge_and_one_that_is_there_is_no_news(
    client: Any, listener: Listener
) -> None:
    ecr = client("ecr")
    image = image_of(ecr, imageTag="1.6.0")
    again = {"repositoryName": "storefront", "imageManifest": image["imageManifest"], "imageManifestMediaType": INDEX}
    tag = f"told-{uuid.uuid4().hex[:6]}"

    ecr.put_image(**again, imageTag=tag)
    with pytest.raises(ecr.exceptions.ImageAlreadyExistsException):
        ecr.put_image(**again, imageTag=tag)
    ecr.put_image(**again, imageTag=f"{tag}-after")

    event = listener.hears(lambda event: event["detail"].get("image-tag") == f"{tag}-after")
    assert (event["source"], event["detail-type"], event["resources"]) == ("aws.ecr", "ECR Image Action", [])
    assert event["detail"] == {
        "result": "SUCCESS",
        "repository-name": "storefront",
        "image-digest": image["imageId"]["imageDigest"],
        "action-type": "PUSH",
        "image-tag": f"{tag}-after",
    }
    assert [each["detail"]["image-tag"] for each in listener.heard if each["detail"].get("image-tag") == tag] == [tag]
