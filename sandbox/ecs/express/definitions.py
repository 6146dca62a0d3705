"""The task definition of a service of Express Mode: its owner's, or one that ECS makes of a primary container."""

from typing import Any

from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json, Service, TaskDefinition
from sandbox.ecs.store import Store
from sandbox.ecs.task_definitions import register_task_definition

MAIN = "Main"
#: What a task definition given by its owner says already.
OF_A_DEFINITION = ("primaryContainer", "executionRoleArn", "taskRoleArn", "cpu", "memory", "cpuArchitecture")
DEFAULTS: Json = {"cpu": "256", "memory": "512", "cpuArchitecture": "X86_64"}
DEFAULT_PORT = 80


def chosen(store: Store, request: Json, name: str, service: Service | None) -> str:
    """The ARN of what is to run; that of the service, where the request changes nothing of it."""
    given = request.get("taskDefinitionArn")
    mixed = [each for each in OF_A_DEFINITION if request.get(each)]
    if given and mixed:
        raise InvalidParameter(f"You cannot specify {', '.join(mixed)} together with taskDefinitionArn.")
    if given:
        definition = store.usable_task_definition(given)
        check(definition)
        return definition.arn
    if service is not None and not mixed:
        return service.primary.task_definition.arn
    return _made(store, _settings(request, service), name)


def check(definition: TaskDefinition) -> None:
    main = next((each for each in definition.containers if each["name"] == MAIN), None)
    if main is None:
        raise InvalidParameter(f"The task definition must have a container named {MAIN}.")
    ports = main.get("portMappings", [])
    if len(ports) != 1 or not ports[0].get("name") or ports[0].get("protocol", "tcp") != "tcp":
        raise InvalidParameter(f"The container {MAIN} must have a single TCP port mapping with a port name.")
    if "FARGATE" not in definition.body["compatibilities"]:
        raise InvalidParameter("The task definition must be compatible with FARGATE.")


def port_of(definition: TaskDefinition) -> int:
    return int(main_of(definition)["portMappings"][0]["containerPort"])


def main_of(definition: TaskDefinition) -> Json:
    return next(each for each in definition.containers if each["name"] == MAIN)


def _settings(request: Json, service: Service | None) -> Json:
    """What the request says, and for the rest what the service has."""
    before: Json = dict(DEFAULTS)
    if service is not None:
        body = service.primary.task_definition.body
        before = {name: body.get(name) for name in ("executionRoleArn", "taskRoleArn", "cpu", "memory")}
        before["cpuArchitecture"] = service.primary.task_definition.cpu_architecture
        before["primaryContainer"] = primary_container(service.primary.task_definition)
    settings = before | {name: request[name] for name in OF_A_DEFINITION if request.get(name)}
    container = settings.get("primaryContainer") or {}
    if not container.get("image"):
        raise InvalidParameter("primaryContainer.image should not be null or empty.")
    if not settings.get("executionRoleArn"):
        raise InvalidParameter("executionRoleArn should not be null or empty.")
    return settings


def primary_container(definition: TaskDefinition) -> Json:
    """As DescribeExpressGatewayService shows it."""
    main = main_of(definition)
    shown: Json = {"image": main["image"], "containerPort": port_of(definition)}
    options = main.get("logConfiguration", {}).get("options")
    if options:
        shown["awsLogsConfiguration"] = {
            "logGroup": options["awslogs-group"],
            "logStreamPrefix": options["awslogs-stream-prefix"],
        }
    return shown | {name: main[name] for name in ("command", "environment", "secrets") if main.get(name)}


def _made(store: Store, settings: Json, name: str) -> str:
    given = settings["primaryContainer"]
    logs = {"logGroup": f"/aws/ecs/{name}", "logStreamPrefix": "ecs"} | given.get("awsLogsConfiguration", {})
    store.around.logs.create_group(store.region, logs["logGroup"])
    port = int(given.get("containerPort", DEFAULT_PORT))
    container: dict[str, Any] = {
        "name": MAIN,
        "image": given["image"],
        "essential": True,
        "portMappings": [{"containerPort": port, "protocol": "tcp", "name": f"{MAIN.lower()}-{port}-tcp"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": logs["logGroup"],
                "awslogs-region": store.region,
                "awslogs-stream-prefix": logs["logStreamPrefix"],
            },
        },
        **{member: given[member] for member in ("command", "environment", "secrets") if given.get(member)},
    }
    body: Json = {
        "family": f"express-{name}",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": str(settings["cpu"]),
        "memory": str(settings["memory"]),
        "runtimePlatform": {"cpuArchitecture": settings["cpuArchitecture"], "operatingSystemFamily": "LINUX"},
        "executionRoleArn": settings["executionRoleArn"],
        "containerDefinitions": [container],
    }
    if settings.get("taskRoleArn"):
        body["taskRoleArn"] = settings["taskRoleArn"]
    return str(register_task_definition(store, body)["taskDefinition"]["taskDefinitionArn"])
