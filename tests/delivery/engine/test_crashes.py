"""The crash table: a worker dies before and after every write, on AWS and in the database, and the next one goes on.

New actions join the table by being performed in a story.
"""

from collections.abc import Callable

import pytest

from deployments.aws import errors
from deployments.aws.actions import SetWeights
from deployments.delivery import going_on, turning_back, warm_time
from deployments.delivery.engine import record
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import DeploymentKind, Stage, Status
from tests.delivery.engine import express_world as express
from tests.delivery.engine import servers_world as servers
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.beginning_world import Begun
from tests.delivery.engine.crashing import RECORDS, Step, Story, every_death, run, until
from tests.delivery.engine.event_watch_world import make_listening_world, tell_echo, tell_of_alarm
from tests.delivery.engine.left_behind import kept, left_behind
from tests.delivery.engine.rolling_world import MOVED, RAN, TAG, make_rolling_world, make_tagged_world
from tests.delivery.engine.scheduled_world import make_scheduled_pair, make_scheduled_single
from tests.delivery.engine.world import World, make_world
from tests.fakes.aws import API, SHOP, FakeGateway

pytestmark = pytest.mark.django_db

VERSION_RULE = f"{SHOP.production_rule}-version"


def _pair() -> World:
    world = make_world(canary_bake_seconds=2, bake_seconds=2)
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    return world


def _pair_behind_two_rules() -> World:
    world = make_world(canary_bake_seconds=2, bake_seconds=2, more_production_rules=VERSION_RULE)
    world.aws.set_weights(VERSION_RULE, {SHOP.target_group("blue"): 100, SHOP.target_group("green"): 0})
    return world


def _sick_pair() -> World:
    """Its one alarm rings already."""
    world = make_world(gate=False, bake_seconds=2, termination_wait_seconds=2, alarms=f"{SHOP.alarm}\nshop-latency")
    world.aws.alarm(SHOP.alarm, "ALARM", "no healthy host")
    world.aws.alarm("shop-latency", "OK")
    return world


def _empty_code_deploy() -> World:
    world = shifting.make_code_deploy_world()
    shifting.shop(world).desired = shifting.shop(world).running = 0
    return world


def _until_created(world: World, deployment: Deployment) -> None:
    while "create" not in deployment.facts["done"]:
        world.advance(deployment)


def _go_back(world: World, deployment: Deployment) -> None:
    assert deployment.status == Status.FAILED
    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def _single() -> World:
    world = make_rolling_world(bake_seconds=1, minimum_healthy_percent=50)
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    world.aws.scale_after = 2  # a source that warms again is looked at twice, not nine times
    return world


def _tagged_pair() -> World:
    """The task definition that is live names its image by a tag."""
    world = make_world(canary_bake_seconds=2, bake_seconds=2)
    world.aws = FakeGateway.pair(image=TAG)
    world.aws.tags[TAG] = RAN
    world.aws.ecs[SHOP.cluster, "shop-blue"].pulled[SHOP.task_definition()] = {SHOP.container: RAN}
    return world


def _tagged() -> World:
    return make_tagged_world(bake_seconds=1)


def _without_events() -> World:
    world = make_listening_world()
    world.aws.fail_next("PutEvents", errors.Denied, times=9)
    return world


def _approve(world: World, deployment: Deployment) -> None:
    world.approve(deployment)


def _alarm(name: str) -> Step:
    return lambda world, deployment: world.aws.alarm(name, "ALARM", "Threshold Crossed")


def _tag_moves(world: World, deployment: Deployment) -> None:
    world.aws.tags[TAG] = MOVED


def _roll_back(world: World, deployment: Deployment) -> None:
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def _approve_when_the_source_has_grown(world: World, deployment: Deployment) -> None:
    world.aws.ecs[SHOP.cluster, "shop-blue"].update(task_definition=None, desired=3, lag=0)
    world.approve(deployment)
    world.aws.ecs[SHOP.cluster, "shop-blue"].running = 3


def _finish_now(world: World, deployment: Deployment) -> None:
    warm_time.finish_now(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def _go_on(world: World, deployment: Deployment) -> None:
    going_on.go_on(deployment=deployment, principal=Principal.person(world.requester), now=world.clock(), unproven=True)


def _watching(world: World, deployment: Deployment) -> None:
    world.run_until_waiting_for(deployment, "Watching until")


def _until_scaled_down(world: World, deployment: Deployment) -> None:
    while "scale_down" not in deployment.facts["done"]:
        world.aws.scale_after = 9
        world.advance(deployment)


def _stop(world: World, deployment: Deployment) -> None:
    world.aws.scale_after = 2
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def _an_hour_later(world: World, deployment: Deployment) -> None:
    world.clock.forward(minutes=61)


def _five_minutes_later(world: World, deployment: Deployment) -> None:
    world.clock.forward(minutes=5)


def _failing(world: World, deployment: Deployment) -> None:
    world.aws.exit_code = 1


def _stopping_is_refused(world: World, deployment: Deployment) -> None:
    world.aws.fail_next("StopServiceDeployment", errors.Denied, times=9)


def _until_ecs_goes_back(world: World, deployment: Deployment) -> None:
    world.run_until_waiting_for(deployment, "ECS deploys landing:1 again")


def _until_codedeploy_goes_back(world: World, deployment: Deployment) -> None:
    world.run_until_waiting_for(deployment, "CodeDeploy deploys shop:1 again")


#: Migration, gate, canary, bake, clean-up.
_WHOLE = Story("everything", _pair, "CANARY", (run, _approve, run))
#: Migration, all tasks replaced, bake.
_WHOLE_ROLLING = Story("rolled_out", _single, "ROLLING", (run,))
_STARTING = until(Stage.SCALE_UP)
_SHIFTING, _WARM, _BAKING = until(Stage.PRODUCTION_TRAFFIC_SHIFT), until(Stage.CLEAN_UP), until(Stage.BAKE_TIME)
_BEHIND_TWO_RULES = Story("two_rules", _pair_behind_two_rules, "CANARY", (run, _approve, run))
_TWO_RULES_BACK = Story(
    "two_rules_turned_back_by_an_alarm",
    _pair_behind_two_rules,
    "CANARY",
    (run, _approve, _SHIFTING, _alarm(SHOP.alarm), run),
    _BEHIND_TWO_RULES,
)
#: Gate at 10 %, canary, bake, clean-up; AWS tells.
_TOLD = Story(
    "told_at_a_gate",
    make_listening_world,
    "CANARY",
    (until(Stage.PRODUCTION_TRAFFIC_SHIFT), tell_echo, run, _approve, run),
)
#: Gate, ECS's canary, its bake, its end.
_CANARY_OF_ECS = (express.ecs_has_shifted(5), _SHIFTING, express.ecs_bakes, _BAKING, express.ecs_ends, run)
_EXPRESS = Story("express_mode", express.make_express_world, "CANARY", (run, _approve, _STARTING, *_CANARY_OF_ECS))
#: What was red before passes; another alarm ends it where it is, and a person has it go back.
_REPAIR = Begun("repaired", _sick_pair, "BLUE_GREEN", (run,), kind=DeploymentKind.REPAIR)
#: Nightly, hourly and weekly tasks get the release after production.
_WITH_CRON = Story("scheduled_tasks", make_scheduled_single, "ROLLING", (run,))
_ON_SERVERS = Story(
    "installed_on_servers", servers.make_servers_world, "GROUP_CONFIG", (servers.told, servers.installs, run)
)
STORIES = (
    _WHOLE,
    Begun(
        "repair_that_stays_and_goes_back",
        _sick_pair,
        "BLUE_GREEN",
        (_BAKING, _alarm("shop-latency"), run, _go_back, run),
        _REPAIR,
        kind=DeploymentKind.REPAIR,
    ),
    Begun(
        "first_release_by_codedeploy_stopped",
        _empty_code_deploy,
        "AllAtOnce",
        (_STARTING, _until_created, _stop, run),
        kind=DeploymentKind.FIRST,
    ),
    Story("turned_back_by_an_alarm", _pair, "CANARY", (run, _approve, _SHIFTING, _alarm(SHOP.alarm), run), _WHOLE),
    Story("rolled_back_while_warm", _pair, "CANARY", (run, _approve, _WARM, _roll_back, run), _WHOLE),
    # The source grew meanwhile, so the target does too; then the way back has to warm the source again.
    Story(
        "stopped_while_the_source_is_scaled_down",
        _pair,
        "CANARY",
        (run, _approve_when_the_source_has_grown, _WARM, _finish_now, _until_scaled_down, _stop, run),
        _WHOLE,
    ),
    # Its tag has moved when the source gets tasks again, so it is started by the digests that ran.
    Story(
        "stopped_when_the_tag_of_the_source_has_moved",
        _tagged_pair,
        "BLUE_GREEN",
        (run, _approve, _WARM, _finish_now, _until_scaled_down, _tag_moves, _stop, run),
        Story("deployed_over_a_tag", _tagged_pair, "BLUE_GREEN", (run, _approve, _WARM)),
    ),
    Story("gone_on", _pair, "CANARY", (run, _approve, _SHIFTING, _watching, _go_on, _BAKING, _go_on, run), _WHOLE),
    _BEHIND_TWO_RULES,
    _TWO_RULES_BACK,
    Story("nobody_watched", _pair, "CANARY", (run, _approve, _SHIFTING, _five_minutes_later, run), _WHOLE),
    Story("expired", _pair, "CANARY", (run, _an_hour_later, run), _WHOLE),
    Story("migration_failed", _pair, "CANARY", (_failing, run), _WHOLE),
    _TOLD,
    Story(
        "told_of_an_alarm",
        make_listening_world,
        "CANARY",
        (_SHIFTING, tell_echo, run, tell_of_alarm, run),
        _TOLD,
    ),
    Story("refused_an_echo", _without_events, "CANARY", (run, _approve, run), _TOLD),
    _WHOLE_ROLLING,
    Story(
        "rolled_back_to_the_previous_task_definition",
        _single,
        "ROLLING",
        (_BAKING, _alarm(API.alarm), run),
        _WHOLE_ROLLING,
    ),
    Story(
        "rolled_back_to_the_digests_that_ran",
        _tagged,
        "ROLLING",
        (_BAKING, _tag_moves, _alarm(API.alarm), run),
        Story("rolled_out_by_tag", _tagged, "ROLLING", (run,)),
    ),
    Story(
        "ecs_had_finished",
        shifting.make_native_world,
        "BLUE_GREEN",
        (_STARTING, shifting.ecs_bakes, _BAKING, _roll_back, shifting.ecs_is_ahead, run),
    ),
    # It ends half way back, with what the owner has set as it was.
    Story(
        "ecs_may_not_be_told_to_go_back",
        shifting.make_native_world,
        "BLUE_GREEN",
        (_STARTING, shifting.ecs_bakes, _BAKING, _stopping_is_refused, _roll_back, run),
    ),
    _EXPRESS,
    Story(
        "express_mode_turned_back_by_ecs_alarm",
        express.make_express_world,
        "CANARY",
        (run, _approve, _STARTING, express.ecs_has_shifted(5), _SHIFTING, express.own_alarm, run),
        _EXPRESS,
    ),
    Story(
        "express_mode_had_finished",
        express.make_express_world,
        "CANARY",
        (
            run,
            _approve,
            _STARTING,
            express.ecs_bakes,
            _BAKING,
            express.ecs_ends,
            _roll_back,
            _until_ecs_goes_back,
            express.ecs_ends,
            run,
        ),
        _EXPRESS,
    ),  # fmt: skip
    _WITH_CRON,
    Story(
        "scheduled_tasks_turned_back_by_an_alarm",
        make_scheduled_single,
        "ROLLING",
        (_BAKING, _alarm(API.alarm), run),
        _WITH_CRON,
    ),
    Story(
        "scheduled_tasks_rolled_back_while_warm",
        make_scheduled_pair,
        "BLUE_GREEN",
        (run, _approve, _WARM, _roll_back, run),
    ),
    _ON_SERVERS,
    Story(
        "servers_went_back_at_the_second_try",
        servers.make_servers_world,
        "GROUP_CONFIG",
        (
            servers.told,
            servers.cannot_stop_what_is_there,
            run,
            servers.retried,
            servers.goes_back,
            servers.installs,
            run,
        ),
        _ON_SERVERS,
    ),  # fmt: skip
    Story(
        "codedeploy_had_finished",
        shifting.make_code_deploy_world,
        "AllAtOnce",
        (
            _STARTING,
            shifting.code_deploy_bakes,
            _BAKING,
            _roll_back,
            shifting.code_deploy_is_ahead,
            _until_codedeploy_goes_back,
            shifting.code_deploy_is_ready,
            run,
        ),
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_worker_may_die_at_any_moment(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    deaths, undisturbed = every_death(story, monkeypatch)

    for death in deaths:
        assert death.ending == undisturbed, f"killed {death.moment}"
    assert len(deaths) >= 2


@pytest.mark.parametrize("make", dict.fromkeys(story.make for story in STORIES), ids=lambda make: make.__name__)
def test_what_is_kept_of_a_world_is_equal_to_it(make: Callable[[], World]) -> None:
    """Or no next worker would ever be found to go on as the undisturbed one."""
    left = left_behind(make())

    assert kept(left) == left


@pytest.mark.parametrize(("story", "blue"), [(_BEHIND_TWO_RULES, 0), (_TWO_RULES_BACK, 100)], ids=["forward", "back"])
def test_both_rules_of_the_story_are_moved(story: Story, blue: int) -> None:
    world, deployment = story.begin()

    for step in story.steps:
        step(world, deployment)

    rules = [world.aws.rules[arn] for arn in (SHOP.production_rule, VERSION_RULE)]
    assert [rule.share(SHOP.target_group("blue")) for rule in rules] == [blue, blue]
    moved = [act.rule for act in world.aws.performed if isinstance(act, SetWeights) and act.rule == VERSION_RULE]
    assert len(moved) == 2  # to 10 %, then to 100 % or back


def test_every_function_that_records_is_in_the_table() -> None:
    public = {
        name
        for name, thing in vars(record).items()
        if callable(thing) and getattr(thing, "__module__", "") == record.__name__ and not name.startswith("_")
    }
    assert public - {"Lost", "troubled"} == set(RECORDS)
