"""The roles that Tealgate assumes at all, whatever an environment asks for.

Who may edit an environment names its role, and Tealgate's own credentials may be good for roles that are none of its
business. A role that is not on the list is refused before AWS is asked. Nothing is on it until `allow` was called.
"""

import re
from collections.abc import Sequence

_allowed: tuple[str, ...] = ()


def allow(patterns: Sequence[str]) -> None:
    """ARNs of roles, in which * stands for anything but a colon. For the whole process."""
    global _allowed
    _allowed = tuple(patterns)


def is_allowed(role_arn: str) -> bool:
    return any(_fits(pattern, role_arn) for pattern in _allowed)


def refusal(role_arn: str) -> str:
    """A sentence, and what to do."""
    listed = ", ".join(_allowed) or "nothing"
    return (
        f"{role_arn} is not a role that Tealgate may assume: AWS_ROLE_ARNS allows {listed}. "
        "Give the role a name that fits, or have the setting changed."
    )


def _fits(pattern: str, role_arn: str) -> bool:
    return re.fullmatch("[^:]*".join(re.escape(part) for part in pattern.split("*")), role_arn) is not None
