"""Amazon S3: whether a bundle is there."""

from deployments.aws import errors
from deployments.aws.calling import Caller


class S3(Caller):
    def object_exists(self, bucket: str, key: str, version: str = "") -> bool:
        """HeadObject. Without s3:ListBucket AWS answers 403 for a missing key too, which is Denied here."""
        wanted = {"VersionId": version} if version else {}
        try:
            self.call("s3", "HeadObject", Bucket=bucket, Key=key, **wanted)
        except errors.AwsError as error:
            if error.code in ("404", "NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NotFound"):
                return False
            raise
        return True
