"""The demo's catalog (CodeDeploy) and legacy-api (rolling) move to ECS's own traffic shift, under traffic."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command

from deployments.catalog import environments
from deployments.catalog.models import Environment
from deployments.delivery import moves
from deployments.delivery.models import Move
from deployments.moving.values import Wanted
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import MoveStatus, Status
from sandbox.server import Sandbox
from sandbox.world import balancing
from sandbox.world.names import DEPLOYER
from tests.flows import legacy
from tests.flows.clients import client
from tests.flows.conftest import EPHEMERAL, SCALE
from tests.flows.seeding import Seeds
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic
from tests.settled import settle

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront", "catalog", "legacy-api")

KINDS = {
    "catalog": ("code-deploy-ecs", "ecs.catalog", "moving-house", "reading"),
    "legacy-api": ("rolling", "ecs.legacy", "moving-house", "reading"),
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Each has its own: what was moved does not come back."""
    with Sandbox(scale=SCALE, listener_ports=EPHEMERAL, applications=APPLICATIONS) as running:
        yield running


@pytest.fixture
def seeds(sandbox: Sandbox) -> Seeds:
    return Seeds(sandbox)


@pytest.fixture
def gateways() -> dict[Any, Any]:
    return {}


def place(storefront: Storefront, slug: str) -> Storefront:
    here = f"{storefront.sandbox.url}/_sandbox"
    call_command("seed_demo", world=f"{here}/world", listeners=f"{here}/listeners", slugs=[slug])
    settle(storefront.sandbox)
    only_shipped(slug)
    found = Environment.objects.filter(application__slug=slug)
    found.update(bake_seconds=1, canary_bake_seconds=1, termination_wait_seconds=1, min_requests=5)
    storefront.manager.user_permissions.add(Permission.objects.get(codename="change_environment"))
    return Storefront(storefront.sandbox, found.get())


def only_shipped(slug: str) -> None:
    """The role has nothing but the files of infra/iam that a move takes: those of both kinds, and the move's own."""
    iam, kept = client("iam"), KINDS[slug]
    for name in iam.list_role_policies(RoleName=DEPLOYER)["PolicyNames"]:
        if name not in kept:
            iam.delete_role_policy(RoleName=DEPLOYER, PolicyName=name)


def mover(shop: Storefront) -> Principal:
    return Principal.person(User.objects.get(pk=shop.manager.pk))


def role(shop: Storefront) -> str:
    return str(shop.sandbox.control.world["roles"]["infrastructure"])


def begun(shop: Storefront, wanted: Wanted) -> Move:
    return moves.begin(environment=shop.environment, wanted=wanted, principal=mover(shop), now=now())


def clicked(act: Callable[..., str], shop: Storefront, move: Move, until: Callable[[Move], object]) -> str:
    deadline = time.monotonic() + 90
    while True:
        said = act(move=move, principal=mover(shop), now=now())
        move.refresh_from_db()
        if until(move):
            return said
        assert time.monotonic() < deadline, said
        time.sleep(0.2)


def service(shop: Storefront) -> dict[str, Any]:
    env = shop.environment
    return dict(client("ecs").describe_services(cluster=env.cluster, services=[env.service])["services"][0])


def deploy(shop: Storefront, version: str) -> None:
    deployment = shop.deploy(version, "CANARY")
    while not deployment.is_terminal:
        shop.go(deployment, lambda d: d.is_terminal or d.gates.open().exists())
        if not deployment.is_terminal:
            shop.approve(deployment)
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason


def test_code_deploys_catalog_moves_to_ecs_with_no_request_lost_and_deploys_there(storefront: Storefront) -> None:
    shop = place(storefront, "catalog")
    wanted = Wanted(infrastructure_role=role(shop))
    _, plan = moves.planned(shop.environment, wanted, now())
    assert plan.obstacles == ()
    assert [step.is_final for step in plan.steps] == [False, True, False]

    with Traffic(shop.environment.production_url) as traffic:
        move = begun(shop, wanted)
        with pytest.raises(Refused, match="moving to another way"):
            shop.deploy("1.1.0", "CodeDeployDefault.ECSAllAtOnce")
        clicked(moves.go_on, shop, move, lambda m: m.done == 1)
        said = clicked(moves.go_on, shop, move, lambda m: m.done == 2)
        assert "2 of 2 targets are healthy" in said and "as before the move" in said
        clicked(moves.go_on, shop, move, lambda m: m.status == MoveStatus.DONE)
        shop.environment.refresh_from_db()
        assert (shop.environment.controller, shop.environment.is_locked) == ("ECS", False)
        assert environments.check(shop.environment, shop.environment.live_release, now=now()).passed
        assert set(traffic.versions) == {"1.0.0"}
        deploy(shop, "1.1.0")

    assert traffic.lost == 0
    assert set(traffic.versions) == {"1.0.0", "1.1.0"}
    assert service(shop)["deploymentController"] == {"type": "ECS"}


def second_group(shop: Storefront) -> str:
    """As the plan asks its owner to."""
    network = shop.sandbox.control.world["network"]
    return balancing.target_group(client("elbv2"), "legacy-api-green", network)


def weights(shop: Storefront) -> dict[str, int]:
    load_balancer = shop.sandbox.control.world["legacy"]["load_balancer"]
    elb = client("elbv2")
    (listener,) = elb.describe_listeners(LoadBalancerArn=load_balancer)["Listeners"]
    (rule,) = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    return {each["TargetGroupArn"].split("/")[1]: each["Weight"] for each in groups}


def test_a_rolled_api_moves_to_ecs_and_deploys_there(storefront: Storefront) -> None:
    shop = place(storefront, "legacy-api")
    _, plan = moves.planned(shop.environment, Wanted(), now())
    assert [said.partition(",")[0] for said in plan.obstacles] == [
        "Make a second target group like legacy-api (HTTP",
        "Name the infrastructure role by which ECS may write the rule: a role that ecs.amazonaws.com may assume",
    ]
    wanted = Wanted(alternate_target_group=second_group(shop), infrastructure_role=role(shop))
    with Traffic(shop.environment.production_url) as traffic:
        move = begun(shop, wanted)
        clicked(moves.go_on, shop, move, lambda m: m.status == MoveStatus.DONE)
        shop.environment.refresh_from_db()
        assert environments.check(shop.environment, shop.environment.live_release, now=now()).passed
        deploy(shop, "1.1.0")

    assert traffic.lost == 0
    assert set(traffic.versions) == {"1.0.0", "1.1.0"}


def test_half_way_it_goes_back_and_is_rolled_as_before(storefront: Storefront) -> None:
    shop = place(storefront, "legacy-api")
    wanted = Wanted(alternate_target_group=second_group(shop), infrastructure_role=role(shop))
    with Traffic(shop.environment.production_url) as traffic:
        move = begun(shop, wanted)
        clicked(moves.go_on, shop, move, lambda m: m.done == 1)
        assert weights(shop) == {"legacy-api": 100, "legacy-api-green": 0}
        clicked(moves.go_on, shop, move, lambda m: "deploys what runs there once more" in m.says)
        clicked(moves.go_back, shop, move, lambda m: m.status == MoveStatus.TAKEN_BACK)
        shop.environment.refresh_from_db()
        assert (shop.environment.controller, shop.environment.is_locked) == ("ROLLING", False)
        assert len(weights(shop)) == 1, "whichever served when ECS was told"
        assert service(shop)["deploymentConfiguration"]["strategy"] == "ROLLING"
        shop.finish(shop.deploy("1.1.0", "ROLLING"))

    assert traffic.lost == 0
    assert set(traffic.versions) == {"1.0.0", "1.1.0"}


def test_what_code_deploy_cannot_have_back_is_rolled_from_then_on(storefront: Storefront) -> None:
    shop = place(storefront, "catalog")
    with Traffic(shop.environment.production_url) as traffic:
        move = begun(shop, Wanted(infrastructure_role=role(shop)))
        clicked(moves.go_on, shop, move, lambda m: m.status == MoveStatus.DONE)
        assert "its service is still ECS's" in moves.go_back(move=move, principal=mover(shop), now=now())
        shop.environment.refresh_from_db()
        assert (shop.environment.controller, shop.environment.is_locked) == ("CODE_DEPLOY", True)
        said = clicked(moves.go_back, shop, move, lambda m: m.status == MoveStatus.TAKEN_BACK)

    assert said == (
        "The move is taken back: catalog/production is ROLLING, because AWS makes nothing CodeDeploy's again."
    )
    shop.environment.refresh_from_db()
    assert (shop.environment.controller, shop.environment.codedeploy_group) == ("ROLLING", "")
    assert (shop.environment.live_slot, shop.environment.is_locked) == ("", False)
    assert traffic.lost == 0
    assert set(traffic.versions) == {"1.0.0"}


def test_a_neighbour_who_deploys_during_the_move_stops_it(storefront: Storefront) -> None:
    shop = place(storefront, "legacy-api")
    wanted = Wanted(alternate_target_group=second_group(shop), infrastructure_role=role(shop))
    move = begun(shop, wanted)
    legacy.update(storefront, taskDefinition=legacy.revision(storefront, "1.6.0"))

    with pytest.raises(Refused, match="It was changed outside Tealgate. Nothing more is written"):
        moves.go_on(move=move, principal=mover(shop), now=now())

    assert Move.objects.get().stopped
    assert set(weights(shop)) == {"legacy-api"}
