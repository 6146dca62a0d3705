"""The engine's worlds with cron tasks that belong to the application: nightly, hourly, and one by its family alone."""

from typing import Any

from deployments.aws import values
from tests.delivery.engine.rolling_world import make_rolling_world
from tests.delivery.engine.world import World, make_world
from tests.fakes.names import arn

FAMILIES = "cron\nreports: job=web"
OLD_IMAGE = "shop@sha256:" + "1" * 64


def family(name: str, revision: int | None = None) -> str:
    return arn("ecs", f"task-definition/{name}" + (f":{revision}" if revision else ""))


def make_scheduled_pair(**changes: Any) -> World:
    columns: dict[str, Any] = {"bake_seconds": 2, "scheduled_families": FAMILIES}
    return with_cron(make_world(**columns | changes))


def make_scheduled_single(**changes: Any) -> World:
    columns: dict[str, Any] = {"bake_seconds": 1, "scheduled_families": FAMILIES}
    return with_cron(make_rolling_world(**columns | changes))


def with_cron(world: World) -> World:
    """A rule and a schedule start cron:5, although there is a cron:6; another rule starts the newest of reports."""
    for revision in (5, 6):
        define(world, "cron", revision, container="web")
    define(world, "reports", 3, container="job")
    world.aws.rule_starts("nightly", family("cron", 5), when="cron(0 3 * * ? *)")
    world.aws.schedule_starts("default/hourly", family("cron", 5), when="rate(1 hour)", is_enabled=False)
    world.aws.rule_starts("weekly", family("reports"), when="rate(7 days)")
    world.aws.rule_starts("of-others", family("payroll", 1))
    return world


def define(world: World, name: str, revision: int, *, container: str) -> None:
    document = {
        "family": name,
        "containerDefinitions": [{"name": container, "image": OLD_IMAGE, "command": ["run", name]}],
    }
    world.aws.task_definitions[family(name, revision)] = values.TaskDefinition(
        arn=family(name, revision), family=name, revision=revision, status="ACTIVE", document=document
    )


def starts(world: World) -> dict[str, str]:
    """By name, what each starts now, such as "cron:5"."""
    return {each.name: each.task_definition.rsplit("/", 1)[-1] for each in world.aws.scheduled.values()}


def newest_image(world: World, name: str) -> str:
    definition = max(
        (each for each in world.aws.task_definitions.values() if each.family == name), key=lambda each: each.revision
    )
    image: str = definition.document["containerDefinitions"][0]["image"]
    return image
