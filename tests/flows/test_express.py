"""Express Mode, there and back, with real processes and real traffic."""

from typing import Any

import pytest

from deployments.aws.sessions import connect
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from sandbox.world import LANDING
from tests.flows.read_from_aws import read_from_aws
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront", LANDING)
#: AWS seconds that ECS watches each step.
CANARY = 180


@pytest.fixture
def landing(storefront: Storefront) -> Storefront:
    """The seeded landing page as it is read from AWS, with a gate before ECS is told."""
    return read_from_aws(storefront, LANDING, container="Main", gate=Stage.PRE_SCALE_UP)


def _live(shop: Storefront) -> str:
    shop.environment.refresh_from_db()
    assert shop.environment.live_release
    return str(shop.environment.live_release.version)


def _others(shop: Storefront) -> list[str]:
    """Good releases that are not live, whichever test has been here before."""
    return [version for version in ("1.0.0", "1.1.0", "1.6.0") if version != _live(shop)]


def _newest(shop: Storefront) -> Any:
    gateway = connect(shop.environment.binding)
    (arn, *_) = gateway.newest_service_deployments(shop.environment.cluster, LANDING)
    return gateway.service_deployments([arn])[arn]


def _traffic(shop: Storefront) -> Traffic:
    """To the listener that ECS made, by the name that it gave the service."""
    seeded = shop.sandbox.control.world[LANDING]
    listeners = shop.sandbox.load_balancers.listeners()
    url = next(each["Url"] for each in listeners if each["ListenerArn"] == seeded["listener"])
    return Traffic(url, host=seeded["host"])


def _approved(shop: Storefront, version: str) -> Deployment:
    deployment = shop.deploy(version)
    shop.approve(deployment)
    return deployment


def _said(deployment: Deployment) -> str:
    return "\n".join(deployment.events.values_list("message", flat=True))


def test_it_is_read_from_aws_and_its_canary_followed_without_a_lost_request(landing: Storefront) -> None:
    alarm, environment, version = (
        landing.sandbox.control.world[LANDING]["alarm"],
        landing.environment,
        _others(landing)[0],
    )
    assert (environment.controller, environment.container_name, environment.container_port) == (
        "EXPRESS_MODE", "Main", 8000,
    )  # fmt: skip
    with _traffic(landing) as traffic:
        deployment = landing.deploy(version)
        gate = landing.to_the_gate(deployment)
        assert gate.evidence["alarms"] == {alarm: "OK"}
        landing.approve(deployment)
        landing.go(deployment, lambda d: d.percent == 5)
        landing.sandbox.skip(CANARY)
        landing.go(deployment, lambda d: d.stage == Stage.BAKE_TIME)
        landing.sandbox.skip(CANARY)
        landing.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert (traffic.newest, traffic.lost) == (version, 0)
    assert alarm in _said(deployment)
    assert _live(landing) == version


def test_what_ecs_turns_back_by_its_own_alarm_is_followed_and_said(landing: Storefront) -> None:
    alarm, before = landing.sandbox.control.world[LANDING]["alarm"], _live(landing)
    with _traffic(landing) as traffic:
        deployment = landing.finish(_approved(landing, "1.2.0"))
        wait_for(lambda: traffic.newest == before)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert alarm in deployment.status_reason
    assert _newest(landing).status == Status.ROLLBACK_SUCCESSFUL


def test_a_canary_is_stopped_and_what_has_ended_is_deployed_again(landing: Storefront) -> None:
    before, (one, other) = _live(landing), _others(landing)
    with _traffic(landing) as traffic:
        stopped = landing.go(_approved(landing, one), lambda d: d.percent == 5)
        turning_back.stop(deployment=stopped, principal=Principal.person(landing.manager), now=now())
        landing.finish(stopped)
        assert stopped.status == Status.ROLLBACK_SUCCESSFUL, stopped.status_reason

        ended = landing.go(_approved(landing, other), lambda d: d.stage == Stage.BAKE_TIME)
        landing.sandbox.skip(CANARY)
        wait_for(lambda: _newest(landing).status == Status.SUCCESSFUL)
        turning_back.roll_back(deployment=ended, principal=Principal.person(landing.manager), now=now())
        landing.go(ended, lambda d: "ECS runs it as" in _said(d).rpartition("deployed again")[2])
        wait_for(lambda: _newest(landing).production_percent)
        landing.sandbox.skip(CANARY)
        landing.finish(ended)

    assert ended.status == Status.ROLLBACK_SUCCESSFUL, ended.status_reason
    assert f"ECS had finished with {other} before it could be turned back" in _said(ended)
    assert (traffic.newest, traffic.lost) == (before, 0)
