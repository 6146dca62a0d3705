"""CodePipeline's action that waits for deployments: that it can be told, and says for which release it waits.

None of it stands in a deployment's way: only whoever waits would not be answered.
"""

from collections.abc import Iterator

from deployments.aws import errors
from deployments.aws.values import ApprovalAction, DeclaredAction, release_in
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import permissions
from deployments.preflight.grants import ANSWERING
from deployments.preflight.readings import Readings
from deployments.preflight.report import Level, Result, ok, warning
from deployments.preflight.words import ended


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """pipeline-approval, permissions"""
    where, account = ApprovalAction.parse(settings.approval_action), readings.identity.account
    if where.account != account:
        yield warning(
            "pipeline-approval",
            f"The {where} is in account {where.account}, and the environment's role in {account}. CodePipeline is told "
            "from its own account only, so it would wait without an answer.",
            f"Name an action of a pipeline in {account}, or answer by hand in CodePipeline.",
        )
        return
    try:
        declared = readings.declared_action(where)
    except errors.NotFound as problem:
        yield warning(
            "pipeline-approval",
            f"There is no {where}: {ended(problem.said)}",
            "Correct the environment's approval action; whoever waits elsewhere is not told.",
        )
        return
    wrong = [*_declared_wrong(settings, where, declared), *_refused(where, readings)]
    yield from wrong or [ok("pipeline-approval", f"The {where} is told what becomes of a deployment.")]


def _declared_wrong(settings: EnvironmentSettings, where: ApprovalAction, declared: DeclaredAction) -> Iterator[Result]:
    if not declared.is_manual_approval:
        yield warning(
            "pipeline-approval",
            f"The {where} is {declared.category} by {declared.provider}, which nobody can answer.",
            "Name an action of the category Approval by the provider Manual.",
        )
        return
    if declared.mode == "PARALLEL":
        yield warning(
            "pipeline-approval",
            f"{where.pipeline} runs its executions in the mode PARALLEL, of which AWS tells no token to answer by.",
            "Have it run them in the mode SUPERSEDED or QUEUED.",
        )
    application = settings.label.partition("/")[0]
    named = release_in(declared.custom_data)
    if named is None or not (named[0] == application or named[0].startswith("#{")):
        said = f"for {named[0]}, not for {application}" if named else "without a word for which release"
        yield warning(
            "pipeline-approval",
            f"The {where} waits {said}, so it would not be answered.",
            f"Write “tealgate: {application} #{{NAMESPACE.VERSION}}” into its CustomData, with a variable that holds "
            "the version.",
        )


def _refused(where: ApprovalAction, readings: Readings) -> list[Result]:
    rows = {"approval pipeline": (where.pipeline_arn,), "approval action": (where.arn,)}
    return [each for each in permissions.ask_all(ANSWERING, rows, readings) if each.level is not Level.OK]
