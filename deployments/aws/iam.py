"""Who we are in the account, what our role may do, and whether roles exist."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from deployments.aws import errors, values
from deployments.aws.calling import Caller


class Iam(Caller):
    #: found once: a gateway's credentials stay those of one principal
    _known_principal = ""

    def identity(self) -> values.Identity:
        """The clock offset comes from the answer's Date header, which is in whole seconds."""
        asked = datetime.now(UTC)
        answer = self.call("sts", "GetCallerIdentity")
        ours = asked + (datetime.now(UTC) - asked) / 2
        date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        offset = (parsedate_to_datetime(date) - ours).total_seconds() if date else 0.0
        return values.Identity(account=answer["Account"], arn=answer["Arn"], clock_offset=offset)

    def may(
        self, action: str, resources: Sequence[str], context: Mapping[str, str] | None = None
    ) -> tuple[values.Permission, ...]:
        entries = [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in (context or {}).items()
        ]
        pages = self.pages(
            "iam",
            "SimulatePrincipalPolicy",
            PolicySourceArn=self._principal(),
            ActionNames=[action],
            ResourceArns=list(resources) or ["*"],
            ContextEntries=entries,
        )
        results = [result for page in pages for result in page["EvaluationResults"]]
        return tuple(permission for result in results for permission in _permissions(result))

    def role_exists(self, arn: str) -> bool:
        """A role of that name under another path is another role, so its ARN is compared too."""
        try:
            role = self.call("iam", "GetRole", RoleName=arn.rsplit("/", 1)[-1])["Role"]
        except errors.NotFound:
            return False
        return bool(role["Arn"] == arn)

    def _principal(self) -> str:
        """The ARN whose policies apply to us; a session's lacks its role's path, so IAM is asked for it."""
        if not self._known_principal:
            arn = self.identity().arn
            if ":assumed-role/" in arn:
                arn = self.call("iam", "GetRole", RoleName=arn.split("/")[1])["Role"]["Arn"]
            self._known_principal = arn
        return self._known_principal


def _permissions(result: Mapping[str, Any]) -> Iterator[values.Permission]:
    # With several resources the result itself is only the strictest of the answers below it.
    specific = result.get("ResourceSpecificResults") or [
        {
            "EvalResourceName": result.get("EvalResourceName", "*"),
            "EvalResourceDecision": result["EvalDecision"],
        }
    ]
    for each in specific:
        yield values.Permission(
            action=result["EvalActionName"],
            resource=each["EvalResourceName"],
            decision=each["EvalResourceDecision"],
        )
