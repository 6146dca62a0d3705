"""Whether tasks of the release would start: what their execution role may do.

The simulation knows the role's policies, not those of repositories and secrets, which may allow it as well. So where
tasks run that the same role started with the same things, what it does not know of is a warning.
"""

from collections.abc import Iterator, Sequence

from deployments.aws.permission_values import Permission, Question
from deployments.aws.values import TaskDefinition
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.execution_needs import (
    LOG,
    MAKE_LOG_GROUP,
    PULL,
    SECRETS,
    UNKNOWN_SUFFIX,
    Need,
    log_groups,
    making,
    needs,
)
from deployments.preflight.iam_roles import execution_role
from deployments.preflight.readings import NotLooked, Readings
from deployments.preflight.report import Result, error, ok, unknown, warning
from deployments.preflight.words import as_said, listed, named

#: Actions on things that may have a policy of their own.
_ON_POLICIES = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "secretsmanager:GetSecretValue", "s3:GetObject")
_DECRYPT = "kms:Decrypt"
_MANAGED = "AWS's own policy AmazonECSTaskExecutionRolePolicy has it"

Answers = Sequence[tuple[Need, Permission]]


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """execution-role-may, execution-role-key, execution-role-conditions"""
    definition = readings.base(artefact)
    role, wanted = execution_role(definition, readings.identity), needs(artefact, definition)
    if not role or not wanted:
        return
    if not readings.role_seen(role):
        raise NotLooked(f"the role {named(role)} does not exist")
    proven = _proven(role, readings)
    answers = _asked(role, [*_worth_asking(definition, wanted, proven)], readings)
    unsure = [(need, each) for need, each in answers if _is_unsure(need, each)]
    refused = [pair for pair in answers if not pair[1].allowed and pair not in unsure]
    spared = [*_not_needed(definition, refused, readings)]
    refused = [pair for pair in refused if pair[0] not in spared]
    for purpose in dict.fromkeys(need.purpose for need, _ in refused):
        yield _refused(role, [pair for pair in refused if pair[0].purpose == purpose], proven)
    if vague := [pair for pair in unsure if _is_vague(pair[0])]:
        yield _vague(role, vague)
    if conditional := [pair for pair in unsure if not _is_vague(pair[0])]:
        yield _conditional(role, conditional)
    open_ = {need.purpose for need, _ in (*refused, *unsure)}
    needed = dict.fromkeys(need.purpose for need in wanted if need not in spared)
    if done := [purpose for purpose in needed if purpose not in open_]:
        said = as_said((each.asked_at for _, each in answers if each.asked_at), readings.now)
        yield ok("execution-role-may", f"The execution role {named(role)} may {listed(done)}{said}.")


def _not_needed(definition: TaskDefinition, refused: Answers, readings: Readings) -> Iterator[Need]:
    """A log group that exists is not made: the agent tries to write first. Asked only where it may not be made."""
    lacking = {need for need, _ in refused if need.purpose == MAKE_LOG_GROUP}
    for group in log_groups(definition) if lacking else ():
        need = making(definition, group)
        if need in lacking and readings.log_group_seen(group.region, group.name):
            yield need


def _worth_asking(definition: TaskDefinition, wanted: Sequence[Need], proven: frozenset[Need]) -> Iterator[Need]:
    """Of what is not known exactly only that which tasks that run did not need as well."""
    yield from (need for need in wanted if not (_is_vague(need) and need in proven))
    if any(need.purpose == SECRETS and need not in proven for need in wanted):
        # A key of the account's own may encrypt them; which one that is was not read.
        _, partition, _, region, account, _ = definition.arn.split(":", 5)
        yield Need(action=_DECRYPT, resource=f"arn:{partition}:kms:{region}:{account}:key/*", purpose=SECRETS)


def _asked(role: str, wanted: Sequence[Need], readings: Readings) -> Answers:
    by_action: dict[str, list[Need]] = {}
    for need in wanted:
        by_action.setdefault(need.action, []).append(need)
    questions = [
        Question(action=action, resources=tuple(each.resource for each in of)) for action, of in by_action.items()
    ]
    asked = [need for of in by_action.values() for need in of]
    return tuple(zip(asked, readings.role_may(role, questions), strict=True))


def _proven(role: str, readings: Readings) -> frozenset[Need]:
    """What tasks that run needed when the same role started them."""
    live, source = readings.task_definition, readings.source
    if not source.running or execution_role(live, readings.identity) != role:
        return frozenset()
    return frozenset(needs(None, live))


def _is_vague(need: Need) -> bool:
    """Whether a policy may allow it although the simulation, which takes the resource by its letters, says no."""
    return need.action == _DECRYPT or need.resource.endswith(UNKNOWN_SUFFIX)


def _is_unsure(need: Need, answer: Permission) -> bool:
    return answer.decision == "implicitDeny" and (_is_vague(need) or bool(answer.missing_context))


def _refused(role: str, refused: Answers, proven: frozenset[Need]) -> Result:
    purpose, explicit = refused[0][0].purpose, any(each.decision == "explicitDeny" for _, each in refused)
    what = _spelled(refused)
    seen = (
        f"To {purpose}, tasks need {what} by their execution role {named(role)}, which "
        f"{'a statement denies explicitly' if explicit else 'no policy of it allows'}"
    )
    if explicit:
        return error("execution-role-may", f"{seen}: {_would_fail(purpose)}.", f"Find the Deny that covers {what}.")
    if all(need in proven and need.action in _ON_POLICIES for need, _ in refused):
        return warning(
            "execution-role-may",
            f"{seen}. Tasks that run were started by it, so either the other side's own policy allows that, or it was "
            f"taken away since: then {_would_fail(purpose)}, and neither would the way back.",
            f"Allow it to {named(role)}.",
        )
    managed = f"; {_MANAGED}" if purpose in (PULL, LOG) else ""
    return error("execution-role-may", f"{seen}: {_would_fail(purpose)}.", f"Allow it to {role}{managed}.")


def _would_fail(purpose: str) -> str:
    failure = "CannotPullContainerError" if purpose == PULL else "ResourceInitializationError"
    return f"they would not start ({failure})"


def _conditional(role: str, unsure: Answers) -> Result:
    keys = listed(dict.fromkeys(key for _, each in unsure for key in each.missing_context))
    return unknown(
        "execution-role-conditions",
        f"Whether {named(role)} may {_spelled(unsure)} is not known: its policies have conditions on {keys}, which are "
        "those of the tasks when they start.",
        f"Nothing to do where tasks of this network start; otherwise allow it to {named(role)}.",
    )


def _vague(role: str, unsure: Answers) -> Result:
    return unknown(
        "execution-role-key",
        f"Whether {named(role)} may {_spelled(unsure)} where the task's secrets need it was not looked at: AWS's own "
        "keys take nothing, a key of your own takes kms:Decrypt, and an ARN without its last six characters fits "
        "whatever begins like it.",
        f"Nothing to do where AWS's own keys encrypt them; otherwise allow it to {named(role)} on the key.",
    )


def _spelled(pairs: Answers) -> str:
    """ "ecr:GetAuthorizationToken on *, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on arn:…"."""
    by_resource: dict[str, list[str]] = {}
    for need, _ in pairs:
        by_resource.setdefault(need.resource, []).append(need.action)
    return listed(f"{listed(actions)} on {resource}" for resource, actions in by_resource.items())
