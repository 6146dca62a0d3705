"""The ECS API: AWS JSON 1.1 in, AWS JSON 1.1 out."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.ecs import (
    account_settings,
    attributes,
    capacity,
    clusters,
    protection,
    services,
    tags,
    task_definitions,
    tasks,
)
from sandbox.ecs.errors import ClientError, EcsError, UnsupportedFeature
from sandbox.ecs.express import operations as express
from sandbox.ecs.gateways import operations as gateways
from sandbox.ecs.model import Json
from sandbox.ecs.service_deployments import operations as service_deployments
from sandbox.ecs.store import Store
from sandbox.ecs.tasksets import operations as task_sets

Operation = Callable[[Store, Json], Json]

OPERATIONS: dict[str, Operation] = {
    "CreateCluster": clusters.create_cluster,
    "DeleteCluster": clusters.delete_cluster,
    "DescribeClusters": clusters.describe_clusters,
    "ListClusters": clusters.list_clusters,
    "UpdateCluster": clusters.update_cluster,
    "UpdateClusterSettings": clusters.update_cluster_settings,
    "PutClusterCapacityProviders": clusters.put_cluster_capacity_providers,
    "DescribeCapacityProviders": capacity.describe_capacity_providers,
    "RegisterContainerInstance": clusters.register_container_instance,
    "DeregisterContainerInstance": clusters.deregister_container_instance,
    "DescribeContainerInstances": clusters.describe_container_instances,
    "ListContainerInstances": clusters.list_container_instances,
    "ListAttributes": attributes.list_attributes,
    "PutAttributes": attributes.put_attributes,
    "DeleteAttributes": attributes.delete_attributes,
    "RegisterTaskDefinition": task_definitions.register_task_definition,
    "DeregisterTaskDefinition": task_definitions.deregister_task_definition,
    "DescribeTaskDefinition": task_definitions.describe_task_definition,
    "ListTaskDefinitions": task_definitions.list_task_definitions,
    "ListTaskDefinitionFamilies": task_definitions.list_task_definition_families,
    "CreateService": services.create_service,
    "UpdateService": services.update_service,
    "DeleteService": services.delete_service,
    "DescribeServices": services.describe_services,
    "ListServices": services.list_services,
    "ListServicesByNamespace": services.list_services_by_namespace,
    "CreateTaskSet": task_sets.create_task_set,
    "UpdateTaskSet": task_sets.update_task_set,
    "UpdateServicePrimaryTaskSet": task_sets.update_service_primary_task_set,
    "DeleteTaskSet": task_sets.delete_task_set,
    "DescribeTaskSets": task_sets.describe_task_sets,
    "ListServiceDeployments": service_deployments.list_service_deployments,
    "DescribeServiceDeployments": service_deployments.describe_service_deployments,
    "DescribeServiceRevisions": service_deployments.describe_service_revisions,
    "StopServiceDeployment": service_deployments.stop_service_deployment,
    "ContinueServiceDeployment": service_deployments.continue_service_deployment,
    "CreateExpressGatewayService": express.create_express_gateway_service,
    "DescribeExpressGatewayService": express.describe_express_gateway_service,
    "UpdateExpressGatewayService": express.update_express_gateway_service,
    "DeleteExpressGatewayService": express.delete_express_gateway_service,
    "CreateGateway": gateways.create_gateway,
    "DescribeGateway": gateways.describe_gateway,
    "AssociateGatewayWithCluster": gateways.associate_gateway_with_cluster,
    "DescribeGatewayRoute": gateways.describe_gateway_route,
    "RunTask": tasks.run_task,
    "StopTask": tasks.stop_task,
    "DescribeTasks": tasks.describe_tasks,
    "ListTasks": tasks.list_tasks,
    "GetTaskProtection": protection.get_task_protection,
    "UpdateTaskProtection": protection.update_task_protection,
    "ListAccountSettings": account_settings.list_account_settings,
    "PutAccountSetting": account_settings.put_account_setting,
    "PutAccountSettingDefault": account_settings.put_account_setting_default,
    "DeleteAccountSetting": account_settings.delete_account_setting,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags_for_resource,
}


class Request(dict[str, Any]):
    """A field that is required and absent is the caller's mistake, in AWS's words."""

    def __missing__(self, name: str) -> Any:
        raise ClientError(f"{name} should not be null or empty.")


def answer(store: Store, operation: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of the response."""
    try:
        perform = OPERATIONS.get(operation)
        if perform is None:
            raise UnsupportedFeature(f"The sandbox does not know the operation {operation}.")
        request = Request(json.loads(body or b"{}"))
        with store.lock:
            return 200, encode(perform(store, request))
    except EcsError as error:
        return error.status, encode({"__type": error.code, "message": error.message})


def encode(response: Json) -> bytes:
    return json.dumps(response, default=_timestamp).encode()


def _timestamp(value: object) -> float:
    assert isinstance(value, datetime)
    return round(value.timestamp(), 3)
