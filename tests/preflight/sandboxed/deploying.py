"""CodeDeploy's groups and deployments, as a scene changes and makes them; undone when it ends."""

import json
from typing import Any

from tests.preflight.sandboxed.scene import Scene

#: What a group has where it shows nothing.
UNSET: dict[str, Any] = {"alarmConfiguration": {"enabled": False, "alarms": []}}


def regroup(scene: Scene, **changes: Any) -> None:
    """Change the environment's deployment group; as it was when the scene ends."""
    codedeploy = scene.aws("codedeploy")
    name = {"applicationName": scene.settings.codedeploy_application}
    group = scene.settings.codedeploy_group
    shown = codedeploy.get_deployment_group(**name, deploymentGroupName=group)["deploymentGroupInfo"]
    before = {member: shown.get(member, UNSET.get(member)) for member in changes}
    codedeploy.update_deployment_group(**name, currentDeploymentGroupName=group, **changes)
    scene.undo.callback(codedeploy.update_deployment_group, **name, currentDeploymentGroupName=group, **before)


def group_of_no_instances(scene: Scene, **members: Any) -> str:
    """A deployment group of the reports application that chooses none; its name."""
    codedeploy, name = scene.aws("codedeploy"), scene.name()
    group = {"applicationName": "reports", "deploymentGroupName": name}
    codedeploy.create_deployment_group(**group, serviceRoleArn=scene.world["codedeploy"]["service_role"], **members)
    scene.undo.callback(codedeploy.delete_deployment_group, **group)
    return name


def appspec(task_definition: str) -> str:
    properties = {
        "TaskDefinition": task_definition,
        "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 8000},
    }
    service = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
    return json.dumps({"version": 0.0, "Resources": [service]})


def deploy(scene: Scene, task_definition: str, revision: dict[str, Any] | None = None) -> str:
    """Start CodeDeploy's deployment of it by the environment's group; the deployment's id."""
    given = {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec(task_definition)}}
    made = scene.aws("codedeploy").create_deployment(
        applicationName=scene.settings.codedeploy_application,
        deploymentGroupName=scene.settings.codedeploy_group,
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        revision=revision or given,
    )
    return str(made["deploymentId"])
