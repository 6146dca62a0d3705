"""Amazon S3: the bundles that CodeDeploy installs on servers, and AppSpecs that are kept there."""

from collections.abc import Callable
from typing import Any

from deployments.aws import errors
from deployments.aws.calling import Caller
from deployments.aws.codedeploy_values import Bundle

#: CodeDeploy takes no longer AppSpec.
LONGEST_TEXT = 1_000_000


class S3(Caller):
    def bundle(self, bucket: str, key: str, version: str = "") -> Bundle:
        """HeadObject. Without s3:ListBucket AWS answers 403 for a missing key too, which is Denied here."""
        head = _there("HeadObject", lambda: self.call("s3", "HeadObject", **_place(bucket, key, version)))
        return Bundle(etag=head["ETag"].strip('"'))

    def text(self, bucket: str, key: str, version: str = "") -> str:
        """GetObject of a small file, such as an AppSpec."""
        answer = _there("GetObject", lambda: self.call("s3", "GetObject", **_place(bucket, key, version)))
        content: bytes = answer["Body"].read(LONGEST_TEXT)
        return content.decode(errors="replace")


def _place(bucket: str, key: str, version: str) -> dict[str, str]:
    return {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})


def _there(operation: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return call()
    except errors.AwsError as error:
        if error.code in ("404", "NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NotFound"):
            raise errors.NotFound(operation, error.code, error.said) from error
        raise
