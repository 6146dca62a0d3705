"""What is proposed for what there is, and what is said when nothing fits. The account is in memory."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.aws.values import NetworkListener
from deployments.catalog import discovery
from deployments.refused import Refused
from tests.fakes.aws import API, SHOP, FakeGateway

LISTENER = SHOP.production_rule.rsplit("/", 1)[0].replace(":listener-rule/", ":listener/")
TEST_LISTENER = SHOP.test_rule.rsplit("/", 1)[0].replace(":listener-rule/", ":listener/")
GROUP = DeploymentGroup(
    application="catalog",
    name="production",
    platform="ECS",
    config="CodeDeployDefault.ECSCanary10Percent5Minutes",
    style="BLUE_GREEN",
    ready_action="STOP_DEPLOYMENT",
    ready_minutes=60,
    termination_action="TERMINATE",
    termination_minutes=5,
    services=((f"arn:aws:ecs:eu-central-1:123456789012:cluster/{SHOP.cluster}", "shop-blue"),),
    target_groups=("shop-blue", "shop-green"),
    production_listener=LISTENER,
    test_listener=TEST_LISTENER,
    alarms=("pager",),
)
SERVERS = DeploymentGroup(
    application="reports",
    name="fleet",
    platform="Server",
    config="CodeDeployDefault.OneAtATime",
    style="IN_PLACE",
    traffic_control=True,
    target_groups=("shop-blue",),
    auto_scaling_groups=("reports",),
)


def account(*groups: DeploymentGroup, **service: Any) -> FakeGateway:
    """The shop, with one service that CodeDeploy deploys to."""
    gateway = FakeGateway.pair()
    for name, value in {"controller": "CODE_DEPLOY", **service}.items():
        setattr(gateway.ecs[SHOP.cluster, "shop-blue"], name, value)
    for group in groups:
        gateway.codedeploy_groups[group.application, group.name] = group
    return gateway


def propose(gateway: FakeGateway, **given: str) -> discovery.Proposal:
    nothing = dict.fromkeys(("cluster", "service", "codedeploy_application", "codedeploy_group"), "")
    return discovery.propose(gateway, **nothing | given)


def refusal(gateway: FakeGateway, **given: str) -> str:
    with pytest.raises(Refused) as caught:
        propose(gateway, **given)
    return caught.value.sentence


BY_GROUP = {"codedeploy_application": "catalog", "codedeploy_group": "production"}
BY_SERVICE = {"cluster": SHOP.cluster, "service": "shop-blue"}


# CodeDeploy, to ECS


def test_a_deployment_group_tells_everything_about_its_service() -> None:
    gateway = account(GROUP)
    gateway.alarms_look_at["latency"] = {SHOP.target_group("green").rsplit(":", 1)[-1]}

    proposal = propose(gateway, **BY_GROUP)

    assert proposal.columns == {
        "controller": "CODE_DEPLOY",
        "compute_platform": "ECS",
        "strategy": "GROUP_CONFIG",
        "codedeploy_application": "catalog",
        "codedeploy_group": "production",
        "cluster": SHOP.cluster,
        "service": "shop-blue",
        "container_name": "web",
        "container_port": 8000,
        "blue_target_group": SHOP.target_group("blue"),
        "green_target_group": SHOP.target_group("green"),
        "production_rule": SHOP.production_rule,
        "test_rule": SHOP.test_rule,
        "alarms": "latency\npager",
    }
    assert proposal.seen == (
        "catalog/production deploys to shop-blue by CodeDeployDefault.ECSCanary10Percent5Minutes: CodeDeploy shifts "
        "its traffic.",
        "It swaps shop-blue and shop-green on the listener of port 80, and tests on port 81.",
        "It waits up to 1 h for approval before production. The source is kept for 5 min.",
        "Alarms about it: latency, pager.",
        "1 service is scaled automatically, between 1 and 10 tasks.",
    )
    assert proposal.doubts == ()


def test_the_only_group_of_an_application_need_not_be_named() -> None:
    assert propose(account(GROUP), codedeploy_application="catalog").columns["codedeploy_group"] == "production"


def test_a_service_of_codedeploy_finds_its_group_among_all() -> None:
    elsewhere = replace(GROUP, application="other", services=((SHOP.cluster, "other"),))
    namesake = replace(GROUP, application="third", services=(("another-cluster", "shop-blue"),))

    proposal = propose(account(elsewhere, GROUP, namesake, SERVERS), **BY_SERVICE)

    assert proposal.columns == propose(account(GROUP), **BY_GROUP).columns
    assert proposal.seen[0] == "Its deployment group was found: catalog/production."


def test_a_service_whose_group_is_nowhere_says_what_to_give() -> None:
    said = refusal(account(SERVERS), **BY_SERVICE)

    assert "none of the 1 deployment group of this account and region names it" in said
    assert said.endswith("If it has one: give its CodeDeploy application and deployment group instead.")


def test_groups_that_may_not_be_listed_say_what_to_give_or_allow() -> None:
    gateway = account(GROUP)
    gateway.fail_next("codedeploy_applications", errors.Denied)

    said = refusal(gateway, **BY_SERVICE)

    assert "could not be looked for" in said
    assert "Give its CodeDeploy application and deployment group instead" in said
    assert "allow codedeploy:ListApplications" in said


@pytest.mark.parametrize(
    ("group", "service", "words"),
    [
        (
            {"platform": "Lambda"},
            {},
            "deploys to Lambda; Tealgate's controller CODE_DEPLOY deploys to ECS services and",
        ),
        ({"services": ()}, {}, "names no ECS service"),
        ({"services": (("shop", "gone"),)}, {}, "deploys to gone in cluster shop, which is not an active service"),
        ({}, {"status": "DRAINING"}, "which is not an active service"),
        ({}, {"controller": "ECS"}, "whose deployment controller is ECS: CodeDeploy cannot deploy to it"),
        ({"target_groups": ()}, {}, "no pair of target groups with a production listener"),
        ({"production_listener": ""}, {}, "no pair of target groups with a production listener"),
        ({"target_groups": ("shop-blue", "gone")}, {}, "target groups that do not exist: shop-blue and gone"),
        ({"production_listener": f"{LISTENER}x"}, {}, "forwards to neither of its target groups"),
    ],
)
def test_a_group_that_cannot_be_used_says_why(group: dict[str, Any], service: dict[str, Any], words: str) -> None:
    assert words in refusal(account(replace(GROUP, **group), **service), **BY_GROUP)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({"ready_action": "CONTINUE_DEPLOYMENT"}, "reroutes traffic at once, so nobody can be asked"),
        ({"termination_minutes": 0}, "removes the source at once"),
    ],
)
def test_what_a_group_lacks_is_a_doubt(group: dict[str, Any], words: str) -> None:
    (doubt,) = propose(account(replace(GROUP, **group)), **BY_GROUP).doubts

    assert words in doubt


def test_more_rules_with_the_same_weights_are_a_doubt() -> None:
    gateway = account(GROUP)
    share = {SHOP.target_group("blue"): 100, SHOP.target_group("green"): 0}
    gateway.set_weights(f"{SHOP.production_rule}-2", share)

    (doubt,) = propose(gateway, **BY_GROUP).doubts

    assert doubt.startswith("1 more rule on port 80 weighs the same target groups: CodeDeploy shifts them too")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"codedeploy_application": "nowhere", "codedeploy_group": "x"}, "no deployment group x. It has none."),
        (
            {"codedeploy_application": "catalog", "codedeploy_group": "x"},
            "no deployment group x. There are: production.",
        ),
        ({"codedeploy_group": "production"}, "Give the CodeDeploy application"),
        ({"cluster": "shop"}, "Give a service too"),
        ({}, "Give a cluster too"),
    ],
)
def test_what_is_given_must_lead_somewhere(given: dict[str, str], words: str) -> None:
    assert words in refusal(account(GROUP), **given)


# CodeDeploy, to servers


def test_a_group_of_servers_tells_how_they_are_changed() -> None:
    proposal = propose(account(SERVERS), codedeploy_application="reports")

    assert proposal.columns == {
        "controller": "CODE_DEPLOY",
        "compute_platform": "Server",
        "strategy": "GROUP_CONFIG",
        "codedeploy_application": "reports",
        "codedeploy_group": "fleet",
        "alarms": "",
    }
    assert proposal.seen == (
        "reports/fleet installs bundles on servers by CodeDeployDefault.OneAtATime, in place.",
        "Its instances: the Auto Scaling group reports.",
        "Each leaves the target group shop-blue on port 80 while it is changed.",
        "No alarm looks at it.",
    )
    assert proposal.doubts == ()


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"auto_scaling_groups": (), "tag_filters": 2}, "Its instances: those with 2 tag filters."),
        (
            {"style": "BLUE_GREEN", "fleet": "COPY_AUTO_SCALING_GROUP", "termination_action": "KEEP_ALIVE"},
            "Traffic moves to the replacements in shop-blue on port 80; the originals are kept.",
        ),
        (
            {
                "style": "BLUE_GREEN",
                "fleet": "COPY_AUTO_SCALING_GROUP",
                "termination_action": "TERMINATE",
                "termination_minutes": 30,
            },
            "Traffic moves to the replacements in shop-blue on port 80; the originals end 30 min later.",
        ),
    ],
)
def test_other_ways_with_servers(changes: dict[str, Any], seen: str) -> None:
    proposal = propose(account(replace(SERVERS, **changes)), codedeploy_application="reports")

    assert seen in proposal.seen
    assert proposal.doubts == ()


NETWORK = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/fleet/50dc6c495c0c9188"


def test_servers_behind_a_network_load_balancer_are_found_with_its_alarms() -> None:
    gateway = account(SERVERS)
    group = gateway.groups[SHOP.target_group("blue")]
    gateway.groups[SHOP.target_group("blue")] = replace(group, load_balancer_arns=(NETWORK,))
    listener = NETWORK.replace(":loadbalancer/", ":listener/") + "/f2f7dc8efc522ab2"
    gateway.network[NETWORK] = (
        NetworkListener(arn=f"{listener}0", port=80, protocol="TCP", target_groups=("arn:of:another",)),
        NetworkListener(arn=listener, port=443, protocol="TLS", target_groups=(group.arn,)),
    )
    gateway.alarms_look_at["fleet-resets"] = {"net/fleet/50dc6c495c0c9188"}

    proposal = propose(gateway, codedeploy_application="reports")

    assert proposal.seen[2] == (
        "Each leaves the target group shop-blue on port 443 (TLS, of a Network Load Balancer) while it is changed."
    )
    assert (proposal.columns["alarms"], proposal.doubts) == ("fleet-resets", ())


def test_servers_behind_a_classic_load_balancer_lose_no_request_either() -> None:
    classic = replace(SERVERS, target_groups=(), classic_load_balancers=("old-fleet",))

    proposal = propose(account(classic), codedeploy_application="reports")

    assert proposal.seen[2] == "Each leaves the Classic Load Balancer old-fleet while it is changed."
    assert proposal.doubts == ()


def test_processes_that_codedeploy_suspends_are_told() -> None:
    proposal = propose(account(replace(SERVERS, suspended_processes=("Terminate",))), codedeploy_application="reports")

    assert "Meanwhile CodeDeploy suspends Terminate of the Auto Scaling group." in proposal.seen


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"auto_scaling_groups": ()}, "CodeDeploy would find no instances"),
        ({"traffic_control": False}, "Requests that an instance is serving are lost"),
        ({"target_groups": ("gone",)}, "No listener forwards to gone"),
        ({"config": "CodeDeployDefault.AllAtOnce"}, "nothing serves meanwhile"),
        ({"style": "BLUE_GREEN", "fleet": "DISCOVER_EXISTING"}, "have to be named with each deployment"),
    ],
)
def test_what_servers_lack_is_a_doubt(changes: dict[str, Any], words: str) -> None:
    (doubt,) = propose(account(replace(SERVERS, **changes)), codedeploy_application="reports").doubts

    assert words in doubt


# ECS services


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ({"controller": "EXTERNAL"}, "its deployment controller is EXTERNAL, so another tool drives its task sets"),
        ({"controller": "ECS", "strategy": "BLUE_GREEN"}, "no load balancer of it has advancedConfiguration"),
        (
            {
                "controller": "ECS",
                "strategy": "CANARY",
                "alternate_target_group": SHOP.target_group("green"),
                "production_rule": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/gwy/shop/1/2",
            },
            "neither a rule of an Application Load Balancer nor a listener of a Network Load Balancer",
        ),
    ],
)
def test_a_service_that_fits_no_controller_says_why(service: dict[str, str], words: str) -> None:
    said = refusal(account(**service), **BY_SERVICE)

    assert said.startswith("shop-blue fits none of Tealgate's controllers: ")
    assert words in said


def test_ecs_own_shift_behind_a_network_load_balancer_is_proposed_with_a_doubt() -> None:
    listener = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/net/shop/1/2"
    gateway = account(
        controller="ECS", strategy="LINEAR", alternate_target_group=SHOP.target_group("green"), production_rule=listener
    )

    proposal = propose(gateway, **BY_SERVICE)

    assert (proposal.columns["controller"], proposal.columns["strategy"]) == ("ECS", "LINEAR")
    assert proposal.columns["production_rule"] == listener
    assert "neither 5xx nor latency is watched" in " ".join(proposal.doubts)


def alone(**service: str) -> FakeGateway:
    gateway = FakeGateway.single()
    for name, value in service.items():
        setattr(gateway.ecs[API.cluster, API.name], name, value)
    return gateway


@pytest.mark.parametrize(
    ("gateway", "doubts"),
    [
        (alone(scheduling="DAEMON"), ["is a daemon, one task on each instance, so only ROLLING fits"]),
        (alone(), ["No rule of an Application Load Balancer forwards to its target group"]),
        (FakeGateway.single(behind=False), []),
    ],
)
def test_a_rolled_service_says_why_it_is_not_swapped(gateway: FakeGateway, doubts: list[str]) -> None:
    proposal = propose(gateway, cluster=API.cluster, service=API.name)

    assert proposal.columns["controller"] == "ROLLING"
    assert len(proposal.doubts) == len(doubts)
    assert all(words in doubt for words, doubt in zip(doubts, proposal.doubts, strict=True))


def test_a_rolled_service_behind_a_rule_hears_what_blue_green_would_take() -> None:
    gateway = alone()
    gateway.set_weights(SHOP.production_rule.replace("/shop/", "/api/"), {API.target_group: 1})

    (doubt,) = propose(gateway, cluster=API.cluster, service=API.name).doubts

    assert "it needs a second target group" in doubt


# What the owner has AWS wait for


PAUSE = {
    "targetType": "PAUSE",
    "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT", "PRE_SCALE_UP"],
    "timeoutConfiguration": {"timeoutInMinutes": 90, "action": "ROLLBACK"},
}


def gates(proposal: discovery.Proposal) -> list[tuple[str, tuple[str, ...], int]]:
    return [(gate.stage, gate.groups, gate.timeout_minutes) for gate in proposal.gates]


def test_a_group_that_waits_gets_a_gate_in_ready() -> None:
    swap = replace(SERVERS, style="BLUE_GREEN", ready_action="STOP_DEPLOYMENT", ready_minutes=30)
    to_ecs, to_servers = propose(account(GROUP), **BY_SERVICE), propose(account(swap), codedeploy_application="reports")

    assert gates(to_ecs) == [("PRE_PRODUCTION_TRAFFIC_SHIFT", ("Approvers",), 60)]
    assert gates(to_servers) == [("PRE_PRODUCTION_TRAFFIC_SHIFT", ("Approvers",), 30)]
    assert to_ecs.gate_sentences == (
        "A gate at pre production traffic shift is proposed: 1 approval by Approvers, not by the requester, "
        "within 1 h.",
    )
    assert "after waiting up to 30 min for approval" in to_servers.seen[2]


def test_a_group_that_does_not_wait_gets_none() -> None:
    at_once = replace(GROUP, ready_action="CONTINUE_DEPLOYMENT", ready_minutes=0)

    assert propose(account(at_once), **BY_GROUP).gates == ()
    assert propose(account(SERVERS), codedeploy_application="reports").gates == ()


def test_a_pause_of_the_service_s_owner_gets_a_gate_where_ours_can_stand_for_it() -> None:
    gateway = FakeGateway.pair()
    for name, value in {
        "alternate_target_group": SHOP.target_group("green"),
        "production_rule": SHOP.production_rule,
        "deployment_configuration": {"lifecycleHooks": [PAUSE, {"hookTargetArn": "arn:aws:lambda:f"}]},
    }.items():
        setattr(gateway.ecs[SHOP.cluster, "shop-blue"], name, value)

    assert gates(propose(gateway, **BY_SERVICE)) == [("POST_TEST_TRAFFIC_SHIFT", ("Approvers",), 90)]
