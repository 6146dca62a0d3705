"""Room for both slots at once. Fargate finds it; on EC2 it must already be there."""

from collections.abc import Iterator

from deployments.aws.values import TaskDefinition
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.report import Result, error, ok, unknown, warning
from deployments.preflight.task_definition import on_fargate
from deployments.words import counted


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """capacity"""
    source, target, definition = readings.source, readings.target, readings.base(artefact)
    if on_fargate(target or source, definition):
        yield ok("capacity", "Fargate finds the room for both slots.")
        return
    wanted = max(settings.desired(source.desired), source.running) - (target.running if target else 0)
    cpu, memory = task_size(definition)
    if not memory and not cpu:
        yield unknown("capacity", "The task definition names neither cpu nor memory, so what it needs is not known.")
        return
    fits = sum(tasks_that_fit(instance, cpu, memory) for instance in readings.capacity.remaining)
    more = f"{counted(wanted, 'more task')} ({cpu} CPU units and {memory} MiB each)"
    where = f"{counted(len(readings.capacity.remaining), 'container instance')} of cluster {settings.cluster}"
    if fits >= wanted:
        yield ok("capacity", f"There is room for {more} on {where}.")
        return
    seen = (
        f"Both slots at once need room for {more}, but there is room for {fits} on {where}: the others would "
        "stay PENDING."
    )
    if (target or source).capacity_provider_strategy:
        yield warning(
            "capacity",
            seen,
            "Check that the capacity provider may start enough instances; starting takes minutes.",
        )
    else:
        yield error("capacity", seen, "Add container instances, or make the tasks smaller.")


def task_size(definition: TaskDefinition) -> tuple[int, int]:
    """CPU units and MiB that ECS reserves for one task: the task's own, else its containers' together."""
    document = definition.document
    containers = document["containerDefinitions"]
    cpu = int(document.get("cpu") or sum(container.get("cpu") or 0 for container in containers))
    memory = document.get("memory") or sum(
        container.get("memoryReservation") or container.get("memory") or 0 for container in containers
    )
    return cpu, int(memory)


def tasks_that_fit(remaining: tuple[int, int], cpu: int, memory: int) -> int:
    pairs = ((remaining[0], cpu), (remaining[1], memory))
    return max(0, min(room // need for room, need in pairs if need))
