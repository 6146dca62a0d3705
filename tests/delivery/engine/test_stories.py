"""advance() with rows in the database and AWS in memory: the stories of one deployment."""

from datetime import timedelta

import pytest

from deployments.aws import errors, values
from deployments.catalog.models import Environment
from deployments.delivery import approvals, turning_back, warm_time
from deployments.delivery.engine import one_pass
from deployments.delivery.views.slots import place_sentence
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Stage, Status
from tests.delivery.engine.world import make_release, make_world
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db


def test_a_canary_goes_through_gate_shift_bake_and_clean_up() -> None:
    world = make_world()
    deployment = world.run(world.request())
    assert (deployment.stage, world.share("green")) == (Stage.POST_TEST_TRAFFIC_SHIFT, 0)

    world.approve(deployment)
    world.advance(deployment)
    assert world.share("green") == 10

    world.run(deployment)
    assert deployment.status == Status.SUCCESSFUL
    assert world.share("green") == 100
    assert world.aws.ecs[SHOP.cluster, "shop-blue"].desired == 0
    environment = Environment.objects.get()
    assert (environment.live_release, environment.live_slot) == (world.release, "green")


def test_a_source_that_still_gets_requests_at_the_end_gets_all_of_them_again() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    made = f"{SHOP.production_rule}-version"
    world.aws.set_weights(made, {SHOP.target_group("blue"): 1})

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert f"What was live before was not scaled down, because the rule {made} (" in deployment.status_reason
    assert (world.share("blue"), world.aws.ecs[SHOP.cluster, "shop-blue"].desired) == (100, 2)


def test_a_rule_that_is_not_named_stops_it_before_anything_is_touched() -> None:
    world = make_world(gate=False)
    world.aws.set_weights(f"{SHOP.production_rule}-version", {SHOP.target_group("blue"): 1})

    deployment = world.run(world.request())

    assert deployment.status == Status.STOPPED
    assert "which the environment does not name" in deployment.status_reason
    assert world.aws.performed == []


def test_the_next_deployment_goes_the_other_way() -> None:
    world = make_world(gate=False)
    world.run(world.request())

    second = world.run(world.request(release=make_release(world.environment.application, "1.2.0", "3")))

    assert second.status == Status.SUCCESSFUL
    assert (second.source_slot, second.target_slot, world.share("blue")) == ("green", "blue", 100)


def test_a_rejection_rolls_back() -> None:
    world = make_world()
    deployment = world.run(world.request())

    approvals.reject(
        gate=deployment.gates.get(), principal=Principal.person(world.approver), comment="typo", now=world.clock()
    )
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "rejected by approver: typo" in deployment.status_reason
    assert world.share("blue") == 100
    assert world.aws.ecs[SHOP.cluster, "shop-green"].desired == 0


def test_the_requester_is_told_why_not_to_approve() -> None:
    world = make_world()
    deployment = world.run(world.request())

    with pytest.raises(Refused, match="somebody else has to decide"):
        world.approve(deployment, world.requester)


def test_an_alarm_at_ten_percent_turns_back_and_says_why() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    assert world.share("green") == 10

    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed")
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "Alarm shop-5xx is in ALARM: Threshold Crossed" in deployment.status_reason
    assert world.share("blue") == 100


def test_too_many_5xx_turn_back() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)

    world.aws.measured[SHOP.target_group("green")] = values.Traffic(requests=40, errors_5xx=13, latency_ms=9)
    world.run(deployment)

    assert "New 1.1.0 answered 13 of 40 requests (32.5 %) with 5xx" in deployment.status_reason
    assert world.share("blue") == 100


def test_a_release_that_never_gets_healthy_rolls_back_with_its_health_kept() -> None:
    world = make_world()
    sentence = "Health checks failed with these codes: [503]"
    world.aws.set_health(SHOP.task_definition(2), "unhealthy", "Target.ResponseCodeMismatch", sentence)
    world.aws.log_lines = ("booting", "cannot reach the database")

    deployment = world.run(world.request())

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert sentence in deployment.status_reason
    assert deployment.failure
    assert deployment.failure["health"][0]["description"] == sentence
    assert deployment.failure["log"] == ["booting", "cannot reach the database"]
    assert world.share("blue") == 100


def test_preflight_stops_an_arm64_image_before_anything_is_touched() -> None:
    world = make_world()
    world.release.images.update(platforms=["linux/arm64"])

    deployment = world.run(world.request())

    assert deployment.status == Status.STOPPED
    assert "arm64" in deployment.status_reason
    assert world.aws.performed == []


def test_roll_back_while_warm_is_one_pass() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    world.advance(deployment)
    assert deployment.is_warm

    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.advance(deployment)

    assert world.share("blue") == 100
    assert world.run(deployment).status == Status.ROLLBACK_SUCCESSFUL


def test_extend_keeps_the_source_warm_for_longer() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    world.advance(deployment)
    before = deployment.source_kept_until

    warm_time.extend(deployment=deployment, principal=Principal.person(world.requester), minutes=30, now=world.clock())
    world.advance(deployment)

    assert before is not None
    assert deployment.source_kept_until is not None
    assert (deployment.source_kept_until - before).total_seconds() == 1800
    # It is looked at once more before that time is over.
    assert deployment.next_check_at == world.clock() + timedelta(minutes=10)


def test_finish_now_cleans_up_at_once() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    world.advance(deployment)
    at = world.clock.now

    warm_time.finish_now(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL
    assert (world.clock.now - at).total_seconds() < 60


@pytest.mark.parametrize(
    "stage",
    [
        Stage.SCALE_UP,
        Stage.TEST_TRAFFIC_SHIFT,
        Stage.POST_TEST_TRAFFIC_SHIFT,
        Stage.PRODUCTION_TRAFFIC_SHIFT,
        Stage.BAKE_TIME,
        Stage.CLEAN_UP,
    ],
)
def test_stop_works_at_every_stage(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_pass, "MOST_DECISIONS", 1)  # so that every stage can be met on the way
    world = make_world(gate=False)
    deployment = world.request()
    while deployment.stage != stage or "scale_up" not in deployment.facts["done"]:
        world.clock.forward(seconds=20)
        world.advance(deployment)

    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "Stop asked for by requester" in deployment.status_reason
    assert world.share("blue") == 100
    assert world.aws.ecs[SHOP.cluster, "shop-green"].desired == 0
    assert world.aws.ecs[SHOP.cluster, "shop-blue"].running == 2


def test_stop_before_anything_was_changed_just_stops() -> None:
    world = make_world()
    deployment = world.request()

    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.advance(deployment)

    assert deployment.status == Status.STOPPED
    assert world.aws.performed == []


def test_a_rule_changed_by_someone_else_fails_closed() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)

    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 50, SHOP.target_group("green"): 50})
    world.run(deployment)

    assert "Someone else changed the production rule" in deployment.status_reason
    assert world.share("blue") == 100


def test_a_rule_that_forwards_elsewhere_is_left_alone() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    other = SHOP.target_group("blue").replace("shop-blue", "maintenance")

    world.aws.set_weights(SHOP.production_rule, {other: 1})
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "it forwards to maintenance" in deployment.status_reason
    assert world.aws.rules[SHOP.production_rule].live == (other,)


def test_a_failed_roll_back_can_be_tried_again() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    other = SHOP.target_group("blue").replace("shop-blue", "maintenance")
    world.aws.set_weights(SHOP.production_rule, {other: 1})
    world.run(deployment)
    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("green"): 100})

    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert world.share("blue") == 100


def test_throttling_is_waited_out_and_shown() -> None:
    world = make_world(gate=False)
    deployment = world.request()
    world.aws.fail_next("services", errors.Throttled, times=2)

    world.advance(deployment)
    while deployment.failures == 0 and not deployment.is_terminal:
        world.clock.forward(seconds=1)
        world.advance(deployment)
    assert "tried 1 time," in deployment.waiting_for

    assert world.run(deployment).status == Status.SUCCESSFUL
    assert world.kinds(deployment).count("aws.trouble") == 1


def test_a_lost_answer_does_not_move_traffic_twice() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.TEST_TRAFFIC_SHIFT)
    world.aws.fail_next("SetWeights", errors.Unavailable, after_write=True, times=2)

    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL
    assert world.kinds(deployment).count("aws.SetWeights") == 3


def test_a_role_that_cannot_be_assumed_any_more_leaves_traffic_where_it_is() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.aws.fail_next("rule", errors.Denied, times=10)

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "could not be finished" in deployment.status_reason
    assert world.share("green") == 10


def test_a_roll_back_that_fails_again_and_again_keeps_one_sentence() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.aws.fail_next("rule", errors.Denied, times=4)
    first = world.run(deployment).status_reason

    for _ in range(2):
        turning_back.retry_roll_back(
            deployment=deployment, principal=Principal.person(world.requester), now=world.clock()
        )
        assert world.run(deployment).status == Status.ROLLBACK_FAILED

    assert deployment.status_reason == first
    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "could not be finished" not in deployment.status_reason


def test_an_expired_gate_rolls_back_and_refuses_late_approvals() -> None:
    world = make_world()
    deployment = world.run(world.request())
    gate = deployment.gates.get()
    world.clock.forward(minutes=61)

    with pytest.raises(Refused, match="expired"):
        world.approve(deployment)
    world.run(deployment)

    gate.refresh_from_db()
    assert gate.status == "TIMED_OUT"
    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "nobody decided within 1 h" in deployment.status_reason


def test_an_expired_gate_goes_on_when_the_policy_says_so() -> None:
    world = make_world()
    world.environment.gate_policies.update(timeout_action="CONTINUE")
    deployment = world.run(world.request())

    world.clock.forward(minutes=61)
    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL


def test_waiting_at_the_gate_asks_aws_nothing() -> None:
    world = make_world()
    deployment = world.run(world.request())
    world.advance(deployment)
    before = sum(world.aws.calls.values())

    for _ in range(50):
        world.clock.forward(seconds=60)
        if deployment.next_check_at and deployment.next_check_at <= world.clock.now:
            break
        world.advance(deployment)

    assert sum(world.aws.calls.values()) == before


def test_a_migration_that_fails_stops_before_anything_is_started() -> None:
    world = make_world()
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    world.aws.exit_code, world.aws.log_lines = 1, ("django.db.utils.OperationalError: no such table",)

    deployment = world.run(world.request())

    assert deployment.status == Status.STOPPED
    assert "migrate ended with exit code 1. Last line: django.db.utils.OperationalError" in deployment.status_reason
    assert deployment.facts["tasks"][0]["log"] == list(world.aws.log_lines)
    assert "may still run" not in deployment.status_reason
    assert deployment.status_reason.endswith(
        "Tealgate moved no traffic and changed no service, but a one-off task of 1.1.0 ran: migrate (exit code 1). "
        "What was changed by it, in a database for instance, stays."
    )
    assert place_sentence(deployment, (), world.clock()) == ""  # it is said once
    assert world.aws.ecs[SHOP.cluster, "shop-green"].desired == 0


def test_a_stop_in_the_middle_of_a_migration_says_that_it_may_still_run() -> None:
    world = make_world(gate=False)
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    world.aws.exit_code = None
    deployment = world.advance(world.request())
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())

    world.run(deployment)

    assert deployment.status == Status.STOPPED
    assert "The one-off task migrate may still run: see to its end" in deployment.status_reason
    assert "a one-off task of 1.1.0 ran: migrate. What was" in deployment.status_reason


def test_a_stop_after_a_start_that_nobody_heard_of_claims_nothing() -> None:
    world = make_world(gate=False)
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    world.aws.fail_next("RunTask", errors.Unavailable)
    deployment = world.advance(world.request())
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())

    world.run(deployment)

    assert deployment.status == Status.STOPPED
    assert "ran: migrate (whether it was started nobody heard)" in deployment.status_reason
    assert "not touched" not in deployment.status_reason


def test_a_migration_that_succeeds_is_shown_and_the_deployment_goes_on() -> None:
    world = make_world(gate=False)
    world.environment.one_off_tasks.create(command="python manage.py migrate")

    deployment = world.run(world.request())

    assert deployment.status == Status.SUCCESSFUL
    assert [task["exit_code"] for task in deployment.facts["tasks"]] == [0]


def test_a_target_service_that_was_deleted_fails_with_its_name() -> None:
    world = make_world()
    deployment = world.run(world.request())
    world.approve(deployment)
    del world.aws.ecs[SHOP.cluster, "shop-green"]

    world.run(deployment)

    assert "shop-green" in deployment.status_reason
    assert world.share("blue") == 100


def test_two_live_slots_fail_closed() -> None:
    world = make_world()
    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 1, SHOP.target_group("green"): 1})

    deployment = world.run(world.request())

    assert deployment.status == Status.STOPPED
    assert world.aws.performed == []
