import urllib.request

from tests.sandbox.load_balancing import Balanced, balanced, weighted


def nothing_here(world: Balanced) -> str:
    fixed = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "default"}
    actions = [{"Type": "fixed-response", "FixedResponseConfig": fixed}]
    return world.listener(world.load_balancer(), actions)


def test_a_listener_goes_to_the_port_it_was_told_and_away_when_deleted() -> None:
    with balanced() as other:
        free = other.local_port(nothing_here(other))
    with balanced(listener_ports={443: free}) as world:
        fixed = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "secure"}
        created = world.elbv2.create_listener(
            LoadBalancerArn=world.load_balancer(),
            Protocol="HTTP",
            Port=443,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": fixed}],
        )
        listener = created["Listeners"][0]["ListenerArn"]

        assert world.local_port(listener) == free
        assert world.get(listener) == (200, "secure")
        world.elbv2.delete_listener(ListenerArn=listener)
        assert world.balancers.listeners() == []


def test_nothing_is_left_of_a_sandbox_that_was_closed() -> None:
    with balanced() as first:
        nothing_here(first)
    with balanced() as second:
        assert second.balancers.listeners() == []
        assert second.get(nothing_here(second)) == (404, "default")


def test_resetting_moto_closes_the_listeners() -> None:
    with balanced() as world:
        nothing_here(world)
        urllib.request.urlopen(f"{world.url}/moto-api/reset", data=b"").close()

        assert world.balancers.listeners() == []


def test_a_listener_shows_the_weights_it_goes_by() -> None:
    with balanced() as world:
        blue, green = world.target_group("blue"), world.target_group("green")
        listener = world.listener(world.load_balancer(), weighted((blue, 9), (green, 1)))
        assert world.balancers.listeners()[0]["Weights"] == {blue: 9, green: 1}

        world.elbv2.modify_listener(ListenerArn=listener, DefaultActions=weighted((blue, 0), (green, 1)))

        assert world.balancers.listeners()[0]["Weights"] == {blue: 0, green: 1}
