"""A service behind an ECS Gateway, there and back, with real processes and real traffic."""

from typing import Any

import pytest

from deployments.delivery import turning_back
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from sandbox.world import BOOKING
from tests.flows.read_from_aws import read_from_aws
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront", BOOKING)
#: AWS seconds that outlast any test here.
LONG = 10_800


@pytest.fixture
def booking(storefront: Storefront) -> Storefront:
    """The seeded booking page as it is read from AWS, with a gate before production."""
    return read_from_aws(storefront, BOOKING, container="web", gate=Stage.PRE_PRODUCTION_TRAFFIC_SHIFT, bake_seconds=60)


def _traffic(shop: Storefront) -> Traffic:
    """To the listener that ECS made, by the name that the gateway gave the service."""
    seeded = shop.sandbox.control.world[BOOKING]
    listeners = shop.sandbox.load_balancers.listeners()
    url = next(each["Url"] for each in listeners if each["ListenerArn"] == seeded["listener"])
    return Traffic(url, host=seeded["host"])


def _others(shop: Storefront) -> list[str]:
    """Good releases that are not live, whichever test has been here before."""
    return [version for version in ("1.0.0", "1.1.0", "1.6.0") if version != _live(shop)]


def _live(shop: Storefront) -> str:
    shop.environment.refresh_from_db()
    assert shop.environment.live_release
    return str(shop.environment.live_release.version)


def test_it_is_read_from_aws_and_shifted_by_ecs_after_a_person_said_so(booking: Storefront) -> None:
    seeded: dict[str, Any] = booking.sandbox.control.world[BOOKING]
    environment, before, version = booking.environment, _live(booking), _others(booking)[0]
    assert (environment.controller, environment.strategy) == ("ECS", "BLUE_GREEN")
    assert (environment.production_rule, environment.test_rule) == (seeded["production_rule"], seeded["test_rule"])
    assert environment.production_url == f"https://{seeded['host']}"
    assert (environment.container_name, environment.container_port) == ("web", 8000)

    with _traffic(booking) as traffic:
        deployment = booking.deploy(version, "BLUE_GREEN")
        booking.to_the_gate(deployment)
        assert traffic.newest == before
        booking.approve(deployment)
        booking.finish(deployment)
        wait_for(lambda: traffic.newest == version)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert traffic.lost == 0
    assert _live(booking) == version


def test_the_way_back_is_ecs_s_as_well(booking: Storefront) -> None:
    before, version = _live(booking), _others(booking)[0]
    booking.environment.bake_seconds = LONG
    booking.environment.save()
    with _traffic(booking) as traffic:
        deployment = booking.deploy(version, "BLUE_GREEN")
        booking.approve(deployment)
        booking.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
        wait_for(lambda: traffic.newest == version)
        turning_back.roll_back(deployment=deployment, principal=Principal.person(booking.manager), now=now())
        booking.finish(deployment)
        wait_for(lambda: traffic.newest == before)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert traffic.lost == 0
