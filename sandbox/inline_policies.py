"""Documents without a Version, or with the old one: AWS takes them for inline and trust policies, which then speak the
language of 2008-10-17. A managed policy needs the new one; moto asks that of all.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from moto.iam.models import IAMBackend
from moto.iam.policy_validation import BaseIAMPolicyValidator

from sandbox.patching import Patches

_old_too: ContextVar[bool] = ContextVar("_old_too", default=False)


def install(patches: Patches) -> None:
    patches.replace(BaseIAMPolicyValidator, "_validate_version", _unless_old_will_do)
    for method in ("put_role_policy", "put_user_policy", "put_group_policy", "update_assume_role_policy"):
        patches.replace(IAMBackend, method, _taking_old)


def _unless_old_will_do(original: Callable[..., None]) -> Callable[..., None]:
    def _validate_version(validator: Any) -> None:
        if not _old_too.get():
            original(validator)

    return _validate_version


def _taking_old(original: Callable[..., Any]) -> Callable[..., Any]:
    def method(*args: Any, **named: Any) -> Any:
        token = _old_too.set(True)
        try:
            return original(*args, **named)
        finally:
            _old_too.reset(token)

    return method
