"""Reading revisions: objects in S3, and directories that stand for GitHub repositories."""

from typing import Any

from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends

from sandbox.account import ACCOUNT
from sandbox.codedeploy.model import Json


class Missing(Exception):
    """The sentence that people get."""


def read_s3(location: Json) -> bytes:
    bucket, key = location["bucket"], location["key"]
    try:
        found: Any = s3_backends[ACCOUNT]["aws"].get_object(bucket, key, version_id=location.get("version"))
    except MissingBucket:
        raise Missing(f"The specified bucket does not exist: {bucket}") from None
    if found is None:
        raise Missing(f"The specified key does not exist: {key} in the bucket {bucket}")
    if location.get("eTag") and location["eTag"].strip('"') != found.etag.strip('"'):
        raise Missing(f"The object {key} in the bucket {bucket} has another ETag than {location['eTag']}")
    return bytes(found.value)
