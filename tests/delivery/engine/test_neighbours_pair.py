"""Stories in which somebody else deploys to one of the two services. AWS is in memory."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deployments.catalog.models import Environment, GatePolicy
from deployments.catalog.models.running import Running
from deployments.delivery import turning_back, warm_time
from deployments.delivery.models import Deployment
from deployments.delivery.views.deployment import deployment_view
from deployments.people.principal import Principal
from deployments.swaps.steps.one_off_tasks import OWN_END
from deployments.vocabulary import Stage, Status
from tests.delivery.engine.world import World, make_release, make_world
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db


def put_on(world: World, slot: str, revision: int = 1) -> None:
    world.aws.ecs[SHOP.cluster, SHOP.service(slot)].update(
        task_definition=SHOP.task_definition(revision), desired=None, lag=0
    )


def hotfix(world: World) -> int:
    """The number of a revision that somebody registered."""
    return max(int(arn.rpartition(":")[2]) for arn in world.aws.task_definitions) + 1


def place(world: World, deployment: Deployment) -> str:
    return deployment_view(deployment, principal=Principal.person(world.requester), now=world.clock()).place


def kept_warm(world: World) -> Deployment:
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.CLEAN_UP)
    return world.advance(deployment)


def test_a_release_that_somebody_replaced_while_the_source_was_warm_is_no_success_and_a_person_decides() -> None:
    world = make_world(gate=False)
    deployment = kept_warm(world)
    put_on(world, "green", hotfix(world))

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "shop-green runs shop:3" in deployment.status_reason
    assert place(world, deployment).startswith("shop:3 serves all production traffic.")
    assert (
        "what runs there has all traffic and was left alone, and shop-blue keeps its 2 tasks"
        in deployment.status_reason
    )
    assert (world.share("green"), world.aws.ecs[SHOP.cluster, "shop-blue"].desired) == (100, 2)

    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert (world.share("blue"), world.aws.ecs[SHOP.cluster, "shop-green"].desired) == (100, 0)


def test_a_hotfix_on_the_source_that_was_kept_warm_stays_and_is_a_warning() -> None:
    world = make_world(gate=False)
    deployment = kept_warm(world)
    put_on(world, "blue", hotfix(world))

    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL
    *_, warning = deployment_view(deployment, principal=Principal.person(world.requester), now=world.clock()).warnings
    assert warning.startswith("shop-blue runs shop:3")
    assert warning.endswith("It gets no production traffic, and shop-blue was left with its 2 tasks.")
    assert world.aws.ecs[SHOP.cluster, "shop-blue"].desired == 2
    assert place(world, deployment) == (
        "New 1.1.0 serves all production traffic. shop:3, which somebody else put on shop-blue, gets none of it."
    )


def test_a_person_who_rolls_back_gets_the_source_as_somebody_made_it() -> None:
    world = make_world(gate=False)
    deployment = kept_warm(world)
    put_on(world, "blue", theirs := hotfix(world))
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "shop-blue runs shop:3, which is not shop:1" in deployment.status_reason
    assert deployment.status_reason.endswith("It was changed outside Tealgate and was left as it is.")
    assert place(world, deployment).startswith("shop:3 serves all production traffic.")
    assert world.share("blue") == 100
    assert world.aws.ecs[SHOP.cluster, "shop-blue"].task_definition == SHOP.task_definition(theirs)


def test_a_migration_that_ran_is_named_when_somebody_deploys_after_it() -> None:
    world = make_world(gate=False)
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    world.environment.one_off_tasks.create(command="python manage.py warm_caches", position=1)
    world.aws.exit_code = None
    deployment = world.advance(world.request())
    put_on(world, "blue", hotfix(world))
    ((arn, task),) = world.aws.one_off.items()
    world.aws.one_off[arn] = replace(task, last_status="STOPPED", stop_code=OWN_END, exit_codes={SHOP.container: 0})
    world.clock.forward(seconds=10)

    world.run(deployment)

    assert deployment.status == Status.STOPPED
    assert "a one-off task of 1.1.0 ran: migrate (exit code 0)." in deployment.status_reason
    assert len(world.aws.one_off) == 1


def test_what_waits_at_a_gate_is_compared_each_half_minute_and_ends_as_soon_as_it_is_not_as_planned() -> None:
    world = make_world()
    deployment = world.run(world.request())
    gate, before = deployment.gates.open().get(), sum(world.aws.calls.values())
    for _ in range(4):
        world.clock.forward(seconds=30)
        world.advance(deployment)
    assert sum(world.aws.calls.values()) - before == 2 * 4

    put_on(world, "blue", hotfix(world))
    world.clock.forward(seconds=30)
    world.run(deployment)

    gate.refresh_from_db()
    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "It is left alone, and 1.1.0 gets no production traffic." in deployment.status_reason
    assert (gate.status, gate.reason) == ("FAILED", "the deployment turned back")


def test_nobody_is_asked_before_the_start_about_what_is_not_true_any_more() -> None:
    world = make_world()
    GatePolicy.objects.update(stage=Stage.PRE_SCALE_UP)
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    deployment = world.run(world.request())
    put_on(world, "green", hotfix(world))
    world.approve(deployment)

    world.run(deployment)

    assert deployment.status == Status.STOPPED
    assert "shop-green runs shop:3, which is not shop:1." in deployment.status_reason
    assert deployment.status_reason.endswith(
        "Production was not touched: Tealgate moved no traffic and changed no service."
    )
    assert world.aws.one_off == {}


def test_of_what_ended_long_ago_it_is_told_where_traffic_was_and_what_is_known_since() -> None:
    world = make_world(gate=False)
    deployment = world.run(kept_warm(world))
    assert place(world, deployment).startswith("New 1.1.0 serves all production traffic.")

    theirs = Running(key="digest", what="shop:9", since="2026-03-02 12:30:00 UTC")
    Environment.objects.update(outside=theirs.as_json())
    deployment.environment.refresh_from_db()
    assert place(world, deployment).startswith("When it ended: New 1.1.0 serves all production traffic.")
    assert place(world, deployment).endswith(
        "Since then: Runs shop:9 since 2026-03-02 12:30:00 UTC, which is not 1.1.0; deployed outside Tealgate."
    )

    later = world.clock() + timedelta(hours=1)
    Environment.objects.update(
        outside=None, live_release=make_release(world.environment.application, "1.2.0"), live_since=later
    )
    deployment.environment.refresh_from_db()
    assert place(world, deployment).endswith("Since then: 1.2.0 is live.")


def test_a_source_whose_time_is_over_is_not_called_warm_while_its_last_tasks_are_waited_for() -> None:
    world = make_world(gate=False)
    deployment = kept_warm(world)
    assert place(world, deployment).endswith(" traffic. What was live before is kept warm: roll back is one write.")

    warm_time.finish_now(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    deployment.refresh_from_db()

    assert place(world, deployment).endswith(
        "What was live before is kept warm no more: what still runs of it is being stopped."
    )
