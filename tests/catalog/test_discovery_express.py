"""A service of Express Mode is recognised, and what ECS made for it read. The account is in memory."""

from tests.catalog.test_discovery import propose, refusal
from tests.fakes.aws import LANDING, FakeGateway

BY_SERVICE = {"cluster": LANDING.cluster, "service": LANDING.name}


def account(*, alarm: str = "latency") -> FakeGateway:
    gateway = FakeGateway.express()
    about = {LANDING.target_groups[1].rsplit(":", 1)[-1]}
    gateway.alarms_look_at |= {alarm: about, LANDING.own_alarm: about}
    return gateway


def test_a_service_that_ecs_manages_is_proposed_as_express_mode() -> None:
    proposal = propose(account(), **BY_SERVICE)

    assert proposal.columns == {
        "controller": "EXPRESS_MODE",
        "strategy": "CANARY",
        "cluster": "landing",
        "service": "landing",
        "container_name": "Main",
        "container_port": 8000,
        "production_url": f"https://{LANDING.host}",
        "alarms": "latency",
    }


def test_its_own_alarm_is_told_and_left_to_ecs() -> None:
    proposal = propose(account(), **BY_SERVICE)

    assert f"ECS rolls back by {LANDING.own_alarm}, which is watched here too." in proposal.seen
    assert "Express Mode waits for nobody once it is told" in " ".join(proposal.doubts)


def test_one_whose_first_deployment_is_not_over_says_when_to_try_again() -> None:
    gateway = account()
    gateway.ecs[LANDING.cluster, LANDING.name].revisions = ()

    assert "Try again when its first deployment is over." in refusal(gateway, **BY_SERVICE)
