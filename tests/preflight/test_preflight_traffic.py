from dataclasses import replace

import pytest

from deployments.aws.conditions import Condition
from deployments.frozen import SmokeSpec
from tests.preflight.world import BLUE, GREEN, SHOP, error, healthy_account, look, ok, unknown, warning

STRANGER = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/blog/fedcba9876543210"


def test_one_target_group_for_both_slots_is_an_error() -> None:
    assert "Both slots have the same target group, shop-blue" in error(
        look(healthy_account(), green_target_group=BLUE), "target-groups"
    )


def test_a_target_group_that_does_not_exist_is_an_error() -> None:
    account = healthy_account()
    del account.groups[GREEN]

    assert f"The green target group {GREEN} does not exist" in error(look(account), "target-groups")


def test_target_groups_in_two_vpcs_are_an_error() -> None:
    account = healthy_account()
    account.doctor_group("green", vpc="vpc-2")

    assert "shop-blue is in vpc-1, but shop-green is in vpc-2" in error(look(account), "target-groups-vpc")


def test_target_groups_of_two_load_balancers_are_an_error() -> None:
    account = healthy_account()
    other = SHOP.load_balancer.replace("/shop/", "/blog/")
    account.doctor_group("green", load_balancer_arns=(other,))

    assert "shop-blue belongs to shop, but shop-green to blog" in error(look(account), "target-groups-load-balancer")


def test_a_target_group_without_a_load_balancer_is_an_error() -> None:
    account = healthy_account()
    account.doctor_group("green", load_balancer_arns=())

    assert "No load balancer uses shop-green" in error(look(account), "target-groups-load-balancer")


def test_target_type_instance_does_not_fit_awsvpc() -> None:
    account = healthy_account()
    account.doctor_group("green", target_type="instance")

    sentence = error(look(account), "target-type")

    assert "The network mode awsvpc needs target type ip, but shop-green has instance" in sentence
    assert "make a new one of type ip" in sentence


@pytest.mark.parametrize("mode", ["bridge", "host"])
def test_target_type_ip_does_not_fit_the_instances_network(mode: str) -> None:
    account = healthy_account()
    account.on_ec2(mode)
    account.doctor_group("blue", target_type="ip")

    assert f"The network mode {mode} needs target type instance, but shop-blue has ip" in error(
        look(account), "target-type"
    )


def test_a_production_rule_that_does_not_exist_is_one_error() -> None:
    account = healthy_account()
    del account.rules[SHOP.production_rule]

    report = look(account)

    assert f"The production rule {SHOP.production_rule} does not exist" in error(report, "production-rule")
    assert unknown(report, "health-check") == "Not looked at, because the production rule does not exist."


def test_a_rule_that_redirects_is_an_error() -> None:
    account = healthy_account()
    rule = account.rules[SHOP.production_rule]
    account.rules[rule.arn] = replace(rule, forwards=False, weights={}, actions=({"Type": "redirect"},))

    sentence = error(look(account), "production-rule")

    assert "The production rule does not forward to target groups; its action is redirect" in sentence


def test_a_target_group_that_is_not_attached_is_an_error() -> None:
    account = healthy_account()
    account.set_weights(SHOP.production_rule, {BLUE: 1})

    sentence = error(look(account), "production-rule-attached")

    assert "The target group shop-green (green) is not attached to the production rule" in sentence
    assert "must be associated with a load balancer" in sentence
    assert "Add shop-green to the rule's forward action with weight 0" in sentence


def test_a_stranger_in_the_production_rule_is_an_error() -> None:
    account = healthy_account()
    account.set_weights(SHOP.production_rule, {BLUE: 90, GREEN: 0, STRANGER: 10})

    assert "not this environment's: blog 10" in error(look(account), "production-rule")


def test_two_live_slots_are_an_error_with_the_weights_seen() -> None:
    account = healthy_account()
    account.set_weights(SHOP.production_rule, {BLUE: 90, GREEN: 10})

    report = look(account)

    assert "Both slots are live: the production rule's weights are shop-blue 90, shop-green 10" in error(
        report, "live-slot"
    )
    assert unknown(report, "capacity") == "Not looked at, because it is not clear which slot is live."


def test_no_live_slot_is_an_error_with_the_weights_seen() -> None:
    account = healthy_account()
    account.set_weights(SHOP.production_rule, {BLUE: 0, GREEN: 0})

    assert "Neither slot is live: the production rule's weights are shop-blue 0, shop-green 0" in error(
        look(account), "live-slot"
    )


def test_green_can_be_the_live_one() -> None:
    account = healthy_account()
    account.set_weights(SHOP.production_rule, {BLUE: 0, GREEN: 100})

    assert ok(look(account), "live-slot").startswith("What is live is in one slot (green slot)")


def test_no_test_rule_is_a_warning() -> None:
    report = look(healthy_account(), test_rule="")

    assert "nobody can look at a release before production traffic reaches it" in warning(report, "test-rule")


def test_the_production_rule_cannot_be_the_test_rule() -> None:
    report = look(healthy_account(), test_rule=SHOP.production_rule)

    assert "testing a release would send it production traffic" in error(report, "test-rule")


def test_a_test_rule_that_does_not_exist_is_an_error() -> None:
    account = healthy_account()
    del account.rules[SHOP.test_rule]

    assert f"The test rule {SHOP.test_rule} does not exist" in error(look(account), "test-rule")


def test_a_test_rule_that_does_not_forward_is_an_error() -> None:
    account = healthy_account()
    rule = account.rules[SHOP.test_rule]
    account.rules[rule.arn] = replace(rule, forwards=False, weights={}, actions=({"Type": "fixed-response"},))

    assert "The test rule does not forward to target groups; its action is fixed-response" in error(
        look(account), "test-rule"
    )


def test_a_test_rule_that_reaches_other_target_groups_is_an_error() -> None:
    account = healthy_account()
    account.set_weights(SHOP.test_rule, {BLUE: 1, STRANGER: 1})

    assert "The test rule also forwards to target groups that are not this environment's: blog 1" in error(
        look(account), "test-rule"
    )


def test_smoke_checks_without_a_test_url_are_an_error() -> None:
    report = look(healthy_account(), smoke_checks=(SmokeSpec(path="/"),))

    assert "There are smoke checks, but no test URL" in error(report, "smoke-checks")


def test_target_stickiness_without_the_rules_is_an_error() -> None:
    account = healthy_account()
    account.doctor_group("blue", stickiness=True)

    assert "shop-blue has target stickiness, but the production rule has no target group stickiness" in error(
        look(account), "stickiness"
    )


def test_stickiness_of_the_rule_is_a_warning() -> None:
    account = healthy_account()
    rule = account.rules[SHOP.production_rule]
    account.rules[rule.arn] = replace(rule, stickiness_seconds=3600)

    assert "pins clients to a target group for 60 min" in warning(look(account), "stickiness")


def test_checks_of_the_live_slot_are_unknown_when_its_target_group_is_gone() -> None:
    account = healthy_account()
    account.groups = {}

    report = look(account)

    assert "because the live slot's target group does not exist" in unknown(report, "health-check")
    assert "because the target groups have no load balancer" in unknown(report, "security-groups")


def test_a_production_rule_for_marked_requests_only_is_a_warning() -> None:
    account = healthy_account()
    header = Condition(field="http-header", name="X-Test", values=("yes",))
    account.rules[SHOP.production_rule] = replace(account.rules[SHOP.production_rule], conditions=(header,))

    sentence = warning(look(account), "production-requests")

    assert "catches only requests with header X-Test: yes: no other request would get the release" in sentence


def test_which_requests_a_shift_moves_is_said_in_words() -> None:
    account = healthy_account()
    path = Condition(field="path-pattern", values=("/api/*",))
    account.rules[SHOP.production_rule] = replace(account.rules[SHOP.production_rule], conditions=(path,))

    assert "The production rule catches requests with path /api/*" in ok(look(account), "production-requests")


def test_a_further_production_rule_without_stickiness_is_an_error() -> None:
    account = healthy_account()
    account.doctor_group("blue", stickiness=True)
    first, further = account.rules[SHOP.production_rule], f"{SHOP.production_rule}-api"
    account.rules[first.arn] = replace(first, stickiness_seconds=60)
    account.rules[further] = replace(first, arn=further)

    sentence = error(look(account, more_production_rules=(further,)), "stickiness")

    assert f"but the production rule {further} has no target group stickiness" in sentence


def test_every_rule_left_behind_is_an_error_with_its_requests() -> None:
    account = healthy_account()
    for name, value in (("api", "/api/*"), ("old", "/old")):
        arn = f"{SHOP.production_rule}-{name}"
        path = Condition(field="path-pattern", values=(value,))
        account.rules[arn] = replace(account.rules[SHOP.production_rule], arn=arn, conditions=(path,))

    one, other = (each.seen for each in look(account).errors)

    assert "forwards requests with path /api/* on port 80 to shop-blue 100, shop-green 0, which the environment" in one
    assert "forwards requests with path /old on port 80" in other


def test_a_rule_that_gives_the_pair_no_weight_is_left_alone() -> None:
    account = healthy_account()
    account.set_weights(f"{SHOP.production_rule}-blog", {BLUE: 0, STRANGER: 100})

    assert look(account).passed
