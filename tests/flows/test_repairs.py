"""Production is sick, and mended by a repair; nothing runs yet, and the first release comes. With real processes."""

from collections.abc import Iterator
from typing import Any

import pytest

from deployments.aws.sessions import connect
from deployments.catalog.models import ReleaseImage
from deployments.delivery import requests
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import DeploymentKind, Status
from sandbox.server import Sandbox
from tests.flows import ledger, legacy
from tests.flows.conftest import EPHEMERAL, SCALE
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import answers

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
SICK = "1.3.0"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    ports = EPHEMERAL | dict.fromkeys(ledger.PORTS, 0)
    with Sandbox(scale=SCALE, listener_ports=ports, applications=("storefront", "legacy-api")) as running:
        yield running


def begun(shop: Storefront, version: str, kind: DeploymentKind, strategy: str) -> Deployment:
    shop.environment.refresh_from_db()
    return requests.request_deployment(
        environment=shop.environment,
        release=shop.environment.application.releases.get(version=version),
        strategy=strategy,
        principal=Principal.person(shop.manager),
        reason="the health check is never answered well",
        now=now(),
        kind=kind,
    )


def _health(shop: Storefront) -> list[str]:
    gateway = connect(shop.environment.binding)
    (group,) = gateway.services(shop.environment.cluster, [legacy.NAME])[legacy.NAME].target_groups
    return [target.state for target in gateway.target_health(group) if target.state != "draining"]


def is_sick(shop: Storefront) -> bool:
    """Its one task is unhealthy, and ECS replaces it for ever."""
    primary = legacy.service(shop)["deployments"][0]
    return set(_health(shop)) == {"unhealthy"} and primary["failedTasks"] > 0


@pytest.fixture
def sick(storefront: Storefront) -> Iterator[Storefront]:
    """Somebody has put an image on it that never answers the health check well, and no task of before is left."""
    shop = legacy.take_over(storefront)
    before = legacy.service(shop)
    room = {"minimumHealthyPercent": 0, "maximumPercent": 100}
    legacy.update(shop, taskDefinition=legacy.revision(shop, SICK), deploymentConfiguration=room)
    legacy.until(lambda: is_sick(shop), "it does not get sick")
    yield shop
    legacy.update(shop, taskDefinition=before["taskDefinition"], deploymentConfiguration=_percents(before))
    legacy.settle(shop)


def _percents(shown: dict[str, Any]) -> dict[str, Any]:
    kept = shown["deploymentConfiguration"]
    return {name: kept[name] for name in ("minimumHealthyPercent", "maximumPercent")}


def test_a_sick_production_is_mended_by_a_repair_after_one_that_was_as_bad(sick: Storefront) -> None:
    ordinary = sick.finish(sick.deploy("1.1.0", "ROLLING"))
    assert ordinary.status == Status.STOPPED
    assert "Preflight stopped it" in ordinary.status_reason

    legacy.until(lambda: is_sick(sick), "it is not sick any more")
    bad = sick.finish(begun(sick, SICK, DeploymentKind.REPAIR, "ROLLING"))
    assert bad.status == Status.FAILED, bad.status_reason
    assert "What ran before was sick, so it was not turned back: legacy-api was left as it is" in bad.status_reason
    assert legacy.image(sick) == ReleaseImage.objects.get(release__version=SICK).pinned

    legacy.until(lambda: is_sick(sick), "it is not sick any more")
    mended = sick.finish(begun(sick, "1.1.0", DeploymentKind.REPAIR, "ROLLING"))
    assert mended.status == Status.SUCCESSFUL, mended.status_reason
    assert "TARGETS" in {red["ailment"] for red in mended.settings["red"]}
    assert _health(sick) == ["healthy"]
    assert answers(sick.environment.production_url) == "1.1.0"

    with pytest.raises(Refused, match="Nothing of production is red"):
        begun(sick, "1.1.0", DeploymentKind.REPAIR, "ROLLING")


def test_code_deploy_brings_the_first_release_to_a_service_that_was_made_with_no_task(storefront: Storefront) -> None:
    built = ledger.build(storefront.sandbox, desired=0)
    built.regroup(
        blueGreenDeploymentConfiguration={
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 1},
        }
    )
    made = ledger.environment(built, storefront.environment, storefront.sandbox, first_desired=2)
    shop = Storefront(storefront.sandbox, made)

    deployment = shop.finish(begun(shop, "1.1.0", DeploymentKind.FIRST, "AllAtOnce"))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    shown = legacy.named(shop, ledger.NAME)
    assert (shown["desiredCount"], shown["runningCount"]) == (2, 2)
    assert answers(made.production_url) == "1.1.0"
