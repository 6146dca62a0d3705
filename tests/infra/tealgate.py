"""What is done by hand once Terraform has made Tealgate, and who its tasks are."""

import json
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from deployments.aws import sessions
from deployments.vocabulary import Status
from sandbox.account import ACCOUNT, REGION
from sandbox.server import Sandbox
from sandbox.sts import Session
from tests.infra.story import FIRST, SECOND, Story, client
from tests.infra.terraform import Stack
from tests.stack import wait_for

ROLE = f"arn:aws:iam::{ACCOUNT}:role/tealgate-task"
#: As long as AWS's own.
KEY = "TEALGATE".ljust(20, "0")


def first_tasks(stack: Stack, account: Sandbox) -> None:
    """What the outputs say to run: both tasks end well, with settings that Tealgate can read."""
    for output in ("migrate", "first_account"):
        words = shlex.split(stack.outputs[output])
        given = dict(zip(words[3::2], words[4::2], strict=True))
        assert words[:3] == ["aws", "ecs", "run-task"]
        started = client("ecs").run_task(
            cluster=given["--cluster"],
            taskDefinition=given["--task-definition"],
            launchType=given["--launch-type"],
            **_network(given.get("--network-configuration", "")),
            overrides=json.loads(given.get("--overrides", "{}")),
        )
        assert not started["failures"]
        arn = started["tasks"][0]["taskArn"]
        _ends_well(given["--cluster"], arn)
    secret = shlex.split(stack.outputs["first_password"])[-1]
    assert len(client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]) == 24


def _network(shorthand: str) -> Mapping[str, Any]:
    """On instances there is none."""
    if not shorthand:
        return {}
    subnets, _, groups = shorthand.removeprefix("awsvpcConfiguration={subnets=[").partition("],securityGroups=[")
    awsvpc = {"subnets": subnets.split(","), "securityGroups": groups.removesuffix("]}").split(",")}
    return {"networkConfiguration": {"awsvpcConfiguration": awsvpc}}


def _ends_well(cluster: str, arn: str) -> None:
    def container() -> Mapping[str, Any]:
        task: Mapping[str, Any] = client("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"][0]
        return dict(task["containers"][0])

    wait_for(lambda: "exitCode" in container())
    assert container()["exitCode"] == 0


def is_a_task_of_tealgate(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on this process has the credentials that ECS hands to Tealgate's tasks."""
    within = datetime.now(UTC) + timedelta(hours=1)
    session = Session(ROLE, f"arn:aws:sts::{ACCOUNT}:assumed-role/tealgate-task/task", "AROATASK", within)
    account.sessions.add(KEY, session)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setattr(sessions, "_gateways", {})
    with pytest.raises(ClientError, match="AccessDenied"):
        boto3.Session(region_name=REGION).client("ecs").list_services(cluster="tealgate")


def deploys_itself(stack: Stack, account: Sandbox, web: Story, worker: Story, *, worker_first: bool) -> None:
    """Web and worker get another release while people visit; Terraform finds nothing to change, and takes all away."""
    web.register(containers=("nginx", "web"))
    worker.register(containers=("worker",))
    with web.traffic() as traffic:
        for story in (worker, web) if worker_first else (web, worker):
            story.adopt()
            deployment = story.deploy(SECOND)
            assert deployment.status == Status.SUCCESSFUL, deployment.status_reason

    assert traffic.lost == 0, traffic.failures
    assert set(traffic.versions) == {FIRST, SECOND}
    assert not stack.changes(), stack.changes()
    stack.destroy()
    assert account.control.tasks() == []
