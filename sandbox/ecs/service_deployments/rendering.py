"""Service deployments and revisions as the JSON that AWS answers with."""

from datetime import datetime

from sandbox.ecs.express.rendering import managed_resources
from sandbox.ecs.gateways import routes as gateways
from sandbox.ecs.model import Json, Service
from sandbox.ecs.service_deployments import connecting, watch
from sandbox.ecs.service_deployments.begin import active_revisions
from sandbox.ecs.service_deployments.configuration import DEFAULT_CONFIGURATION
from sandbox.ecs.service_deployments.model import Hook, ServiceDeployment, ServiceRevision
from sandbox.ecs.store import Store


def of_service(store: Store, service: Service) -> Json:
    """What DescribeServices says of them."""
    current = store.current_service_deployment(service)
    if current is None:
        return {}
    revisions = active_revisions(store, service)
    return {
        "currentServiceDeployment": current.arn,
        "currentServiceRevisions": [_counts(store, each) for each in revisions],
    }


def brief(deployment: ServiceDeployment) -> Json:
    rendered: Json = {
        "serviceDeploymentArn": deployment.arn,
        "serviceArn": deployment.service.arn,
        "clusterArn": deployment.service.cluster.arn,
        "createdAt": deployment.created_at,
        "targetServiceRevisionArn": deployment.target.arn,
        "status": deployment.status,
    }
    return rendered | _given(
        startedAt=deployment.started_at, finishedAt=deployment.finished_at, statusReason=deployment.status_reason
    )


def service_deployment(store: Store, deployment: ServiceDeployment) -> Json:
    rendered: Json = {
        "serviceDeploymentArn": deployment.arn,
        "serviceArn": deployment.service.arn,
        "clusterArn": deployment.service.cluster.arn,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "sourceServiceRevisions": [_shares(store, deployment, each) for each in deployment.sources],
        "targetServiceRevision": _shares(store, deployment, deployment.target),
        "status": deployment.status,
        "deploymentConfiguration": DEFAULT_CONFIGURATION | deployment.configuration,
        "deploymentCircuitBreaker": {
            "status": deployment.breaker.status,
            "failureCount": watch.failures(deployment),
            "threshold": watch.limit(deployment),
        },
        "alarms": {
            "status": deployment.alarms.status,
            "alarmNames": deployment.configuration.get("alarms", {}).get("alarmNames", []),
            "triggeredAlarmNames": deployment.alarms.triggered,
        },
        "lifecycleHookDetails": [_hook(each) for each in deployment.hooks],
    }
    return rendered | _given(
        startedAt=deployment.started_at,
        finishedAt=deployment.finished_at,
        stoppedAt=deployment.stopped_at,
        statusReason=deployment.status_reason,
        lifecycleStage=deployment.stage,
        rollback=deployment.rollback,
    )


def service_revision(store: Store, revision: ServiceRevision) -> Json:
    service, deployment = revision.service, revision.deployment
    rendered: Json = {
        "serviceRevisionArn": revision.arn,
        "serviceArn": service.arn,
        "clusterArn": service.cluster.arn,
        "taskDefinition": deployment.task_definition.arn,
        "loadBalancers": [] if service.routed else revision.body.get("loadBalancers") or [],
        "containerImages": _images(store, revision),
        "guardDutyEnabled": False,
        "createdAt": revision.created_at,
    }
    if service.routed:
        rendered["gatewayConnectors"] = service.body["gatewayConnectors"]
        rendered["ecsManagedResources"] = gateways.managed_resources(service)
    else:
        rendered["resolvedConfiguration"] = {
            "loadBalancers": [_resolved(each) for each in deployment.load_balancers]
        } | _given(vpcLatticeConfigurations=[_resolved(each) for each in deployment.lattice])
    if service.launch_type == "FARGATE":
        rendered |= {"platformVersion": "1.4.0", "platformFamily": "Linux"}
    strategy = service.body.get("capacityProviderStrategy")
    rendered |= {"capacityProviderStrategy": strategy} if strategy else {"launchType": service.launch_type}
    rendered |= connecting.of_revision(revision.body)
    if service.managed:
        rendered["ecsManagedResources"] = managed_resources(revision)
    return rendered | _given(networkConfiguration=deployment.network_configuration)


def _counts(store: Store, revision: ServiceRevision) -> Json:
    tasks = [
        task
        for task in store.tasks_of(revision.service)
        if task.deployment and task.deployment.revision_arn == revision.arn
    ]
    wanted = sum(task.desired_status == "RUNNING" for task in tasks)
    deployment = revision.deployment
    if deployment.wanted is not None:
        wanted = deployment.wanted
    elif deployment in revision.service.deployments and deployment.status == "PRIMARY":
        wanted = revision.service.desired_count
    return {
        "arn": revision.arn,
        "requestedTaskCount": wanted,
        "runningTaskCount": sum(task.counts_as_running for task in tasks),
        "pendingTaskCount": sum(task.counts_as_pending for task in tasks),
    }


def _shares(store: Store, deployment: ServiceDeployment, revision: ServiceRevision) -> Json:
    counts = _counts(store, revision)
    if deployment.is_rolling:
        return counts
    test, production = deployment.test_percent or 0.0, deployment.production_percent or 0.0
    if revision is not deployment.target:
        source = revision is deployment.sources[0]
        test, production = (100.0 - test, 100.0 - production) if source else (0.0, 0.0)
    return counts | {"requestedTestTrafficWeight": test, "requestedProductionTrafficWeight": production}


def _images(store: Store, revision: ServiceRevision) -> list[Json]:
    for task in store.tasks_of(revision.service):
        if task.deployment and task.deployment.revision_arn == revision.arn:
            pulled = {each.name: each.image_digest for each in task.containers if each.image_digest}
            revision.image_digests |= pulled
    return [
        {"containerName": each["name"], "image": each["image"]}
        | _given(imageDigest=revision.image_digests.get(each["name"]))
        for each in revision.deployment.task_definition.containers
    ]


def _resolved(balancer: Json) -> Json:
    rule = balancer.get("advancedConfiguration", {}).get("productionListenerRule")
    return {"targetGroupArn": balancer.get("targetGroupArn")} | _given(productionListenerRule=rule)


def _hook(hook: Hook) -> Json:
    shown: Json = {
        "hookId": hook.id,
        "targetType": hook.target_type,
        "status": hook.status,
        "expiresAt": hook.expires_at,
        "timeoutAction": hook.timeout_action,
    }
    return shown | _given(targetArn=hook.target)


def _given(**fields: Json | list[Json] | str | datetime | None) -> Json:
    """AWS leaves out what is not known yet."""
    return {name: value for name, value in fields.items() if value}
