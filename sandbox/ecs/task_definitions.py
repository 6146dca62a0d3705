"""Task definitions: families of numbered revisions."""

from typing import Any

from sandbox.ecs import rendering
from sandbox.ecs.errors import ClientError, InvalidParameter
from sandbox.ecs.model import Json, TaskDefinition, utcnow
from sandbox.ecs.pages import page
from sandbox.ecs.store import Store
from sandbox.ecs.tags import checked

MOST_TAGS = 50


def register_task_definition(store: Store, request: Json) -> Json:
    body = {key: value for key, value in request.items() if key != "tags"}
    tags = checked(request)
    _validate(body)
    if len(request.get("tags", [])) > MOST_TAGS:
        raise InvalidParameter(f"The number of tags must not be more than {MOST_TAGS}.")
    family = body["family"]
    body.setdefault("volumes", [])
    body.setdefault("placementConstraints", [])
    for container in body["containerDefinitions"]:
        _fill_in(container, body.get("networkMode", "bridge"))
    revisions = store.task_definitions.setdefault(family, [])
    revision = revisions[-1].revision + 1 if revisions else 1
    body["compatibilities"] = _compatibilities(body)
    body["requiresAttributes"] = _required_attributes(body)
    definition = TaskDefinition(family, revision, store.arn(f"task-definition/{family}:{revision}"), body)
    revisions.append(definition)
    store.tags[definition.arn] = tags
    return {"taskDefinition": rendering.task_definition(definition), "tags": store.tags[definition.arn]}


def describe_task_definition(store: Store, request: Json) -> Json:
    definition = store.task_definition(request["taskDefinition"])
    response: Json = {"taskDefinition": rendering.task_definition(definition)}
    if "TAGS" in request.get("include", []):
        response["tags"] = store.tags.get(definition.arn, [])
    return response


def deregister_task_definition(store: Store, request: Json) -> Json:
    reference = request["taskDefinition"]
    if ":" not in reference.rpartition("/")[2]:
        raise ClientError("Task definition must be specified with revision.")
    definition = store.find_task_definition(reference)
    if definition is None:
        raise ClientError("The specified task definition does not exist.")
    if definition.status == "ACTIVE":
        definition.status = "INACTIVE"
        definition.deregistered_at = utcnow()
    return {"taskDefinition": rendering.task_definition(definition)}


def list_task_definitions(store: Store, request: Json) -> Json:
    status = request.get("status", "ACTIVE")
    prefix = request.get("familyPrefix")
    arns = [
        definition.arn
        for family in sorted(store.task_definitions)
        for definition in store.task_definitions[family]
        if definition.status == status and prefix in (None, family)
    ]
    if request.get("sort") == "DESC":
        arns.reverse()
    return page(arns, request, "taskDefinitionArns")


def list_task_definition_families(store: Store, request: Json) -> Json:
    wanted = request.get("status", "ALL")
    families = []
    for family, revisions in sorted(store.task_definitions.items()):
        active = any(definition.status == "ACTIVE" for definition in revisions)
        fits = wanted == "ALL" or active == (wanted == "ACTIVE")
        if fits and family.startswith(request.get("familyPrefix", "")):
            families.append(family)
    return page(families, request, "families")


def _validate(body: Json) -> None:
    containers = body.get("containerDefinitions") or []
    if not containers:
        raise ClientError("Container definitions should not be empty.")
    for container in containers:
        if not container.get("name") or not container.get("image"):
            missing = "name" if not container.get("name") else "image"
            raise ClientError(f"Container.{missing} should not be null or empty.")
    names = [container["name"] for container in containers]
    if len(set(names)) != len(names):
        raise ClientError("Container names must be unique.")
    if not any(container.get("essential", True) for container in containers):
        raise ClientError("At least one container must be essential.")
    fargate = "FARGATE" in body.get("requiresCompatibilities", [])
    if fargate:
        _validate_fargate(body)
    elif not body.get("memory"):
        for container in containers:
            if not container.get("memory") and not container.get("memoryReservation"):
                raise ClientError(
                    "Invalid setting for container '" + container["name"] + "'. At least one of 'memory' or "
                    "'memoryReservation' must be specified."
                )


def _validate_fargate(body: Json) -> None:
    if body.get("networkMode") != "awsvpc":
        raise ClientError("Fargate only supports network mode ‘awsvpc’.")
    if not body.get("cpu") or not body.get("memory"):
        missing = "cpu" if not body.get("cpu") else "memory"
        raise ClientError(f"Fargate requires that '{missing}' be defined at the task level.")
    for container in body["containerDefinitions"]:
        if not 2 <= container.get("stopTimeout", 30) <= 120:
            raise ClientError(f"Fargate takes a stopTimeout of 2 to 120, not {container['stopTimeout']}.")
    if body.get("executionRoleArn"):
        return
    for container in body["containerDefinitions"]:
        if ".dkr.ecr." in container["image"]:
            raise ClientError("Fargate requires task definition to have execution role ARN to support ECR images.")
        if container.get("logConfiguration", {}).get("logDriver") == "awslogs":
            raise ClientError(
                "Fargate requires task definition to have execution role ARN to support log driver awslogs."
            )


def _fill_in(container: Json, network_mode: str) -> None:
    defaults: dict[str, Any] = {
        "cpu": 0,
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "portMappings": [],
        "systemControls": [],
    }
    for name, value in defaults.items():
        container.setdefault(name, value)
    for mapping in container["portMappings"]:
        mapping.setdefault("protocol", "tcp")
        mapping.setdefault("hostPort", mapping["containerPort"] if network_mode != "bridge" else 0)


def _compatibilities(body: Json) -> list[str]:
    if body.get("networkMode") == "awsvpc" and body.get("cpu") and body.get("memory"):
        return ["EC2", "FARGATE"]
    return ["EC2"]


def _required_attributes(body: Json) -> list[Json]:
    names = ["com.amazonaws.ecs.capability.docker-remote-api.1.18"]
    containers = body["containerDefinitions"]
    if any(c.get("logConfiguration", {}).get("logDriver") == "awslogs" for c in containers):
        names.append("com.amazonaws.ecs.capability.logging-driver.awslogs")
    if any(".dkr.ecr." in container["image"] for container in containers):
        names.append("com.amazonaws.ecs.capability.ecr-auth")
    if body.get("taskRoleArn"):
        names.append("com.amazonaws.ecs.capability.task-iam-role")
    if body.get("networkMode") == "awsvpc":
        names.append("ecs.capability.task-eni")
    return [{"name": name} for name in names]
