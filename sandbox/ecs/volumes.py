"""Volumes that a task definition leaves to whoever starts the task."""

from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json, TaskDefinition


def check(definition: TaskDefinition, configurations: list[Json] | None) -> None:
    """Each volume that is configuredAtLaunch, and no other, has a configuration. Raises InvalidParameter."""
    wanted = {each["name"] for each in definition.body["volumes"] if each.get("configuredAtLaunch")}
    given = {each["name"] for each in configurations or []}
    if given - wanted:
        raise InvalidParameter(
            "Volume configuration provided but no matching configuredAtLaunch volume found in task definition."
        )
    if missing := sorted(wanted - given):
        raise InvalidParameter(
            f"The task definition has volumes that are configuredAtLaunch, without a volume configuration: "
            f"{', '.join(missing)}."
        )
