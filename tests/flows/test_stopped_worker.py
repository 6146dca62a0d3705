"""SIGTERM to the worker that has a deployment in its hands: a worker of another host goes on at once."""

import signal
from pathlib import Path

import pytest

from tests.stack import Stack, wait_for

pytestmark = pytest.mark.flow

ASK = """
from django.contrib.auth.models import User
from django.utils import timezone
from deployments.delivery.requests import request_deployment
from deployments.people.principal import Principal
environment = Environment.objects.get(name="staging")
request_deployment(environment=environment, release=environment.application.releases.get(version="1.1.0"),
    strategy="BLUE_GREEN", principal=Principal.person(User.objects.get(username="manager")),
    reason="stop it", now=timezone.now())
"""
POLICY = {"bake_seconds": 1, "termination_wait_seconds": 1, "min_requests": 5}
WORKERS = ("worker", "worker 2")
#: seconds: within the time for handing back by itself, and longer than the lease, which is 90
SLOW, STUCK = 0.6, 120.0
#: It takes about a second; what neither the end of the call nor that of the lease can explain is proof enough.
HANDED_BACK = 40


def test_another_worker_goes_on_at_once_even_when_a_call_is_stuck(tmp_path: Path) -> None:
    with Stack(tmp_path, scale=60, policy=POLICY, log_level="INFO", forked=True) as stack:
        stack.start("worker 2")
        wait_for(lambda: "worker runs" in stack.log("worker 2"))
        hang(stack, "DescribeTaskDefinition", STUCK)
        stack.run("from deployments.models import Environment\n" + ASK)
        stop_the_one_that_waits(stack)

        hang(stack, "DescribeTargetHealth", SLOW)
        stop_the_one_that_waits(stack)

        wait_for(lambda: status(stack) not in ("PENDING", "IN_PROGRESS"))
        assert status(stack) == "SUCCESSFUL"
        told = stack.query("SELECT kind, message FROM deployments_event WHERE kind LIKE 'aws.%'")
        assert sorted(told) == sorted(set(told)), "a write was told of twice"
        assert stack.sandbox("calls")["ecs:RegisterTaskDefinition"] == 1


def hang(stack: Stack, operation: str, seconds: float) -> None:
    stack.sandbox("faults", {"kind": "latency", "operation": operation, "times": 1, "latency": seconds})


def stop_the_one_that_waits(stack: Stack) -> None:
    """Stop the worker that waits for the answer of a call, see another take over, and start it again."""
    wait_for(lambda: not stack.sandbox("faults")["faults"], every=0.02)
    holder = stack.query("SELECT lease_token FROM deployments_deployment")[0][0]
    stopped = "worker 2" if holder.startswith("worker-2/") else "worker"
    other = next(name for name in WORKERS if name != stopped)
    before = decisions(stack, other)

    stack.signal(stopped, signal.SIGTERM)
    wait_for(lambda: decisions(stack, other) > before, within=HANDED_BACK, every=0.02)
    stack.stop(stopped)
    stack.start(stopped)


def decisions(stack: Stack, worker: str) -> int:
    return stack.log(worker).count("deployment.decision")


def status(stack: Stack) -> str:
    return str(stack.query("SELECT status FROM deployments_deployment")[0][0])
