"""kill -9 on a real worker, at every stage it passes through; a new one goes on and nothing is done twice."""

import json
import time
from pathlib import Path

import pytest

from tests.flows.traffic import Traffic
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.flow

ASK = """
from django.contrib.auth.models import User
from django.utils import timezone
from deployments.models import Environment
from deployments.services.deployments import request_deployment
environment = Environment.objects.get(name="staging")
request_deployment(environment=environment, release=environment.application.releases.get(version="1.1.0"),
    strategy="CANARY", requester=User.objects.get(username="manager"), reason="kill it", now=timezone.now())
"""
LOOK = """
import json
from deployments.models import Deployment
deployment = Deployment.objects.get()
writes = list(deployment.events.filter(kind__startswith="aws.").values_list("kind", "message"))
print(json.dumps({"status": deployment.status, "stage": deployment.stage, "reason": deployment.status_reason,
    "writes": [f"{kind}: {message}" for kind, message in writes]}))
"""


def test_a_worker_killed_again_and_again_finishes_and_does_nothing_twice(tmp_path: Path) -> None:
    policy = {"canary_bake_seconds": 4, "bake_seconds": 2, "termination_wait_seconds": 3, "min_requests": 5}
    with Stack(tmp_path, scale=60, policy=policy) as stack, Traffic(stack.listener(8082), rate=20) as traffic:
        stack.run(ASK)
        seen = json.loads(stack.run(LOOK))
        deadline = time.monotonic() + 100
        while seen["status"] in ("PENDING", "IN_PROGRESS") and time.monotonic() < deadline:
            stack.kill("worker")
            stack.start("worker")
            time.sleep(2.2)  # long enough for the new one to start and to do a little
            seen = json.loads(stack.run(LOOK))
        wait_for(lambda: traffic.sent > 20)

    assert seen["status"] == "SUCCESSFUL", seen
    assert sorted(seen["writes"]) == sorted(set(seen["writes"])), "an event was written twice"
    assert traffic.lost == 0
