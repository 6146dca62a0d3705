import http.client
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.load_balancing import Balanced, Target, balanced, weighted

names = (f"route-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def world() -> Iterator[Balanced]:
    with balanced() as world:
        yield world


def two_groups(world: Balanced, blue: int, green: int, sticky: int = 0) -> tuple[str, str, str, Target, Target]:
    """A listener over two groups with one healthy target each."""
    name = next(names)
    blues, greens = world.target_group(f"{name}-blue"), world.target_group(f"{name}-green")
    targets = world.serving(blues, "blue"), world.serving(greens, "green")
    actions = weighted((blues, blue), (greens, green), sticky=sticky)
    listener = world.listener(world.load_balancer(name), actions)
    world.wait_for(blues, "healthy")
    world.wait_for(greens, "healthy")
    return listener, blues, greens, *targets


def rule(world: Balanced, listener: str, priority: int, text: str, **condition: Any) -> str:
    fixed = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": text}
    created = world.elbv2.create_rule(
        ListenerArn=listener,
        Priority=priority,
        Conditions=[condition],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": fixed}],
    )
    return str(created["Rules"][0]["RuleArn"])


def nothing_here(world: Balanced) -> str:
    fixed = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "default"}
    actions = [{"Type": "fixed-response", "FixedResponseConfig": fixed}]
    return world.listener(world.load_balancer(next(names)), actions)


def test_requests_are_shared_by_weight(world: Balanced) -> None:
    listener, *_ = two_groups(world, 90, 10)

    tally = world.answers(listener, 1500)

    # Four standard deviations of a binomial share.
    assert 103 <= tally["green"] <= 197
    assert tally["blue"] + tally["green"] == 1500


def test_new_weights_count_from_the_next_request_on_open_connections(world: Balanced) -> None:
    listener, blue, green, *_ = two_groups(world, 1, 0)
    with world.connection(listener) as connection:

        def ask() -> str:
            connection.request("GET", "/")
            return connection.getresponse().read().decode()

        before = {ask() for _ in range(20)}
        world.elbv2.modify_listener(ListenerArn=listener, DefaultActions=weighted((blue, 0), (green, 1)))
        after = {ask() for _ in range(20)}

    assert (before, after) == ({"blue"}, {"green"})


@pytest.mark.parametrize(
    ("condition", "matching", "other"),
    [
        ({"Field": "path-pattern", "Values": ["/api/*"]}, ("/api/x?y", {}), ("/API/x", {})),
        (
            {"Field": "host-header", "Values": ["*.example.com"]},
            ("/", {"Host": "A.Example.com:80"}),
            ("/", {}),
        ),
        (
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Test", "Values": ["gr??n"]}},
            ("/", {"x-test": "green"}),
            ("/", {"x-test": "gren"}),
        ),
        (
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "slot", "Value": "t*"}]}},
            ("/?a=b&slot=test", {}),
            ("/?slot=live", {}),
        ),
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}}, ("/", {}), None),
        ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}}, ("/", {}), None),
    ],
    ids=lambda value: value["Field"] if isinstance(value, dict) else "",
)
def test_a_rule_applies_when_its_condition_holds(
    world: Balanced, condition: dict[str, Any], matching: Any, other: Any
) -> None:
    listener = nothing_here(world)
    rule(world, listener, 1, "rule", **condition)

    assert world.get(listener, matching[0], **matching[1]) == (200, "rule")
    if other is not None:
        assert world.get(listener, other[0], **other[1]) == (404, "default")


def test_the_lowest_priority_number_wins_and_a_deleted_rule_is_gone_at_once(world: Balanced) -> None:
    listener = nothing_here(world)
    rule(world, listener, 20, "second", Field="path-pattern", Values=["*"])
    first = rule(world, listener, 10, "first", Field="path-pattern", Values=["*"])

    assert world.get(listener) == (200, "first")
    world.elbv2.delete_rule(RuleArn=first)
    assert world.get(listener) == (200, "second")


def test_a_redirect_keeps_what_its_template_leaves_open(world: Balanced) -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    actions = [{"Type": "redirect", "RedirectConfig": config}]
    listener = world.listener(world.load_balancer(next(names)), actions)
    with world.connection(listener) as connection:
        connection.request("GET", "/a/b?c=d", headers={"Host": "web.example.com"})
        response = connection.getresponse()

        assert response.status == 301
        assert response.headers["Location"] == "https://web.example.com:443/a/b?c=d"


def test_a_sticky_client_stays_with_its_group_after_the_weights_moved(world: Balanced) -> None:
    listener, blue, green, *_ = two_groups(world, 1, 0, sticky=3600)
    with world.connection(listener) as connection:
        connection.request("GET", "/")
        response = connection.getresponse()
        response.read()
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    world.elbv2.modify_listener(ListenerArn=listener, DefaultActions=weighted((blue, 0), (green, 1), sticky=3600))

    assert cookie.startswith("AWSALBTG=")
    assert world.get(listener, Cookie=f"theme=dark; {cookie}") == (200, "blue")
    assert world.get(listener) == (200, "green")


def test_a_group_without_targets_answers_503_for_its_share(world: Balanced) -> None:
    listener, _, green, _, target = two_groups(world, 50, 50)
    world.deregister(green, target)

    tally = world.answers(listener, 200)

    assert 60 <= tally["503"] <= 140
    assert tally["blue"] + tally["503"] == 200


def test_a_group_of_unhealthy_targets_gets_its_requests_all_the_same(world: Balanced) -> None:
    listener, blue, _, target, _ = two_groups(world, 1, 0)
    target.health_status = 500
    world.wait_for(blue, "unhealthy")

    assert world.get(listener) == (200, "blue")


def test_a_target_that_refuses_is_a_502(world: Balanced) -> None:
    listener, _, _, target, _ = two_groups(world, 1, 0)
    target.stop()

    assert world.get(listener)[0] == 502


def test_a_target_that_is_too_slow_is_a_504(world: Balanced) -> None:
    listener, _, _, target, _ = two_groups(world, 1, 0)
    balancer = next(one for one in world.balancers.listeners() if one["ListenerArn"] == listener)
    world.elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "1"}],
    )
    target.delay = 1.3

    assert world.get(listener)[0] == 504


def test_targets_learn_who_asked(world: Balanced) -> None:
    listener, _, _, target, _ = two_groups(world, 1, 0)

    world.get(listener, **{"X-Forwarded-For": "203.0.113.7", "Connection": "close", "Host": "web.example.com"})

    seen = target.seen[-1]
    assert seen["X-Forwarded-For"] == "203.0.113.7, 127.0.0.1"
    assert (seen["X-Forwarded-Proto"], seen["X-Forwarded-Port"]) == ("http", "80")
    assert seen["Host"] == "web.example.com"
    assert "Connection" not in seen


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_bodies_pass_through_whole(world: Balanced, size: int) -> None:
    listener, *_ = two_groups(world, 1, 0)
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with world.connection(listener) as connection:
        for _ in range(2):
            connection.request("POST", "/", body=body, headers={"Expect": "100-continue"} if size == 1 else {})
            assert connection.getresponse().read() == (body or b"blue")


def test_a_head_request_has_no_body(world: Balanced) -> None:
    listener, *_ = two_groups(world, 1, 0)
    with world.connection(listener) as connection:
        for _ in range(2):
            connection.request("HEAD", "/")
            response = connection.getresponse()
            assert (response.status, response.headers["Content-Length"], response.read()) == (200, "4", b"")


def test_what_is_not_http_is_a_400(world: Balanced) -> None:
    with world.connection(nothing_here(world)) as connection:
        connection.connect()
        assert connection.sock is not None
        connection.sock.sendall(b"hello\r\n\r\n")
        response = http.client.HTTPResponse(connection.sock)
        response.begin()

        assert response.status == 400
        response.close()


def test_a_port_that_is_taken_is_replaced_and_noted(world: Balanced) -> None:
    taken = world.local_port(nothing_here(world))
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]

    listener = world.listener(world.load_balancer(next(names)), fixed, port=taken)

    note = next(one["Note"] for one in world.balancers.listeners() if one["ListenerArn"] == listener)
    assert "could not be bound" in note
    assert world.local_port(listener) != taken
    assert world.get(listener)[0] == 200
