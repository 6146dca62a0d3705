"""What AWS refuses while an account is looked at, in sentences with a next step."""

import re
from typing import Final

from deployments.aws import errors
from deployments.aws.translate import NOBODY
from deployments.aws.values import Binding

_REFUSED = re.compile(r"not authorized to perform: (\S+?)(?: on resource: (\S+?))?[,.]?(?: |$)")
_POLICY = "infra/iam/reading.json; Terraform's module infra/terraform/modules/deployer gives it"
#: What is refused or not answered of one service of AWS, and says nothing of the others.
OF_ONE: Final = (errors.Denied, errors.Throttled, errors.Unavailable)
_OFF = NOBODY | {"OptInRequired"}


def is_of_region(error: errors.AwsError) -> bool:
    """So AWS answers in a region that is off, where it knows nobody; to old credentials, too."""
    return error.code in _OFF


def sentence(error: errors.AwsError, binding: Binding) -> str:
    if is_of_region(error):
        return (
            f"AWS does not know who asks in {binding.region}: {error.said} ({error.code}). Is the region "
            f"{binding.region} on for this account? Turn it on there or choose another one; elsewhere Tealgate’s "
            "credentials are out of date."
        )
    if isinstance(error, errors.Denied):
        return _role(error, binding) if error.operation == "AssumeRole" else _denied(error, binding)
    if isinstance(error, errors.Throttled):
        return f"AWS asks to be asked less often ({error.operation}: {error.code}). Wait a minute, then look again."
    if isinstance(error, errors.Unavailable):
        return (
            f"AWS gave no answer to {error.operation} in the region {binding.region} ({error.code}). Is that the "
            "region’s name, and is it on for this account? Then look again."
        )
    if "ndpoint" in error.said or error.code == "InvalidRegionError":
        return f"{binding.region} is not a region that ECS has: {error.said} Choose another one."
    return f"{error.sentence} Nothing was changed."


def _role(error: errors.AwsError, binding: Binding) -> str:
    external = "this external ID" if binding.external_id else "no external ID"
    return (
        f"The role {binding.role_arn} could not be assumed with {external}: {error.said} Its trust policy has to name "
        "Tealgate’s own role, and the same external ID (infra/iam/trust.json)."
    )


def _denied(error: errors.AwsError, binding: Binding) -> str:
    who = binding.role_arn or "Tealgate’s own role"
    found = _REFUSED.search(error.said)
    if not found:
        seen = f"{error.said} ({error.code})"
        return f"{who} may not ask {error.operation} in {binding.region}: {seen}. Allow it ({_POLICY})."
    action, resource = found.groups()
    where = f" on {resource}" if resource else ""
    return f"{who} may not do {action}{where} in {binding.region}. Allow it ({_POLICY})."
