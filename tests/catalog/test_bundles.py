"""Registering releases for servers: a bundle instead of images."""

from collections.abc import Mapping
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.codedeploy_values import Bundle
from deployments.catalog import bundles, releases
from deployments.catalog.models import Application, Environment, Release
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery.engine.world import NOON, make_environment
from tests.fakes.aws import FakeGateway

CI = Principal.token("ci")
S3 = {"type": "S3", "bucket": "bundles", "key": "reports.zip", "bundleType": "zip"}
GITHUB = {"type": "GitHub", "repository": "shop/reports", "commitId": "a" * 40}

pytestmark = pytest.mark.django_db


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    gateway = FakeGateway()
    gateway.bundles["bundles", "reports.zip"] = Bundle(etag="0123")
    monkeypatch.setattr(bundles, "connect", lambda binding: gateway)
    return gateway


@pytest.fixture
def application(aws: FakeGateway) -> Application:
    return make_environment(codedeploy_application="reports", codedeploy_group="web").application


def register(application: Application, bundle: Mapping[str, str], **more: Any) -> Release:
    return releases.register_release(
        application=application, version="1.1.0", bundle=bundle, principal=CI, now=NOON, **more
    )


@pytest.mark.parametrize(
    ("typed", "bundle"),
    [
        ("s3://bundles/reports.zip", S3),
        (" s3://bundles/a/b.tar.gz?versionId=v.1 ",
         {"type": "S3", "bucket": "bundles", "key": "a/b.tar.gz", "bundleType": "tgz", "version": "v.1"}),
        ("s3://bundles/reports.TAR", {**S3, "key": "reports.TAR", "bundleType": "tar"}),
        (f"shop/reports@{'a' * 40}", GITHUB),
        (f"https://github.com/shop/reports/commit/{'A' * 40}", GITHUB),
        (f"https://github.com/shop/reports.git@{'a' * 40}", GITHUB),
    ],
)  # fmt: skip
def test_a_bundle_is_read_as_people_write_it(typed: str, bundle: dict[str, str]) -> None:
    assert bundles.parse(typed) == bundle


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "That is neither an archive nor a commit."),
        ("reports.zip", "reports.zip is neither an archive nor a commit. Write s3://bucket/key.zip"),
        ("https://example.com/reports.zip", "neither an archive nor a commit"),
        ("s3://bundles", "neither an archive nor a commit"),
        ("s3://bundles/reports", "reports ends in neither .zip, .tar nor .tgz"),
    ],
)
def test_what_is_no_bundle_is_refused_in_a_sentence(typed: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        bundles.parse(typed)

    assert words in refused.value.sentence
    assert refused.value.field == "bundle"


@pytest.mark.parametrize("typed", ["s3://bundles/reports.zip?versionId=v1", f"shop/reports@{'a' * 40}"])
def test_a_release_tells_its_bundle_as_it_was_typed(application: Application, typed: str) -> None:
    release = register(application, bundles.parse(typed))

    assert release.bundle_address == typed


def test_a_commit_of_github_is_the_release_s_commit_too(application: Application) -> None:
    assert register(application, GITHUB).git_sha == "a" * 40


@pytest.mark.parametrize(
    ("bundle", "kept"),
    [
        (S3, {**S3, "eTag": "0123"}),
        ({**S3, "version": "v1", "eTag": '"0123"'}, {**S3, "version": "v1", "eTag": "0123"}),
        (GITHUB, GITHUB),
    ],
    ids=["S3", "S3 with version and ETag", "GitHub"],
)
def test_a_release_keeps_its_bundle_and_pins_what_s3_has_now(
    application: Application, bundle: dict[str, str], kept: dict[str, str]
) -> None:
    release = register(application, bundle)

    assert release.artefact.bundle == kept
    assert Event.objects.get(kind="release.registered").data == {"bundle": kept}


@pytest.mark.parametrize(
    ("bundle", "words"),
    [
        ({**S3, "key": "gone.zip"}, "s3://bundles/gone.zip does not exist"),
        ({**S3, "eTag": "4567"}, "has the ETag 0123, not 4567"),
        ({**S3, "bundleType": "rar"}, "zip, tar or tgz"),
        ({**S3, "bucket": ""}, "has no bucket"),
        ({**S3, "path": "x"}, "has path, which CodeDeploy does not know"),
        ({**GITHUB, "commitId": "main"}, "40 hexadecimal digits"),
        ({**GITHUB, "repository": "reports"}, "account/name"),
        ({"type": "FTP"}, "S3 or GitHub, not FTP"),
        ({**S3, "version": 3}, "are texts"),
    ],
)
def test_a_bundle_that_cannot_be_is_refused(application: Application, bundle: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        register(application, bundle)

    assert refused.value.field == "bundle"
    assert not Release.objects.exists()


def test_images_and_a_bundle_exclude_each_other(application: Application) -> None:
    with pytest.raises(Refused, match="not both"):
        register(application, S3, images={"web": "shop:1"})


def test_what_s3_does_not_show_is_said(application: Application, aws: FakeGateway) -> None:
    aws.fail_next("bundle", errors.Denied)
    with pytest.raises(Refused, match="needs s3:GetObject"):
        register(application, S3)

    aws.fail_next("bundle", errors.Denied)
    with pytest.raises(Refused, match="needs s3:GetObjectVersion on it"):
        register(application, {**S3, "version": "v1"})

    aws.fail_next("bundle", errors.Unavailable)
    with pytest.raises(Refused, match="could not be looked at"):
        register(application, S3)


def test_somebody_has_to_want_bundles(application: Application) -> None:
    Environment.objects.update(codedeploy_application="")

    with pytest.raises(Refused, match="No environment of Shop names a CodeDeploy application"):
        register(application, S3)
