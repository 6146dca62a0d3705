"""The rule: what AWS runs is compared with what the plan says, before every write that moves traffic and at every look.

It is one function over values, for every controller and both ways. What it answers says who is on a service now, and
since when; what happens then is for the swap to decide. What was not read is not compared, and so not claimed.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from deployments.aws.values import Service, Task
from deployments.swaps.steps.task_definition import short
from deployments.words import counted, joined


class Kind(Enum):
    #: there is no such service any more
    GONE = "gone"
    #: it runs another task definition than planned
    OTHER_TASK_DEFINITION = "other_task_definition"
    #: the same task definition names a tag, and the tag was moved
    OTHER_IMAGE = "other_image"
    #: servers have another bundle
    OTHER_BUNDLE = "other_bundle"
    #: it is to have no tasks, or has none
    NO_TASKS = "no_tasks"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What one service is to run, as planned or as noted before anything was written."""

    #: name
    service: str
    #: ARN
    task_definition: str
    #: what that is to people, such as "1.1.0"; "" = unknown
    version: str = ""
    #: container to digest ("sha256:…"); a container that is absent is not compared
    digests: Mapping[str, str] = field(default_factory=dict)
    #: whether it is to serve, so that no tasks are a difference
    serves: bool = True


@dataclass(frozen=True, kw_only=True)
class Difference:
    kind: Kind
    #: what is seen instead, such as "shop-green runs shop:9 since 12:00:03 UTC, which is not shop:8 (1.1.0)"
    seen: str

    @property
    def sentence(self) -> str:
        return f"{self.seen}. It was changed outside Tealgate."


def difference(expected: Expected, service: Service | None, tasks: Collection[Task] | None = None) -> Difference | None:
    """What is not as planned, the gravest first; None when all that was read is.

    `tasks` are the service's; None: they were not read. A deployment of the same task definition with the same
    digests that somebody forced is as planned: see `restarted`.
    """
    if service is None or service.status != "ACTIVE":
        seen = f"is {service.status}" if service else "does not exist any more"
        return Difference(kind=Kind.GONE, seen=f"{expected.service} {seen}")
    if service.task_definition != expected.task_definition:
        return Difference(kind=Kind.OTHER_TASK_DEFINITION, seen=_other_definition(expected, service))
    if tasks is not None and (seen := _other_image(expected, tasks)):
        return Difference(kind=Kind.OTHER_IMAGE, seen=seen)
    if expected.serves and not service.desired:
        said = f"{expected.service} was set to a desired count of 0"
        return Difference(kind=Kind.NO_TASKS, seen=said)
    return None


def restarted(expected: Expected, service: Service, deployment: str) -> str:
    """That somebody forced a new deployment of what is planned, in a clause; "" when `deployment` still is PRIMARY.

    It changes nothing of what was approved, as far as the digests are the same.
    """
    primary = service.primary
    if not deployment or primary is None or primary.id == deployment:
        return ""
    if primary.task_definition != expected.task_definition:
        return ""
    return f"somebody started its tasks anew{_since(service)}, with the same {short(primary.task_definition)}"


def digests_of(tasks: Collection[Task], task_definition: str) -> dict[str, str]:
    """What the running tasks of a task definition run; a container whose tasks differ is absent."""
    found: dict[str, set[str]] = {}
    for task in _running(tasks, task_definition):
        for container, digest in task.digests.items():
            found.setdefault(container, set()).add(digest)
    return {container: digests.pop() for container, digests in found.items() if len(digests) == 1}


def _other_definition(expected: Expected, service: Service) -> str:
    planned = short(expected.task_definition) + (f" ({expected.version})" if expected.version else "")
    runs = short(service.task_definition) or "no task definition"
    return f"{expected.service} runs {runs}{_since(service)}, which is not {planned}"


def _other_image(expected: Expected, tasks: Collection[Task]) -> str:
    others: Counter[tuple[str, str, str]] = Counter()
    for task in _running(tasks, expected.task_definition):
        for container, digest in task.digests.items():
            if digest != expected.digests.get(container, digest):
                others[container, task.images.get(container, ""), digest] += 1
    said = [
        f"{counted(count, 'task')} of {expected.service} {'runs' if count == 1 else 'run'} {digest[:19]} in container "
        f"{container}{f' (from {image})' if image else ''}, which is not {expected.digests[container][:19]}"
        + (f" ({expected.version})" if expected.version else "")
        for (container, image, digest), count in sorted(others.items())
    ]
    return joined(said)


def _running(tasks: Collection[Task], task_definition: str) -> list[Task]:
    return [task for task in tasks if task.task_definition == task_definition and task.last_status == "RUNNING"]


def _since(service: Service) -> str:
    primary = service.primary
    at = primary.created_at if primary and primary.task_definition == service.task_definition else None
    return f" since {at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
