"""The CodeDeploy API: AWS JSON 1.1 in, AWS JSON 1.1 out."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.codedeploy import (
    applications,
    configs,
    control,
    deployments,
    github_connections,
    groups,
    revisions,
    tags,
    targets,
)
from sandbox.codedeploy.ecs import hooks
from sandbox.codedeploy.errors import CodeDeployError, refuse
from sandbox.codedeploy.model import Json
from sandbox.codedeploy.store import Store

OPERATIONS: dict[str, Callable[[Store, Json], Json]] = {
    "CreateApplication": applications.create_application,
    "GetApplication": applications.get_application,
    "BatchGetApplications": applications.batch_get_applications,
    "ListApplications": applications.list_applications,
    "UpdateApplication": applications.update_application,
    "DeleteApplication": applications.delete_application,
    "CreateDeploymentConfig": configs.create_deployment_config,
    "GetDeploymentConfig": configs.get_deployment_config,
    "ListDeploymentConfigs": configs.list_deployment_configs,
    "DeleteDeploymentConfig": configs.delete_deployment_config,
    "CreateDeploymentGroup": groups.create_deployment_group,
    "UpdateDeploymentGroup": groups.update_deployment_group,
    "DeleteDeploymentGroup": groups.delete_deployment_group,
    "GetDeploymentGroup": groups.get_deployment_group,
    "BatchGetDeploymentGroups": groups.batch_get_deployment_groups,
    "ListDeploymentGroups": groups.list_deployment_groups,
    "RegisterApplicationRevision": revisions.register_application_revision,
    "GetApplicationRevision": revisions.get_application_revision,
    "BatchGetApplicationRevisions": revisions.batch_get_application_revisions,
    "ListApplicationRevisions": revisions.list_application_revisions,
    "CreateDeployment": deployments.create_deployment,
    "GetDeployment": deployments.get_deployment,
    "BatchGetDeployments": deployments.batch_get_deployments,
    "ListDeployments": deployments.list_deployments,
    "ListGitHubAccountTokenNames": github_connections.list_names,
    "DeleteGitHubAccountToken": github_connections.delete,
    "ContinueDeployment": control.continue_deployment,
    "SkipWaitTimeForInstanceTermination": control.skip_wait_time_for_instance_termination,
    "StopDeployment": control.stop_deployment,
    "PutLifecycleEventHookExecutionStatus": hooks.put_status,
    "ListDeploymentTargets": targets.list_deployment_targets,
    "GetDeploymentTarget": targets.get_deployment_target,
    "BatchGetDeploymentTargets": targets.batch_get_deployment_targets,
    "ListDeploymentInstances": targets.list_deployment_instances,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags_for_resource,
}


class Request(dict[str, Any]):
    """A field that is required and absent is the caller's mistake, in AWS's words."""

    def __missing__(self, name: str) -> Any:
        refuse(f"{name[0].upper()}{name[1:]}Required", f"{name} is required")


def answer(store: Store, operation: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of the response."""
    try:
        perform = OPERATIONS.get(operation)
        if perform is None:
            refuse("OperationNotSupported", f"The sandbox does not know the operation {operation}.")
        with store.lock:
            return 200, _encode(perform(store, Request(json.loads(body or b"{}"))))
    except CodeDeployError as error:
        return error.status, _encode({"__type": error.code, "message": error.message})


def _encode(response: Json) -> bytes:
    return json.dumps(response, default=_timestamp).encode()


def _timestamp(value: object) -> float:
    assert isinstance(value, datetime)
    return round(value.timestamp(), 3)
