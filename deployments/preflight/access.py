"""Whether Tealgate reaches the account at all; everything else stands on this.

GetCallerIdentity needs no permission, so a refusal means that the role could not be assumed.
"""

from collections.abc import Iterator

from deployments.aws import errors
from deployments.aws.values import Identity
from deployments.frozen import EnvironmentSettings
from deployments.preflight.report import Result, error, ok, unknown
from deployments.preflight.words import ended, spelled

#: AWS refuses a signature whose time is further off than this.
MAX_CLOCK_OFFSET_SECONDS = 300

_CLOCK_FIX = "Synchronise the clock of Tealgate's machine (NTP, such as chrony with 169.254.169.123 on EC2)."


def reached(settings: EnvironmentSettings, identity: Identity) -> Iterator[Result]:
    yield ok("access-role", f"Tealgate works as {identity.arn}.")
    yield _account(settings, identity)
    yield _clock(identity)


def right_account(settings: EnvironmentSettings, identity: Identity) -> bool:
    return settings.account_id in ("", identity.account)


def refused(settings: EnvironmentSettings, problem: errors.AwsError) -> Result:
    """What it means that even GetCallerIdentity did not work."""
    if problem.transient:
        return unknown("access-role", f"AWS did not answer ({problem}).", "Check the environment again in a minute.")
    if _is_about_time(problem):
        return error("access-clock", f"Tealgate's clock is wrong: {ended(problem.sentence)}", _CLOCK_FIX)
    if problem.code == "NoCredentials":
        return error(
            "access-role",
            "Tealgate has no AWS credentials of its own.",
            "Give its task or instance a role (or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).",
        )
    if problem.code == "RoleNotAllowed":
        return error(
            "access-role",
            f"{settings.role_arn} is not on the list of roles that Tealgate may assume; AWS was not asked.",
            "Name a role that is, or have its ARN added to the setting AWS_ROLE_ARNS.",
        )
    if not settings.role_arn:
        return error(
            "access-role",
            f"AWS refuses Tealgate's own credentials: {ended(problem.sentence)}",
            "Give Tealgate a role (task role or instance profile), or name a role to assume in the environment.",
        )
    return error(
        "access-role",
        f"The role {settings.role_arn} cannot be assumed: {ended(problem.sentence)}",
        "The role's trust policy must allow sts:AssumeRole to Tealgate's own role, with "
        + (
            f"sts:ExternalId {settings.external_id} as in the environment; another external ID looks just like this."
            if settings.external_id
            else "no sts:ExternalId condition, or the environment must name that external ID."
        ),
    )


def _account(settings: EnvironmentSettings, identity: Identity) -> Result:
    if right_account(settings, identity):
        return ok("access-account", f"This is account {identity.account} in {settings.region}.")
    return error(
        "access-account",
        f"{identity.arn} is in account {identity.account}, but the environment expects {settings.account_id}.",
        f"Correct the environment's role ARN, or its account ID if {identity.account} is the right one.",
    )


def _clock(identity: Identity) -> Result:
    off = identity.clock_offset
    if abs(off) <= MAX_CLOCK_OFFSET_SECONDS:
        return ok("access-clock", f"Tealgate's clock and AWS's agree within {max(1, round(abs(off)))} s.")
    behind = "behind" if off > 0 else "ahead of"
    return error(
        "access-clock",
        f"Tealgate's clock is {spelled(abs(off))} {behind} AWS's; AWS refuses signatures more than 5 min off.",
        _CLOCK_FIX,
    )


def _is_about_time(problem: errors.AwsError) -> bool:
    return problem.code in {"RequestExpired", "RequestTimeTooSkewed"} or any(
        words in problem.said for words in ("Signature expired", "Signature not yet current")
    )
