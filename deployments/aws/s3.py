"""Amazon S3: the bundles that CodeDeploy installs on servers, and AppSpecs that are kept there."""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from botocore.exceptions import BotoCoreError

from deployments.aws import errors
from deployments.aws.archives import LARGEST, Contents, TooLarge, contents
from deployments.aws.calling import Caller, ClientSource
from deployments.aws.codedeploy_values import Bundle
from deployments.aws.translate import translate

#: CodeDeploy takes no longer AppSpec.
LONGEST_TEXT = 1_000_000


#: What is in archives is remembered of so many.
MOST_ARCHIVES = 8


class S3(Caller):
    def __init__(self, clients: ClientSource) -> None:
        super().__init__(clients)
        #: by ETag and type; the same bytes have the same
        self._looked_into: dict[tuple[str, str], Contents] = {}

    def bundle(self, bucket: str, key: str, version: str = "") -> Bundle:
        """HeadObject. Without s3:ListBucket AWS answers 403 for a missing key too, which is Denied here."""
        head = _there("HeadObject", lambda: self.call("s3", "HeadObject", **_place(bucket, key, version)))
        return Bundle(etag=head["ETag"].strip('"'), size=head.get("ContentLength", 0))

    def bundle_contents(self, bundle: Mapping[str, str], found: Bundle) -> Contents:
        if found.size > LARGEST:
            raise TooLarge
        key = found.etag, bundle["bundleType"]
        if key not in self._looked_into:
            self._looked_into = dict([*self._looked_into.items(), (key, self._contents(bundle))][-MOST_ARCHIVES:])
        return self._looked_into[key]

    def _contents(self, bundle: Mapping[str, str]) -> Contents:
        place = _place(bundle["bucket"], bundle["key"], bundle.get("version", ""))
        answer = _there("GetObject", lambda: self.call("s3", "GetObject", **place))
        try:
            with closing(answer["Body"]) as body:
                content: bytes = body.read(LARGEST + 1)
        except BotoCoreError as problem:
            raise translate("GetObject", problem) from problem
        if len(content) > LARGEST:
            raise TooLarge
        return contents(content, bundle["bundleType"])

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
