"""Who we are in the account, and whether roles exist."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from deployments.aws import errors, values
from deployments.aws.calling import Caller


class Iam(Caller):
    #: found once: a gateway's credentials stay those of one principal
    _known_arn = ""
    _known_principal = ""

    def identity(self) -> values.Identity:
        """The clock offset comes from the answer's Date header, which is in whole seconds."""
        asked = datetime.now(UTC)
        answer = self.call("sts", "GetCallerIdentity")
        ours = asked + (datetime.now(UTC) - asked) / 2
        date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        offset = (parsedate_to_datetime(date) - ours).total_seconds() if date else 0.0
        self._known_arn = answer["Arn"]
        return values.Identity(account=answer["Account"], arn=answer["Arn"], clock_offset=offset)

    def role_exists(self, arn: str) -> bool:
        """A role of that name under another path is another role, so its ARN is compared too."""
        try:
            role = self.call("iam", "GetRole", RoleName=arn.rsplit("/", 1)[-1])["Role"]
        except errors.NotFound:
            return False
        return bool(role["Arn"] == arn)

    def principal(self) -> str:
        """The ARN whose policies apply to us; a session's lacks its role's path, so IAM is asked for it."""
        if not self._known_principal:
            arn = self._known_arn or self.identity().arn
            if ":assumed-role/" in arn:
                arn = self.call("iam", "GetRole", RoleName=arn.split("/")[1])["Role"]["Arn"]
            self._known_principal = arn
        return self._known_principal
