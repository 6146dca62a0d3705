"""The owner's hooks: Lambda functions that the AppSpec of the group's last deployment names, and ours will name too."""

from collections.abc import Iterator

from deployments.aws import errors
from deployments.aws.appspecs import BadAppSpec, described
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.code_deploy_readings import CodeDeployReadings
from deployments.preflight.report import Result, error, ok, warning
from deployments.words import counted

_DROPPED = "so the Lambda functions that it may name as hooks would be left out"


def hooks(settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings) -> Iterator[Result]:
    """appspec-hooks"""
    last = readings.last_of_owner
    if last is None:
        return
    try:
        kept = readings.hooks
    except errors.NotFound:
        yield warning(
            "appspec-hooks",
            f"The AppSpec of {last.id}, the group's last deployment, is not there any more, {_DROPPED}.",
            "If it had hooks, deploy once with CodeDeploy by an AppSpec that names them; Tealgate keeps them from then "
            "on.",
        )
    except (errors.AwsError, BadAppSpec) as problem:
        why = problem.sentence if isinstance(problem, errors.AwsError) else f"{problem}."
        yield error(
            "appspec-hooks",
            f"The AppSpec of {last.id}, the group's last deployment, cannot be read, {_DROPPED}: {why}",
            "Let Tealgate read it (codedeploy:GetApplicationRevision, or s3:GetObject where it is a file in S3), or "
            "deploy once with CodeDeploy by an AppSpec that can be read.",
        )
    else:
        if kept:
            count = counted(len(kept), "hook")
            yield ok("appspec-hooks", f"{count} of {last.id}'s AppSpec will run here too: {described(kept)}.")
