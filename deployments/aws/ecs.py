"""Amazon ECS: services, task definitions and tasks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from deployments.aws import actions, errors, values
from deployments.aws.calling import Caller, chunks
from deployments.aws.ecs_values import service_from, tags_from, task_from
from deployments.words import full_stop

SERVICES_A_CALL = 10
TASKS_A_CALL = 100
NEWEST_REVISIONS = 20


class Ecs(Caller):
    def services(self, cluster: str, names: Collection[str]) -> Mapping[str, values.Service]:
        found: dict[str, values.Service] = {}
        for some in chunks(names, SERVICES_A_CALL):
            answer = self.call("ecs", "DescribeServices", cluster=cluster, services=some)
            for raw in answer["services"]:
                found[raw["serviceName"]] = service_from(raw)
        return found

    def task_definition(self, arn: str) -> values.TaskDefinition:
        try:
            answer = self.call("ecs", "DescribeTaskDefinition", taskDefinition=arn, include=["TAGS"])
        except errors.Invalid as exc:
            # ECS has no code of its own for a task definition that is not there.
            if exc.code == "ClientException" and "Unable to describe" in exc.said:
                raise errors.NotFound(exc.operation, exc.code, exc.said) from exc
            raise
        raw = answer["taskDefinition"]
        return values.TaskDefinition(
            arn=raw["taskDefinitionArn"],
            family=raw["family"],
            revision=raw["revision"],
            status=raw["status"],
            document=raw,
            tags=tags_from(answer.get("tags", [])),
        )

    def newest_revisions(self, family: str) -> tuple[str, ...]:
        answer = self.call("ecs", "ListTaskDefinitions", familyPrefix=family, status="ACTIVE", sort="DESC")
        return tuple(answer["taskDefinitionArns"])

    def registered_by(self, family: str, tag: tuple[str, str]) -> values.TaskDefinition | None:
        newest = self.call(
            "ecs",
            "ListTaskDefinitions",
            familyPrefix=family,
            status="ACTIVE",
            sort="DESC",
            maxResults=NEWEST_REVISIONS,
        )
        for arn in newest["taskDefinitionArns"]:
            definition = self.task_definition(arn)
            if definition.tags.get(tag[0]) == tag[1]:
                return definition
        return None

    def tasks(self, cluster: str, *, service: str = "", started_by: str = "") -> tuple[values.Task, ...]:
        # AWS lists running tasks unless told otherwise, and takes startedBy only without a service or family.
        wanted = {"serviceName": service} if service else {"startedBy": started_by}
        arns: list[str] = []
        for status in ("RUNNING", "STOPPED"):
            for page in self.pages("ecs", "ListTasks", cluster=cluster, desiredStatus=status, **wanted):
                arns += page["taskArns"]
        return tuple(self._tasks_named(cluster, arns))

    def stopped_tasks(self, cluster: str, service: str) -> tuple[values.Task, ...]:
        pages = self.pages("ecs", "ListTasks", cluster=cluster, desiredStatus="STOPPED", serviceName=service)
        return tuple(self._tasks_named(cluster, [arn for page in pages for arn in page["taskArns"]]))

    def running_tasks(self, cluster: str, service: str) -> tuple[values.Task, ...]:
        return tuple(self._tasks_named(cluster, self._running(cluster, service)))

    def _running(self, cluster: str, service: str) -> list[str]:
        # A task that drains is to be STOPPED already, so it is not among these.
        pages = self.pages("ecs", "ListTasks", cluster=cluster, desiredStatus="RUNNING", serviceName=service)
        return [arn for page in pages for arn in page["taskArns"]]

    def protected_tasks(self, cluster: str, service: str) -> tuple[values.ProtectedTask, ...]:
        arns = self._running(cluster, service)
        until: dict[str, datetime | None] = {}
        for some in chunks(arns, TASKS_A_CALL):
            # Tasks that stopped meanwhile are among its failures.
            answer = self.call("ecs", "GetTaskProtection", cluster=cluster, tasks=some)
            protected = (raw for raw in answer["protectedTasks"] if raw["protectionEnabled"])
            until |= {raw["taskArn"]: raw.get("expirationDate") for raw in protected}
        return tuple(
            values.ProtectedTask(id=task.id, task_definition=task.task_definition, until=until[task.arn])
            for task in self._tasks_named(cluster, until)
        )

    def _tasks_named(self, cluster: str, arns: Iterable[str]) -> Iterator[values.Task]:
        for some in chunks(arns, TASKS_A_CALL):
            answer = self.call("ecs", "DescribeTasks", cluster=cluster, tasks=some)
            yield from (task_from(raw) for raw in answer["tasks"])

    def _register_task_definition(self, action: actions.RegisterTaskDefinition) -> actions.Made:
        # What DescribeTaskDefinition shows beyond the input of RegisterTaskDefinition is read-only.
        model = self._clients.client("ecs", writes=True).meta.service_model
        accepted = model.operation_model("RegisterTaskDefinition").input_shape.members
        document = {key: value for key, value in action.document.items() if key in accepted and key != "tags"}
        tags = [
            {"key": key, "value": value} for key, value in action.tags.items() if not key.lower().startswith("aws:")
        ]
        if tags:
            document["tags"] = tags
        answer = self.call("ecs", "RegisterTaskDefinition", **document)
        return actions.Made(task_definition=answer["taskDefinition"]["taskDefinitionArn"])

    def _update_service(self, action: actions.UpdateService) -> actions.Made:
        given: dict[str, Any] = {}
        if action.task_definition is not None:
            given["taskDefinition"] = action.task_definition
        if action.desired is not None:
            given["desiredCount"] = action.desired
        if action.deployment_configuration is not None:
            given["deploymentConfiguration"] = action.deployment_configuration
        answer = self.call("ecs", "UpdateService", cluster=action.cluster, service=action.service, **given)
        service = answer.get("service", {})
        primary = next((each["id"] for each in service.get("deployments", []) if each["status"] == "PRIMARY"), "")
        return actions.Made(ecs_deployment=primary, service_deployment=service.get("currentServiceDeployment", ""))

    def _move_service(self, action: actions.MoveService) -> actions.Made:
        given: dict[str, Any] = {"deploymentController": {"type": action.controller}} if action.controller else {}
        self.call(
            "ecs",
            "UpdateService",
            cluster=action.cluster,
            service=action.service,
            deploymentConfiguration=action.deployment_configuration,
            loadBalancers=list(action.load_balancers),
            **given,
        )
        return actions.Made()

    def _run_task(self, action: actions.RunTask) -> actions.Made:
        # The service may be given by its ARN too, so what comes back is taken whatever its name.
        shown = self.call(
            "ecs", "DescribeServices", cluster=action.cluster, services=[action.like_service], include=["TAGS"]
        )
        raw = next(iter(shown["services"]), None)
        if raw is None:
            said = f"Service {action.like_service} not found."
            raise errors.NotFound("RunTask", "ServiceNotFoundException", said)
        like = service_from(raw)
        definition = self.task_definition(action.task_definition) if _goes_by_definition(like) else None
        override = {"name": action.container, "command": list(action.command)}
        try:
            answer = self.call(
                "ecs",
                "RunTask",
                cluster=action.cluster,
                taskDefinition=action.task_definition,
                count=1,
                clientToken=action.client_token,
                startedBy=action.started_by,
                overrides={"containerOverrides": [override]},
                **_placed_like(like),
                **_tagged_like(like, tags_from(raw.get("tags", [])), definition),
                **_with_volumes_of(like, definition),
            )
        except errors.Invalid as refusal:
            if refusal.code != "ConflictException":
                raise
            return actions.Made(task=self._started_before(action, refusal).arn)
        if not answer["tasks"]:
            raise errors.Invalid("RunTask", *_why_not(answer["failures"]))
        return actions.Made(task=answer["tasks"][0]["taskArn"])

    def _started_before(self, action: actions.RunTask, refusal: errors.AwsError) -> values.Task:
        """What its token was used for: the same task of an earlier revision, when our database was put back since."""
        if found := self.tasks(action.cluster, started_by=action.started_by):
            return found[0]
        said = (
            f"{full_stop(refusal.said)} It was started for this deployment before, and ECS shows it no longer: "
            "Tealgate's database was put back to an earlier time, or the service's network was changed. It is not "
            "started again; see in its log how far it came, then deploy again."
        )
        raise errors.Invalid("RunTask", refusal.code, said) from refusal

    def _stop_task(self, action: actions.StopTask) -> actions.Made:
        self.call("ecs", "StopTask", cluster=action.cluster, task=action.task, reason=action.reason)
        return actions.Made()


def _placed_like(service: values.Service) -> dict[str, Any]:
    """A service's network, launch type or capacity providers, and platform, as RunTask takes them."""
    placed: dict[str, Any] = {}
    if service.subnets:
        network: dict[str, Any] = {
            "subnets": list(service.subnets),
            "securityGroups": list(service.security_groups),
        }
        if service.assign_public_ip:
            network["assignPublicIp"] = service.assign_public_ip
        placed["networkConfiguration"] = {"awsvpcConfiguration": network}
    if service.capacity_provider_strategy:
        placed["capacityProviderStrategy"] = [dict(each) for each in service.capacity_provider_strategy]
    elif service.launch_type:
        placed["launchType"] = service.launch_type
    if service.platform_version:
        placed["platformVersion"] = service.platform_version
    return placed


def _goes_by_definition(service: values.Service) -> bool:
    """Whether a task like the service's needs what the task definition says. Reading that is a call."""
    return service.propagate_tags == "TASK_DEFINITION" or bool(service.volume_configurations)


def _tagged_like(
    service: values.Service, own: Mapping[str, str], definition: values.TaskDefinition | None
) -> dict[str, Any]:
    """As the service's own tasks are. RunTask cannot propagate a service's tags; and policies that demand tags look
    at those in the call, not at propagated ones."""
    tags = {"SERVICE": own, "TASK_DEFINITION": definition.tags if definition else {}}
    ours = [
        {"key": key, "value": value}
        for key, value in tags.get(service.propagate_tags, {}).items()
        if not key.lower().startswith("aws:")
    ]
    return {
        **({"tags": ours} if ours else {}),
        **({"enableECSManagedTags": True} if service.managed_tags else {}),
    }


def _with_volumes_of(service: values.Service, definition: values.TaskDefinition | None) -> dict[str, Any]:
    """What a service says of volumes is what RunTask takes. One that it says nothing of AWS refuses in its words."""
    at_launch = definition.volumes_at_launch if definition else ()
    wanted = [name for name in at_launch if name in service.volume_configurations]
    return {"volumeConfigurations": [dict(service.volume_configurations[name]) for name in wanted]} if wanted else {}


def _why_not(failures: Sequence[Mapping[str, str]]) -> tuple[str, str]:
    first = failures[0] if failures else {}
    code = first.get("reason", "no reason given")
    return code, f"ECS did not start the task: {first.get('detail') or code}"
