"""ECS and CODE_DEPLOY compare what AWS runs with what was found before: before each write, at gates, at the end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import Made, RegisterTaskDefinition, RunTask
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.aws.values import NativeDeployment, Task
from deployments.frozen import TaskSpec
from deployments.swaps import get
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Snapshot, Wait
from deployments.swaps.ecs.facts import EcsFacts
from deployments.swaps.steps import one_service_as_planned
from deployments.swaps.steps.one_service_as_planned import Seen
from deployments.vocabulary import GateStatus, Slot, Stage, Strategy
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps import cases, code_deploy_cases
from tests.swaps.cases import NEW, NOON, OLD, gate, rule, seconds, service, wants_approval

GOOD, BAD = f"sha256:{'2' * 64}", f"sha256:{'b' * 64}"
THEIRS = SHOP.task_definition(9)
MIGRATE = {"one_off_tasks": (TaskSpec(name="migrate", command=("migrate",)),)}
ECS, CODE_DEPLOY = get("ECS"), get("CODE_DEPLOY")
BOTH = pytest.mark.parametrize("kind", [ECS, CODE_DEPLOY], ids=["ECS", "CODE_DEPLOY"])


def of_ecs(stage: str, *, back: bool = False, **changes: Any) -> Snapshot[Any]:
    facts = {**cases.REGISTERED, **changes.pop("facts", {})}
    environment = {"controller": "ECS", "service_name": "shop-blue", **changes.pop("environment", {})}
    settings = cases.settings(**environment)
    plan = ECS.plan(settings, Strategy.CANARY)
    usual: Snapshot[Any] = Snapshot(
        source_version="1.0.0",
        key="7-abc",
        settings=settings,
        artefact=cases.release(),
        plan=plan,
        position=[step.stage for step in (plan.way_back if back else plan.steps)].index(Stage(stage)),
        rolling_back=back,
        source=Slot.BLUE,
        target=Slot.GREEN,
        facts=EcsFacts(**facts),
        step_started_at=NOON - seconds(10),
    )
    return replace(usual, **changes)


def of_code_deploy(stage: str, *, back: bool = False, **changes: Any) -> Snapshot[Any]:
    environment = {"service_name": "shop-blue", **changes.pop("environment", {})}
    return code_deploy_cases.at(stage, back=back, done=(), environment=environment, **changes)


def before_scale_up(kind: Any, **changes: Any) -> Snapshot[Any]:
    """At the gate before a migration."""
    environment = {**wants_approval(Stage.PRE_SCALE_UP), **MIGRATE}
    at = of_ecs if kind is ECS else of_code_deploy
    return at(Stage.PRE_SCALE_UP, environment=environment, **changes)


def world(**changes: Any) -> FakeGateway:
    aws = FakeGateway.pair()
    for name, value in changes.items():
        setattr(aws.ecs[SHOP.cluster, "shop-blue"], name, value)
    return aws


def look(kind: Any, snapshot: Snapshot[Any], aws: FakeGateway) -> Decision:
    decision: Decision = kind.decide(snapshot, kind.observe(snapshot, aws, NOON), NOON)
    return decision


def task(digest: str, task_definition: str = OLD, number: int = 1) -> Task:
    return Task(
        arn=f"arn:task/{number}",
        task_definition=task_definition,
        last_status="RUNNING",
        desired_status="RUNNING",
        images={"web": "shop:stable"},
        digests={"web": digest},
    )


# ---------------------------------------------------------------- the gate before anything


@BOTH
def test_a_gate_of_ours_tells_who_deployed_meanwhile_before_anybody_clicks(kind: Any) -> None:
    waiting = before_scale_up(kind, gate=gate(GateStatus.AWAITING_ACTION))
    calm, hotfix = world(), world(task_definition=THEIRS)

    decision = look(kind, waiting, calm)
    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(30)
    assert calm.calls == {"services": 1}

    decision = look(kind, waiting, hotfix)
    assert isinstance(decision, Fail)
    assert "shop-blue runs shop:9, which is not shop:1. It was changed outside Tealgate" in decision.reason
    assert kind.services(waiting, NOON) == ("shop-blue",)


@BOTH
def test_tasks_that_are_scaled_to_0_while_people_decide_are_said_and_turn_nobody_away(kind: Any) -> None:
    decision = look(kind, before_scale_up(kind, gate=gate(GateStatus.AWAITING_ACTION)), world(desired=0))

    assert isinstance(decision, Wait)
    assert decision.reason.endswith("; shop-blue was set to a desired count of 0")


@BOTH
@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        ({"task_definition": THEIRS}, "shop-blue runs shop:9, which is not shop:1"),
        ({"desired": 0}, "shop-blue was set to a desired count of 0"),
        ({"status": "INACTIVE"}, "shop-blue is INACTIVE"),
    ],
)
def test_no_migration_runs_when_the_service_was_changed_before_the_approval(
    kind: Any, meanwhile: Mapping[str, Any], words: str
) -> None:
    approved = before_scale_up(kind, gate=gate(GateStatus.SUCCEEDED))

    decision = look(kind, approved, world(**meanwhile))

    assert isinstance(decision, Fail)
    assert words in decision.reason
    migrating = look(kind, approved, world())
    assert isinstance(migrating, Act)
    assert isinstance(migrating.action, RunTask)


@BOTH
def test_no_migration_runs_when_the_rule_was_changed_before_the_approval(kind: Any) -> None:
    aws = world()
    aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 0, SHOP.target_group("green"): 100})

    decision = look(kind, before_scale_up(kind, gate=gate(GateStatus.SUCCEEDED)), aws)

    assert isinstance(decision, Fail)
    assert "it shows 100 % on new 1.1.0, but all traffic was on old 1.0.0" in decision.reason


@BOTH
def test_no_migration_runs_when_the_tag_was_moved_and_the_tasks_started_anew(kind: Any) -> None:
    approved = before_scale_up(kind, gate=gate(GateStatus.SUCCEEDED), facts={"source_digests": {"web": GOOD}})

    decision = look(kind, approved, world(digests={"web": BAD}))

    assert isinstance(decision, Fail)
    assert "2 tasks of shop-blue run sha256:bbbbbbbbbbbb in container web" in decision.reason
    assert isinstance(look(kind, approved, world(digests={"web": GOOD})), Act)


@BOTH
def test_what_preflight_has_just_read_is_not_read_again(kind: Any) -> None:
    at = of_ecs if kind is ECS else of_code_deploy
    aws = world()

    fresh = at(Stage.PRE_SCALE_UP, environment=MIGRATE, step_started_at=NOON)
    kind.observe(fresh, aws, NOON)
    assert not aws.calls

    kind.observe(replace(fresh, step_started_at=NOON - seconds(10)), aws, NOON)
    assert aws.calls["services"] == 1


def test_another_deployment_of_codedeploy_is_named_before_a_migration() -> None:
    aws = world(task_definition=THEIRS)
    aws.codedeploy["d-9"] = CodeDeployment(id="d-9", status="Succeeded", created_at=NOON, overview={})

    decision = look(CODE_DEPLOY, before_scale_up(CODE_DEPLOY, gate=gate(GateStatus.AWAITING_ACTION)), aws)

    assert isinstance(decision, Fail)
    assert "(CodeDeploy's deployment d-9 of 2026-03-02 12:00:00 UTC) and left alone" in decision.reason


def test_a_deployment_of_codedeploy_that_runs_is_named_before_a_migration() -> None:
    aws = world()
    aws.codedeploy["d-9"] = CodeDeployment(id="d-9", status="InProgress", overview={})

    decision = look(CODE_DEPLOY, before_scale_up(CODE_DEPLOY, gate=gate(GateStatus.SUCCEEDED)), aws)

    assert isinstance(decision, Fail)
    assert "already runs d-9 (InProgress), which is not Tealgate's" in decision.reason


# ---------------------------------------------------------------- before production


def test_ready_is_not_answered_when_the_service_or_the_listener_was_changed() -> None:
    ready, environment = code_deploy_cases.READY, wants_approval(code_deploy_cases.READY)
    snapshot = code_deploy_cases.at(
        ready, environment=environment, facts={"ready_at": NOON}, gate=gate(GateStatus.SUCCEEDED)
    )

    for changed, words in (
        ({"production": rule(0, 100)}, "Someone else changed the listener: it shows 100 % on new 1.1.0"),
        ({"service": service("shop", task_definition=OLD, desired=0)}, "shop was set to a desired count of 0"),
        ({"service": service("shop", task_definition=THEIRS)}, "shop runs shop:9"),
    ):
        seen = code_deploy_cases.seen("AfterAllowTestTraffic", "Ready", **changed)
        decision = code_deploy_cases.decide(snapshot, seen)
        assert isinstance(decision, Fail)
        assert words in decision.reason


def test_a_source_whose_task_definition_was_replaced_is_not_overwritten_by_codedeploy() -> None:
    """Two deployments in between leave the listener as it was."""
    aws = world(task_definition=THEIRS)
    aws.codedeploy["d-9"] = CodeDeployment(id="d-9", status="Succeeded", created_at=NOON, overview={})

    decision = look(CODE_DEPLOY, of_code_deploy(Stage.SCALE_UP), aws)

    assert isinstance(decision, Fail)
    assert "shop-blue runs shop:9, which is not shop:1" in decision.reason
    assert "d-9" in decision.reason


# ---------------------------------------------------------------- the end


DONE = Advance(reason="done")


def at_the_end(snapshot: Snapshot[Any], seen: Seen) -> Decision:
    return one_service_as_planned.at_the_end(snapshot, seen, DONE)


def test_the_end_notes_what_runs() -> None:
    decision = at_the_end(of_ecs(Stage.CLEAN_UP), Seen(tasks=(task(GOOD, NEW), task(GOOD, NEW, 2))))

    assert isinstance(decision, Advance)
    assert decision.facts
    assert decision.facts.target_digests == {"web": GOOD}


def test_success_is_not_told_when_something_else_runs() -> None:
    theirs = Seen(service=service("shop-blue", task_definition=THEIRS), tasks=(task(BAD, THEIRS),), was_read=True)
    other_image = Seen(service=service("shop-blue", task_definition=NEW), tasks=(task(BAD, NEW),), was_read=True)

    for seen, words in ((theirs, "shop-blue runs shop:9, which is not shop:2 (1.1.0)"), (other_image, "sha256:bbbb")):
        decision = at_the_end(of_ecs(Stage.CLEAN_UP), seen)
        assert isinstance(decision, Fail)
        assert words in decision.reason


def test_a_roll_back_that_brought_another_image_is_none() -> None:
    back = of_ecs(Stage.CLEAN_UP, back=True, facts={"source_digests": {"web": GOOD}})
    moved = Seen(service=service("shop-blue", task_definition=OLD), tasks=(task(BAD),), was_read=True)

    decision = at_the_end(back, moved)

    assert isinstance(decision, Fail)
    assert "runs sha256:bbbbbbbbbbbb in container web (from shop:stable), which is not sha256:222222222222" in (
        decision.reason
    )
    assert at_the_end(back, Seen(tasks=(task(GOOD),))) == DONE


def test_the_service_is_read_at_the_end_only_where_something_else_runs() -> None:
    aws, theirs = world(running_task_definition=NEW), world(running_task_definition=THEIRS, task_definition=THEIRS)

    assert not one_service_as_planned.observe_end(of_ecs(Stage.CLEAN_UP), aws).was_read
    assert aws.calls == {"running_tasks": 1}
    assert one_service_as_planned.observe_end(of_ecs(Stage.CLEAN_UP), theirs).was_read
    assert theirs.calls == {"running_tasks": 1, "services": 1}


def test_a_service_that_is_gone_at_the_end_is_told() -> None:
    seen = one_service_as_planned.observe_end(of_ecs(Stage.CLEAN_UP), FakeGateway())

    decision = at_the_end(of_ecs(Stage.CLEAN_UP), seen)

    assert isinstance(decision, Fail)
    assert "shop-blue does not exist any more" in decision.reason


# ---------------------------------------------------------------- back to the digests that ran


def finished(kind: Any, aws: FakeGateway, **facts: Any) -> Snapshot[Any]:
    """AWS had finished, and is to deploy the source again, whose task definition names a tag."""
    document = aws.task_definitions[OLD].document["containerDefinitions"][0]
    document["image"] = "registry.example:5000/shop:stable"
    noted = {"source_digests": {"web": GOOD}, "source_by_tag": ("web",), "done": ("register", "overtaken#0"), **facts}
    if kind is ECS:
        arn = "arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/shop-blue/1"
        aws.native[arn] = NativeDeployment(
            arn=arn, status="SUCCESSFUL", reason="", stage="CLEAN_UP", target_revision="r"
        )
        noted = {**noted, "done": (*noted["done"], "update"), "updated_at": NOON, "service_deployment": arn}
        return of_ecs(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, facts=noted)
    aws.codedeploy["d-1"] = CodeDeployment(id="d-1", status="Succeeded", overview={})
    noted = {**noted, "done": (*noted["done"], "create")}
    return code_deploy_cases.at(
        Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, facts=noted, environment={"service_name": "shop-blue"}
    )


@BOTH
def test_the_source_is_deployed_again_by_the_digests_that_ran(kind: Any) -> None:
    aws = world(task_definition=NEW)
    snapshot = finished(kind, aws)

    pin = look(kind, snapshot, aws)
    assert isinstance(pin, Act)
    assert isinstance(pin.action, RegisterTaskDefinition)
    assert pin.action.document["containerDefinitions"][0]["image"] == f"registry.example:5000/shop@{GOOD}"

    known = pin.known(snapshot.facts, Made(task_definition=SHOP.task_definition(5)))
    again = look(kind, replace(snapshot, facts=known), aws)
    assert isinstance(again, Act)
    assert "shop:5 (shop:1 with the digests that ran before)" in again.reason
    assert SHOP.task_definition(5) in str(again.action)


@BOTH
def test_a_source_that_names_its_digests_is_deployed_again_as_it_was(kind: Any) -> None:
    aws = world(task_definition=NEW)

    again = look(kind, finished(kind, aws, source_digests={}, source_by_tag=()), aws)

    assert isinstance(again, Act)
    assert OLD in str(again.action)
