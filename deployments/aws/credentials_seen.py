"""Whom AWS let us be, and whom not: noted as each call ends, taken now and then by whoever tells operators."""

from typing import Final

from deployments.aws.errors import AwsError, Denied
from deployments.aws.translate import NOBODY

#: In place of a role's ARN: our own.
OWN: Final = "own"
#: And what botocore says without having asked.
_CODES = NOBODY | {"NoCredentials", "NoCredentialsError", "PartialCredentialsError", "UnauthorizedSSOTokenError"}
_seen: dict[str, str] = {}
_listens = False


def listen() -> None:
    """In this process and all that it forks, which are the workers: on a page somebody may try a role that is none."""
    global _listens
    _listens = True


def accepted(role_arn: str) -> None:
    """Unless it was refused since the last look: some of our processes may still have what others are not given."""
    if _listens:
        _seen.setdefault(role_arn or OWN, "")


def failed(role_arn: str, error: AwsError) -> None:
    if _listens and _is_refusal(error):
        _seen[role_arn or OWN] = error.sentence


def is_any() -> bool:
    return bool(_seen)


def taken() -> dict[str, str]:
    """Role's ARN, or OWN, to what AWS said when it refused it; "" where it did not. What was taken is forgotten."""
    global _seen
    seen, _seen = _seen, {}
    return seen


def _is_refusal(error: AwsError) -> bool:
    if not isinstance(error, Denied) or error.code == "RoleNotAllowed":
        return False
    return error.code in _CODES or error.operation.startswith("AssumeRole")
