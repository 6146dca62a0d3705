"""What a door gets to show of a deployment, state by state."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deployments.catalog import accounts
from deployments.catalog.models import Environment
from deployments.catalog.models.running import moment
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment, Measurement
from deployments.delivery.views.reader_actions import Act
from deployments.delivery.views.slots import place_sentence, slots
from deployments.delivery.views.timeline import StepState
from deployments.people.principal import Principal
from deployments.vocabulary import GateStatus, Slot, Stage, Status, Verdict
from tests.delivery import stages
from tests.delivery.engine import express_world as express
from tests.delivery.engine.world import World, make_release, person
from tests.delivery.views.conftest import Seen, actions, change
from tests.fakes.aws import SHOP


def measured(deployment: Deployment, world: World, seconds: int, slot: Slot, **columns: float) -> None:
    at = world.clock() + timedelta(seconds=seconds)
    Measurement.objects.create(deployment=deployment, at=at, slot=slot, **columns)


def test_a_pending_deployment_says_what_it_is_and_what_it_waits_for(world: World, seen: Seen) -> None:
    view = seen(stages.pending(world), world.requester)

    assert (view.status, view.headline) == (Status.PENDING, "Waiting for a worker to pick it up.")
    assert (view.release.version, view.environment.label) == ("1.1.0", "shop/production")
    assert view.release.images[0].pinned.startswith("docker.io/library/shop@sha256:")
    assert {step.state for step in view.steps} == {StepState.PLANNED}
    assert (view.way_back, view.gate, view.failure, view.course.is_measured) == ((), None, None, False)


def test_at_a_gate_the_view_holds_all_that_an_approver_needs(world: World, seen: Seen) -> None:
    deployment = world.run(world.request())

    view = seen(deployment, world.approver)

    assert view.headline == "Waiting for approval: 0 of 1 given."
    assert view.gate
    assert (view.gate.approvals_needed, view.gate.approvals_given, view.gate.missing) == (1, 0, 1)
    assert (view.gate.refusal, view.gate.expires_at) == ("", deployment.gates.get().expires_at)
    green = view.gate.evidence.slots[1]
    assert (green.name, green.role, green.health, green.healthy) == ("green", "target", "2 of 2 healthy", True)
    assert view.gate.evidence.task_definition.endswith("shop:2")
    assert [step.state for step in view.steps[:4]] == [StepState.DONE] * 3 + [StepState.WAITING]


def test_whatever_else_was_measured_stands_beside_its_slot_or_service(world: World, seen: Seen) -> None:
    figures = [
        {"side": "green", "title": "CPU utilization", "value": 41.5, "unit": "%"},
        {"side": "api", "title": "Queue length", "value": None, "unit": ""},
    ]
    gate = stages.at_gate(world, evidence={"figures": figures})

    view = seen(gate.deployment, world.approver)

    assert view.gate
    assert [(slot.name, slot.figures) for slot in view.gate.evidence.slots] == [("green", ("CPU utilization 41.5 %",))]
    assert view.gate.evidence.services == ()


def test_whoever_may_decide_may_approve_and_reject(world: World, seen: Seen) -> None:
    offered = actions(seen(world.run(world.request()), world.approver))

    assert offered[Act.APPROVE].allowed
    assert offered[Act.REJECT].allowed
    assert offered[Act.STOP].refusal == "You do not have the right to stop or roll back; ask an administrator for it."


def test_the_requester_reads_why_somebody_else_has_to_decide(world: World, seen: Seen) -> None:
    view = seen(world.run(world.request()), world.requester)

    assert view.gate
    assert view.gate.refusal == "You asked for this deployment, so somebody else has to decide on it."
    assert actions(view)[Act.APPROVE].refusal == view.gate.refusal
    assert actions(view)[Act.STOP].allowed


def test_aws_can_be_looked_at_again_where_production_has_a_share(world: World, seen: Seen) -> None:
    deployment = world.run(world.request())
    assert Act.LOOK not in actions(seen(deployment, world.approver))

    change(deployment, percent=10, facts={**deployment.facts, "watch": "AWS tells of alarms"})
    asked = seen(deployment, world.approver)
    reader = person("reader")

    assert asked.gate
    assert asked.gate.watch == "AWS tells of alarms."
    assert actions(asked)[Act.LOOK].allowed
    assert "nothing to look at for you" in actions(seen(deployment, reader))[Act.LOOK].refusal


def test_decisions_stay_with_their_step(world: World, seen: Seen) -> None:
    deployment = world.run(world.request())
    world.approve(deployment)

    step = seen(deployment, world.requester).steps[3]

    assert step.gate
    assert step.gate.status == GateStatus.SUCCEEDED
    assert [(said.person, said.verdict, said.comment) for said in step.gate.approvals] == [
        ("approver", Verdict.APPROVE, "fine")
    ]
    assert step.asks == "1 approval by anyone with the right to approve, not by the requester"


def test_after_an_approval_the_headline_says_what_comes_next(world: World, seen: Seen) -> None:
    deployment = world.run(world.request())
    world.approve(deployment)

    assert seen(deployment, world.requester).headline == "Approved by approver. Next: shift traffic to 10 %."


@pytest.mark.parametrize(
    ("position", "said"),
    [
        (0, "Checking what runs there, and what could go wrong."),
        (1, "Starting 1.1.0."),
        (3, "Trying out 1.1.0 before production."),
        (4, "Shifting 10 % of production traffic to 1.1.0."),
    ],
)
def test_until_the_first_look_the_headline_says_what_it_is_at(
    world: World, seen: Seen, position: int, said: str
) -> None:
    assert seen(stages.under_way(world, position=position), world.requester).headline == said


@pytest.mark.parametrize(
    ("status", "emptied", "stays"),
    [(Status.SUCCESSFUL, Slot.BLUE, Slot.GREEN), (Status.ROLLBACK_SUCCESSFUL, Slot.GREEN, Slot.BLUE)],
)
def test_a_slot_that_was_emptied_is_not_called_healthy(
    world: World, seen: Seen, status: Status, emptied: Slot, stays: Slot
) -> None:
    percent = 100 if status == Status.SUCCESSFUL else 0
    deployment = stages.under_way(world, source_slot="blue", target_slot="green", percent=percent)
    for slot in Slot:
        measured(deployment, world, 1, slot, healthy=2, targets=2, requests=400)
    change(deployment, status=status, finished_at=world.clock())

    views = {view.name: view for view in seen(deployment, world.requester).slots}

    assert (views[emptied].health, views[emptied].healthy, views[emptied].served) == ("scaled to 0", None, None)
    assert (views[stays].health, views[stays].healthy) == ("2 of 2 healthy", 2)


def test_what_somebody_put_on_the_release_s_service_is_gone_when_it_has_turned_back(world: World, seen: Seen) -> None:
    world.environment.gate_policies.all().delete()
    deployment = world.run(world.request(), until=Stage.BAKE_TIME)
    world.aws.task_definitions[SHOP.task_definition(9)] = world.aws.task_definitions[SHOP.task_definition()]
    world.aws.ecs[SHOP.cluster, "shop-green"].update(task_definition=SHOP.task_definition(9), desired=None, lag=0)
    world.run(deployment)

    view = seen(deployment, world.requester)

    green = view.slots[1]
    assert (view.status, green.called, green.health) == (Status.ROLLBACK_SUCCESSFUL, "shop:9", "scaled to 0")
    assert "Nothing of shop:9 runs any more." in view.place


def test_slots_say_who_gets_how_much_and_how_they_do(world: World, seen: Seen) -> None:
    deployment = world.run(world.request())
    world.approve(deployment)
    world.advance(deployment)
    columns: dict[str, float] = {"healthy": 1, "targets": 2, "requests": 200, "errors_5xx": 3, "latency_ms": 80.0}
    measured(deployment, world, 1, Slot.GREEN, **columns)

    view = seen(deployment, world.requester)

    blue, green = view.slots
    assert (blue.role, blue.version, blue.percent) == ("source", "what was live before", 90)
    assert (green.role, green.version, green.percent, green.health) == ("target", "1.1.0", 10, "1 of 2 healthy")
    assert green.served
    assert (green.served.requests, green.served.share_5xx) == (200, 1.5)
    assert view.place == "What was live before serves 90 % of production traffic, and new 1.1.0 serves 10 %."


def test_there_is_one_way_back_at_a_time(world: World, seen: Seen) -> None:
    deployment = stages.under_way(world)
    assert [action.act for action in seen(deployment, world.requester).actions] == [Act.STOP]

    deployment = world.run(deployment, until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.approve(deployment)
    deployment = world.run(deployment, until=Stage.BAKE_TIME)

    acts = {action.act for action in seen(deployment, world.requester).actions}
    assert Act.ROLL_BACK in acts and Act.STOP not in acts


def test_while_the_source_is_warm_it_can_be_gone_back_to_at_once(world: World, seen: Seen) -> None:
    deployment = stages.warm(world)

    view = seen(deployment, world.requester)

    assert view.kept_until == deployment.source_kept_until
    assert [action.act for action in view.actions] == [Act.ROLL_BACK, Act.EXTEND, Act.FINISH]
    assert all(action.allowed for action in view.actions)


def test_what_is_no_longer_warm_is_not_kept(world: World, seen: Seen) -> None:
    deployment = stages.warm(world)
    world.clock.forward(hours=2)

    view = seen(deployment, world.requester)

    assert view.kept_until is None
    assert [action.act for action in view.actions] == [Act.ROLL_BACK]


def test_a_finished_deployment_offers_the_release_before_it(world: World, seen: Seen) -> None:
    before = make_release(world.environment.application, "1.0.0", "1")
    change(stages.warm(world), status=Status.SUCCESSFUL, source_release=before)

    (back,) = seen(Deployment.objects.get(), world.requester).actions

    assert back.release
    assert (back.act, back.release.version, back.allowed) == (Act.GO_BACK, "1.0.0", True)


def test_one_that_was_turned_back_may_be_deployed_again_by_whoever_may_deploy(world: World, seen: Seen) -> None:
    change(stages.warm(world), status=Status.ROLLBACK_SUCCESSFUL)

    (again,) = seen(Deployment.objects.get(), world.approver).actions

    assert (again.act, again.allowed) == (Act.DEPLOY_AGAIN, False)
    assert again.refusal == "You do not have the right to deploy; ask an administrator for it."


def test_a_failed_roll_back_may_be_tried_again(world: World, seen: Seen) -> None:
    (retry,) = seen(stages.not_rolled_back(world), world.requester).actions

    assert (retry.act, retry.allowed) == (Act.RETRY, True)


def test_the_way_back_is_there_when_it_is_walked(world: World, seen: Seen) -> None:
    deployment = world.run(world.request())
    world.approve(deployment)
    world.advance(deployment)
    assert seen(deployment, world.requester).way_back == ()

    turning_back.stop(
        deployment=deployment, principal=Principal.person(world.requester), reason="wrong", now=world.clock()
    )
    world.advance(deployment)
    view = seen(deployment, world.requester)

    assert StepState.SKIPPED in {step.state for step in view.steps}
    assert view.way_back[0].started_at


def test_a_failure_says_what_was_seen(world: World, seen: Seen) -> None:
    failure = {
        "sentence": "Not healthy after 120 s",
        "health": [{"target": "10.0.0.1:8000", "state": "unhealthy", "reason": "Target.Timeout"}],
        "stopped_tasks": [{"id": "abc", "exit_codes": {"web": 137}}],
        "log": ["booting"],
    }
    deployment = stages.under_way(world, failure=failure)

    view = seen(deployment, world.requester)

    assert view.failure
    assert view.failure.health[0].reason == "Target.Timeout"
    assert view.failure.stopped_tasks[0].exit_codes == {"web": 137}
    assert (view.failure.log, view.failure.events) == (("booting",), ())


def test_preflight_is_told_worst_first_and_each_sentence_once(world: World, seen: Seen) -> None:
    results = [
        {"check": "account", "level": "ok", "seen": "This is account 1."},
        {"check": "a", "level": "unknown", "seen": "Not looked at."},
        {"check": "b", "level": "unknown", "seen": "Not looked at."},
        {"check": "image", "level": "error", "seen": "The tag does not exist.", "fix": "Push it."},
    ]
    deployment = stages.under_way(world, preflight=results)

    groups = seen(deployment, world.requester).preflight

    assert [(group.level, group.count) for group in groups] == [("error", 1), ("unknown", 2), ("ok", 1)]
    assert groups[1].findings[0].checks == ("a", "b")


def test_its_version_changes_when_the_view_does_and_not_with_the_reader(world: World, seen: Seen) -> None:
    deployment = stages.pending(world)
    before = seen(deployment, world.requester).version
    assert seen(deployment, world.approver).version == before

    change(deployment, waiting_for="Waiting for ECS")

    assert seen(deployment, world.requester).version != before


def test_an_approval_that_counts_no_longer_is_shown_with_the_reason(world: World, seen: Seen) -> None:
    deployment = stages.at_gate(world, approvals_needed=2).deployment
    world.approve(deployment)
    before = seen(deployment, world.requester)
    accounts.password_set(
        person=world.approver, principal=Principal.person(world.requester), now=world.clock() + timedelta(minutes=1)
    )
    after = seen(deployment, world.requester)

    assert before.gate and after.gate
    assert (before.headline, after.headline) == (
        "Waiting for approval: 1 of 2 given.",
        "Waiting for approval: 0 of 2 given.",
    )
    (approval,) = after.gate.approvals
    assert (approval.person, approval.counts, after.gate.missing) == ("approver", False, 2)
    assert approval.changes == ("approver was given a password by requester",)
    assert "so an approval of approver does not count here" in approval.objection
    assert before.version != after.version


def test_whoever_may_not_deploy_there_may_not_turn_back_either(world: World, seen: Seen) -> None:
    deployment = stages.under_way(world)
    world.environment.deployers.create(name="SRE")

    view = seen(deployment, world.requester)

    assert view.turn_back_refusal == "Only members of SRE may do that on shop/production."
    assert [(action.act, action.refusal) for action in view.actions] == [(Act.STOP, view.turn_back_refusal)]


def test_a_view_asks_the_database_as_often_with_much_to_show_as_with_little(world: World, seen: Seen) -> None:
    deployment = world.run(world.request())
    with CaptureQueriesContext(connection) as little:
        seen(deployment, world.requester)

    for second in range(50):
        measured(deployment, world, second, Slot.GREEN, requests=second, errors_5xx=0)
    lifecycle = [{"target": f"i-{number}", "events": []} for number in range(50)]
    change(deployment, targets=lifecycle)
    with CaptureQueriesContext(connection) as much:
        seen(deployment, world.requester)

    assert len(much) == len(little) <= 20


def test_what_is_not_as_it_should_be_is_told_until_it_turns_back(world: World, seen: Seen) -> None:
    deployment = world.request()
    change(deployment, status=Status.SUCCESSFUL, facts={"warnings": ["Server i-2 failed."]})
    assert seen(deployment, world.requester).warnings == ("Server i-2 failed.",)

    change(deployment, status=Status.ROLLBACK_SUCCESSFUL)
    assert seen(deployment, world.requester).warnings == ()


def test_without_slots_the_share_that_ecs_tells_of_is_said(db: None) -> None:
    world = express.make_express_world()
    deployment = world.run(world.request("CANARY"))

    def place() -> str:
        deployment.refresh_from_db()
        return place_sentence(deployment, (), world.clock())

    world.approve(deployment)
    world.run(deployment, until=Stage.SCALE_UP)
    assert place() == ""
    world.aws.ecs_shifts(5)
    world.run(deployment, until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.run_until_waiting_for(deployment, "5 % on 1.1.0")
    assert place() == "What was live before serves 95 % of production traffic, and new 1.1.0 serves 5 %."
    world.aws.ecs_bakes()
    world.run(deployment, until=Stage.BAKE_TIME)
    assert place() == "New 1.1.0 serves all production traffic."


@pytest.mark.parametrize(
    ("minutes", "status", "beginning"),
    [
        (-1, Status.STOPPED, "Runs shop@sha256:9 since"),
        (1, Status.STOPPED, "When it ended: What was live before serves all production traffic."),
        (-1, Status.SUCCESSFUL, "When it ended: New 1.1.0 serves all production traffic."),
    ],
)
def test_what_somebody_had_brought_when_it_ended_is_not_told_as_what_came_since(
    world: World, minutes: int, status: Status, beginning: str
) -> None:
    shown = {"key": "9", "what": "shop@sha256:9", "since": moment(world.clock() + timedelta(minutes=minutes))}
    Environment.objects.update(outside=shown)
    share = 100 if status == Status.SUCCESSFUL else 0
    columns = {"status": status, "finished_at": world.clock(), "percent": share}
    deployment = stages.under_way(world, source_slot="blue", target_slot="green")
    change(deployment, **columns)
    deployment.refresh_from_db()
    deployment.environment.refresh_from_db()

    assert place_sentence(deployment, slots(deployment, ()), world.clock()).startswith(beginning)
