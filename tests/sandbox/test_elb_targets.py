import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from sandbox.elb.targets import HealthCheck
from tests.sandbox.load_balancing import Balanced, balanced, eventually, weighted

names = (f"target-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def world() -> Iterator[Balanced]:
    with balanced() as world:
        yield world


def attached(world: Balanced, **settings: object) -> tuple[str, str]:
    """A target group with a listener in front of it."""
    group = world.target_group(next(names), **settings)
    return group, world.listener(world.load_balancer(next(names)), weighted((group, 1)))


def drain_for(world: Balanced, group: str, aws_seconds: int) -> None:
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": str(aws_seconds)}
    world.elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=[delay])


def test_a_group_nobody_refers_to_is_unused_and_never_checked(world: Balanced) -> None:
    group = world.target_group(next(names))
    target = world.serving(group, "idle")

    assert world.states(group) == [("unused", "Target.NotInUse")]
    assert target.checks == []


def test_weight_0_is_reason_enough_to_be_checked(world: Balanced) -> None:
    live, idle = world.target_group(next(names)), world.target_group(next(names))
    target = world.serving(idle, "idle")
    world.listener(world.load_balancer(next(names)), weighted((live, 1), (idle, 0)))

    world.wait_for(idle, "healthy")

    check = target.checks[0]
    assert check["User-Agent"] == "ELB-HealthChecker/2.0"
    assert check["Host"] == f"{target.ip}:{target.port}"


def test_a_new_target_is_initial_until_its_first_check_passed(world: Balanced) -> None:
    group, _ = attached(world, HealthCheckIntervalSeconds=300)
    target = world.target("slow")
    target.health_delay = 0.3
    world.register(group, target)

    assert world.states(group)[0] in [
        ("initial", "Elb.RegistrationInProgress"),
        ("initial", "Elb.InitialHealthChecking"),
    ]
    world.wait_for(group, "healthy")
    assert len(target.checks) == 1


def test_a_wrong_status_makes_a_target_unhealthy_and_says_which(world: Balanced) -> None:
    group, _ = attached(world)
    target = world.serving(group, "broken")
    world.wait_for(group, "healthy")
    target.health_status = 503
    world.wait_for(group, "unhealthy")

    health = world.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]
    assert health["TargetHealth"]["Reason"] == "Target.ResponseCodeMismatch"
    assert health["TargetHealth"]["Description"] == "Health checks failed with these codes: [503]"
    assert health["Target"] == {"Id": target.ip, "Port": target.port}


def test_an_unhealthy_target_needs_its_whole_threshold_to_recover(world: Balanced) -> None:
    group, _ = attached(world, HealthyThresholdCount=3)
    target = world.target("flaky")
    target.health_status = 500
    world.register(group, target)
    world.wait_for(group, "unhealthy")
    failed, target.health_status = len(target.checks), 200

    world.wait_for(group, "healthy")

    assert len(target.checks) - failed >= 3


def test_a_target_that_hangs_times_out_and_one_that_is_gone_fails(world: Balanced) -> None:
    group, _ = attached(world, HealthCheckIntervalSeconds=6, HealthCheckTimeoutSeconds=2, UnhealthyThresholdCount=2)
    slow, gone = world.target("slow"), world.target("gone")
    slow.health_delay = 1.2
    gone.stop()
    world.register(group, slow, gone)

    world.wait_for(group, "unhealthy", "unhealthy")

    assert [reason for _, reason in world.states(group)] == ["Target.Timeout", "Target.FailedHealthChecks"]


@pytest.mark.parametrize(
    ("codes", "status", "accepted"),
    [
        ("200", 200, True),
        ("200", 204, False),
        ("200,302", 302, True),
        ("200-299", 299, True),
        ("200-299", 301, False),
    ],
)
def test_the_matcher_knows_lists_and_ranges(codes: str, status: int, accepted: bool) -> None:
    assert HealthCheck(codes=codes).accepts(status) is accepted


def test_the_same_address_on_two_ports_is_two_targets(world: Balanced) -> None:
    group, _ = attached(world)
    first, second = world.target("first"), world.target("second")
    entries = [{"Id": "127.0.0.1", "Port": first.port}, {"Id": "127.0.0.1", "Port": second.port}]
    world.elbv2.register_targets(TargetGroupArn=group, Targets=entries)

    assert len(world.states(group)) == 2
    world.elbv2.deregister_targets(TargetGroupArn=group, Targets=entries[:1])
    assert [state for state, _ in world.states(group)][0] == "draining"


def test_a_deregistered_target_drains_for_its_delay_and_is_forgotten(world: Balanced) -> None:
    group, _ = attached(world)
    drain_for(world, group, 25)
    target = world.serving(group, "leaving")
    world.wait_for(group, "healthy")
    began = time.monotonic()
    world.deregister(group, target)

    assert world.states(group) == [("draining", "Target.DeregistrationInProgress")]
    assert world.balancers.seconds_to_drain(group) == 0.5
    world.wait_for(group)
    assert time.monotonic() - began >= 0.5
    state = world.balancers.health(group, target.ip, target.port)
    assert (state.state, state.reason) == ("unused", "Target.NotRegistered")


def test_deregistering_what_was_never_registered_succeeds(world: Balanced) -> None:
    group, _ = attached(world)

    world.elbv2.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "127.1.2.3", "Port": 1}])

    asked = world.elbv2.describe_target_health(TargetGroupArn=group, Targets=[{"Id": "127.1.2.3", "Port": 1}])
    health = asked["TargetHealthDescriptions"][0]["TargetHealth"]
    assert (health["State"], health["Reason"]) == ("unused", "Target.NotRegistered")


def test_a_draining_target_can_be_registered_again(world: Balanced) -> None:
    group, _ = attached(world)
    target = world.serving(group, "back")
    world.wait_for(group, "healthy")
    world.deregister(group, target)
    world.register(group, target)

    world.wait_for(group, "healthy")


def test_a_request_under_way_outlives_the_deregistration(world: Balanced) -> None:
    group, listener = attached(world)
    target = world.serving(group, "patient")
    world.wait_for(group, "healthy")
    target.delay = 0.4
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(world.get(listener)))
    asking.start()
    eventually(lambda: bool(target.seen))
    world.deregister(group, target)
    assert world.get(listener)[0] == 503
    asking.join()

    assert answers == [(200, "patient")]


def test_a_request_that_outlasts_the_delay_is_a_502(world: Balanced) -> None:
    group, listener = attached(world)
    drain_for(world, group, 1)
    target = world.serving(group, "late")
    world.wait_for(group, "healthy")
    target.delay = 2.0
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(world.get(listener)[0]))
    asking.start()
    eventually(lambda: bool(target.seen))
    world.deregister(group, target)
    asking.join()

    assert answers == [502]


def test_no_request_is_lost_when_a_target_leaves_under_load(world: Balanced) -> None:
    group, listener = attached(world)
    drain_for(world, group, 25)
    leaving, staying = world.serving(group, "leaving"), world.serving(group, "staying")
    world.wait_for(group, "healthy", "healthy")
    tallies: list[dict[str, int]] = []

    def hammer() -> None:
        tally: dict[str, int] = {}
        with world.connection(listener) as connection:
            for _ in range(75):
                connection.request("GET", "/")
                response = connection.getresponse()
                body = response.read().decode()
                name = body if response.status == 200 else str(response.status)
                tally[name] = tally.get(name, 0) + 1
                time.sleep(0.02)
        tallies.append(tally)

    clients = [threading.Thread(target=hammer) for _ in range(4)]
    for client in clients:
        client.start()
    eventually(lambda: len(leaving.seen) > 20)
    world.deregister(group, leaving)
    world.wait_for(group, "healthy")
    leaving.stop()
    for client in clients:
        client.join()

    total = {name: sum(tally.get(name, 0) for tally in tallies) for name in ("leaving", "staying")}
    assert sum(total.values()) == 4 * 75
    assert total["staying"] > total["leaving"] > 0
    assert staying.seen
