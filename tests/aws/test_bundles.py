from typing import Any

import pytest

from deployments.aws import bundles

ARCHIVE = {"type": "S3", "bucket": "bundles", "key": "1.0.0.zip", "bundleType": "zip"}
COMMIT = {"type": "GitHub", "repository": "shop/reports", "commitId": "a" * 40}


@pytest.mark.parametrize("bundle", [ARCHIVE, {**ARCHIVE, "version": "v1", "eTag": "0123"}, COMMIT])
def test_a_revision_made_of_a_bundle_is_read_back_as_it(bundle: dict[str, str]) -> None:
    assert bundles.of_revision(bundles.revision(bundle)) == bundle


@pytest.mark.parametrize("found", [None, {}, {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "0"}}])
def test_what_is_no_bundle_is_none(found: dict[str, Any] | None) -> None:
    assert bundles.of_revision(found) is None
    assert bundles.place(bundles.of_revision(found)) == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ARCHIVE, {**ARCHIVE, "eTag": "0123"}, True),
        ({**ARCHIVE, "eTag": "0123"}, {**ARCHIVE, "eTag": "4567"}, False),
        ({**ARCHIVE, "version": "v1"}, {**ARCHIVE, "version": "v2"}, False),
        (ARCHIVE, {**ARCHIVE, "key": "9.9.9.zip"}, False),
        (COMMIT, COMMIT, True),
        (COMMIT, ARCHIVE, False),
        (None, ARCHIVE, False),
    ],
)
def test_bundles_are_compared_by_what_both_name(one: Any, other: Any, same: bool) -> None:
    assert bundles.are_same(one, other) is same
    assert bundles.are_same(other, one) is same


def test_a_bundle_is_named_by_its_place() -> None:
    assert bundles.place({**ARCHIVE, "version": "v1"}) == "s3://bundles/1.0.0.zip?versionId=v1"
    assert bundles.place(COMMIT) == "shop/reports at aaaaaaaaaaaa"
