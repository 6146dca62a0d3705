"""A task that is protected from scale-in outlives its release: the deployment waits for it, and says why."""

from datetime import timedelta

import pytest

from deployments.catalog.models import Environment
from deployments.delivery import warm_time
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Status
from tests.flows import legacy
from tests.flows.protected import Protected
from tests.flows.storefront import Storefront, now

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront", "legacy-api")


def waits_for_it(deployment: Deployment) -> bool:
    return "drains 1 task; it is protected" in deployment.waiting_for


def test_a_clean_up_waits_for_a_protected_task_and_says_so(storefront: Storefront) -> None:
    Environment.objects.update(termination_wait_seconds=600)
    source = storefront.live_slot()
    service = storefront.environment.services[source]
    deployment = storefront.deploy("1.1.0", "BLUE_GREEN")
    storefront.approve(deployment)
    storefront.go(deployment, lambda d: d.source_kept_until)
    task = Protected(storefront.environment.cluster, service)

    warm_time.finish_now(deployment=deployment, principal=Principal.person(storefront.manager), now=now())
    storefront.go(deployment, waits_for_it, within=60)

    assert deployment.waiting_for.startswith(f"{service} still drains 1 task; it is protected from scale-in until ")
    assert deployment.waiting_for.endswith(" UTC (ecs:UpdateTaskProtection)")
    assert not deployment.is_terminal
    storefront.environment.refresh_from_db()
    assert storefront.environment.live_release == deployment.release
    task.protect(False)
    storefront.finish(deployment)
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert storefront.running(source) == 0


def test_a_rolling_release_is_not_turned_back_because_an_old_task_is_protected(storefront: Storefront) -> None:
    api = legacy.take_over(storefront, scale_up_timeout_seconds=600)
    task = Protected(api.environment.cluster, legacy.NAME)
    deployment = api.deploy("1.1.0", "ROLLING")
    api.go(deployment, lambda d: d.waiting_for.startswith("1 of 1 new tasks run; 1 old still run"))

    Deployment.objects.filter(pk=deployment.pk).update(step_started_at=now() - timedelta(seconds=601))
    api.go(deployment, lambda d: "; 1 is protected from scale-in until " in d.waiting_for, within=60)
    task.protect(False)
    api.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
