"""The plan of a move, and everything that keeps it from beginning, each with its next step."""

from dataclasses import replace

import pytest

from deployments.frozen import EnvironmentSettings, GateSpec
from deployments.moving.planning import plan
from deployments.moving.values import House, Wanted
from deployments.vocabulary import Stage
from tests.moving.houses import (
    BLUE,
    CATALOG,
    GREEN,
    RULE,
    SETTINGS,
    WANTED,
    busy_code_deploy,
    group,
    healthy,
    house,
    rolled,
    rule,
    service,
)


def test_nothing_is_in_the_way_of_either() -> None:
    assert plan(SETTINGS, WANTED, house()).obstacles == ()
    assert plan(CATALOG, WANTED, house(service=service(controller="CODE_DEPLOY", deployments=()))).obstacles == ()


def test_only_what_aws_cannot_undo_is_called_final() -> None:
    assert [step.is_final for step in plan(CATALOG, WANTED, house()).steps] == [False, True, False]
    assert [step.is_final for step in plan(SETTINGS, WANTED, house()).steps] == [False, False, False]


def test_a_step_is_named_by_what_it_is_to_do() -> None:
    titles = [step.title for step in plan(SETTINGS, WANTED, house()).steps]

    assert titles == [
        "Name both target groups in the production rule", "Give api to ECS", "Let the environment deploy by ECS"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "seen", "said"),
    [
        (replace(SETTINGS, controller="SERVICE_PAIR"), house(), "Only what CodeDeploy or rolling updates deploy"),
        (replace(CATALOG, compute_platform="Server"), house(), "installs on servers"),
        (SETTINGS, house(service=None), "does not exist, or is not ACTIVE"),
        (SETTINGS, house(service=service(scheduling="DAEMON")), "DAEMON"),
        (SETTINGS, house(service=service(managed_by="ECS")), "Express Mode"),
        (SETTINGS, house(service=service(target_groups=())), "no target group"),
        (SETTINGS, house(service=service(target_groups=(BLUE, GREEN))), "behind api-blue and api-green"),
        (SETTINGS, house(service=service(desired=0)), "Scale it up"),
        (SETTINGS, house(service=service(deployments=(rolled("IN_PROGRESS"),))), "Wait until it is steady"),
        (CATALOG, house(code_deployment=busy_code_deploy()), "CodeDeploy's d-1 is under way"),
        (SETTINGS, house(rule=None), "Name the production rule: the ARN"),
        (SETTINGS, house(rule=None, candidates={"a": "/*", "b": "/api"}), "several forward"),
        (SETTINGS, house(rule=rule({GREEN: 1})), "not to the service's one target group"),
        (SETTINGS, house(rule=rule({BLUE: 1, "arn:x:y:z:1:targetgroup/other/1": 0})), "names other too"),
        (SETTINGS, house(groups={BLUE: group(BLUE)}), "does not exist"),
        (SETTINGS, house(groups={BLUE: group(BLUE), GREEN: group(GREEN, vpc="vpc-2")}), "its VPC is vpc-2, not vpc-1"),
        (SETTINGS, house(targets={GREEN: healthy()}), "has 2 targets already"),
        (replace(SETTINGS, gates=(GateSpec(stage=Stage.BAKE_TIME),)), house(), "has no place in ECS's stages"),
    ],
)
def test_what_is_in_the_way_is_said(settings: EnvironmentSettings, seen: House, said: str) -> None:
    assert said in " ".join(plan(settings, WANTED, seen).obstacles)


PAIR, SERVERS = (
    replace(SETTINGS, controller="SERVICE_PAIR", service_name=""),
    replace(CATALOG, compute_platform="Server"),
)


@pytest.mark.parametrize(
    ("settings", "seen", "to"),
    [
        (PAIR, house(service=None), "ECS"),
        (PAIR, house(service=None), "SERVICE_PAIR"),
        (SERVERS, house(), "ECS"),
        (SERVERS, house(), "SERVICE_PAIR"),
        (SETTINGS, house(service=service(managed_by="ECS")), "ECS"),
        (SETTINGS, house(service=service(target_groups=(BLUE, GREEN))), "ECS"),
    ],
)
def test_of_what_cannot_move_at_all_no_step_is_shown(settings: EnvironmentSettings, seen: House, to: str) -> None:
    found = plan(settings, replace(WANTED, controller=to), seen)

    assert len(found.obstacles) == 1
    assert (found.steps, found.changes, found.notes, found.terraform, found.cloud_formation) == ((), (), (), (), ())


def test_what_has_begun_keeps_its_steps_although_the_service_has_two_target_groups_by_now() -> None:
    seen = house(service=service(target_groups=(BLUE, GREEN)))

    assert len(plan(SETTINGS, WANTED, seen, is_begun=True).steps) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alternate_target_group": ""}, "Make a second target group like api-blue (HTTP, ip targets, vpc-1)"),
        ({"infrastructure_role": ""}, "AmazonECSInfrastructureRolePolicyForLoadBalancers"),
        ({"test_rule": RULE}, "The test rule is the production rule"),
        ({"production_rule": "arn:aws:elasticloadbalancing:r:1:listener/net/a/b/c"}, "Network Load Balancer"),
    ],
)
def test_what_its_owner_has_to_give_is_said(changes: dict[str, str], said: str) -> None:
    assert said in " ".join(plan(SETTINGS, replace(WANTED, **changes), house()).obstacles)


def test_the_app_specs_hooks_are_named_because_they_do_not_move() -> None:
    notes = " ".join(plan(CATALOG, WANTED, house(hooks="BeforeAllowTraffic (check)")).notes)

    assert "The AppSpec's hooks do not move: BeforeAllowTraffic (check)" in notes
    unread = plan(CATALOG, WANTED, house(hooks_unread="The AppSpec of d-1 cannot be read: denied.")).notes
    assert "If it names Lambda functions as hooks, they do not move." in " ".join(unread)


def test_terraform_and_cloud_formation_say_the_same() -> None:
    made = plan(CATALOG, replace(WANTED, test_rule="test"), house())

    assert ("-", '  deployment_controller { type = "CODE_DEPLOY" }') in made.terraform
    assert ("-", '"DeploymentController": {"Type": "CODE_DEPLOY"}') in made.cloud_formation
    for lines in (made.terraform, made.cloud_formation):
        text = "\n".join(text for sign, text in lines if sign == "+")
        assert all(arn in text for arn in (GREEN, RULE, '"role"', '"test"'))


def test_a_pair_is_shown_with_the_service_that_its_owner_has_to_make() -> None:
    made = plan(CATALOG, Wanted(controller="SERVICE_PAIR"), house())

    assert "AWS has no call that divides it" in made.obstacles[0]
    assert ("+", '  name          = "api-green"') in made.terraform
    assert made.steps == ()
