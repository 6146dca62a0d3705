"""Deployments of one pass share what they read."""

from collections.abc import Collection, Mapping
from datetime import timedelta

import pytest

from deployments.aws import errors
from deployments.aws.actions import UpdateService
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.aws.values import NativeDeployment, Service
from deployments.catalog.models import Environment
from deployments.delivery.engine import passes
from deployments.delivery.engine.batches import Batch
from deployments.delivery.models import Deployment
from tests.delivery.engine.world import NOON, World, make_world
from tests.fakes.aws import SHOP, FakeGateway, Pair

pytestmark = pytest.mark.django_db


class Listening(FakeGateway):
    """Notes the names of every DescribeServices."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, ...]] = []

    def services(self, cluster: str, names: Collection[str]) -> Mapping[str, Service]:
        self.asked.append(tuple(names))
        return super().services(cluster, names)


@pytest.fixture
def world() -> World:
    return make_world(gate=False)


def copies(world: World, count: int) -> list[Deployment]:
    """This many applications' deployments in one cluster, all of them waiting for their tasks to start."""
    world.aws = aws = Listening()
    aws.scale_after = 100
    deployments = []
    for number in range(count):
        world.environment = in_one_cluster(aws, Pair(f"shop{number}"), world.environment)
        deployments.append(world.request())
    advance(world, deployments)
    return deployments


def in_one_cluster(aws: FakeGateway, pair: Pair, like: Environment) -> Environment:
    aws.add_pair(pair.name)
    columns: dict[str, str] = {"production_rule": pair.production_rule, "test_rule": pair.test_rule}
    for slot in ("blue", "green"):
        service = aws.ecs[SHOP.cluster, pair.service(slot)] = aws.ecs.pop((pair.cluster, pair.service(slot)))
        service.cluster = SHOP.cluster
        columns |= {f"{slot}_service": service.name, f"{slot}_target_group": service.target_group}
    return Environment.objects.create(
        application=like.application,
        name=pair.name,
        region=like.region,
        cluster=SHOP.cluster,
        container_name=SHOP.container,
        **columns,
    )


def advance(world: World, deployments: list[Deployment]) -> list[tuple[str, ...]]:
    """The questions for services that one pass asks."""
    aws = world.aws
    assert isinstance(aws, Listening)
    aws.asked.clear()
    world.clock.forward(seconds=15)
    passes.advance([each.pk for each in deployments], world.clock, lambda binding: aws)
    return aws.asked


def test_twenty_deployments_of_one_cluster_ask_once(world: World) -> None:
    deployments = copies(world, 20)

    (asked,) = advance(world, deployments)

    assert (len(asked), len(set(asked))) == (40, 40)
    assert {each.stage for each in Deployment.objects.all()} == {"SCALE_UP"}


def test_a_name_that_two_want_is_asked_for_once(world: World) -> None:
    deployments = copies(world, 2)
    same = {**deployments[1].settings, "blue_service": "shop0-blue"}
    Deployment.objects.filter(pk=deployments[1].pk).update(settings=same)

    assert advance(world, deployments)[0] == ("shop0-blue", "shop0-green", "shop1-green")


def test_one_deployment_alone_asks_for_itself(world: World) -> None:
    deployments = copies(world, 1)

    assert advance(world, deployments) == [("shop0-blue", "shop0-green")]


@pytest.mark.parametrize("changes", [{"cluster": "other"}, {"region": "us-east-1"}, {"role_arn": "arn:other"}])
def test_another_cluster_region_or_role_is_asked_apart(world: World, changes: dict[str, str]) -> None:
    deployments = copies(world, 2)
    second = deployments[1]
    Deployment.objects.filter(pk=second.pk).update(settings={**second.settings, **changes})

    assert all(len(asked) == 2 for asked in advance(world, deployments))


def test_when_reading_together_fails_each_asks_for_itself(world: World) -> None:
    deployments = copies(world, 2)
    world.aws.fail_next("services", errors.Throttled)

    assert len(advance(world, deployments)) == 3
    assert not Deployment.objects.filter(failures__gt=0).exists()


def test_who_needs_no_services_is_not_read_for(world: World) -> None:
    deployments = copies(world, 2)
    last = len(deployments[0].plan["steps"]) - 1
    Deployment.objects.update(stage="CLEAN_UP", position=last, source_kept_until=NOON + timedelta(hours=1))

    assert advance(world, deployments) == []


def test_a_row_that_cannot_be_read_keeps_nobody_from_reading_together(world: World) -> None:
    deployments = copies(world, 3)
    Deployment.objects.filter(pk=deployments[1].pk).update(settings={"controller": "SERVICE_PAIR"})

    with pytest.raises(ExceptionGroup):
        advance(world, deployments)

    aws = world.aws
    assert isinstance(aws, Listening)
    assert aws.asked == [("shop0-blue", "shop0-green", "shop2-blue", "shop2-green")]


@pytest.mark.parametrize(
    ("controller", "fact", "question"),
    [("ECS", "service_deployment", "service_deployments"), ("CODE_DEPLOY", "code_deployment", "code_deployments")],
)
def test_awss_own_deployments_are_looked_at_together(world: World, controller: str, fact: str, question: str) -> None:
    deployments = copies(world, 3)
    for number, deployment in enumerate(deployments):
        deployment.refresh_from_db()
        deployment.settings["controller"], deployment.facts[fact] = controller, f"d-{number}"
        world.aws.codedeploy[f"d-{number}"] = CodeDeployment(id=f"d-{number}", status="Ready", overview={})
    world.aws.native["d-0"] = world.aws.native["d-1"] = native_deployment()
    world.aws.calls.clear()
    batch = Batch(lambda binding: world.aws)

    batch.read_ahead(deployments, world.clock())

    assert world.aws.calls == {question: 1}
    first, *_, last = (batch.gateway(deployment) for deployment in deployments)
    assert set(getattr(first, question)(["d-0"])) == {"d-0"}
    assert world.aws.calls[question] == 1
    getattr(last, question)(["d-2"])
    assert world.aws.calls[question] == (1 if controller == "CODE_DEPLOY" else 2)  # ECS told of two, the third asks


def native_deployment() -> NativeDeployment:
    return NativeDeployment(arn="d-0", status="IN_PROGRESS", reason="", stage="SCALE_UP", target_revision="r-1")


# The gateway that was read ahead


@pytest.fixture
def read_ahead(world: World) -> tuple[Batch, Deployment, FakeGateway]:
    deployments = copies(world, 2)
    batch = Batch(lambda binding: world.aws)
    batch.read_ahead(deployments, world.clock())
    world.aws.calls.clear()
    return batch, deployments[0], world.aws


def names(deployment: Deployment) -> tuple[str, str]:
    return deployment.settings["blue_service"], deployment.settings["green_service"]


def test_only_the_first_question_is_answered_from_what_was_read(
    read_ahead: tuple[Batch, Deployment, FakeGateway],
) -> None:
    batch, deployment, aws = read_ahead
    gateway = batch.gateway(deployment)

    assert set(gateway.services(SHOP.cluster, names(deployment))) == {"shop0-blue", "shop0-green"}
    assert aws.calls["services"] == 0

    gateway.services(SHOP.cluster, names(deployment))
    assert aws.calls["services"] == 1


def test_after_a_write_what_was_read_is_old(read_ahead: tuple[Batch, Deployment, FakeGateway]) -> None:
    batch, deployment, aws = read_ahead
    gateway = batch.gateway(deployment)

    gateway.perform(UpdateService(cluster=SHOP.cluster, service="shop0-green", desired=5))

    assert gateway.services(SHOP.cluster, names(deployment))["shop0-green"].desired == 5
    assert aws.calls["services"] == 1


def test_everything_else_is_asked_as_usual(read_ahead: tuple[Batch, Deployment, FakeGateway]) -> None:
    batch, deployment, aws = read_ahead

    assert batch.gateway(deployment).rule(deployment.settings["production_rule"]).live


def test_what_was_read_is_used_for_one_pass_only(read_ahead: tuple[Batch, Deployment, FakeGateway]) -> None:
    batch, deployment, aws = read_ahead
    batch.gateway(deployment)

    assert batch.gateway(deployment) is aws
