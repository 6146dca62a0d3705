"""Amazon S3: the bundles that CodeDeploy installs on servers."""

from deployments.aws import errors
from deployments.aws.calling import Caller
from deployments.aws.codedeploy_values import Bundle


class S3(Caller):
    def bundle(self, bucket: str, key: str, version: str = "") -> Bundle:
        """HeadObject. Without s3:ListBucket AWS answers 403 for a missing key too, which is Denied here."""
        wanted = {"VersionId": version} if version else {}
        try:
            head = self.call("s3", "HeadObject", Bucket=bucket, Key=key, **wanted)
        except errors.AwsError as error:
            if error.code in ("404", "NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NotFound"):
                raise errors.NotFound("HeadObject", error.code, error.said) from error
            raise
        return Bundle(etag=head["ETag"].strip('"'))
