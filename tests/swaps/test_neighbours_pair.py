"""Others who deploy to the two services meanwhile: what it means, by what happens, at which stage, there and back."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import RegisterTaskDefinition, UpdateService
from deployments.aws.values import Service, Task, TaskDefinition
from deployments.frozen import TaskSpec
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.service_pair.facts import Compared, Snapshot
from deployments.swaps.service_pair.observe import SCALING_HANDED_OVER, Observed
from deployments.swaps.steps.pinned import Pin, Seen
from deployments.vocabulary import GateStatus, Slot, Stage
from tests.evidence import cases as evidence
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps.cases import (
    BLUE,
    CONTROLLER,
    GREEN,
    HEALTHY,
    NEW,
    NOON,
    OLD,
    at,
    decide,
    gate,
    learnt,
    pair,
    rule,
    seconds,
    service,
    wants_approval,
)

THEIRS = SHOP.task_definition(9)
IDLE = SHOP.task_definition(3)
MIGRATE = {"one_off_tasks": (TaskSpec(name="migrate", command=("migrate",)),)}
UP = ("suspend_target", "scale_up", "test_shift")
TENTH = {"percent": 10, "weights": {BLUE: 90, GREEN: 10}, "shifted_at": NOON}
ALL = {"percent": 100, "weights": {BLUE: 0, GREEN: 100}, "shifted_at": NOON}


def look(percent: int = 0, *, on_source: Any = None, on_target: Any = None, **changes: Any) -> Observed:
    """Somebody's doing is a change of `service()`; None: as planned."""
    services = pair(service("shop-blue", **on_source or {}), service("shop-green", **on_target or {}))
    usual: dict[str, Any] = {
        "production": rule(100 - percent, percent),
        "test": rule(0, 100, arn=SHOP.test_rule),
        "health": dict.fromkeys(Slot, HEALTHY),
        "services": services,
    }
    return Observed(**evidence.look(**usual | changes))


def starting(**changes: Any) -> Snapshot:
    return at(Stage.PRE_SCALE_UP, environment=MIGRATE, **{"facts": {"idle_task_definition": IDLE}, **changes})


def checked(**changes: Any) -> Snapshot:
    open_gate: dict[str, Any] = {"environment": wants_approval(), "gate": gate(GateStatus.AWAITING_ACTION)}
    return at(Stage.POST_TEST_TRAFFIC_SHIFT, done=UP, **open_gate | changes)


def first_rung(**changes: Any) -> Snapshot:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10, done=UP, **changes)


def at_ten(**changes: Any) -> Snapshot:
    snapshot = first_rung()
    done = (*UP, f"shift:{snapshot.position}")
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10, done=done, **{"facts": TENTH, **changes})


def baking(**changes: Any) -> Snapshot:
    return at(Stage.BAKE_TIME, done=UP, **{"facts": ALL, **changes})


def cleaning(**changes: Any) -> Snapshot:
    handed = (*UP, "scaling:green", "scaling:blue")
    return at(Stage.CLEAN_UP, **{"facts": ALL, "done": handed, "source_kept_until": NOON, **changes})


OTHER, NONE, GONE = {"task_definition": THEIRS}, {"desired": 0}, {"status": "INACTIVE"}
NOT_APPROVED = "It is not what was approved, so "
NO_TRAFFIC = f"{NOT_APPROVED}new 1.1.0 gets no production traffic."
BACK = f"{NOT_APPROVED}all traffic goes back to old 1.0.0."
MAKES_WAY = "It is left alone, and 1.1.0 gets no production traffic."
OWNERS = "It is left alone: its owner wants that, so all traffic goes back to it as it is now."
ON_GREEN = "shop-green runs shop:9, which is not shop:2 (1.1.0). It was changed outside Tealgate. "
ON_BLUE = "shop-blue runs shop:9, which is not shop:1. It was changed outside Tealgate. "


@pytest.mark.parametrize(
    ("snapshot", "observed", "reason"),
    [
        # on the target
        (starting(), look(on_target=OTHER), f"shop-green runs shop:9, which is not shop:3. It was changed outside "
         f"Tealgate. {NO_TRAFFIC}"),
        (at(Stage.SCALE_UP, done=UP), look(on_target=OTHER), ON_GREEN + NO_TRAFFIC),
        (at(Stage.TEST_TRAFFIC_SHIFT, done=UP[:2]), look(on_target=OTHER), ON_GREEN + NO_TRAFFIC),
        (checked(), look(on_target=OTHER), ON_GREEN + NO_TRAFFIC),
        (first_rung(), look(on_target=OTHER), ON_GREEN + NO_TRAFFIC),
        (at_ten(), look(10, on_target=OTHER), ON_GREEN + BACK),
        (baking(), look(100, on_target=OTHER), ON_GREEN + BACK),
        (baking(), look(100, on_target=NONE), "shop-green was set to a desired count of 0. It was changed outside "
         f"Tealgate. {BACK}"),
        (baking(), look(100, on_target=GONE), f"shop-green is INACTIVE. It was changed outside Tealgate. {BACK}"),
        # on the source
        (starting(facts={"idle_task_definition": NEW}), look(on_source=OTHER), ON_BLUE + MAKES_WAY),
        (at(Stage.SCALE_UP), look(on_source=OTHER), ON_BLUE + MAKES_WAY),
        (at(Stage.SCALE_UP, done=UP), look(on_source=OTHER), ON_BLUE + MAKES_WAY),
        (at(Stage.TEST_TRAFFIC_SHIFT, done=UP[:2]), look(on_source=OTHER), ON_BLUE + MAKES_WAY),
        (checked(), look(on_source=OTHER), ON_BLUE + MAKES_WAY),
        (first_rung(), look(on_source=OTHER), ON_BLUE + MAKES_WAY),
        (at_ten(), look(10, on_source=OTHER), ON_BLUE + OWNERS),
        # of the rules, where nothing else looks at them
        (starting(facts={"idle_task_definition": NEW}), look(10), "Someone else changed the production rule: it shows "
         "90 % on old 1.0.0, 10 % on new 1.1.0, but 0 % on new 1.1.0 was expected."),
        (checked(), look(10), "Someone else changed the production rule: it shows 90 % on old 1.0.0, 10 % on new "
         "1.1.0, but 0 % on "
         "new 1.1.0 was expected."),
        (checked(), look(test=rule(50, 50)), "Someone else changed the test rule: it shows 50 % on old 1.0.0, 50 % "
         "on new 1.1.0."),
    ],
)  # fmt: skip
def test_somebody_elses_change_stops_it_before_traffic_moves_or_turns_it_back(
    snapshot: Snapshot, observed: Observed, reason: str
) -> None:
    decision = decide(snapshot, observed)

    assert isinstance(decision, Fail)
    assert decision.reason == reason


BREAKER = {"rollout_reason": "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."}


def test_what_ecs_puts_back_itself_is_not_taken_for_somebody_elses() -> None:
    put_back = {"task_definition": IDLE, "primary": BREAKER}

    starts = decide(at(Stage.SCALE_UP, done=UP), look(on_target=put_back))
    bakes = decide(baking(), look(100, on_target=put_back))

    assert [type(starts), type(bakes)] == [Fail, Fail]
    assert starts.reason == (
        "ECS gave up on shop-green: ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1. "
        "Targets: all registered targets are healthy"
    )
    assert (
        bakes.reason == f"shop-green runs shop:3, which is not shop:2 (1.1.0): ECS gave the release up itself. {BACK}"
    )


@pytest.mark.parametrize(
    ("snapshot", "observed"),
    [
        (starting(facts={"idle_task_definition": NEW}), look()),
        (checked(), look()),
        (first_rung(), look()),
        (at_ten(), look(10)),
        (baking(), look(100)),
        # its owner may scale what serves for them
        (at_ten(), look(10, on_source={"desired": 5, "running": 5})),
        (checked(), look(on_source=NONE)),
        # a write of ours that DescribeServices need not show yet
        (
            at(Stage.SCALE_UP, done=UP, facts={"scaled_at": NOON - seconds(9), "compared": {}}),
            look(on_target={"task_definition": IDLE}),
        ),
        # rows of earlier versions do not know what was on the idle service
        (at(Stage.SCALE_UP), look(on_target={"task_definition": IDLE})),
    ],
)
def test_what_is_as_planned_goes_on(snapshot: Snapshot, observed: Observed) -> None:
    assert not isinstance(decide(snapshot, observed), Fail | Note)


def test_a_hotfix_on_the_source_is_told_once_where_the_release_has_all_traffic() -> None:
    observed = look(100, on_source=OTHER)

    told = decide(baking(), observed)

    assert isinstance(told, Note)
    assert told.reason == (
        f"{ON_BLUE}It gets no production traffic, since 1.1.0 has all of it. It is left alone, and a roll back would "
        "go to it as it is then."
    )
    assert learnt(told).warnings == (told.reason,)
    assert isinstance(decide(baking(facts={**ALL, "done": learnt(told).done}), observed), Wait)


def test_what_is_on_a_service_is_known_as_long_as_it_is_there() -> None:
    theirs = learnt(decide(baking(), look(100, on_source=OTHER)))
    undone = learnt(decide(baking(facts=vars(theirs)), look(100)))

    assert (theirs.outside, undone.outside) == ({"blue": "shop:9"}, {})


def test_a_source_that_somebody_changed_keeps_its_tasks_and_the_end_warns_of_it() -> None:
    observed = look(100, on_source=OTHER)
    told = learnt(decide(baking(), observed))

    decision = decide(
        cleaning(done=(*cleaning().facts.done, *told.done), facts={**ALL, "warnings": told.warnings}), observed
    )

    assert isinstance(decision, Advance)
    assert decision.reason == "1.1.0 has all traffic; shop-blue was left with its 2 tasks"
    assert learnt(decision).warnings == (
        f"{ON_BLUE}It gets no production traffic, and shop-blue was left with its 2 tasks.",
    )


@pytest.mark.parametrize("done", [(), ("scale_down",)])
def test_no_success_is_told_of_a_release_that_somebody_replaced_in_its_warm_time(done: tuple[str, ...]) -> None:
    snapshot, observed = cleaning(done=(*UP, *done)), look(100, on_target=OTHER)

    failed = decide(snapshot, observed)
    then = decide(returning(facts=vars(learnt(failed))), observed)

    assert isinstance(failed, Fail)
    assert failed.reason == ON_GREEN.strip()
    assert isinstance(then, Fail)
    assert then.reason == (
        "what runs there has all traffic and was left alone, and shop-blue keeps its 2 tasks. Deploy the release "
        "that you "
        "want, or try the roll back again: then all traffic goes to shop-blue."
    )
    assert isinstance(decide(returning(facts=vars(learnt(failed)), attempt=1), observed), Act)


def test_the_source_is_scaled_down_when_both_are_as_planned() -> None:
    decision = decide(cleaning(), look(100))

    assert isinstance(decision, Act)
    assert decision.action == UpdateService(cluster="shop", service="shop-blue", desired=0)


# The way back


def returning(**changes: Any) -> Snapshot:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, **{"facts": TENTH, "done": (*UP, "shift:4"), **changes})


def told_of(snapshot: Snapshot, observed: Observed) -> tuple[Note, Decision]:
    told = decide(snapshot, observed)
    assert isinstance(told, Note)
    return told, decide(replace(snapshot, facts=learnt(told)), observed)


def test_traffic_goes_back_to_a_source_that_somebody_changed_as_it_is() -> None:
    told, then = told_of(returning(), look(10, on_source=OTHER))

    assert told.reason == f"{ON_BLUE}It is left alone: traffic goes back to it as it is now."
    assert isinstance(then, Act)
    assert then.reason == "Production: 100 % back to shop-blue (shop:9)"


def test_a_source_that_somebody_changed_is_warmed_without_its_old_task_definition() -> None:
    _, then = told_of(
        returning(), look(10, on_source={**OTHER, "desired": 0}, health={Slot.BLUE: (), Slot.GREEN: HEALTHY})
    )

    assert isinstance(then, Act)
    assert then.action == UpdateService(cluster="shop", service="shop-blue", task_definition=None, desired=2)


def test_what_is_on_the_target_does_not_keep_traffic_from_going_back() -> None:
    then = decide(returning(), look(10, on_target=OTHER))

    assert isinstance(then, Act)
    assert then.reason.startswith("Production: 100 % back to old 1.0.0")


def test_the_end_of_the_way_back_says_what_the_source_runs() -> None:
    gone = service("shop-green", desired=0, task_definition=THEIRS)
    observed = look(0, on_source=OTHER)
    observed = replace(observed, services={**observed.services, Slot.GREEN: gone})
    done = (*UP, "back_scale_down#0", "told:blue:ecs-svc/1")

    decision = decide(at(Stage.CLEAN_UP, back=True, done=done), observed)

    assert isinstance(decision, Advance)
    assert decision.reason == (
        "All traffic is on shop-blue (shop:9); shop-green is scaled to 0. shop-blue runs shop:9, which is not shop:1. "
        "It was changed outside Tealgate and was left as it is"
    )


# The same again, by force


def restarted(name: str, **changes: Any) -> Service:
    seen = service(name, **changes)
    return replace(seen, deployments=tuple(replace(each, id="ecs-svc/2") for each in seen.deployments))


@pytest.mark.parametrize("slot", list(Slot))
def test_tasks_that_somebody_started_anew_are_told_and_the_deployment_goes_on(slot: Slot) -> None:
    services = {**pair(), slot: restarted(f"shop-{slot}")}

    told, then = told_of(baking(), look(100, services=services))

    version = {Slot.BLUE: "shop:1", Slot.GREEN: "shop:2"}[slot]
    assert told.reason == (
        f"shop-{slot}: somebody started its tasks anew, with the same {version}; the deployment goes on"
    )
    assert isinstance(then, Wait)
    assert learnt(then).compared[slot] == Compared(deployment="ecs-svc/2", running=2)


def test_what_was_told_is_nothing_to_put_back() -> None:
    assert not CONTROLLER.changed_anything(at(Stage.SCALE_UP, done=("told:blue:ecs-svc/2",)))


# A tag that moved

GOOD, BAD = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
BY_TAG = {
    "source_by_tag": ("web", "proxy"),
    "target_by_tag": ("proxy",),
    "source_digests": {"web": GOOD, "proxy": GOOD},
}
TAGGED = {**BY_TAG, "target_digests": {"proxy": GOOD}}


def task(definition: str, **digests: str) -> Task:
    return Task(
        arn="arn:task/1", task_definition=definition, last_status="RUNNING", desired_status="RUNNING",
        images=dict.fromkeys(digests, "shop:stable"), digests=digests,
    )  # fmt: skip


def test_a_source_whose_tag_moved_stops_it_before_traffic_moves() -> None:
    tasks = {Slot.BLUE: (task(OLD, web=BAD, proxy=GOOD),)}

    decision = decide(first_rung(facts=TAGGED), look(tasks=tasks))

    assert isinstance(decision, Fail)
    assert learnt(decision).outside == {"blue": "another image of shop:1"}
    assert decision.reason == (
        "1 task of shop-blue runs sha256:bbbbbbbbbbbb in container web (from shop:stable), which is not "
        f"sha256:aaaaaaaaaaaa. It was changed outside Tealgate. {MAKES_WAY}"
    )


def test_a_side_container_of_the_release_whose_tag_moved_turns_it_back() -> None:
    tasks = {Slot.GREEN: (task(NEW, web=GOOD, proxy=BAD),)}

    decision = decide(baking(facts={**ALL, **TAGGED}), look(100, tasks=tasks))

    assert isinstance(decision, Fail)
    assert decision.reason.endswith(f"in container proxy (from shop:stable), which is not sha256:aaaaaaaaaaaa (1.1.0). "
                                    f"It was changed outside Tealgate. {BACK}")  # fmt: skip


def test_tasks_are_asked_only_where_a_tag_names_their_images_and_others_may_run() -> None:
    aws = FakeGateway.pair()
    same = {slot.value: Compared(deployment="ecs-svc/1", running=2) for slot in Slot}
    fewer = {**same, "blue": Compared(deployment="ecs-svc/1", running=3)}
    earlier = {**same, "blue": Compared(deployment="ecs-svc/1", running=2, started=NOON)}

    for facts, calls in (
        ({"compared": fewer}, 0),
        ({**TAGGED, "compared": same}, 0),
        ({**TAGGED, "compared": fewer}, 1),
        ({**TAGGED, "compared": earlier}, 1),
    ):
        aws.calls.clear()
        CONTROLLER.observe(first_rung(facts=facts), aws, NOON)
        assert aws.calls["tasks"] == calls

    aws.calls.clear()
    CONTROLLER.observe(cleaning(facts={**ALL, **TAGGED, "compared": fewer}, done=(*UP, "scale_down")), aws, NOON)
    assert aws.calls["tasks"] == 0


def test_digests_of_side_containers_are_noted_once_the_release_runs() -> None:
    tasks = {Slot.GREEN: (task(NEW, web=GOOD, proxy=BAD),)}
    compared = {"blue": Compared(deployment="ecs-svc/1", running=2)}
    facts = {**BY_TAG, "compared": compared}

    decision = decide(at(Stage.SCALE_UP, done=UP, facts=facts), look(tasks=tasks))

    assert isinstance(decision, Advance)
    assert learnt(decision).target_digests == {"proxy": BAD}
    assert learnt(decision).healthy_at == NOON


PINNED = SHOP.task_definition(4)
PULLED = {Slot.BLUE: (task(OLD, web=BAD, proxy=GOOD),)}


def returning_by_tag(**facts: Any) -> Snapshot:
    return returning(facts={**TENTH, **TAGGED, **facts})


def to_pin() -> Seen:
    containers = [{"name": "web", "image": "shop:stable"}, {"name": "proxy", "image": "proxy:5000/envoy:1"}]
    document = {"family": "shop", "containerDefinitions": containers}
    return Seen(live=TaskDefinition(arn=OLD, family="shop", revision=1, status="ACTIVE", document=document))


def test_the_source_goes_back_to_the_digests_that_ran_where_ecs_pulled_a_tag_that_moved() -> None:
    pin = decide(returning_by_tag(), look(10, tasks=PULLED, to_pin=to_pin()))
    put_on = decide(returning_by_tag(source_pinned=PINNED), look(10, tasks=PULLED))
    waits = decide(
        returning_by_tag(source_pinned=PINNED, done=(*UP, "shift:4", "warm#0")),
        look(10, on_source={"task_definition": PINNED, "pending": 1}),
    )
    moves = decide(
        returning_by_tag(source_pinned=PINNED, done=(*UP, "shift:4", "warm#0")),
        look(10, on_source={"task_definition": PINNED}),
    )

    assert isinstance(pin, Pin)
    assert isinstance(pin.action, RegisterTaskDefinition)
    images = [each["image"] for each in pin.action.document["containerDefinitions"]]
    assert images == [f"shop@{GOOD}", f"proxy:5000/envoy@{GOOD}"]
    assert isinstance(put_on, Act)
    assert put_on.action == UpdateService(cluster="shop", service="shop-blue", task_definition=PINNED, desired=2)
    assert put_on.reason == "shop-blue scaled back to 2 tasks of shop:4, which names the digests that ran before"
    assert isinstance(waits, Wait)
    assert isinstance(moves, Act)
    assert moves.reason.startswith("Production: 100 % back to old 1.0.0")


def test_a_source_that_has_tasks_no_more_is_pinned_before_it_gets_some() -> None:
    aws = FakeGateway.pair(desired=0)

    wanted = CONTROLLER.observe(returning_by_tag(), aws, NOON)
    made_already = CONTROLLER.observe(returning_by_tag(source_pinned=PINNED), aws, NOON)
    not_known = CONTROLLER.observe(returning_by_tag(source_digests={}), aws, NOON)

    assert wanted.to_pin is not None
    assert wanted.to_pin.live.arn == OLD
    assert (made_already.to_pin, not_known.to_pin) == (None, None)


def test_a_source_that_somebody_deployed_by_its_tag_is_left_as_it_is() -> None:
    services = {**pair(), Slot.BLUE: restarted("shop-blue")}

    told, then = told_of(returning_by_tag(), look(10, services=services, tasks=PULLED))

    assert "It is left alone: traffic goes back to it as it is now." in told.reason
    assert isinstance(then, Act)
    assert then.reason == "Production: 100 % back to shop-blue (another image of shop:1)"


def test_a_tag_that_was_never_read_is_said_where_the_source_was_started_again() -> None:
    facts = {"source_by_tag": ("web",), "percent": 0}
    done = (*UP, "warm#0", "back_scale_down#0")
    observed = look(services=pair(green=service("shop-green", desired=0)))

    decision = decide(at(Stage.CLEAN_UP, back=True, done=done, facts=facts), observed)

    assert isinstance(decision, Advance)
    assert decision.reason.endswith("could not be read from the tasks, so another one may be started")


def test_a_gate_of_ours_is_looked_at_on_each_half_minute() -> None:
    decision = decide(checked(), look(), NOON + seconds(10))

    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(30)


def test_what_somebody_puts_on_the_source_in_its_warm_time_is_told_then_and_not_when_it_is_gone_back_to() -> None:
    warm = at(
        Stage.CLEAN_UP,
        done=(*UP, "shift:4", SCALING_HANDED_OVER),
        facts=ALL,
        source_kept_until=NOON + seconds(3000),
    )

    told = decide(warm, look(100, on_source={"task_definition": THEIRS}))
    calm = decide(warm, look(100))

    assert isinstance(told, Note), told
    assert "and a roll back would go to it as it is then" in told.reason
    assert learnt(told).outside == {"blue": "shop:9"}
    assert isinstance(calm, Wait) and calm.until == NOON + seconds(600)
