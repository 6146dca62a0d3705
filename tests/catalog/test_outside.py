"""What runs in an environment is compared with what is recorded as live, by everyone who looks at it."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.values import ServiceRevision, TaskSet
from deployments.catalog import environments, outside
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, running
from deployments.delivery.models import Deployment
from deployments.preflight.report import Level
from deployments.record.models import Event
from deployments.swaps.base import Live
from deployments.vocabulary import Slot
from tests.delivery.engine.world import NOON, World, make_release, make_world
from tests.fakes.aws import SHOP, FakeGateway
from tests.preflight.every_controller import GROUP
from tests.swaps.test_code_deploy_beside import appspec, theirs

pytestmark = pytest.mark.django_db
REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
SEEN, OTHER = f"sha256:{'1' * 64}", f"sha256:{'7' * 64}"


@pytest.fixture
def world() -> World:
    """1.0.0 is recorded as live, and runs there."""
    world = make_world(gate=False)
    live = make_release(world.environment.application, "1.0.0", "1")
    Environment.objects.update(live_release=live, live_slot="blue", live_since=NOON)
    world.environment.refresh_from_db()
    return world


def look(world: World) -> str:
    """What is recorded then, in words."""
    outside.look(world.environment, freeze(world.environment), world.aws, world.clock())
    world.clock.forward(minutes=10)
    world.environment.refresh_from_db()
    return running.sentence(world.environment)


def deploy_beside(aws: FakeGateway, image: str = f"{REPOSITORY}@{OTHER}") -> None:
    """Somebody gives the live service another image."""
    container = aws.task_definitions[SHOP.task_definition()].document["containerDefinitions"][0]
    container["image"] = image


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_what_runs_as_recorded_says_nothing(world: World) -> None:
    assert look(world) == ""
    assert world.environment.compared_at == NOON
    assert kinds() == []


def test_another_image_is_told_once(world: World) -> None:
    deploy_beside(world.aws)

    assert look(world) == (
        f"Runs shop@{OTHER[:19]}, which is not 1.0.0; deployed outside Tealgate by ECS's deployment ecs-svc/1."
    )
    look(world)
    assert kinds() == ["environment.differs"]
    assert Event.objects.get().data["images"] == {"web": f"{REPOSITORY}@{OTHER}"}


def test_a_release_that_is_known_is_named(world: World) -> None:
    make_release(world.environment.application, "1.6.0", "7")
    deploy_beside(world.aws, f"{REPOSITORY}@{OTHER}")

    assert look(world).startswith(f"Runs 1.6.0 (shop@{OTHER[:19]}), which is not 1.0.0; deployed outside Tealgate")


def test_a_tag_is_judged_by_what_its_tasks_run(world: World) -> None:
    blue = world.aws.ecs[SHOP.cluster, "shop-blue"]
    deploy_beside(world.aws, f"{REPOSITORY}:stable")

    blue.digests = {"web": SEEN}
    assert look(world) == ""
    blue.digests = {"web": OTHER}
    assert look(world).startswith(f"Runs shop:stable@{OTHER[:19]}, which is not 1.0.0")
    blue.running = 0
    assert look(world) == "", "nobody knows what no task runs"


def test_when_it_is_as_recorded_again_that_is_told_too(world: World) -> None:
    deploy_beside(world.aws)
    look(world)
    deploy_beside(world.aws, f"shop@{SEEN}")

    assert look(world) == ""
    assert kinds() == ["environment.differs", "environment.agrees"]


def test_the_same_release_in_the_other_slot_is_noted(world: World) -> None:
    green = world.aws.ecs[SHOP.cluster, "shop-green"]
    green.desired = green.running = 2
    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 0, SHOP.target_group("green"): 100})

    assert look(world) == ""
    assert world.environment.live_slot == "green"
    assert (
        Event.objects.get().message
        == "1.0.0 is live in the other slot now (green slot); it was shifted there outside Tealgate"
    )


def test_of_two_task_sets_the_one_with_the_traffic_is_what_runs(world: World) -> None:
    """CodeDeploy has shifted, and keeps the other one: that is still the service's primary."""
    Environment.objects.update(controller="CODE_DEPLOY", service="shop-blue")
    world.environment.refresh_from_db()
    new = world.aws.task_definitions[SHOP.task_definition()]
    document = {**new.document, "containerDefinitions": [{"name": "web", "image": f"{REPOSITORY}@{OTHER}"}]}
    world.aws.task_definitions[SHOP.task_definition(9)] = replace(new, document=document)
    groups = {"blue": SHOP.target_group("blue"), "green": SHOP.target_group("green")}
    world.aws.ecs[SHOP.cluster, "shop-blue"].task_sets = (
        TaskSet(id="1", status="PRIMARY", task_definition=SHOP.task_definition(), target_group=groups["blue"]),
        TaskSet(id="2", status="ACTIVE", task_definition=SHOP.task_definition(9), target_group=groups["green"]),
    )

    assert look(world) == ""
    world.aws.set_weights(SHOP.production_rule, {groups["blue"]: 0, groups["green"]: 100})
    assert look(world).startswith(f"Runs shop@{OTHER[:19]}, which is not 1.0.0")


@pytest.mark.parametrize("share", [0, 50])
def test_a_deployment_of_codedeploy_s_is_told_while_it_runs(world: World, share: int) -> None:
    """Also while it has a part of the traffic, so that no release has all of it."""
    columns = {"codedeploy_application": "shop", "codedeploy_group": "web"}
    Environment.objects.update(controller="CODE_DEPLOY", service="shop-blue", **columns)
    world.environment.refresh_from_db()
    aws, live = world.aws, world.aws.task_definitions[SHOP.task_definition()]
    document = {**live.document, "containerDefinitions": [{"name": "web", "image": f"{REPOSITORY}@{OTHER}"}]}
    aws.task_definitions[SHOP.task_definition(9)] = replace(live, arn=SHOP.task_definition(9), document=document)
    aws.appspecs["theirs"] = appspec(SHOP.task_definition(9))
    aws.codedeploy_groups["shop", "web"] = GROUP
    aws.codedeploy["d-9"] = theirs(brings="theirs")
    aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 100 - share, SHOP.target_group("green"): share})

    assert look(world) == (
        f"shop@{OTHER[:19]} is being deployed outside Tealgate, by CodeDeploy's deployment d-9 of 2026-03-02 12:00:00 "
        "UTC (created by user: hotfix by jane). Recorded as live is 1.0.0."
    )

    aws.codedeploy["d-9"] = theirs("Stopped")
    aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 100, SHOP.target_group("green"): 0})
    assert look(world) == ""
    assert kinds() == ["environment.differs", "environment.agrees"]


def test_while_ecs_bakes_what_somebody_deployed_the_revision_with_the_traffic_is_what_runs(world: World) -> None:
    Environment.objects.update(controller="ECS", service="shop-blue")
    world.environment.refresh_from_db()
    aws, new = world.aws, world.aws.task_definitions[SHOP.task_definition()]
    document = {**new.document, "containerDefinitions": [{"name": "web", "image": f"{REPOSITORY}@{OTHER}"}]}
    aws.task_definitions[SHOP.task_definition(9)] = replace(new, document=document)
    groups = {"blue": SHOP.target_group("blue"), "green": SHOP.target_group("green")}
    blue = aws.ecs[SHOP.cluster, "shop-blue"]
    blue.alternate_target_group, blue.revisions = groups["green"], ("r-1", "r-2")
    blue.task_definition = SHOP.task_definition(9)
    aws.revisions["r-1"] = ServiceRevision(
        arn="r-1", task_definition=SHOP.task_definition(), target_group=groups["blue"]
    )
    aws.revisions["r-2"] = ServiceRevision(
        arn="r-2", task_definition=SHOP.task_definition(9), target_group=groups["green"]
    )

    # it has test traffic, or a pause holds it
    assert look(world) == (
        f"shop@{OTHER[:19]} is being deployed outside Tealgate, by ECS's deployment ecs-svc/1. Recorded as live "
        "is 1.0.0."
    )
    assert outside.source(world.environment) == world.environment.live_release
    aws.set_weights(SHOP.production_rule, {groups["blue"]: 0, groups["green"]: 100})
    assert look(world).startswith(f"Runs shop@{OTHER[:19]}, which is not 1.0.0")


def _ended(world: World, status: str) -> Deployment:
    """1.1.0 came from 1.0.0 and counts as live; it has ended a minute ago."""
    deployment = world.request()
    columns = {"status": status, "finished_at": world.clock()}
    Deployment.objects.filter(pk=deployment.pk).update(**columns)
    Environment.objects.update(live_release=world.release, live_slot="green")
    world.environment.refresh_from_db()
    world.clock.forward(minutes=1)
    return deployment


def test_what_ours_came_from_is_live_again_where_somebody_took_ours_off(world: World) -> None:
    deployment = _ended(world, "ROLLBACK_FAILED")

    assert look(world) == ""
    assert world.environment.live_release == deployment.source_release
    assert world.environment.live_slot == "blue"
    *_, told = Event.objects.order_by("pk")
    assert (told.kind, told.message) == ("environment.agrees", "1.0.0 runs there again, and 1.1.0 does not")


def test_after_a_success_what_it_came_from_is_somebody_s(world: World) -> None:
    _ended(world, "SUCCESSFUL")

    assert "which is not 1.1.0; deployed outside Tealgate" in look(world)
    assert world.environment.live_release == world.release


def test_what_comes_is_told_with_what_runs_until_then(world: World) -> None:
    _ended(world, "ROLLBACK_FAILED")
    coming = Live(slot=None, images={"web": f"shop@{OTHER}"}, digests={"web": OTHER}, by="ECS's deployment 2")
    live = Live(slot=Slot.BLUE, images={"web": f"shop@{SEEN}"}, digests={"web": SEEN}, coming=coming)

    outside.note(world.environment, live, world.clock())

    assert running.sentence(world.environment) == (
        f"shop@{OTHER[:19]} is being deployed outside Tealgate, by ECS's deployment 2. Recorded as live is 1.1.0, "
        f"and until then 1.0.0 (shop@{SEEN[:19]}) runs."
    )


def test_weights_that_show_no_release_are_told(world: World) -> None:
    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 50, SHOP.target_group("green"): 50})

    assert look(world) == (
        "Exactly one slot has to be live, but the production rule's weights are: shop-blue 50, shop-green 50. "
        "Recorded as live is 1.0.0."
    )


def test_what_is_being_replaced_is_told_as_under_way(world: World) -> None:
    """What runs is not judged until that is over."""
    deploy_beside(world.aws)
    blue = world.aws.ecs[SHOP.cluster, "shop-blue"]
    blue.running_task_definition = SHOP.task_definition(9)

    assert look(world).startswith(f"shop@{OTHER[:19]} is being deployed outside Tealgate, by ECS's deployment")
    found = running.outside(world.environment)
    assert found
    assert not found.can_be_adopted
    look(world)
    assert kinds() == ["environment.differs"], "once"

    blue.running_task_definition = SHOP.task_definition()
    assert look(world).startswith(f"Runs shop@{OTHER[:19]}, which is not 1.0.0")
    assert kinds() == ["environment.differs"] * 2


def test_the_same_images_that_are_started_anew_are_no_news(world: World) -> None:
    blue = world.aws.ecs[SHOP.cluster, "shop-blue"]
    blue.running_task_definition = SHOP.task_definition(9)

    assert look(world) == ""


def test_a_deployment_that_is_under_way_or_ended_since_knows_better(world: World) -> None:
    deployment = world.request()
    deploy_beside(world.aws)
    assert look(world) == ""

    Deployment.objects.filter(pk=deployment.pk).update(status="STOPPED", finished_at=world.clock())
    settings = freeze(world.environment)
    outside.look(world.environment, settings, world.aws, NOON)
    assert running.sentence(world.environment) == ""
    world.clock.forward(minutes=1)
    assert look(world)


def test_where_aws_does_not_answer_nothing_changes(world: World) -> None:
    deploy_beside(world.aws)
    before = look(world)
    world.aws.fail_next("rule", errors.Throttled)

    assert look(world) == before


def test_an_environment_that_nobody_deployed_to_has_nothing_to_differ_from(world: World) -> None:
    Environment.objects.update(live_release=None)
    world.environment.refresh_from_db()
    deploy_beside(world.aws)

    assert look(world) == ""


@pytest.fixture
def reachable(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(environments, "connect", lambda binding: world.aws)
    return world


def test_a_check_tells_it_and_writes_nothing(reachable: World) -> None:
    deploy_beside(reachable.aws)

    report = environments.check(reachable.environment, now=NOON)

    (told,) = [result for result in report.results if result.check == environments.OUTSIDE]
    assert told.level is Level.WARNING
    assert "which is not 1.0.0; deployed outside Tealgate" in told.seen
    assert told.fix.startswith("Adopt it")
    reachable.environment.refresh_from_db()
    assert (reachable.environment.outside, kinds()) == (None, [])


def test_a_check_reads_for_it_what_preflight_has_read(reachable: World) -> None:
    environments.check(reachable.environment, now=NOON)
    calls = dict(reachable.aws.calls)

    assert calls["services"] <= 2
    assert calls["task_definition"] == 1


def test_the_next_deployment_comes_from_what_runs(world: World) -> None:
    known = make_release(world.environment.application, "1.6.0", "7")
    deploy_beside(world.aws)
    look(world)
    deployment = world.request()
    assert deployment.source_release == known


def test_the_next_deployment_comes_from_no_release_when_none_is_known(world: World) -> None:
    deploy_beside(world.aws)
    look(world)
    assert world.request().source_release is None


@pytest.mark.parametrize(
    ("digests", "images", "is_it"),
    [
        ({"web": SEEN}, {"web": "shop:1"}, True),
        ({"web": OTHER}, {"web": "shop:1"}, False),
        ({}, {"web": "shop:1"}, None),
        ({"api": SEEN}, {"api": "shop:1"}, False),
        ({"web": SEEN, "proxy": OTHER}, {"web": "shop:1", "proxy": "envoy:1"}, True),
    ],
)
def test_a_release_is_what_runs_when_all_its_images_are(
    world: World, digests: dict[str, str], images: dict[str, str], is_it: Any
) -> None:
    release = world.environment.live_release
    assert release
    assert outside.is_it(release.artefact, Live(slot=Slot.BLUE, images=images, digests=digests)) is is_it
