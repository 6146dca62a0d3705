"""The containers of a task: their images pulled, their processes started."""

import sys
from dataclasses import asdict, replace
from pathlib import Path

from sandbox.ecs.model import Container, Json, Task
from sandbox.ecs.store import Store
from sandbox.images.registry import ARCHITECTURES, CannotPull
from sandbox.processes import Process

IMAGES = Path(__file__).parent.parent / "images"
PROGRAM = str(IMAGES / "program.py")
# Imported, because a program that is run is compiled at every start.
WEB = f"import sys; sys.path.insert(0, {str(IMAGES)!r}); import web; web.main(*sys.argv[1:])"
NO_ROLE = (
    "ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the role "
    "being passed has the proper trust relationship and permissions and that your IAM user has permissions to "
    "pass this role."
)

NO_LOG_GROUP = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to "
    "create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1"
)
KILLED = 137
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


class CannotStart(Exception):
    """The stoppedReason of a task that never ran."""


def start_containers(store: Store, task: Task) -> None:
    for field in ("executionRoleArn", "taskRoleArn"):
        role = task.task_definition.body.get(field)
        if role and not store.around.role_exists(role):
            raise CannotStart(NO_ROLE.format(role=role))
    programs = [(container, _program(store, task, container)) for container in task.containers]
    for container, image in programs:
        _start_process(store, task, container, image)


def _program(store: Store, task: Task, container: Container) -> Json:
    """What the image does, pulled and checked against the machine's CPU."""
    architecture = task.task_definition.cpu_architecture
    try:
        pulled = store.around.images.pull(container.image, architecture)
    except CannotPull as problem:
        container.reason = f"CannotPullContainerError: {problem}"
        container.last_status = "STOPPED"
        raise CannotStart(container.reason) from problem
    container.image_digest = pulled.digest
    image = pulled.image
    if pulled.architecture != ARCHITECTURES[architecture]:
        return asdict(image) | {"behaviour": "exec_format_error"}
    # The image speaks of AWS seconds, like everything else.
    return asdict(
        replace(
            image,
            seconds=store.clock.seconds(image.seconds) if image.behaviour != "latency" else image.seconds,
        )
    )


def _start_process(store: Store, task: Task, container: Container, image: Json) -> None:
    override: Json = next(
        (each for each in task.overrides.get("containerOverrides", []) if each.get("name") == container.name),
        {},
    )
    environment = _environment(store, task, container, override)
    command = [
        *container.definition.get("entryPoint", []),
        *(override.get("command") or container.definition.get("command", [])),
    ]
    port = next(iter(container.host_ports.values()), 0)
    region, group, stream = _log_stream(store, task, container)
    if group and not store.around.logs.create_stream(region, group, stream):
        raise CannotStart(NO_LOG_GROUP)

    def on_line(line: str) -> None:
        if group:
            store.around.logs.write(region, group, stream, line)

    def on_exit(code: int) -> None:
        with store.lock:
            container.exit_code = code
            container.last_status = "STOPPED"
            if code == KILLED and image["behaviour"] == "out_of_memory":
                container.reason = OUT_OF_MEMORY
        store.wake()

    if image["program"]:
        words = [PROGRAM, task.ip, str(port), *(command or image["program"])]
    else:
        does = [str(image[name]) for name in ("version", "behaviour", "error_share", "seconds")]
        words = ["-c", WEB, *does, task.ip, str(port), *command]
    container.process = Process(
        [sys.executable, "-S", "-E", *words],
        environment=environment,
        on_line=on_line,
        on_exit=on_exit,
    )
    container.last_status = "RUNNING"


def _environment(store: Store, task: Task, container: Container, override: Json) -> dict[str, str]:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "AWS_REGION": store.region, "HOSTNAME": f"ip-{task.ip}"}
    for pair in (*container.definition.get("environment", []), *override.get("environment", [])):
        environment[pair["name"]] = pair["value"]
    for secret in container.definition.get("secrets", []):
        value = store.around.secret(secret["valueFrom"])
        if value is None:
            raise CannotStart(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
                f"retrieval failed: unable to retrieve secret from asm: {secret['valueFrom']} not found"
            )
        environment[secret["name"]] = value
    return environment


def _log_stream(store: Store, task: Task, container: Container) -> tuple[str, str, str]:
    """Region, group and stream."""
    configuration = container.definition.get("logConfiguration", {})
    if configuration.get("logDriver") != "awslogs":
        return "", "", ""
    options = configuration.get("options", {})
    stream = f"{options.get('awslogs-stream-prefix', 'ecs')}/{container.name}/{task.id}"
    region, group = options.get("awslogs-region", store.region), options.get("awslogs-group", "")
    if options.get("awslogs-create-group") == "true":
        store.around.logs.create_group(region, group)
    return region, group, stream
