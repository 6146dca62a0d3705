"""Tealgate as Terraform makes it: first tasks by hand, then it swaps its own services under its own role."""

import json
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest

from config.postgresql.credentials import Unreadable, in_secret
from deployments.aws import eventbridge, sessions
from deployments.aws.actions import PutEvents
from deployments.aws.events_queue import EventsQueue
from sandbox.account import ACCOUNT, REGION
from sandbox.server import Sandbox
from tests.infra.story import client, discovered, push_images
from tests.infra.tealgate import deploys_itself, first_tasks, is_a_task_of_tealgate
from tests.infra.terraform import Stack, Terraform

pytestmark = [pytest.mark.infra, pytest.mark.django_db, pytest.mark.usefixtures("connected")]
ELSEWHERE = "eu-central-1"


def test_tealgate_deploys_what_terraform_made_of_it_under_its_own_role(
    terraform: Terraform, account: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = _applied(terraform, account)
    assert not stack.changes(), stack.changes()
    first_tasks(stack, account)
    with _told_from_elsewhere(terraform, account):
        _say("shop.orders", "not ours", REGION)
        _say("tealgate", "elsewhere", ELSEWHERE)
    is_a_task_of_tealgate(account, monkeypatch)
    _reads_the_password_of_the_database_and_nothing_else(shlex.split(stack.outputs["first_password"])[-1])

    web = discovered(stack, account)
    sessions.connect(web.environment.binding).perform(PutEvents(echo_of="as the environment"))
    assert _heard() == ["as the environment", "elsewhere"]
    worker = discovered(stack, account, output="discover_worker")
    assert (web.environment.controller, worker.environment.controller) == ("SERVICE_PAIR", "ROLLING")
    deploys_itself(stack, account, web, worker, worker_first=False)


def _applied(terraform: Terraform, account: Sandbox) -> Stack:
    account.client("route53").create_hosted_zone(Name="example.com", CallerReference="infra")
    image = push_images(account)
    stack = Stack(terraform.at(account.url), "examples/tealgate")
    stack.apply(
        domain="tealgate.example.com",
        zone_name="example.com",
        image=image,
        nginx_image=image,
        repository="shop",
        external_id="self-4711",
        queue="sqs",
        database={"protected": False},
        secret_recovery_days=0,
    )
    return stack


@contextmanager
def _told_from_elsewhere(terraform: Terraform, account: Sandbox) -> Iterator[None]:
    """Another region of this account, whose rule sends to the bus of Tealgate's region."""
    stack = Stack(terraform.at(account.url), "elsewhere")
    folder = shutil.copytree(terraform.tree / "modules/alarm_events", terraform.tree / stack.example)
    (folder / "region_override.tf").write_text(f'provider "aws" {{ region = "{ELSEWHERE}" }}')
    stack.apply(target_arn=f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default")
    assert not stack.changes(), stack.changes()
    yield
    stack.destroy()


def _say(source: str, word: str, region: str) -> None:
    """An event on the default bus of that region."""
    entry = {"Source": source, "DetailType": eventbridge.ECHO, "Detail": json.dumps({"deployment": word})}
    said = boto3.client("events", region_name=region).put_events(Entries=[entry])
    assert said["FailedEntryCount"] == 0


def _heard() -> list[str]:
    """What the worker reads from the queue that its settings name."""
    region, name = _settings()["EVENTS_QUEUE"].removeprefix("sqs://").split("/")
    queue, heard = EventsQueue(region, name), list[str]()
    # Among them are tasks that stopped. Of an empty queue it is told after 20 s.
    while len(heard) < 2 and (messages := queue.receive()):
        queue.delete(messages)
        told = [eventbridge.read(message.body) for message in messages]
        heard += [each.echo_of for each in told if each and each.echo_of]
    return sorted(heard)


def _settings() -> dict[str, str]:
    """Of a worker."""
    task = client("ecs").describe_task_definition(taskDefinition="tealgate-worker")["taskDefinition"]
    return {each["name"]: each["value"] for each in task["containerDefinitions"][0]["environment"]}


def _reads_the_password_of_the_database_and_nothing_else(other: str) -> None:
    """As its settings name it, by the credentials of its task."""
    settings = _settings()
    assert "@" not in settings["DATABASE_URL"] and "sslmode=verify-full" in settings["DATABASE_URL"]
    assert in_secret(settings["DATABASE_SECRET"]).read().password
    with pytest.raises(Unreadable):
        in_secret(other).read()
