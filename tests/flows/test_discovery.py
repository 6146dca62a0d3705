"""Environments read from the account, and deployed to as they were read."""

import pytest
from django.core.management import CommandError, call_command

from deployments.catalog import discovery
from deployments.catalog.models import Application, Environment, GatePolicy
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.vocabulary import Stage, Status
from tests.flows.clients import client
from tests.flows.storefront import Storefront, now

pytestmark = [pytest.mark.flow, pytest.mark.django_db]


def _discover(storefront: Storefront, service: str) -> discovery.Proposal:
    like = storefront.environment
    where = {"region": like.region, "role_arn": "", "external_id": "", "cluster": like.cluster}
    return discovery.discover(**where, service=service, now=now())


def test_a_service_pair_is_found_from_either_of_its_services(storefront: Storefront) -> None:
    for service in ("storefront-production-blue", "storefront-production-green"):
        found = Environment(application=storefront.environment.application, **_discover(storefront, service).columns)

        for column in (
            "controller",
            "container_name",
            "container_port",
            "blue_service",
            "green_service",
            "blue_target_group",
            "green_target_group",
            "production_rule",
            "test_rule",
            "alarms",
            "account_id",
        ):
            assert getattr(found, column) == getattr(storefront.environment, column), column


def test_a_service_that_ecs_shifts_is_found_with_its_rules(storefront: Storefront) -> None:
    proposal = _discover(storefront, "payments")

    world = storefront.sandbox.control.world["payments"]
    assert (proposal.columns["controller"], proposal.columns["strategy"]) == ("ECS", "CANARY")
    assert proposal.columns["production_rule"] == world["production_rule"]
    assert proposal.columns["alarms"] == "payments-5xx"


def test_a_plain_service_is_rolled(storefront: Storefront) -> None:
    proposal = _discover(storefront, "legacy-api")

    assert (proposal.columns["controller"], proposal.columns["service"]) == ("ROLLING", "legacy-api")
    assert "no partner" in proposal.seen[0]


def _from_codedeploy(storefront: Storefront, **given: str) -> discovery.Proposal:
    like = storefront.environment
    access = {"region": like.region, "role_arn": like.role_arn, "external_id": like.external_id}
    return discovery.discover(**access, **given, now=now())


def test_a_service_of_codedeploy_is_found_by_its_group_or_by_its_name(storefront: Storefront) -> None:
    world = storefront.sandbox.control.world["codedeploy"]["catalog"]

    by_group = _from_codedeploy(storefront, codedeploy_application="catalog", codedeploy_group="production")
    by_name = _from_codedeploy(storefront, cluster="storefront", service="catalog")

    assert by_group.columns == by_name.columns
    for column, value in {
        "controller": "CODE_DEPLOY",
        "service": "catalog",
        "blue_target_group": world["target_groups"]["blue"],
        "green_target_group": world["target_groups"]["green"],
        "alarms": "catalog-5xx",
    }.items():
        assert by_group.columns[column] == value, column
    for rule, listener in (("production_rule", "production_listener"), ("test_rule", "test_listener")):
        assert by_group.columns[rule].startswith(world[listener].replace(":listener/", ":listener-rule/"))
    assert by_group.doubts == ()


def test_a_fleet_of_servers_is_found_by_its_group(storefront: Storefront) -> None:
    proposal = _from_codedeploy(storefront, codedeploy_application="reports")

    assert (proposal.columns["compute_platform"], proposal.columns["codedeploy_group"]) == ("Server", "production")
    assert proposal.seen[:3] == (
        "reports/production installs bundles on servers by CodeDeployDefault.OneAtATime, in place.",
        "Its instances: the Auto Scaling group reports.",
        "Each leaves the target group reports on port 8089 while it is changed.",
    )


def test_servers_behind_a_network_load_balancer_are_found(storefront: Storefront) -> None:
    elb, codedeploy = client("elbv2"), client("codedeploy")
    subnets = storefront.sandbox.control.world["network"]["subnets"]
    balancer = elb.create_load_balancer(Name="fleet", Type="network", Subnets=subnets)["LoadBalancers"][0]
    group = elb.create_target_group(
        Name="fleet", Protocol="TCP", Port=8000, TargetType="instance", VpcId=balancer["VpcId"]
    )["TargetGroups"][0]
    forward = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="TCP", Port=9599, DefaultActions=[forward]
    )
    codedeploy.create_deployment_group(
        applicationName="reports",
        deploymentGroupName="behind-tcp",
        serviceRoleArn=storefront.sandbox.control.world["codedeploy"]["service_role"],
        autoScalingGroups=["reports"],
        deploymentStyle={"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        loadBalancerInfo={"targetGroupInfoList": [{"name": "fleet"}]},
    )

    proposal = _from_codedeploy(storefront, codedeploy_application="reports", codedeploy_group="behind-tcp")
    codedeploy.delete_deployment_group(applicationName="reports", deploymentGroupName="behind-tcp")

    assert "Each leaves the target group fleet on port 9599 (TCP, of a Network Load Balancer) while it is changed." in (
        proposal.seen
    )
    assert proposal.doubts == ()


def test_a_service_that_does_not_exist_names_those_that_do(storefront: Storefront) -> None:
    with pytest.raises(Refused, match="no active service nowhere. There are: .*legacy-api"):
        _discover(storefront, "nowhere")


def test_the_command_keeps_what_it_found_and_it_can_be_deployed_to(
    storefront: Storefront, capsys: pytest.CaptureFixture[str]
) -> None:
    like = storefront.environment
    where = ["--region", like.region, "--role-arn", like.role_arn, "--external-id", like.external_id]
    Application.objects.filter(slug="storefront").update(name="Storefront")

    call_command(
        "discover_environment", "storefront/found", *where,
        "--cluster", "storefront", "--service", "payments", "--save",
    )  # fmt: skip

    assert "preflight found 0 errors" in capsys.readouterr().out
    found = Storefront(storefront.sandbox, Environment.objects.get(name="found"))
    added = Event.objects.get(kind="environment.added", chain__name=f"environment:{found.environment.pk}")
    assert added.actor.endswith(" on the server")
    Environment.objects.filter(name="found").update(bake_seconds=60, canary_bake_seconds=60)
    # The service has a pause of its own there, for which a gate was proposed.
    assert GatePolicy.objects.get(environment=found.environment).stage == Stage.POST_TEST_TRAFFIC_SHIFT
    deployment = found.deploy("1.1.0", "CANARY")
    found.approve(deployment)
    assert found.finish(deployment).status == Status.SUCCESSFUL


def test_the_command_says_what_is_wrong(storefront: Storefront) -> None:
    with pytest.raises(CommandError, match="There is no application nobody; there are: storefront"):
        call_command("discover_environment", "nobody/x", "--region", "r", "--cluster", "c", "--service", "s")
