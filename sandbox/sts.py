"""STS on top of moto's: trust policies count, and so does the external id.

Credentials belong to the account that every sandbox stands for, and the sandbox remembers whose they are.
Callers with any other key are the account's own user ``developer``, who may do everything.
"""

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.sts.models import AssumedRole
from moto.sts.responses import TokenResponse

from sandbox.account import ACCOUNT
from sandbox.calls import Refused
from sandbox.patching import Patches
from sandbox.policies import Policy, as_list, evaluate, matches

DEVELOPER = f"arn:aws:iam::{ACCOUNT}:user/developer"
CHAINED_MAXIMUM = 3600


def access_denied(message: str) -> Refused:
    return Refused(403, "AccessDenied", message)


def validation_error(message: str) -> Refused:
    return Refused(400, "ValidationError", message)


@dataclass(frozen=True)
class Session:
    role_arn: str
    arn: str
    user_id: str
    expires: datetime

    @property
    def expired(self) -> bool:
        return datetime.now(UTC) >= self.expires


class Sessions:
    """Who is behind an access key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def get(self, access_key: str) -> Session | None:
        with self._lock:
            return self._sessions.get(access_key)

    def add(self, access_key: str, session: Session) -> None:
        with self._lock:
            self._sessions[access_key] = session


def as_role(sessions: Sessions, role_arn: str, endpoint: str) -> dict[str, str]:
    """The environment of a process that a service starts as this role: who it is, and where AWS is."""
    key, name = f"ASIA{secrets.token_hex(8).upper()}", role_arn.rpartition("/")[2]
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/sandbox"
    expires = datetime.now(UTC) + timedelta(hours=1)
    sessions.add(key, Session(role_arn, arn, f"AROA{name.upper()}:sandbox", expires))
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20),
        "AWS_SESSION_TOKEN": secrets.token_hex(20),
    }


def install(patches: Patches, sessions: Sessions) -> None:
    def assume_role(self: Any) -> ActionResult:
        return _assume_role(self, sessions)

    def get_caller_identity(self: Any) -> ActionResult:
        session = sessions.get(self.get_access_key())
        arn, user_id = (session.arn, session.user_id) if session else (DEVELOPER, "AIDADEVELOPER")
        return ActionResult({"UserId": user_id, "Account": ACCOUNT, "Arn": arn})

    patches.replace(TokenResponse, "assume_role", lambda original: assume_role)
    patches.replace(TokenResponse, "get_caller_identity", lambda original: get_caller_identity)


def trusts(policy: Policy, caller_arn: str, external_id: str | None) -> bool:
    """Whether a role's trust policy lets the caller assume it."""
    context = {"sts:ExternalId": [external_id]} if external_id else {}
    statements = []
    for statement in as_list(policy.get("Statement", [])):
        principal = statement.get("Principal", {})
        principals = ["*"] if principal == "*" else as_list(principal.get("AWS", []))
        if any(_is_principal(each, caller_arn) for each in principals):
            statements.append(
                {key: value for key, value in statement.items() if key != "Principal"} | {"Resource": "*"}
            )
    return evaluate({"trust": {"Statement": statements}}, "sts:AssumeRole", "*", context).allowed


def _is_principal(principal: str, caller_arn: str) -> bool:
    """An account, its root, or an ARN; a session counts as its role."""
    account = caller_arn.split(":")[4]
    if principal in ("*", account, f"arn:aws:iam::{account}:root"):
        return True
    return matches(principal, caller_arn)


def _assume_role(response: Any, sessions: Sessions) -> ActionResult:
    role_arn = response._get_param("RoleArn")
    name = response._get_param("RoleSessionName")
    external_id = response._get_param("ExternalId")
    seconds = int(response._get_param("DurationSeconds") or 3600)
    caller = sessions.get(response.get_access_key())
    role = next((each for each in list(iam_backends[ACCOUNT]["aws"].roles.values()) if each.arn == role_arn), None)
    caller_arn = caller.arn if caller else DEVELOPER
    principal = caller.role_arn if caller else DEVELOPER
    if role is None or not trusts(_document(role.assume_role_policy_document), principal, external_id):
        raise access_denied(f"User: {caller_arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}")
    _check_duration(seconds, int(role.max_session_duration or 3600), chained=caller is not None)
    assumed: AssumedRole = response.backend.assume_role(
        region_name=response.region,
        role_session_name=name,
        role_arn=role_arn,
        policy=response._get_param("Policy"),
        duration=seconds,
        external_id=external_id,
    )
    session = Session(role_arn, assumed.arn, assumed.user_id, datetime.now(UTC) + timedelta(seconds=seconds))
    sessions.add(assumed.access_key_id, session)
    return ActionResult(
        {
            "Credentials": assumed,
            "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.arn},
            "PackedPolicySize": 6,
        }
    )


def _check_duration(seconds: int, maximum: int, *, chained: bool) -> None:
    if seconds < 900:
        raise validation_error(
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy "
            "constraint: Member must have value greater than or equal to 900"
        )
    if chained and seconds > CHAINED_MAXIMUM:
        raise validation_error(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    if seconds > maximum:
        raise validation_error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def _document(text: str | Mapping[str, Any]) -> Policy:
    return dict(json.loads(text)) if isinstance(text, str) else dict(text)
