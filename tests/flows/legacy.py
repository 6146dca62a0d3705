"""The sandbox's plain rolling service, as an environment of the storefront: one service behind one target group."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from deployments.catalog.models import Environment
from deployments.delivery import adoption
from tests.flows.clients import client
from tests.flows.storefront import Storefront, now

NAME = "legacy-api"


def take_over(storefront: Storefront, **changes: Any) -> Storefront:
    """The same people and releases, deploying to legacy-api."""
    like, world = storefront.environment, storefront.sandbox.control.world
    urls = {entry["Port"]: entry["Url"] for entry in storefront.sandbox.load_balancers.listeners()}
    columns: dict[str, Any] = {
        "application": like.application,
        "name": NAME,
        "controller": "ROLLING",
        "strategy": "ROLLING",
        "region": like.region,
        "role_arn": like.role_arn,
        "external_id": like.external_id,
        "account_id": like.account_id,
        "cluster": like.cluster,
        "container_name": like.container_name,
        "container_port": like.container_port,
        "service": NAME,
        "production_url": urls[world["legacy"]["port"]],
        "bake_seconds": 1,
        "scale_up_timeout_seconds": 30,
        "max_5xx_percent": 5,
        "min_requests": 5,
    }
    environment = Environment.objects.create(**columns | changes)
    adoption.adopt(environment=environment, now=now())
    return Storefront(storefront.sandbox, environment)


def ecs() -> Any:
    return client("ecs")


def service(storefront: Storefront) -> dict[str, Any]:
    return named(storefront, NAME)


def named(storefront: Storefront, name: str) -> dict[str, Any]:
    answer = ecs().describe_services(cluster=storefront.environment.cluster, services=[name])
    found: dict[str, Any] = answer["services"][0]
    return found


def image(storefront: Storefront) -> str:
    """What the tasks of the service are to run."""
    found: str = _container(storefront)["image"]
    return found


def stop_timeout(storefront: Storefront) -> int | None:
    found: int | None = _container(storefront).get("stopTimeout")
    return found


def _container(storefront: Storefront) -> dict[str, Any]:
    definition = ecs().describe_task_definition(taskDefinition=service(storefront)["taskDefinition"])
    found: dict[str, Any] = definition["taskDefinition"]["containerDefinitions"][0]
    return found


def status(task_definition: str) -> str:
    shown = ecs().describe_task_definition(taskDefinition=task_definition)["taskDefinition"]
    return str(shown["status"])


@contextmanager
def rule_that_starts(storefront: Storefront, task_definition: str) -> Iterator[None]:
    """Somebody's nightly job, pinned to a revision as Terraform does it."""
    events, name = client("events"), "nightly"
    cluster = service(storefront)["clusterArn"]
    starts = {"TaskDefinitionArn": task_definition}
    events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
    events.put_targets(
        Rule=name,
        Targets=[{"Id": "job", "Arn": cluster, "RoleArn": storefront.environment.role_arn, "EcsParameters": starts}],
    )
    yield
    events.remove_targets(Rule=name, Ids=["job"])
    events.delete_rule(Name=name)


def update(storefront: Storefront, **members: Any) -> dict[str, Any]:
    """Somebody's own UpdateService."""
    answer = ecs().update_service(cluster=storefront.environment.cluster, service=NAME, **members)
    shown: dict[str, Any] = answer["service"]
    return shown


def revision(storefront: Storefront, tag: str) -> str:
    """One that somebody registers: what the service runs, with the image that a tag of its repository names."""
    shown = ecs().describe_task_definition(taskDefinition=service(storefront)["taskDefinition"])["taskDefinition"]
    accepted = ecs().meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    body = {name: value for name, value in shown.items() if name in accepted}
    (container,) = body["containerDefinitions"]
    repository = container["image"].partition("@")[0].rpartition("/")[0] + "/storefront"
    body["containerDefinitions"] = [container | {"image": f"{repository}:{tag}"}]
    made = ecs().register_task_definition(**body)["taskDefinition"]["taskDefinitionArn"]
    return str(made)


def digests(storefront: Storefront) -> set[str]:
    """What its running tasks run."""
    cluster = storefront.environment.cluster
    arns = ecs().list_tasks(cluster=cluster, serviceName=NAME)["taskArns"]
    found = ecs().describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
    return {each["containers"][0]["imageDigest"] for each in found}


def settle(storefront: Storefront) -> None:
    until(lambda: is_steady(service(storefront)), f"{NAME} does not get steady")


def until(seen: Callable[[], object], otherwise: str) -> None:
    deadline = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def is_steady(shown: dict[str, Any]) -> bool:
    return len(shown["deployments"]) == 1 and shown["deployments"][0]["rolloutState"] == "COMPLETED"
