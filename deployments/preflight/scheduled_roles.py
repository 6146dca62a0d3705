"""The roles by which EventBridge starts scheduled tasks: one that may run a single revision starts no release.

EventBridge tells nobody that a role may not: the task is missing, and a metric (FailedInvocations) counts that.
"""

from collections.abc import Iterator

from deployments.aws import errors
from deployments.aws.permission_values import Question
from deployments.aws.values import Starter, TaskDefinition
from deployments.preflight.iam_roles import task_roles
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, unknown, warning
from deployments.preflight.words import listed, named

RUN, PASS = "ecs:RunTask", "iam:PassRole"
PASSED = (("iam:PassedToService", "ecs-tasks.amazonaws.com"),)


def check(starter: Starter, definition: TaskDefinition, cluster: str, readings: Readings) -> Iterator[Result]:
    """scheduled-roles: of one that names a revision; where none is named, IAM is asked for what it is asked now"""
    if not starter.role or not starter.names_revision:
        return
    family = definition.arn.rpartition(":")[0]
    coming = f"{family}:{definition.revision + 1}"
    questions = (
        Question(action=RUN, resources=(definition.arn, coming), context=(("ecs:cluster", cluster),)),
        Question(action=PASS, resources=task_roles(definition, readings.identity), context=PASSED),
    )
    try:
        answers = readings.role_may(starter.role, questions if questions[1].resources else questions[:1])
    except errors.NotFound:
        yield _gone(starter)
        return
    except errors.Denied as refusal:
        yield unknown("scheduled-roles", f"Whether {starter.role} may start the release is not known: {refusal.said}")
        return
    refused = {each.resource for each in answers if not each.allowed}
    if coming in refused and definition.arn not in refused:
        yield error(
            "scheduled-roles",
            f"{_called(starter)} starts its tasks by the role {named(starter.role)}, which may {RUN} on "
            f"{named(definition.arn)} and on no other revision: nothing of a release would start, and nobody be told.",
            f"Allow {RUN} on {family}:* to {named(starter.role)}.",
        )
    elif missing := sorted(refused - {coming}):
        yield warning(
            "scheduled-roles",
            f"{_called(starter)} starts its tasks by the role {named(starter.role)}, which needs {RUN} and "
            f"{PASS} on {listed(missing)}: nothing starts now, nor will of a release.",
            f"Allow both to {named(starter.role)}.",
        )


def _gone(starter: Starter) -> Result:
    return warning(
        "scheduled-roles",
        f"{_called(starter)} starts its tasks by the role {named(starter.role)}, which does not exist: "
        "nothing starts now, nor will of a release.",
        "Make the role again, or name another one there.",
    )


def _called(starter: Starter) -> str:
    return f"{starter.called[:1].upper()}{starter.called[1:]}"
