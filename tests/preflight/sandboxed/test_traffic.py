"""Listener rules, target groups and security groups: each failure made in the account, and what people read."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.frozen import SmokeSpec
from deployments.preflight.report import Level
from sandbox.world import BOOKING
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene, eventually

REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}


def weights(which: str, blue: int, green: int | None, sticky: int = 0) -> Callable[[Scene], None]:
    """The production (or test) rule is one with these weights."""

    def make(scene: Scene) -> None:
        shares = {scene.settings.blue_target_group: blue}
        if green is not None:
            shares[scene.settings.green_target_group] = green
        scene.change(**{which: making.rule(scene, making.forward(shares, sticky))})

    return make


def shared(which: str) -> Callable[[Scene], None]:
    """It forwards to somebody else's target group as well."""

    def make(scene: Scene) -> None:
        shares = {scene.settings.blue_target_group: 1, making.target_group(scene): 1}
        scene.change(**{which: making.rule(scene, making.forward(shares))})

    return make


def marked(scene: Scene) -> None:
    """What people make for their own tests, named as production's."""
    shares = {scene.settings.blue_target_group: 1, scene.settings.green_target_group: 0}
    header = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Test-Traffic", "Values": ["yes"]}}
    scene.change(production_rule=making.rule(scene, making.forward(shares), header))


def redirecting(which: str) -> Callable[[Scene], None]:
    return lambda scene: scene.change(**{which: making.rule(scene, REDIRECT)})


def rule_deleted(which: str) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        rule = making.rule(scene, REDIRECT)
        scene.aws("elbv2").delete_rule(RuleArn=rule)
        scene.change(**{which: rule})

    return make


def change(**settings: Any) -> Callable[[Scene], None]:
    return lambda scene: scene.change(**settings)


def left_behind(scene: Scene) -> None:
    """A path of its own, sent to the live slot by a rule that nobody names."""
    making.rule(scene, making.forward({scene.settings.blue_target_group: 1}))


def listening_beside(scene: Scene) -> None:
    """Another listener's default action, as of port 80 beside 443."""
    making.listener(scene, making.forward({scene.settings.blue_target_group: 1}))


def further(blue: int, green: int | None) -> Callable[[Scene], None]:
    """One more production rule, with these weights."""

    def make(scene: Scene) -> None:
        shares = {scene.settings.blue_target_group: blue}
        if green is not None:
            shares[scene.settings.green_target_group] = green
        scene.change(more_production_rules=(making.rule(scene, making.forward(shares)),))

    return make


def further_redirecting(scene: Scene) -> None:
    scene.change(more_production_rules=(making.rule(scene, REDIRECT),))


def further_deleted(scene: Scene) -> None:
    further_redirecting(scene)
    scene.aws("elbv2").delete_rule(RuleArn=scene.settings.more_production_rules[0])


def further_and_test(scene: Scene) -> None:
    scene.change(more_production_rules=(scene.settings.test_rule,))


def on_production(scene: Scene) -> None:
    scene.change(test_rule=scene.settings.production_rule)


def same_group(scene: Scene) -> None:
    scene.change(green_target_group=scene.settings.blue_target_group)


def group_deleted(scene: Scene) -> None:
    group = making.target_group(scene)
    scene.aws("elbv2").delete_target_group(TargetGroupArn=group)
    scene.change(green_target_group=group)


def in_another_vpc(scene: Scene) -> None:
    ec2 = scene.aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    scene.undo.callback(ec2.delete_vpc, VpcId=vpc)
    scene.change(green_target_group=making.target_group(scene, VpcId=vpc))


def detached(scene: Scene) -> None:
    scene.change(green_target_group=making.target_group(scene))


def of_another_balancer(scene: Scene) -> None:
    scene.change(green_target_group=scene.world["environments"]["staging"]["target_groups"]["green"])


def network(scene: Scene) -> None:
    """Production comes by a listener of a Network Load Balancer, which forwards to one target group."""
    elb, name = scene.aws("elbv2"), scene.name()
    made = elb.create_load_balancer(Name=name, Type="network", Subnets=scene.world["network"]["subnets"])
    balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
    scene.undo.callback(elb.delete_load_balancer, LoadBalancerArn=balancer)
    group = making.target_group(scene, Protocol="TCP", HealthCheckProtocol="TCP", HealthCheckPath=None)
    forward = making.forward({group: 1})
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="TCP", Port=443, DefaultActions=[forward])
    arn = listener["Listeners"][0]["ListenerArn"]
    scene.undo.callback(elb.delete_listener, ListenerArn=arn)
    scene.change(blue_target_group=group, production_rule=arn)


def of_instances(scene: Scene) -> None:
    scene.change(green_target_group=making.target_group(scene, TargetType="instance"))


def sticky_targets(scene: Scene) -> None:
    group = making.live_group(scene)
    sticky = [{"Key": "stickiness.enabled", "Value": "true"}, {"Key": "stickiness.type", "Value": "lb_cookie"}]
    scene.aws("elbv2").modify_target_group_attributes(TargetGroupArn=group, Attributes=sticky)


def _in_security_groups(scene: Scene, *groups: str) -> None:
    network = {"subnets": scene.world["network"]["subnets"], "securityGroups": list(groups)}
    scene.serve(making.service(scene, networkConfiguration={"awsvpcConfiguration": network}))


def closed(scene: Scene) -> None:
    """Only SSH, and only from inside."""
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    _in_security_groups(scene, making.security_group(scene, ssh))


def security_group_deleted(scene: Scene) -> None:
    group = making.security_group(scene)
    _in_security_groups(scene, group)
    scene.aws("ec2").delete_security_group(GroupId=group)


def default_security_group(scene: Scene) -> None:
    _in_security_groups(scene)


def closed_instances(scene: Scene) -> None:
    """A container instance that lets in nothing but SSH, and a service in bridge mode."""
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    _container_instance(scene, making.security_group(scene, ssh))
    scene.serve(making.service_on_ec2(scene))


def unseen_instances(scene: Scene) -> None:
    closed_instances(scene)
    scene.fault("deny", "ec2", "DescribeInstances")


def _container_instance(scene: Scene, security_group: str) -> None:
    ec2, ecs, cluster = scene.aws("ec2"), scene.aws("ecs"), scene.world["cluster"]

    def count() -> int:
        return len(ecs.list_container_instances(cluster=cluster)["containerInstanceArns"])

    made = ec2.run_instances(
        ImageId="ami-04681a1dbd79675a5", MinCount=1, MaxCount=1, InstanceType="t3.micro",
        SubnetId=scene.world["network"]["subnets"][0], SecurityGroupIds=[security_group],
        UserData=f"#!/bin/sh\necho ECS_CLUSTER={cluster} >> /etc/ecs/ecs.config",
    )["Instances"][0]["InstanceId"]  # fmt: skip
    scene.undo.callback(lambda: eventually(lambda: count() == 0))
    scene.undo.callback(ec2.terminate_instances, InstanceIds=[made])
    eventually(lambda: count() == 1)


PRODUCTION, TEST = "production_rule", "test_rule"
OTHERS, FURTHER = "other-rules", "more-production-rules"
WARNING, UNKNOWN = Level.WARNING, Level.UNKNOWN
SMOKE = (SmokeSpec(path="/healthz"),)
BOTH = "the production rule's weights are storefront-production-blue 90, storefront-production-green 10. Which one to"


def by_what_a_gateway_made(scene: Scene) -> None:
    seeded = scene.world[BOOKING]
    scene.change(production_rule=seeded["production_rule"], blue_target_group=seeded["target_groups"]["blue"])


FAILURES = (
    Failure(
        by_what_a_gateway_made,
        "owned-by-ecs",
        "owned-by-ecs",
        "is ECS's own (its tag AmazonECSManaged): ECS shifts it for a service behind an ECS Gateway or of Express",
    ),
    Failure(rule_deleted(PRODUCTION), "production-rule", "production-rule", "does not exist. Correct the rule's ARN"),
    Failure(redirecting(PRODUCTION), "production-rule", "production-rule", "does not forward to target groups; its"),
    Failure(shared(PRODUCTION), "production-rule", "production-rule", "The production rule also forwards to target"),
    Failure(
        weights(PRODUCTION, 1, None),
        "production-rule",
        "production-rule-attached",
        "The target group storefront-production-green (green) is not attached to the production rule",
    ),
    Failure(marked, "production-rule", "production-requests", "The production rule catches only", level=WARNING),
    Failure(weights(PRODUCTION, 90, 10), "production-rule", "live-slot", BOTH),
    Failure(weights(PRODUCTION, 0, 0), "production-rule", "live-slot", "Neither slot is live"),
    Failure(weights(PRODUCTION, 90, 10), "production-rule", "live-slot", "Both slots are live", "ECS"),
    Failure(rule_deleted(PRODUCTION), "production-rule", "production-rule", "does not exist. Correct", "CODE_DEPLOY"),
    Failure(change(test_rule=""), "test-rule", "test-rule", "There is no test rule, so nobody can look", level=WARNING),
    Failure(on_production, "test-rule", "test-rule", "The test rule is the production rule"),
    Failure(rule_deleted(TEST), "test-rule", "test-rule", "does not exist. Correct its ARN in the environment"),
    Failure(redirecting(TEST), "test-rule", "test-rule", "The test rule does not forward to target groups"),
    Failure(shared(TEST), "test-rule", "test-rule", "The test rule also forwards to target groups that are not"),
    Failure(change(smoke_checks=SMOKE), "test-rule", "smoke-checks", "no test URL that they could be sent to"),
    Failure(
        change(smoke_checks=SMOKE, test_url="http://nowhere.invalid"),
        "test-rule",
        "smoke-checks",
        "Seen from here, no smoke check would arrive",
        level=WARNING,
    ),
    Failure(
        change(smoke_checks=SMOKE, test_url="http://nowhere.invalid"),
        "test-rule",
        "smoke-checks",
        "Correct the environment's test URL, or add its name to DNS",
        level=WARNING,
    ),
    Failure(left_behind, OTHERS, OTHERS, "which the environment does not name: these requests would stay"),
    Failure(left_behind, OTHERS, OTHERS, "Name it in the environment among the more production rules"),
    Failure(listening_beside, OTHERS, OTHERS, "no other rule of its listener catches on port 9490 to storefront-prod"),
    Failure(left_behind, OTHERS, OTHERS, "and ECS moves only the service's production rule", "ECS"),
    Failure(listening_beside, OTHERS, OTHERS, "and CodeDeploy moves only the deployment group's", "CODE_DEPLOY"),
    Failure(further_deleted, OTHERS, FURTHER, "does not exist. Take it out of the environment, or correct its ARN"),
    Failure(further_redirecting, OTHERS, FURTHER, "forwards to no target group, not to the environment's two."),
    Failure(further(1, None), OTHERS, FURTHER, "forwards to storefront-production-blue 1, not to the environment's"),
    Failure(further(0, 1), OTHERS, FURTHER, "another slot is live there. Give both rules the same weights."),
    Failure(further_and_test, OTHERS, FURTHER, "is named among the production rules: testing a release would send"),
    Failure(sticky_targets, "stickiness", "stickiness", "has target stickiness, but the production rule has no"),
    Failure(weights(PRODUCTION, 1, 0, 600), "stickiness", "stickiness", "pins clients to a target", level=WARNING),
    Failure(same_group, "target-groups", "target-groups", "have the same target group, storefront-production-blue"),
    Failure(group_deleted, "target-groups", "target-groups", "does not exist. Correct its ARN in the environment"),
    Failure(in_another_vpc, "target-groups", "target-groups-vpc", "Both must be in the VPC of the load balancer"),
    Failure(in_another_vpc, "target-groups", "target-groups-vpc", "storefront-production-blue is in vpc-"),
    Failure(detached, "target-groups", "target-groups-load-balancer", "so its targets are never health-checked"),
    Failure(
        of_another_balancer,
        "target-groups",
        "target-groups-load-balancer",
        "belongs to storefront-production, but storefront-staging-green to storefront-staging",
    ),
    Failure(of_another_balancer, "target-groups", "target-groups-load-balancer", "attach both to the same one"),
    Failure(same_group, "target-groups", "target-groups", "have the same target group", "CODE_DEPLOY"),
    Failure(
        network, "production-rule", "production-rule", "only ECS's own strategies shift its traffic here. Choose the"
    ),
    Failure(
        network,
        "network-load-balancer",
        "network-load-balancer",
        "which counts no answers: neither 5xx nor latency is watched",
        "ECS",
        Level.WARNING,
    ),
    Failure(of_instances, "target-type", "target-type", "The network mode awsvpc needs target type ip, but case-"),
    Failure(closed, "security-groups", "security-groups", "does not let the load balancer (sg-"),
    Failure(closed_instances, "security-groups", "security-groups", "Add an inbound rule for TCP 32768-65535 from sg-"),
    Failure(closed, "security-groups", "security-groups", "reach port 8000: its targets would never", "ROLLING"),
    Failure(security_group_deleted, "security-groups", "security-groups", "does not exist. Correct the service's"),
    Failure(default_security_group, "security-groups", "security-groups", "names no security group", level=UNKNOWN),
    Failure(unseen_instances, "security-groups", "security-groups", "security groups were not read", level=UNKNOWN),
)


@pytest.mark.parametrize("controller", ["ECS"])
def test_ecs_gives_a_network_listener_its_other_target_group_itself(scene: Scene) -> None:
    network(scene)

    said = {each.check: each for each in scene.look("production-rule").results}

    assert said["production-rule-attached"].level is Level.OK
    assert said["live-slot"].seen.startswith("What is live is in one slot (blue slot)")


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_traffic_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)


@pytest.mark.parametrize("controller", ["SERVICE_PAIR"])
def test_a_further_rule_that_is_named_is_moved_too(scene: Scene) -> None:
    further(1, 0)(scene)

    results = scene.look(OTHERS).results

    assert [each.level for each in results if each.check in (OTHERS, FURTHER)] == [Level.OK, Level.OK]


@pytest.mark.parametrize("controller", ["SERVICE_PAIR", "ECS", "CODE_DEPLOY"])
def test_redirects_and_the_test_rule_are_nobodys_trouble(scene: Scene) -> None:
    making.listener(scene, REDIRECT)

    assert [each.level for each in scene.look(OTHERS).results if each.check == OTHERS] == [Level.OK]


@pytest.mark.parametrize("controller", ["CODE_DEPLOY"])
def test_codedeploy_moves_every_rule_of_its_listener(scene: Scene) -> None:
    left_behind(scene)

    assert [each.level for each in scene.look(OTHERS).results if each.check == OTHERS] == [Level.OK]


@pytest.mark.parametrize("controller", ["SERVICE_PAIR"])
def test_all_rules_are_read_by_one_call_a_listener_and_one_for_those(scene: Scene) -> None:
    further(1, 0)(scene)
    scene.sandbox.faults.forget_calls()

    scene.look()

    asked = scene.sandbox.faults.calls()
    assert asked["elasticloadbalancing:DescribeListeners"] == 1
    assert asked["elasticloadbalancing:DescribeRules"] == 2  # production's listener and the test's


@pytest.mark.parametrize("controller", ["SERVICE_PAIR"])
def test_who_may_not_list_listeners_is_told_and_the_rest_is_checked(scene: Scene) -> None:
    scene.fault("deny", "elbv2", "DescribeListeners")

    report = scene.look("production-rule", OTHERS)

    said = {each.check: each for each in report.results}
    assert said[OTHERS].level is UNKNOWN
    assert "may not elasticloadbalancing:DescribeListeners" in said[OTHERS].seen
    assert said["live-slot"].level is Level.OK
