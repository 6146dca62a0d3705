"""kill -9 on a real worker at every stage it passes through, on the web process, and on the client of a CI that waits.

New ones go on, nothing is done twice, a webhook hears of all of it in order, and a channel that it is live.
"""

import functools
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from standardwebhooks import Webhook

from sandbox.account import ACCOUNT, REGION
from tests.flows.traffic import Traffic
from tests.outbound.web_server import Web, serving
from tests.sandbox.test_pipelines import WAIT, make_pipeline, start, status
from tests.stack import ROOT, Stack, wait_for

pytestmark = pytest.mark.flow

#: How a person asks, for the stories that begin as this one without a client.
ASK = """
from django.contrib.auth.models import User
from django.utils import timezone
from deployments.models import Environment
from deployments.delivery.requests import request_deployment
from deployments.people.principal import Principal
environment = Environment.objects.get(name="staging")
request_deployment(environment=environment, release=environment.application.releases.get(version="1.1.0"),
    strategy="CANARY", principal=Principal.person(User.objects.get(username="manager")),
    reason="kill it", now=timezone.now())
"""
TOKEN = """
from django.contrib.auth.models import User
from django.utils import timezone
from deployments.catalog import tokens
from deployments.people.principal import Principal
print(tokens.make(name="shop-ci", scopes=("read", "releases:write", "deployments:write"), environments=(),
    principal=Principal.person(User.objects.get(username="manager")), now=timezone.now())[1])
"""
#: The moments between two steps are the table of crashes in tests/engine.
LOOK = "SELECT status, stage, position, status_reason FROM deployments_deployment"
WRITES = "SELECT kind, message FROM deployments_event WHERE kind LIKE 'aws.%'"
TOLD = "SELECT message FROM deployments_event WHERE kind LIKE 'deployment.pipeline%'"
PIPELINE = f"CodePipeline's storefront ({REGION})"
ACTION = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:storefront/Production/{WAIT}"
ANSWERS = f"""
from deployments.models import Environment
Environment.objects.filter(name="staging").update(approval_action={ACTION!r})
"""


HEARS = """
from django.utils import timezone
from deployments.models import NotificationAddress, NotificationChannel, WebhookSubscription
from deployments.telling.webhooks.signing import new_secret
now, secret = timezone.now(), new_secret()
WebhookSubscription.objects.create(
    name="chat", url="{url}/", is_internal=True, secret=secret, made_at=now, on_since=now)
room = NotificationChannel.objects.create(name="room", made_at=now)
NotificationAddress.objects.create(channel=room, service="json", url="{url}/told".replace("http:", "json:"),
    shown="room", is_internal=True, made_at=now)
print(secret)
"""
LAST = "SELECT MAX(id) FROM deployments_event"
SINCE = """
SELECT chain.name, event.message FROM deployments_event event JOIN deployments_eventchain chain ON chain.id = chain_id
WHERE event.id > {last} ORDER BY chain.name, number
"""
ON_THEIR_WAY = """
SELECT event_id FROM deployments_outbox UNION ALL SELECT id FROM deployments_webhookdelivery WHERE status = 'WAITING'
UNION ALL SELECT id FROM deployments_message WHERE status = 'WAITING'
"""
MESSAGES = "SELECT kind, status, maybe_twice FROM deployments_message"


def test_a_worker_killed_again_and_again_finishes_and_does_nothing_twice(tmp_path: Path) -> None:
    policy = {"canary_bake_seconds": 1, "bake_seconds": 1, "termination_wait_seconds": 1, "min_requests": 5}
    with (
        Stack(tmp_path, scale=60, policy=policy, queue_workers=3, forked=True) as stack,
        Traffic(stack.listener(8082), rate=20) as traffic,
        serving(Web(answers={"/": (204, {}, b""), "/told": (200, {}, b"")})) as chat,
    ):
        secret = stack.run(HEARS.format(url=chat.url)).strip()
        [(last,)] = stack.query(LAST)
        execution = pipeline_that_waits(stack)
        stack.run(ANSWERS)
        token = stack.run(TOKEN).strip()
        client, again, stages = deploys(stack, token), None, set()
        wait_for(lambda: stack.query(LOOK))
        while (seen := look(stack))[0] in ("PENDING", "IN_PROGRESS"):
            stages.add(seen[1])
            stack.kill("worker")
            stack.start("worker")
            if len(stages) == 2 and not again:
                client = again = killed_and_started_again(stack, client, token)
            wait_for(lambda seen=seen: look(stack) != seen, within=60)  # type: ignore[misc]
        stack.kill("worker")
        stack.start("worker")
        wait_for(lambda: status(codepipeline(stack), execution, "storefront") == "Succeeded", within=120)
        wait_for(lambda: stack.query(TOLD))
        writes, told = stack.query(WRITES), stack.query(TOLD)
        wait_for(lambda: traffic.sent > 20)
        said, _ = client.communicate(timeout=60)
        wait_for(lambda: not stack.query(ON_THEIR_WAY))
        happened, messages = stack.query(SINCE.format(last=last)), stack.query(MESSAGES)

    assert seen[0] == "SUCCESSFUL", seen
    assert len(stages) >= 5, stages
    assert sorted(writes) == sorted(set(writes)), "an event was written twice"
    assert [message for (message,) in told] == [f"Told Approved to action {WAIT} in stage Production of {PIPELINE}."]
    assert traffic.lost == 0
    assert len(happened) > 20
    assert sorted(heard(chat, secret), key=lambda told: told[0]) == happened, "an event was lost, or came out of order"
    [(kind, sent, maybe_twice)] = messages
    assert (kind, sent) == ("live", "SENT")
    assert len([path for path, _, _ in chat.seen if path == "/told"]) in (1, 1 + maybe_twice)
    assert client.returncode == 0, said
    assert "was asked for by this run before" in said
    assert said.rstrip().endswith("1.1.0 on storefront/staging (deployment 1) is live, and ended well.")


def heard(chat: Web, secret: str) -> list[tuple[str, str]]:
    """What came first of each event: a killed worker's requests come again, with the same id."""
    came = [Webhook(secret).verify(body, headers) for path, headers, body in chat.seen if path == "/"]
    first = {event["id"]: event["data"] for event in reversed(came)}
    ids = dict.fromkeys(event["id"] for event in came)
    return [(first[each]["chain"], first[each]["message"]) for each in ids]


def deploys(stack: Stack, token: str) -> subprocess.Popen[str]:
    """As a job of a CI does."""
    words = ["deploy", "storefront/staging", "1.1.0", "--strategy", "CANARY", "--until", "finished", "--timeout", "5m"]
    variables = {"TEALGATE_URL": stack.url, "TEALGATE_TOKEN": token, "TRAVIS": "true", "TRAVIS_BUILD_ID": "7"}
    return subprocess.Popen(
        [sys.executable, "-m", "tealgate", *words],
        cwd=ROOT / "client", env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def killed_and_started_again(stack: Stack, client: subprocess.Popen[str], token: str) -> subprocess.Popen[str]:
    """And so is the web process, while the new one waits for its answer."""
    client.kill()
    client.communicate()
    again = deploys(stack, token)
    stack.kill("web")
    wait_for(lambda: is_free(stack.url))  # its children leave the port once they miss it
    stack.start("web")
    return again


def is_free(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port or 80)) != 0


def pipeline_that_waits(stack: Stack) -> str:
    """For this release; the execution."""
    iam = client("iam", stack.sandbox_url)
    told = {"CustomData": "tealgate: storefront #{variables.VERSION}"}
    make_pipeline(codepipeline(stack), iam, "storefront", configuration=told)
    return start(codepipeline(stack), "1.1.0", "storefront")


def codepipeline(stack: Stack) -> Any:
    return client("codepipeline", stack.sandbox_url)


@functools.cache
def client(service: str, url: str) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, region_name=REGION, endpoint_url=url, **keys)


def look(stack: Stack) -> tuple[Any, ...]:
    [seen] = stack.query(LOOK)
    return seen
