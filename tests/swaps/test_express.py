"""EXPRESS_MODE on its way there, decision by decision: no AWS, no database."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import RegisterTaskDefinition, RunTask, UpdateExpressGatewayService
from deployments.aws.values import Alarm, Traffic
from deployments.frozen import TaskSpec
from deployments.swaps.decisions import Act, Advance, Fail, Note, OpenGate, Wait
from deployments.swaps.express.observe import observe
from deployments.vocabulary import GateStatus, Stage, Strategy
from tests.fakes.aws import LANDING, FakeGateway
from tests.swaps import cases, express_cases
from tests.swaps.cases import NOON, gate, seconds, wants_approval
from tests.swaps.express_cases import (
    BESIDE,
    FOREIGN,
    NEW,
    OLD,
    OURS,
    SERVICE,
    SHIFTED,
    TOLD,
    at,
    decide,
    learnt,
    measured,
    native,
    proof,
    service,
    task,
)

GATED = wants_approval(Stage.PRE_SCALE_UP)
SICK = cases.targets("unhealthy", "unhealthy", description="Health checks failed with these codes: [500]")


def test_the_plan_has_a_gate_before_ecs_is_told_and_its_canary_after() -> None:
    plan = express_cases.CONTROLLER.plan(express_cases.settings(**GATED), Strategy.CANARY)

    assert [(step.stage, step.percent, bool(step.gate)) for step in plan.steps] == [
        (Stage.RECONCILE_SERVICE, None, False),
        (Stage.PRE_SCALE_UP, None, True),
        (Stage.SCALE_UP, None, False),
        (Stage.PRODUCTION_TRAFFIC_SHIFT, 5, False),
        (Stage.PRODUCTION_TRAFFIC_SHIFT, 100, False),
        (Stage.BAKE_TIME, None, False),
        (Stage.CLEAN_UP, None, False),
    ]
    with pytest.raises(ValueError, match="knows only ECS's own CANARY"):
        express_cases.CONTROLLER.plan(express_cases.settings(), Strategy.BLUE_GREEN)


def test_before_anything_is_told_what_ecs_made_is_found_and_kept() -> None:
    aws = FakeGateway.express()
    snapshot = at(Stage.RECONCILE_SERVICE, facts={"done": ()})

    decision = express_cases.CONTROLLER.decide(snapshot, observe(snapshot, aws, NOON), NOON)

    assert isinstance(decision, Act)
    assert isinstance(decision.action, RegisterTaskDefinition)
    known = learnt(decision)
    assert (known.service, known.source_task_definition, known.desired) == (SERVICE, OLD, 2)
    assert (known.production_rule, known.own_alarms) == (LANDING.production_rule, (LANDING.own_alarm,))
    assert known.target_group == ""  # which of the two gets the release is ECS's to choose


def test_the_gate_shows_the_alarm_by_which_ecs_would_roll_back() -> None:
    aws = FakeGateway.express()
    snapshot = at(Stage.PRE_SCALE_UP, environment=GATED)

    decision = express_cases.CONTROLLER.decide(snapshot, observe(snapshot, aws, NOON), NOON)

    assert isinstance(decision, OpenGate)
    assert decision.evidence["alarms"] == {LANDING.own_alarm: "OK"}
    assert decision.evidence["health"] == {"landing": "2 of 2 tasks run"}


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (service(FOREIGN), "landing runs landing:9, which is not landing:1. It was changed outside Tealgate."),
        (None, "landing does not exist any more"),
        (service(status="DRAINING"), "landing is DRAINING"),
    ],
)
def test_what_somebody_else_did_is_told_while_people_think_and_before_ecs_is(seen: Any, words: str) -> None:
    waiting = at(Stage.PRE_SCALE_UP, environment=GATED, gate=gate(GateStatus.AWAITING_ACTION))

    for snapshot in (waiting, at(Stage.SCALE_UP)):
        decision = decide(snapshot, service=seen, compared=True)

        assert isinstance(decision, Fail)
        assert words in decision.reason
        assert "It was left alone." in decision.reason
        assert not express_cases.CONTROLLER.changed_anything(snapshot)


def test_a_service_without_tasks_turns_nobody_away_at_a_gate_and_gets_no_release() -> None:
    waiting = at(Stage.PRE_SCALE_UP, environment=GATED, gate=gate(GateStatus.AWAITING_ACTION))

    thinking = decide(waiting, service=service(desired=0), compared=True)
    telling = decide(at(Stage.SCALE_UP), service=service(desired=0), compared=True)

    assert isinstance(thinking, Wait)
    assert thinking.reason.endswith("landing was set to a desired count of 0")
    assert isinstance(telling, Fail)


def test_a_tag_that_moved_while_people_thought_is_told_before_a_one_off_task() -> None:
    digests = {"source_digests": {"Main": f"sha256:{'1' * 64}"}}
    environment = {"one_off_tasks": (TaskSpec(name="migrate", command=("migrate",)),)}
    snapshot = at(Stage.PRE_SCALE_UP, environment=environment, facts=digests)

    moved = decide(
        snapshot, service=service(), tasks=(task(OLD, digests={"Main": f"sha256:{'3' * 64}"}),), compared=True
    )
    same = decide(snapshot, service=service(), tasks=(task(OLD, digests=digests["source_digests"]),), compared=True)

    assert isinstance(moved, Fail)
    assert "runs sha256:333333333333 in container Main" in moved.reason
    assert isinstance(same, Act)
    assert isinstance(same.action, RunTask)


def test_ecs_is_told_once_with_the_task_definition_and_nothing_else() -> None:
    decision = decide(at(Stage.SCALE_UP), service=service(), compared=True)

    assert isinstance(decision, Act)
    assert decision.action == UpdateExpressGatewayService(service=SERVICE, task_definition=NEW)
    assert (decision.mark, learnt(decision).updated_at) == ("update", NOON)


def test_an_update_whose_answer_was_lost_is_found_by_the_task_definition_that_only_it_has() -> None:
    aws = FakeGateway.express()
    aws.task_definitions[NEW] = replace(aws.task_definitions[OLD], arn=NEW, revision=2)
    told = UpdateExpressGatewayService(service=SERVICE, task_definition=NEW)
    aws.perform(told)
    snapshot = at(Stage.SCALE_UP, intent=told.as_json())

    decision = express_cases.CONTROLLER.decide(snapshot, observe(snapshot, aws, NOON), NOON)

    assert isinstance(decision, Act)
    assert decision.found is not None


def test_which_of_its_target_groups_ecs_chose_is_learnt_from_the_revision() -> None:
    aws = FakeGateway.express()
    aws.task_definitions[NEW] = replace(aws.task_definitions[OLD], arn=NEW, revision=2)
    aws.perform(UpdateExpressGatewayService(service=SERVICE, task_definition=NEW))
    snapshot = at(Stage.SCALE_UP, facts={"updated_at": NOON, "done": ("register", "update")})

    noted = express_cases.CONTROLLER.decide(snapshot, observe(snapshot, aws, NOON), NOON)

    assert isinstance(noted, Note)
    assert learnt(noted).target_group == BESIDE
    assert noted.reason.endswith(f"and rolls it back by its alarm {LANDING.own_alarm}")


@pytest.mark.parametrize(
    ("seen", "kind", "words"),
    [
        (
            {"native": native(Stage.SCALE_UP, running=1), "measured": measured()},
            Wait,
            "ECS scales up: 1 of 2 tasks run",
        ),
        ({"native": native(Stage.POST_SCALE_UP), "measured": measured()}, Advance, "ECS started 2 of 2 tasks"),
    ],
)
def test_ecs_is_followed_while_it_scales_up(seen: dict[str, Any], kind: type, words: str) -> None:
    decision = decide(at(Stage.SCALE_UP, facts=TOLD), **seen)

    assert type(decision) is kind
    assert decision.reason == words


def test_a_deployment_that_ecs_does_not_list_is_waited_for_and_then_given_up() -> None:
    waits = decide(at(Stage.SCALE_UP, facts={**TOLD, "updated_at": NOON - seconds(59)}), native=None)
    assert isinstance(waits, Wait)

    decision = decide(at(Stage.SCALE_UP, facts={**TOLD, "updated_at": NOON - seconds(60)}), native=None)

    assert isinstance(decision, Fail)
    assert decision.reason == "ECS lists no deployment of 1.1.0 for landing."


def test_a_release_that_does_not_start_in_time_is_turned_back_with_what_its_targets_say() -> None:
    snapshot = at(Stage.SCALE_UP, facts=TOLD, environment={"scale_up_timeout_seconds": 30})

    decision = decide(snapshot, native=native(Stage.SCALE_UP, running=0), measured=measured(health=SICK))

    assert isinstance(decision, Fail)
    assert "1.1.0 was not ready after 30 s: 0 of 2 tasks run" in decision.reason
    assert "[500]" in decision.reason


def test_each_share_is_noted_once_and_left_when_ecs_goes_on() -> None:
    before = decide(at(Stage.PRODUCTION_TRAFFIC_SHIFT, facts=TOLD), native=native(Stage.POST_TEST_TRAFFIC_SHIFT))
    reached = decide(
        at(Stage.PRODUCTION_TRAFFIC_SHIFT, facts=TOLD), native=native(production_percent=5.0), measured=measured()
    )
    facts = vars(learnt(reached))
    stays = decide(
        at(Stage.PRODUCTION_TRAFFIC_SHIFT, facts=facts), native=native(production_percent=5.0), measured=measured()
    )
    goes_on = decide(
        at(Stage.PRODUCTION_TRAFFIC_SHIFT, facts=facts), native=native(production_percent=100.0), measured=measured()
    )

    assert isinstance(before, Wait)
    assert before.reason.startswith("ECS is at POST_TEST_TRAFFIC_SHIFT; 5 % of production comes next")
    assert isinstance(reached, Note)
    assert (learnt(reached).percent, learnt(reached).shifted_at) == (5, NOON)
    assert isinstance(stays, Wait)
    assert isinstance(goes_on, Advance)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (
            {"alarms": {LANDING.own_alarm: Alarm(name=LANDING.own_alarm, state="ALARM", reason="2.1 % of answers")}},
            f"Alarm {LANDING.own_alarm} is in ALARM: 2.1 % of answers",
        ),
        ({"traffic": Traffic(requests=100, errors_5xx=40)}, "answered 40 of 100 requests"),
        ({"health": SICK}, "No target of landing is healthy"),
    ],
)
def test_what_speaks_against_the_release_turns_it_back_at_every_share(seen: dict[str, Any], words: str) -> None:
    for snapshot in (
        at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=5, facts=SHIFTED),
        at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=100, facts=SHIFTED),
        at(Stage.BAKE_TIME, facts=SHIFTED),
    ):
        decision = decide(snapshot, native=native(production_percent=5.0), measured=measured(**seen))

        assert isinstance(decision, Fail)
        assert words in decision.reason


def test_what_ecs_turned_back_by_itself_is_said_with_its_alarm() -> None:
    alarms = (LANDING.own_alarm,)
    turned = native(status="ROLLBACK_IN_PROGRESS", rollback_reason="Alarms fired", triggered_alarms=alarms)

    decision = decide(at(Stage.PRODUCTION_TRAFFIC_SHIFT, facts=SHIFTED), native=turned, service=service())

    assert isinstance(decision, Fail)
    assert decision.reason == f"ECS rolled it back by itself: Alarms fired. In ALARM: {LANDING.own_alarm}."


def test_a_deployment_that_another_one_stopped_names_what_runs_now() -> None:
    decision = decide(
        at(Stage.BAKE_TIME, facts=SHIFTED), native=native(status="STOPPED", reason="newer"), service=service(FOREIGN)
    )

    assert isinstance(decision, Fail)
    assert "another deployment of landing was started, which runs landing:9 now" in decision.reason


def test_success_is_what_ecs_says_and_what_runs() -> None:
    ended = native(status="SUCCESSFUL", production_percent=100.0)

    decision = decide(at(Stage.CLEAN_UP, facts=SHIFTED), native=ended, **proof(NEW, 100))

    assert isinstance(decision, Advance)
    assert learnt(decision).percent == 100


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tasks": ()}, "No task of landing:2 runs on landing."),
        ({"tasks": (task(OLD),)}, "No task of landing:2 runs on landing."),
        ({"tasks": (task(status="STOPPED"),)}, "No task of landing:2 runs on landing."),
        ({"service": service(OLD)}, "landing runs landing:1, which is not landing:2 (1.1.0)"),
        ({"service": service(NEW, desired=0)}, "landing was set to a desired count of 0"),
        ({"rule": express_cases.rule(5)}, "shows 5 % on the release's target group"),
        ({"tasks": (task(digests={"Main": f"sha256:{'9' * 64}"}),)}, "sha256:999999999999 in container Main"),
    ],
)
def test_ecs_is_not_believed_without_proof(changes: dict[str, Any], words: str) -> None:
    ended = native(status="SUCCESSFUL", production_percent=100.0)

    decision = decide(at(Stage.CLEAN_UP, facts=SHIFTED), native=ended, **proof(NEW, 100) | changes)

    assert isinstance(decision, Fail)
    assert decision.reason.startswith("ECS says that it succeeded, but that is not what runs. ")
    assert words in decision.reason


def test_a_deployment_that_is_gone_is_said() -> None:
    decision = decide(at(Stage.BAKE_TIME, facts=SHIFTED), native=None)

    assert isinstance(decision, Fail)
    assert decision.reason.startswith(f"ECS no longer knows the deployment {OURS}")


# ---------------------------------------------------------------- what proves it


def test_too_few_requests_are_told_at_the_end_of_its_bake() -> None:
    seen = measured(traffic=Traffic(requests=3))

    decision = decide(at(Stage.BAKE_TIME, facts=SHIFTED), native=native(Stage.CLEAN_UP), measured=seen)

    assert isinstance(decision, Advance), decision
    assert learnt(decision).warnings == ("Only 3 requests of landing were seen, too few to judge (from 20).",)


def test_where_they_are_required_it_is_turned_back_before_ecs_goes_on() -> None:
    required = {"requires_min_requests": True}
    snapshot = at(Stage.BAKE_TIME, facts=SHIFTED, environment=required, source_kept_until=NOON + seconds(15))

    decision = decide(snapshot, native=native(Stage.BAKE_TIME), measured=measured(traffic=Traffic(requests=3)))

    assert isinstance(decision, Fail), decision
    assert "the environment requires 20: it is turned back." in decision.reason


def test_the_deployment_that_took_ours_off_is_said_once_with_what_to_do() -> None:
    stopped = {"native": native(status="STOPPED", reason="newer"), "service": service(FOREIGN)}
    forward = decide(at(Stage.BAKE_TIME, facts=SHIFTED), **stopped)

    back = decide(replace(at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True), status_reason=forward.reason), **stopped)

    assert isinstance(back, Fail)
    assert back.reason.startswith("nothing is left to turn back. Deploy the release that you want")


def test_tasks_that_stopped_by_themselves_turn_it_back() -> None:
    died = task(NEW, "STOPPED", stop_code="EssentialContainerExited", exit_codes={"Main": 137}, ended_at=NOON)
    seen = replace(measured(), answers={**measured().answers, "stopped_tasks": (died,) * 3})
    snapshot = at(Stage.BAKE_TIME, facts={**SHIFTED, "healthy_at": NOON - seconds(60)})

    decision = decide(snapshot, native=native(Stage.BAKE_TIME), measured=seen)

    assert isinstance(decision, Fail), decision
    assert "had 3 tasks that stopped by themselves (exit code 137); at most 2 are allowed." in decision.reason
