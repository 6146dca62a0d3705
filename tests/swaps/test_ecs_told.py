"""Which of ECS's deployments is ours: the one that it answered with, once that is seen to deploy our revision."""

from typing import Any

from deployments.aws.actions import Made
from deployments.swaps import get
from deployments.swaps.ecs.facts import EcsFacts
from deployments.vocabulary import Stage
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps import cases
from tests.swaps.cases import NOON
from tests.swaps.test_ecs_update import at

ECS = get("ECS")
OURS = cases.REGISTERED["task_definition"]


def account() -> tuple[FakeGateway, str, str]:
    """With the deployment before, and ours."""
    gateway = FakeGateway.pair()
    before = gateway._begun(SHOP.cluster, "shop-blue", SHOP.task_definition(1), SHOP.task_definition(1))
    return gateway, before, gateway._begun(SHOP.cluster, "shop-blue", OURS, SHOP.task_definition(1))


def seen(gateway: FakeGateway, told: str) -> Any:
    native = ECS.observe(at(Stage.SCALE_UP, facts={"done": ("update",), "told": told}), gateway, NOON).native
    return native and native.arn


def test_what_ecs_answered_with_saves_the_list() -> None:
    gateway, _, ours = account()

    assert seen(gateway, ours) == ours
    assert not gateway.calls["newest_service_deployments"]


def test_where_ecs_answered_with_the_one_before_ours_is_looked_up() -> None:
    gateway, before, ours = account()

    assert seen(gateway, before) == ours
    assert seen(gateway, "") == ours


def test_an_answer_is_kept_and_one_that_names_nothing_changes_nothing() -> None:
    told = EcsFacts().with_made(Made(service_deployment="new"))

    assert (told.told, told.with_made(Made()).told) == ("new", "new")
