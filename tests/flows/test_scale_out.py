"""Two web servers and two workers of different hosts share the work: real processes on each kind of queue."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.clicks import Person
from tests.image import servers
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.flow

ASK = """
from django.contrib.auth.models import User
from django.utils import timezone
from deployments.models import Environment
from deployments.delivery.requests import request_deployment
from deployments.people.principal import Principal
for environment in Environment.objects.all():
    request_deployment(environment=environment, release=environment.application.releases.get(version="1.1.0"),
        strategy="ROLLING" if environment.controller == "ROLLING" else "BLUE_GREEN",
        principal=Principal.person(User.objects.get(username="manager")), reason="share it", now=timezone.now())
"""
QUEUE = """
from django_q.brokers import get_broker
broker = get_broker()
print(broker.queue_size(), broker.lock_size() or 0)
"""
POLICY = {"bake_seconds": 1, "termination_wait_seconds": 1, "min_requests": 5}
#: AWS's name of an action that we call otherwise
CALLS = {"SetWeights": "ModifyRule", "SuspendScaling": "RegisterScalableTarget"}
READS = ("Describe", "List", "Get", "BatchGet", "Simulate", "AssumeRole")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A server for all stacks, each of which makes a database there."""
    if servers.missing():
        pytest.skip(servers.missing())
    with servers.postgresql() as address:
        yield address


@pytest.fixture(params=["the database", "Redis", "SQS"])
def stack(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """On PostgreSQL, but for SQS, which does not care."""
    with ExitStack() as things:
        queue = {"the database": "orm", "SQS": "sqs://us-east-1/tealgate"}.get(request.param, "")
        if request.param != "SQS":
            monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgresql"))
        if request.param == "Redis":
            queue = things.enter_context(servers.redis(tmp_path))
        running = Stack(tmp_path, scale=60, policy=POLICY, queue_workers=2, queue=queue, log_level="INFO", forked=True)
        yield things.enter_context(running)


def is_done_but_for_heartbeats(stack: Stack) -> bool:
    """Nothing waits, and what was taken was acknowledged."""
    waiting, taken = (int(word) for word in stack.run(QUEUE).split())
    return waiting == 0 and taken <= 2


def test_two_webs_and_two_workers_share_the_work_and_do_nothing_twice(stack: Stack) -> None:
    stack.start("worker 2")
    stack.start("web 2")
    wait_for(lambda: "worker runs" in stack.log("worker 2"))
    stack.sandbox("calls", method="DELETE")

    stack.run(ASK)
    wait_for(lambda: len(open_gates(stack)) == 1)
    answers = click_on_both(stack)
    wait_for(lambda: not unfinished(stack))

    assert sorted(answers) == [200, 302], "one of them wins, the other one is told so on the page"
    assert stack.query("SELECT count(*) FROM deployments_approval") == [(1,)]
    assert {row[0] for row in stack.query("SELECT status FROM deployments_deployment")} == {"SUCCESSFUL"}
    told = stack.query("SELECT deployment_id, kind, message FROM deployments_event WHERE kind LIKE 'aws.%'")
    assert sorted(told) == sorted(set(told)), "a write was told of twice"
    actions = [kind.removeprefix("aws.") for _, kind, _ in told]
    assert writes(stack) == Counter(CALLS.get(action, action) for action in actions)
    wait_for(lambda: is_done_but_for_heartbeats(stack))
    if not both_decide(stack):
        stack.run(ASK)  # one was quick enough to do all of it: there is more
    wait_for(lambda: both_decide(stack))


def both_decide(stack: Stack) -> bool:
    return all("deployment.decision" in stack.log(worker) for worker in ("worker", "worker 2"))


def open_gates(stack: Stack) -> list[tuple[int, int]]:
    found = stack.query("SELECT id, deployment_id FROM deployments_gate WHERE status = 'AWAITING_ACTION'")
    return [(int(gate), int(deployment)) for gate, deployment in found]


def click_on_both(stack: Stack) -> list[int]:
    """Two people approve at the same moment, each on another web server."""
    [(gate, deployment)] = open_gates(stack)
    page = f"/deployments/deployment/{deployment}"
    form = {"verdict": "approve", "comment": "looks good"}
    both, answers = threading.Barrier(2), []
    wait_for(lambda: "Listening" in stack.log("web 2"))

    def click(person: Person) -> None:
        request = person.ready(f"{page}/change/", f"{page}/gates/{gate}/", form)
        both.wait(20)
        answers.append(person.send(request))

    with Person(stack.url, "approver") as one, Person(stack.url_of("web 2"), "admin") as two:
        threads = [threading.Thread(target=click, args=(person,)) for person in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return answers


def unfinished(stack: Stack) -> bool:
    return bool(stack.query("SELECT 1 FROM deployments_deployment WHERE finished_at IS NULL"))


def writes(stack: Stack) -> Counter[str]:
    calls = stack.sandbox("calls")
    named = {name: name.partition(":")[2] for name in calls if not name.startswith("sqs:")}
    return Counter({own: calls[name] for name, own in named.items() if not own.startswith(READS)})
