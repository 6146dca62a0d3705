"""A migration that somebody ends before its work is done, whatever exit code it answers SIGTERM with."""

from typing import Any

import boto3
import pytest

from deployments.delivery.models import Deployment
from deployments.vocabulary import Status
from tests.flows.storefront import Storefront

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)

#: It works until SIGTERM, and exits 0 then; 143 before it has begun to listen for it.
ENDLESS = "python manage.py worker"


def test_a_migration_that_is_stopped_when_its_time_is_over_counts_as_failed(storefront: Storefront) -> None:
    storefront.environment.one_off_tasks.update(command=ENDLESS, timeout_seconds=2)

    deployment = storefront.finish(storefront.deploy("1.1.0"))

    assert deployment.status != Status.SUCCESSFUL
    assert "migrate did not end within 2 s and was stopped" in deployment.status_reason


def test_a_migration_that_a_person_stops_counts_as_failed(storefront: Storefront) -> None:
    storefront.environment.one_off_tasks.update(command=ENDLESS)
    deployment = storefront.deploy("1.1.0")
    storefront.go(deployment, lambda d: _running(storefront, d))

    client = boto3.client("ecs", region_name=storefront.environment.region)
    client.stop_task(cluster="storefront", task=deployment.facts["task"], reason="Stopped by ops")
    storefront.finish(deployment)

    assert deployment.status != Status.SUCCESSFUL
    assert deployment.facts["tasks"][0]["exit_code"] in (0, 143)
    assert "stopped before its own end (UserInitiated: Stopped by ops)" in deployment.status_reason


def _running(storefront: Storefront, deployment: Deployment) -> bool:
    task = deployment.facts.get("task")
    if not task:
        return False
    client: Any = boto3.client("ecs", region_name=storefront.environment.region)
    (seen,) = client.describe_tasks(cluster="storefront", tasks=[task])["tasks"]
    return bool(seen["lastStatus"] == "RUNNING")
