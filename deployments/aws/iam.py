"""Who we are in the account, and whether roles exist. Both change seldom, so what was seen is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from deployments.aws import errors, values
from deployments.aws.calling import Caller, ClientSource
from deployments.aws.seen import Seen

#: More than the roles of any account's environments; beyond it the oldest are forgotten.
MOST_ROLES = 200


class Iam(Caller):
    def __init__(self, clients: ClientSource) -> None:
        super().__init__(clients)
        self._known: tuple[datetime, values.Identity] | None = None
        self._roles_seen = Seen(MOST_ROLES)
        #: found once: a gateway's credentials stay those of one principal
        self._known_principal = ""

    def identity(self, now: datetime, trusted: timedelta = timedelta(0)) -> values.Identity:
        if trusted and self._known and self._known[0] >= now - trusted:
            return self._known[1]
        identity = replace(self._identity(), asked_at=now)
        self._known = now, identity
        return identity

    def _identity(self) -> values.Identity:
        """The clock offset comes from the answer's Date header, which is in whole seconds."""
        asked = datetime.now(UTC)
        answer = self.call("sts", "GetCallerIdentity")
        ours = asked + (datetime.now(UTC) - asked) / 2
        date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        offset = (parsedate_to_datetime(date) - ours).total_seconds() if date else 0.0
        return values.Identity(account=answer["Account"], arn=answer["Arn"], clock_offset=offset)

    def role_seen(self, arn: str, now: datetime, trusted: timedelta = timedelta(0)) -> datetime | None:
        return self._roles_seen.look(arn, now, trusted, lambda: self._role_exists(arn))

    def _role_exists(self, arn: str) -> bool:
        """A role of that name under another path is another role, so its ARN is compared too."""
        try:
            role = self.call("iam", "GetRole", RoleName=arn.rsplit("/", 1)[-1])["Role"]
        except errors.NotFound:
            return False
        return bool(role["Arn"] == arn)

    def principal(self) -> str:
        """The ARN whose policies apply to us. Of a role not assumed by us only a session shows, without its path."""
        if self._clients.role_arn:
            return self._clients.role_arn
        if not self._known_principal:
            arn = self._known[1].arn if self._known else self._identity().arn
            if ":assumed-role/" in arn:
                arn = self.call("iam", "GetRole", RoleName=arn.split("/")[1])["Role"]["Arn"]
            self._known_principal = arn
        return self._known_principal
