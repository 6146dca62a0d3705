"""CodeBuild and CodePipeline as Terraform and the command line see them; nothing is built here.

Other than with moto alone: a project that a pipeline builds has no location of its own; a project can be changed;
times are numbers; a token that was given is not told again; a role may trust several services at once.
"""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from moto.codebuild import responses as codebuild
from moto.codebuild.models import CodeBuildBackend
from moto.codepipeline.models import CodePipeline, CodePipelineBackend, PipelineExecution
from moto.core.responses import ActionResult
from moto.core.utils import unix_time

from sandbox.iam import trusted_services
from sandbox.patching import Patches

Json = dict[str, Any]
BY_PIPELINE = "CODEPIPELINE"
SECRET = "****"  # noqa: S105 - what AWS writes instead
#: What a project is made of, by the names that UpdateProject has for it.
CHANGEABLE = (
    "description",
    "source",
    "sourceVersion",
    "artifacts",
    "cache",
    "environment",
    "serviceRole",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "tags",
    "vpcConfig",
    "logsConfig",
)


def install(patches: Patches) -> None:
    patches.replace(codebuild, "_validate_required_params_source", _unless_by_pipeline)
    patches.replace(codebuild, "_validate_required_params_artifacts", _unless_by_pipeline)
    patches.replace(codebuild.CodeBuildResponse, "update_project", lambda _: _update_project)
    patches.replace(CodeBuildBackend, "create_project", _with_defaults)
    patches.replace(CodePipeline, "metadata", lambda _: property(_metadata))
    patches.replace(CodePipelineBackend, "iam_backend", lambda original: property(lambda self: _Roles(original, self)))
    patches.replace(CodePipelineBackend, "get_pipeline", _keeping_secrets)
    patches.replace(PipelineExecution, "to_summary_dict", _with_numbers)


class _Roles:
    """IAM, as far as CodePipeline asks it: moto reads a trust policy as if each statement named one service."""

    def __init__(self, iam_backend: Any, backend: Any) -> None:
        self._iam = iam_backend.fget(backend)

    def get_role_by_arn(self, arn: str) -> Any:
        services = trusted_services(self._iam.get_role_by_arn(arn).assume_role_policy_document)
        statements = [{"Principal": {"Service": service}} for service in services]
        return SimpleNamespace(assume_role_policy_document=json.dumps({"Statement": statements}))


def _unless_by_pipeline(original: Callable[[Json], None]) -> Callable[[Json], None]:
    """AWS ignores where such a project's source is and where its artifacts go: its pipeline says so."""

    def validate(side: Json) -> None:
        original(side | {"location": "pipeline"} if side["type"] == BY_PIPELINE else side)

    return validate


def _with_defaults(original: Callable[..., Json]) -> Callable[..., Json]:
    def create_project(*args: Any, **named: Any) -> Json:
        named["timeout"] = named.get("timeout") or 60
        named["queued_timeout"] = named.get("queued_timeout") or 480
        return original(*args, **named)

    return create_project


def _update_project(response: Any) -> ActionResult:
    name = response._get_param("name")
    project = response.codebuild_backend.codebuild_projects.get(name)
    if project is None:
        arn = f"arn:aws:codebuild:{response.region}:{response.current_account}:project/{name}"
        raise codebuild.ResourceNotFoundException(f"Project cannot be found: {arn}")
    given = {field: response._get_param(field) for field in CHANGEABLE}
    changes = {field: value for field, value in given.items() if value is not None}
    for field, validate in (
        ("source", codebuild._validate_required_params_source),
        ("artifacts", codebuild._validate_required_params_artifacts),
        ("environment", codebuild._validate_required_params_environment),
    ):
        if field in changes:
            validate(changes[field])
    project.project_metadata |= changes | {"lastModifiedDate": unix_time()}
    return ActionResult({"project": project.project_metadata})


def _metadata(pipeline: Any) -> Json:
    """Times as JSON of AWS has them, in seconds: moto's text is no time to most clients."""
    return {
        "pipelineArn": pipeline._arn,
        "created": unix_time(pipeline._created),
        "updated": unix_time(pipeline._updated),
    }


def _with_numbers(original: Callable[..., Json]) -> Callable[..., Json]:
    def to_summary_dict(execution: Any) -> Json:
        times = {"startTime": execution.start_time, "lastUpdateTime": execution.last_update_time}
        return original(execution) | {name: unix_time(time) for name, time in times.items()}

    return to_summary_dict


def _keeping_secrets(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_pipeline(backend: Any, name: str) -> tuple[Json, Json]:
        pipeline, metadata = original(backend, name)
        told = json.loads(json.dumps(pipeline))
        for action in (action for stage in told["stages"] for action in stage["actions"]):
            if "OAuthToken" in action["configuration"]:
                action["configuration"]["OAuthToken"] = SECRET
        return told, metadata

    return get_pipeline
