from typing import Any

import pytest

from deployments.aws import actions, errors
from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import Stubs, arn

RULE = arn("elasticloadbalancing", "listener-rule/app/shop/1/2/3")
LISTENER = arn("elasticloadbalancing", "listener/app/shop/1/2")
BLUE = arn("elasticloadbalancing", "targetgroup/shop-blue/b")
GREEN = arn("elasticloadbalancing", "targetgroup/shop-green/g")
OIDC = {
    "Issuer": "https://id.example",
    "AuthorizationEndpoint": "https://id.example/a",
    "TokenEndpoint": "https://id.example/t",
    "UserInfoEndpoint": "https://id.example/u",
    "ClientId": "shop",
}


def forward(blue: int, green: int, **more: Any) -> dict[str, Any]:
    groups = [{"TargetGroupArn": BLUE, "Weight": blue}, {"TargetGroupArn": GREEN, "Weight": green}]
    return {"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": groups, **more}}


def add_rule(aws: Stubs, *rule_actions: dict[str, Any], default: bool = False) -> None:
    rule = {"RuleArn": RULE, "IsDefault": default, "Actions": list(rule_actions)}
    aws.add("elbv2", "describe_rules", {"Rules": [rule]}, {"RuleArns": [RULE]})


def shift(expected: dict[str, int] | None) -> actions.SetWeights:
    return actions.SetWeights(rule=RULE, weights={BLUE: 0, GREEN: 100}, expected=expected)


def test_a_rule_is_read_with_its_weights_and_listener(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, forward(90, 10, TargetGroupStickinessConfig={"Enabled": True, "DurationSeconds": 60}), default=True)

    rule = gateway.rule(RULE)

    assert (rule.listener_arn, rule.is_default) == (LISTENER, True)
    assert (rule.weights, rule.live, rule.stickiness_seconds) == ({BLUE: 90, GREEN: 10}, (BLUE, GREEN), 60)
    assert rule.share(GREEN) == 10


def test_a_rule_of_one_target_group_without_weights_gives_it_everything(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, {"Type": "forward", "TargetGroupArn": BLUE})

    assert gateway.rule(RULE).share(BLUE) == 100


def test_a_rule_that_redirects_does_not_forward(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}})

    rule = gateway.rule(RULE)

    assert not rule.forwards and rule.live == ()


def test_a_missing_rule_is_not_found(gateway: BotoGateway, aws: Stubs) -> None:
    aws.refuse("elbv2", "describe_rules", "RuleNotFound", "One or more rules not found")

    with pytest.raises(errors.NotFound):
        gateway.rule(RULE)


def test_several_rules_are_read_by_one_call(gateway: BotoGateway, aws: Stubs) -> None:
    found = [{"RuleArn": each, "IsDefault": False, "Actions": [forward(1, 0)]} for each in (RULE, f"{RULE}4")]
    aws.add("elbv2", "describe_rules", {"Rules": found}, {"RuleArns": [RULE, f"{RULE}4"]})

    assert list(gateway.rules_named((RULE, f"{RULE}4"))) == [RULE, f"{RULE}4"]


def test_a_missing_rule_does_not_hide_the_others(gateway: BotoGateway, aws: Stubs) -> None:
    aws.refuse("elbv2", "describe_rules", "RuleNotFound", "One or more rules not found")
    aws.refuse("elbv2", "describe_rules", "RuleNotFound", "One or more rules not found")
    add_rule(aws, forward(1, 0))

    assert list(gateway.rules_named((f"{RULE}4", RULE))) == [RULE]


NETWORK = arn("elasticloadbalancing", "listener/net/shop/1/2")


def add_network_listener(aws: Stubs) -> None:
    found = {"ListenerArn": NETWORK, "Protocol": "TCP", "Port": 443, "DefaultActions": [forward(95, 5)]}
    aws.add("elbv2", "describe_listeners", {"Listeners": [found]}, {"ListenerArns": [NETWORK]})


def test_a_network_load_balancers_listener_is_read_as_the_one_rule_that_it_is(gateway: BotoGateway, aws: Stubs) -> None:
    add_network_listener(aws)

    rule = gateway.rule(NETWORK)

    assert (rule.arn, rule.listener_arn, rule.is_default) == (NETWORK, NETWORK, True)
    assert rule.share(GREEN) == 5


def test_rules_and_network_listeners_are_read_by_a_call_each(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, forward(1, 0))
    add_network_listener(aws)

    assert [*gateway.rules_named((NETWORK, RULE))] == [RULE, NETWORK]


def test_weights_are_written_to_the_rule(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, forward(100, 0, TargetGroupStickinessConfig={"Enabled": False}))
    written = forward(0, 100, TargetGroupStickinessConfig={"Enabled": False})
    aws.add("elbv2", "modify_rule", {}, {"RuleArn": RULE, "Actions": [written]})

    assert gateway.perform(shift({BLUE: 100, GREEN: 0})) == actions.Made()
    assert ("elbv2", True, "") in aws.asked


def test_weights_of_the_default_rule_are_written_to_the_listener(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, forward(100, 0), default=True)
    aws.add("elbv2", "modify_listener", {}, {"ListenerArn": LISTENER, "DefaultActions": [forward(0, 100)]})

    gateway.perform(shift({BLUE: 100}))


def test_a_rule_of_one_group_gets_a_second_one(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, {"Type": "forward", "Order": 1, "TargetGroupArn": BLUE})
    aws.add("elbv2", "modify_rule", {}, {"RuleArn": RULE, "Actions": [forward(0, 100)]})

    gateway.perform(shift({BLUE: 1}))


def test_signing_in_stays_in_front_of_the_weights(gateway: BotoGateway, aws: Stubs) -> None:
    sign_in = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": OIDC}
    add_rule(aws, {**forward(100, 0), "Order": 2}, sign_in)
    kept = {**sign_in, "AuthenticateOidcConfig": {**OIDC, "UseExistingClientSecret": True}}
    sent = [kept, {**forward(0, 100), "Order": 2}]
    aws.add("elbv2", "modify_rule", {}, {"RuleArn": RULE, "Actions": sent})

    gateway.perform(shift(None))


def test_weights_that_someone_else_changed_are_left_alone(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, forward(50, 50))

    with pytest.raises(errors.Changed, match="saw shop-blue 50, shop-green 50, expected shop-blue 100, shop-green 0"):
        gateway.perform(shift({BLUE: 100, GREEN: 0}))


def test_weights_are_not_written_twice(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, forward(0, 100))

    assert gateway.perform(shift({BLUE: 100, GREEN: 0})) == actions.Made()


def test_the_way_back_takes_whatever_is_there(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, forward(33, 33))
    aws.add("elbv2", "modify_rule", {}, {"RuleArn": RULE, "Actions": [forward(0, 100)]})

    gateway.perform(shift(None))


def test_a_group_of_weight_0_is_only_added_where_it_is_asked_for(gateway: BotoGateway, aws: Stubs) -> None:
    one = {"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": BLUE, "Weight": 100}]}}
    both = {BLUE: 100, GREEN: 0}
    add_rule(aws, one)
    gateway.perform(actions.SetWeights(rule=RULE, weights=both, expected=None))

    add_rule(aws, one)
    aws.add("elbv2", "modify_rule", {"Rules": []}, {"RuleArn": RULE, "Actions": [forward(100, 0)]})
    gateway.perform(actions.SetWeights(rule=RULE, weights=both, expected={BLUE: 100}, exact=True))


def test_traffic_is_never_sent_nowhere(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, forward(100, 0))

    with pytest.raises(errors.Invalid, match="send traffic nowhere"):
        gateway.perform(actions.SetWeights(rule=RULE, weights={BLUE: 0, GREEN: 0}, expected=None))


def test_a_rule_without_forwarding_has_no_weights_to_set(gateway: BotoGateway, aws: Stubs) -> None:
    add_rule(aws, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}})

    with pytest.raises(errors.Invalid, match="does not forward"):
        gateway.perform(shift(None))


def test_target_groups_are_read_with_their_attributes(gateway: BotoGateway, aws: Stubs) -> None:
    raw = {
        "TargetGroupArn": BLUE,
        "TargetGroupName": "shop-blue",
        "Protocol": "HTTP",
        "Port": 8000,
        "VpcId": "vpc-1",
        "TargetType": "ip",
        "LoadBalancerArns": ["lb", "lb"],
        "HealthCheckPath": "/health",
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 3,
        "Matcher": {"HttpCode": "200-299"},
    }
    aws.add("elbv2", "describe_target_groups", {"TargetGroups": [raw]}, {"TargetGroupArns": [BLUE]})
    attributes = [
        {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
        {"Key": "stickiness.enabled", "Value": "true"},
    ]
    asked = {"TargetGroupArn": BLUE}
    aws.add("elbv2", "describe_target_group_attributes", {"Attributes": attributes}, asked)

    group = gateway.target_groups([BLUE])[BLUE]

    assert (group.deregistration_delay, group.stickiness) == (30, True)
    assert (group.load_balancer_arns, group.matcher, group.health_path) == (("lb",), "200-299", "/health")


def test_one_missing_target_group_does_not_hide_the_other(gateway: BotoGateway, aws: Stubs) -> None:
    aws.refuse("elbv2", "describe_target_groups", "TargetGroupNotFound")
    aws.refuse("elbv2", "describe_target_groups", "TargetGroupNotFound")
    raw = {"TargetGroupArn": GREEN, "TargetGroupName": "shop-green"}
    aws.add("elbv2", "describe_target_groups", {"TargetGroups": [raw]}, {"TargetGroupArns": [GREEN]})
    aws.add("elbv2", "describe_target_group_attributes", {"Attributes": []})

    groups = gateway.target_groups([BLUE, GREEN])

    assert set(groups) == {GREEN}
    assert groups[GREEN].deregistration_delay == 300


def test_target_health_comes_with_its_reasons(gateway: BotoGateway, aws: Stubs) -> None:
    described = [
        {"Target": {"Id": "10.0.0.1", "Port": 8000}, "TargetHealth": {"State": "healthy"}},
        {
            "Target": {"Id": "10.0.0.2", "Port": 8000},
            "TargetHealth": {
                "State": "unhealthy",
                "Reason": "Target.ResponseCodeMismatch",
                "Description": "Health checks failed with these codes: [400]",
            },
        },
    ]
    answer = {"TargetHealthDescriptions": described}
    aws.add("elbv2", "describe_target_health", answer, {"TargetGroupArn": BLUE})

    well, ill = gateway.target_health(BLUE)

    assert (well.id, well.port, well.state, well.reason) == ("10.0.0.1", 8000, "healthy", "")
    assert (ill.reason, ill.description[-5:]) == ("Target.ResponseCodeMismatch", "[400]")


def test_the_load_balancers_security_groups_are_named(gateway: BotoGateway, aws: Stubs) -> None:
    answer = {"LoadBalancers": [{"SecurityGroups": ["sg-1", "sg-2"]}]}
    aws.add("elbv2", "describe_load_balancers", answer, {"LoadBalancerArns": ["lb"]})

    assert gateway.load_balancer_security_groups("lb") == ("sg-1", "sg-2")


def test_load_balancers_are_asked_for_their_names_in_dns(gateway: BotoGateway, aws: Stubs) -> None:
    answer = {"LoadBalancers": [{"LoadBalancerArn": "lb", "DNSName": "shop-1.eu-central-1.elb.amazonaws.com"}]}
    aws.add("elbv2", "describe_load_balancers", answer, {"LoadBalancerArns": ["lb"]})

    assert gateway.load_balancer_names(("lb",)) == {"lb": "shop-1.eu-central-1.elb.amazonaws.com"}


def test_listeners_of_a_network_load_balancer_name_their_target_groups(aws: Stubs, gateway: BotoGateway) -> None:
    balancer = arn("elasticloadbalancing", "loadbalancer/net/fleet/1")
    plain = {"ListenerArn": "l-1", "Port": 443, "Protocol": "TLS"}
    weighted = {"ListenerArn": "l-2", "Port": 80, "Protocol": "TCP"}
    listeners = [
        {**plain, "DefaultActions": [{"Type": "forward", "TargetGroupArn": BLUE}]},
        {**weighted, "DefaultActions": [forward(1, 1)]},
    ]
    aws.add("elbv2", "describe_listeners", {"Listeners": listeners}, {"LoadBalancerArn": balancer})

    first, second = gateway.network_listeners(balancer)

    assert (first.arn, first.port, first.protocol, first.target_groups) == ("l-2", 80, "TCP", (BLUE, GREEN))
    assert (second.port, second.target_groups) == (443, (BLUE,))


def test_what_ecs_made_for_itself_is_told_by_its_tag(aws: Stubs, gateway: BotoGateway) -> None:
    marked = {"ResourceArn": RULE, "Tags": [{"Key": "AmazonECSManaged", "Value": "true"}]}
    own = {"ResourceArn": BLUE, "Tags": [{"Key": "team", "Value": "shop"}]}
    aws.add("elbv2", "describe_tags", {"TagDescriptions": [marked, own]}, {"ResourceArns": [RULE, BLUE]})

    assert gateway.owned_by_ecs((RULE, BLUE)) == (RULE,)
