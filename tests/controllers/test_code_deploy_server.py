"""CODE_DEPLOY on servers, decision by decision: no AWS, no database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.actions import ContinueDeployment, CreateDeployment, StopDeployment
from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget, DeploymentGroup, LifecycleEvent
from deployments.aws.fake import FakeGateway
from deployments.aws.values import Alarm
from deployments.controllers import get
from deployments.controllers.code_deploy.observe import Observed
from deployments.controllers.decisions import Act, Advance, Decision, Fail, Note, Snapshot, Wait
from deployments.values import SmokeSpec, TaskSpec
from deployments.vocabulary import Stage, Strategy
from tests.controllers import cases
from tests.controllers.cases import NOON, seconds, wants_approval

CONTROLLER = get("CODE_DEPLOY")
BUNDLE = {"type": "S3", "bucket": "bundles", "key": "reports-1.1.0.zip", "bundleType": "zip", "version": "v1"}
SERVERS: dict[str, Any] = {
    "controller": "CODE_DEPLOY",
    "compute_platform": "Server",
    "codedeploy_application": "reports",
    "codedeploy_group": "web",
}
GROUP = {"config": "own", "waits": False, "ready_minutes": 0, "terminates": True, "termination_minutes": 5}
INSTALL = Stage.PRODUCTION_TRAFFIC_SHIFT


def at(
    stage: str,
    *,
    back: bool = False,
    done: tuple[str, ...] = ("create",),
    facts: Mapping[str, Any] | None = None,
    strategy: Strategy = Strategy.HALF_AT_A_TIME,
    environment: Mapping[str, Any] | None = None,
    bundle: Mapping[str, str] = BUNDLE,
    **changes: Any,
) -> Snapshot:
    settings = cases.settings(**SERVERS | dict(environment or {}))
    plan = CONTROLLER.plan(settings, strategy)
    steps = plan.way_back if back else plan.steps
    known: dict[str, Any] = {"group": GROUP, "done": list(done), "percent": 0, **(facts or {})}
    if "create" in done:
        known["code_deployment"] = "d-1"
    snapshot = Snapshot(
        key="7-abc",
        settings=settings,
        artefact=cases.release(images={}, platforms={}, references={}, bundle=bundle),
        plan=plan,
        position=next(number for number, step in enumerate(steps) if step.stage == stage),
        rolling_back=back,
        facts=known,
        step_started_at=NOON - seconds(10),
    )
    return replace(snapshot, **changes)


def deployment(status: str = "InProgress", **changes: Any) -> CodeDeployment:
    return CodeDeployment(**{"id": "d-1", "status": status, "overview": {}, **changes})


def instance(number: int, status: str, *, label: str = "", **event: Any) -> CodeDeployTarget:
    events = (LifecycleEvent(**{"name": "AfterInstall", "status": status, **event}),)
    return CodeDeployTarget(id=f"i-{number}", status=status, label=label, events=events)


def seen(*statuses: str, **changes: Any) -> Observed:
    targets = tuple(instance(number, status) for number, status in enumerate(statuses))
    return Observed(**{"deployment": deployment(), "targets": targets, "alarms": {}, **changes})


def decide(snapshot: Snapshot, observed: Observed, now: Any = NOON) -> Decision:
    return CONTROLLER.decide(snapshot, observed, now)


GITHUB = {"type": "GitHub", "repository": "shop/reports", "commitId": "a" * 40}


@pytest.mark.parametrize(
    ("bundle", "revision"),
    [
        (
            BUNDLE,
            {
                "revisionType": "S3",
                "s3Location": {
                    "bucket": "bundles", "key": "reports-1.1.0.zip", "bundleType": "zip", "version": "v1"
                },
            },
        ),
        (
            GITHUB,
            {"revisionType": "GitHub", "gitHubLocation": {"repository": "shop/reports", "commitId": "a" * 40}},
        ),
    ],
)  # fmt: skip
def test_it_is_told_once_with_the_bundle(bundle: Mapping[str, str], revision: Mapping[str, Any]) -> None:
    decision = decide(at(INSTALL, done=(), bundle=bundle), Observed())

    assert isinstance(decision, Act)
    assert isinstance(decision.action, CreateDeployment)
    assert decision.action.revision == revision
    assert decision.action.config == "CodeDeployDefault.HalfAtATime"


def test_a_stranger_and_a_lost_answer() -> None:
    stranger = decide(at(INSTALL, done=()), Observed(stranger=deployment(id="d-9")))
    lost = decide(at(INSTALL, done=()), Observed(deployment=deployment()))

    assert isinstance(stranger, Fail)
    assert "already runs d-9" in stranger.reason
    assert isinstance(lost, Act)
    assert lost.found == "d-1"


FAILED = deployment("Failed", error_code="HEALTH_CONSTRAINTS", error_message="Too many failed")


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "words"),
    [
        (at(INSTALL), seen(), Wait, "looks for instances"),
        (at(INSTALL), seen("Pending", "InProgress"), Wait, "1.1.0 is on 0 of 2 instances"),
        (at(INSTALL), seen("Succeeded", "InProgress"), Note, "1 of 2"),
        (at(INSTALL, facts={"percent": 50.0}), seen("Succeeded", "InProgress"), Wait, "1 of 2"),
        (
            at(INSTALL, facts={"percent": 100.0}),
            seen("Succeeded", deployment=deployment("Succeeded")),
            Advance,
            "1 of 1",
        ),
        (at(INSTALL), seen(deployment=deployment("Ready")), Act, "replacements"),
        (at(INSTALL), seen("Failed", deployment=FAILED), Fail, "Too many failed. AfterInstall failed on i-0."),
        (at(INSTALL), Observed(), Fail, "no longer knows the deployment d-1"),
        (at(Stage.BAKE_TIME), seen(deployment=deployment("Succeeded")), Advance, "no original"),
        (at(Stage.CLEAN_UP), seen(), Wait, "ends the deployment"),
        (
            at(Stage.CLEAN_UP),
            seen(deployment=deployment("Succeeded", overview={"Failed": 1})),
            Advance,
            "1.1.0 is installed; 1 failed, which the configuration allows",
        ),
    ],
)
def test_its_stages(snapshot: Snapshot, observed: Observed, kind: type[Decision], words: str) -> None:
    decision = decide(snapshot, observed)

    assert isinstance(decision, kind), decision
    assert words in decision.reason


def test_originals_are_not_counted() -> None:
    targets = (instance(1, "Succeeded", label="Green"), instance(2, "Pending", label="Blue"))

    decision = decide(at(INSTALL), seen(targets=targets))

    assert isinstance(decision, Note)
    assert decision.facts["percent"] == 100


def test_a_failing_hook_keeps_its_script_and_log() -> None:
    hook = instance(1, "Failed", script="up.sh", message="exit 1", log="starting\nno such table\n")

    decision = decide(at(INSTALL), seen(targets=(hook,), deployment=FAILED))

    assert isinstance(decision, Fail)
    assert "AfterInstall (up.sh) failed on i-1: exit 1. Last line: no such table" in decision.reason
    snapshot = at(INSTALL, back=True, facts=decision.facts)
    assert CONTROLLER.diagnose(snapshot, FakeGateway())["log"] == ["starting", "no such table"]


def test_an_alarm_turns_it_back() -> None:
    alarms = {"busy": Alarm(name="busy", state="ALARM", reason="too slow")}

    decision = decide(at(INSTALL, environment={"alarms": ("busy",)}), seen("Pending", alarms=alarms))

    assert isinstance(decision, Fail)
    assert "too slow" in decision.reason


def test_originals_are_kept_until_their_time_or_a_click() -> None:
    waiting = seen("Succeeded", deployment=deployment(termination_wait_started=True))
    until = NOON + timedelta(minutes=5)

    kept = decide(at(INSTALL, facts={"percent": 100.0}), waiting)
    assert isinstance(kept, Advance)
    assert kept.keep_source_until == until

    warm = at(Stage.BAKE_TIME, facts={"kept_until": until.isoformat()}, source_kept_until=until)
    assert isinstance(decide(warm, waiting), Wait)
    ended = decide(replace(warm, source_kept_until=NOON), waiting)
    assert isinstance(ended, Act)
    assert ended.action == ContinueDeployment(deployment="d-1", wait="TERMINATION_WAIT")


STOPPED = deployment("Stopped", rollback_id="d-2", completed_at=NOON)
ALONE = deployment("Failed", rollback_message="There is no last successful revision", completed_at=NOON)


@pytest.mark.parametrize(
    ("observed", "kind", "words"),
    [
        (seen(), Act, "told to stop d-1"),
        (seen(deployment=STOPPED, undoing=deployment(id="d-2")), Wait, "rolls back by d-2"),
        (seen(deployment=STOPPED, undoing=deployment("Succeeded", id="d-2")), Advance, "installed the last good"),
        (seen(deployment=ALONE), Fail, "did not roll back: There is no last successful revision."),
        (seen(deployment=deployment("Succeeded")), Fail, "Deploy the previous release"),
        (Observed(), Fail, "see which revision the instances have"),
    ],
)
def test_the_way_back(observed: Observed, kind: type[Decision], words: str) -> None:
    decision = decide(at(INSTALL, back=True), observed)

    assert isinstance(decision, kind), decision
    assert words in decision.reason
    if isinstance(decision, Act):
        assert decision.action == StopDeployment(deployment="d-1")


def test_what_was_never_started_needs_no_way_back() -> None:
    unsure = at(INSTALL, back=True, done=(), step_started_at=NOON - seconds(9))
    assert isinstance(decide(unsure, Observed()), Wait), "CodeDeploy may list it yet"
    assert isinstance(decide(at(INSTALL, back=True, done=()), Observed()), Advance)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (wants_approval(Stage.PRE_PRODUCTION_TRAFFIC_SHIFT), "move the gate there"),
        ({"one_off_tasks": (TaskSpec(name="migrate", command=("x",)),)}, "run no one-off tasks"),
        ({"smoke_checks": (SmokeSpec(path="/"),)}, "ValidateService"),
    ],
)
def test_what_servers_cannot_have_is_said(environment: Mapping[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CONTROLLER.plan(cases.settings(**SERVERS | dict(environment)), Strategy.ALL_AT_ONCE)


def test_strategies_and_a_gate_before_anything_is_told() -> None:
    settings = cases.settings(**SERVERS | wants_approval(Stage.PRE_SCALE_UP))

    plan = CONTROLLER.plan(settings, Strategy.GROUP_CONFIG)

    assert CONTROLLER.strategies(settings)[-1] is Strategy.ONE_AT_A_TIME
    assert [step.stage for step in plan.steps if step.gate] == [Stage.PRE_SCALE_UP]
    with pytest.raises(ValueError, match="deploy one"):
        CONTROLLER.live(settings, FakeGateway())


def account(**group: Any) -> FakeGateway:
    gateway = FakeGateway()
    found = DeploymentGroup(
        **{"application": "reports", "name": "web", "platform": "Server", "config": "own", "tag_filters": 1, **group}
    )
    gateway.codedeploy_groups["reports", "web"] = found
    gateway.objects.add(("bundles", "reports-1.1.0.zip"))
    return gateway


def errors_of(gateway: FakeGateway, **release: Any) -> list[str]:
    usual: dict[str, Any] = {"images": {}, "platforms": {}, "references": {}, "bundle": BUNDLE}
    artefact = cases.release(**usual | release)
    return [result.check for result in CONTROLLER.preflight(cases.settings(**SERVERS), artefact, gateway, NOON).errors]


def test_preflight_of_servers() -> None:
    assert errors_of(account()) == []
    assert errors_of(account(tag_filters=0)) == ["instances"]
    assert errors_of(account(platform="ECS")) == ["deployment-group-platform"]
    assert errors_of(account(), bundle={**BUNDLE, "key": "gone.zip"}) == ["bundle-exists"]
    assert errors_of(account(), bundle=None) == ["release-kind"]
    busy = account()
    busy.codedeploy["d-9"] = deployment(id="d-9")
    assert errors_of(busy) == ["code-deployment"]
    denied = account()
    denied.denied.add("codedeploy:CreateDeployment")
    assert errors_of(denied) == ["permissions"]


def test_reconciling_looks_at_the_group_and_the_rest_at_the_deployment() -> None:
    gateway = account()
    snapshot = at(Stage.RECONCILE_SERVICE, done=())

    decision = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))

    assert isinstance(decision, Advance), decision
    assert decision.facts["group"]["config"] == "own"
    gateway.codedeploy["d-1"] = deployment(description="[tealgate 7-abc] 1.1.0")
    observed = CONTROLLER.observe(at(INSTALL, done=()), gateway, NOON)
    assert (observed.deployment.id, observed.stranger) == ("d-1", None)
    assert CONTROLLER.observe(at(INSTALL), gateway, NOON).deployment.id == "d-1"
