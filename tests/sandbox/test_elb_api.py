"""Where AWS and moto differ, the API answers as AWS."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.load_balancing import Balanced, balanced, refused, weighted

names = (f"api-{number}" for number in itertools.count())
PATH = [{"Field": "path-pattern", "Values": ["/x"]}]


@pytest.fixture(scope="module")
def world() -> Iterator[Balanced]:
    with balanced() as world:
        yield world


@pytest.fixture
def group(world: Balanced) -> str:
    return world.target_group(next(names))


@pytest.fixture
def balancer(world: Balanced) -> str:
    return world.load_balancer(next(names))


@pytest.fixture
def listener(world: Balanced, balancer: str, group: str) -> str:
    return world.listener(balancer, weighted((group, 1)))


def default_rule(world: Balanced, listener: str) -> dict[str, Any]:
    rule: dict[str, Any] = world.elbv2.describe_rules(ListenerArn=listener)["Rules"][-1]
    return rule


def test_a_network_load_balancer_is_named_so_and_keeps_its_tags(world: Balanced, balancer: str, group: str) -> None:
    (alike,) = world.elbv2.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"]
    subnets = [zone["SubnetId"] for zone in alike["AvailabilityZones"]]
    tags = [{"Key": "team", "Value": "shop"}]

    made = world.elbv2.create_load_balancer(Name=next(names), Type="network", Subnets=subnets, Tags=tags)

    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    assert ":loadbalancer/net/api-" in arn
    assert world.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == tags
    (seen,) = world.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    assert (seen["LoadBalancerArn"], seen["Type"]) == (arn, "network")


@pytest.mark.parametrize(("weight", "accepted"), [(-1, False), (0, True), (999, True), (1000, False)])
def test_a_weight_is_from_0_to_999(world: Balanced, listener: str, group: str, weight: int, accepted: bool) -> None:
    actions = weighted((group, weight))
    if accepted:
        world.elbv2.modify_listener(ListenerArn=listener, DefaultActions=actions)
    else:
        code, message = refused(world.elbv2.modify_listener, ListenerArn=listener, DefaultActions=actions)
        assert code == "ValidationError"
        assert f"Value '{weight}' at 'actions.1.member.forwardConfig.targetGroups.1.member.weight'" in message


def test_a_default_rule_is_only_changed_with_its_listener(world: Balanced, listener: str, group: str) -> None:
    arn = default_rule(world, listener)["RuleArn"]

    assert refused(world.elbv2.modify_rule, RuleArn=arn, Actions=weighted((group, 5))) == (
        "OperationNotPermitted",
        f"Default rule '{arn}' cannot be modified",
    )
    assert refused(world.elbv2.delete_rule, RuleArn=arn)[0] == "OperationNotPermitted"
    world.elbv2.modify_listener(ListenerArn=listener, DefaultActions=weighted((group, 7)))
    found = world.elbv2.describe_rules(RuleArns=[arn])["Rules"][0]
    assert found["IsDefault"]
    assert found["Actions"][0]["ForwardConfig"]["TargetGroups"][0]["Weight"] == 7


def test_an_unknown_target_group_is_refused_everywhere(world: Balanced, listener: str, balancer: str) -> None:
    unknown = weighted(("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/no/1234", 1))

    assert (
        refused(world.elbv2.modify_listener, ListenerArn=listener, DefaultActions=unknown)[0] == "TargetGroupNotFound"
    )
    arguments = {"ListenerArn": listener, "Priority": 1, "Conditions": PATH, "Actions": unknown}
    assert refused(world.elbv2.create_rule, **arguments)[0] == "TargetGroupNotFound"


def test_a_target_group_belongs_to_one_load_balancer(world: Balanced, listener: str, group: str) -> None:
    other = world.load_balancer(next(names))

    code, message = refused(world.listener, load_balancer=other, actions=weighted((group, 1)))

    assert code == "TargetGroupAssociationLimit"
    assert message.endswith(f"cannot be associated with more than one load balancer: {group}")


def test_an_action_has_at_most_five_target_groups(world: Balanced, listener: str) -> None:
    shares = [(world.target_group(next(names)), 1) for _ in range(6)]

    assert refused(world.elbv2.modify_listener, ListenerArn=listener, DefaultActions=weighted(*shares))[0] == (
        "TooManyTargetGroups"
    )


def test_a_target_group_names_its_load_balancer_once_and_truthfully(
    world: Balanced, balancer: str, listener: str, group: str
) -> None:
    def load_balancers() -> list[str]:
        found = world.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]
        arns: list[str] = found["LoadBalancerArns"]
        return arns

    world.elbv2.create_rule(ListenerArn=listener, Priority=1, Conditions=PATH, Actions=weighted((group, 0)))

    assert load_balancers() == [balancer]
    world.elbv2.delete_listener(ListenerArn=listener)
    assert load_balancers() == []
    assert not world.balancers.attached(group)


def test_a_plain_target_group_is_echoed_as_a_forward_config_too(world: Balanced, balancer: str, group: str) -> None:
    listener = world.listener(balancer, [{"Type": "forward", "TargetGroupArn": group}])

    action = default_rule(world, listener)["Actions"][0]

    assert action["TargetGroupArn"] == group
    assert action["ForwardConfig"] == {
        "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
        "TargetGroupStickinessConfig": {"Enabled": False},
    }


def test_stickiness_is_echoed_and_needs_a_duration(world: Balanced, listener: str, group: str) -> None:
    world.elbv2.modify_listener(ListenerArn=listener, DefaultActions=weighted((group, 1), sticky=120))

    config = default_rule(world, listener)["Actions"][0]["ForwardConfig"]
    assert config["TargetGroupStickinessConfig"] == {"Enabled": True, "DurationSeconds": 120}
    endless = weighted((group, 1), sticky=604_801)
    assert refused(world.elbv2.modify_listener, ListenerArn=listener, DefaultActions=endless)[0] == "ValidationError"


def test_rules_are_listed_by_priority_with_the_default_last(world: Balanced, listener: str, group: str) -> None:
    for priority in (100, 9):
        world.elbv2.create_rule(ListenerArn=listener, Priority=priority, Conditions=PATH, Actions=weighted((group, 1)))

    rules = world.elbv2.describe_rules(ListenerArn=listener)["Rules"]

    assert [rule["Priority"] for rule in rules] == ["9", "100", "default"]


def test_a_port_is_listened_on_once_per_load_balancer(
    world: Balanced, balancer: str, listener: str, group: str
) -> None:
    assert refused(world.listener, load_balancer=balancer, actions=weighted((group, 1)))[0] == "DuplicateListener"


def test_unknown_rules_and_target_groups_have_aws_names(world: Balanced, listener: str) -> None:
    arn = default_rule(world, listener)["RuleArn"][:-1] + "-"

    assert refused(world.elbv2.delete_rule, RuleArn=arn)[0] == "RuleNotFound"
    assert refused(world.elbv2.describe_target_health, TargetGroupArn=listener)[0] == "TargetGroupNotFound"


def test_an_ip_target_must_be_an_address(world: Balanced, group: str) -> None:
    targets = [{"Id": "not-an-address", "Port": 80}]

    assert refused(world.elbv2.register_targets, TargetGroupArn=group, Targets=targets)[0] == "ValidationError"


def test_a_load_balancer_becomes_active(world: Balanced, balancer: str) -> None:
    found = world.elbv2.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"][0]

    assert found["State"]["Code"] == "active"
