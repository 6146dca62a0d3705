"""CODE_DEPLOY on servers, decision by decision: no AWS, no database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.actions import ContinueDeployment, CreateDeployment, Made, StopDeployment
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.aws.values import Alarm
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.vocabulary import Role, Stage
from tests.fakes.aws import FakeGateway
from tests.swaps import cases
from tests.swaps.cases import NOON, seconds
from tests.swaps.code_deploy_cases import learnt
from tests.swaps.server_cases import BUNDLE, CONTROLLER, INSTALL, at, decide, deployment, instance, seen

GITHUB = {"type": "GitHub", "repository": "shop/reports", "commitId": "a" * 40}


@pytest.mark.parametrize(
    ("bundle", "revision"),
    [
        (
            BUNDLE,
            {
                "revisionType": "S3",
                "s3Location": {
                    "bucket": "bundles", "key": "reports-1.1.0.zip", "bundleType": "zip", "version": "v1",
                    "eTag": "0123",
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
    assert lost.found == Made(code_deployment="d-1")


UNASKED = {"unattended": "ada said so"}
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
            "CodeDeploy is done: 1.1.0 is on 1 of 1 instance",
        ),
        (
            at(INSTALL, facts={"percent": 50.0}),
            seen("Succeeded", deployment=deployment("Succeeded")),
            Advance,
            "CodeDeploy is done: 1.1.0 is on 1 of 1 instance",
        ),
        (at(INSTALL), seen(deployment=deployment("Ready")), Wait, "no gate there: continue d-1 in CodeDeploy"),
        (at(INSTALL, environment=UNASKED), seen(deployment=deployment("Ready")), Act, "ada said so"),
        (at(INSTALL), seen("Failed", deployment=FAILED), Fail, "Too many failed. AfterInstall failed on i-0."),
        (at(INSTALL), Observed(), Fail, "no longer knows the deployment d-1"),
        (at(Stage.BAKE_TIME), seen(deployment=deployment("Succeeded")), Wait, "watched for 5 min"),
        (
            at(Stage.BAKE_TIME, environment={"bake_seconds": 0}),
            seen(deployment=deployment("Succeeded")),
            Advance,
            "no original",
        ),
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
    assert learnt(decision).percent == 100


def test_a_failing_hook_keeps_its_script_and_log() -> None:
    hook = instance(1, "Failed", script="up.sh", message="exit 1", log="starting\nno such table\n")

    decision = decide(at(INSTALL), seen(targets=(hook,), deployment=FAILED))

    assert isinstance(decision, Fail)
    assert "AfterInstall (up.sh) failed on i-1: exit 1. Last line: no such table" in decision.reason
    snapshot = at(INSTALL, back=True, facts=vars(learnt(decision)))
    assert CONTROLLER.diagnose(snapshot, FakeGateway()).log == ("starting", "no such table")


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

    warm = at(Stage.BAKE_TIME, facts={"kept_until": until}, source_kept_until=until)
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
        (seen("Failed", deployment=ALONE), Fail, "did not roll back: There is no last successful revision."),
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


def _going_back(facts: Mapping[str, Any], **changes: Any) -> Snapshot:
    source = cases.release(
        version="1.0.0", images={}, platforms={}, references={}, bundle={**BUNDLE, "key": "shop-1.0.zip"}
    )
    return at(INSTALL, back=True, facts=facts, source_artefact=source, **changes)


def test_what_had_finished_is_followed_by_the_bundle_of_before() -> None:
    over = seen(deployment=deployment("Succeeded"))

    told = decide(_going_back({}), over)
    assert isinstance(told, Note)
    assert told.live is Role.TARGET
    assert "all instances have it. 1.0.0 is deployed again" in told.reason

    act = decide(_going_back({"done": ("create", "overtaken#0")}), over)
    assert isinstance(act, Act)
    assert isinstance(act.action, CreateDeployment)
    assert act.action.revision["s3Location"]["key"] == "shop-1.0.zip"
    assert act.action.config == "CodeDeployDefault.HalfAtATime"
    assert act.known(learnt(told), Made(code_deployment="d-2")).again == "d-2"


AGAIN = {"done": ("create", "overtaken#0", "again#0"), "again": "d-2"}


@pytest.mark.parametrize(
    ("again", "kind", "words"),
    [
        (deployment(id="d-2"), Wait, "CodeDeploy installs 1.0.0 again by d-2"),
        (deployment("Ready", id="d-2"), Act, "may shift to 1.0.0"),
        (deployment(id="d-2", termination_wait_started=True), Act, "end the release's instances now"),
        (deployment("Failed", id="d-2"), Fail, "did not go back to 1.0.0"),
        (deployment("Succeeded", id="d-2"), Advance, "installed 1.0.0 again by d-2"),
    ],
)
def test_the_bundle_of_before_is_followed_to_its_end(again: CodeDeployment, kind: type[Decision], words: str) -> None:
    decision = decide(_going_back(AGAIN), seen(deployment=deployment("Succeeded"), again=again))

    assert isinstance(decision, kind), decision
    assert words in decision.reason


def test_what_was_never_started_needs_no_way_back() -> None:
    unsure = at(INSTALL, back=True, done=(), step_started_at=NOON - seconds(9))
    assert isinstance(decide(unsure, Observed()), Wait), "CodeDeploy may list it yet"
    assert isinstance(decide(at(INSTALL, back=True, done=()), Observed()), Advance)
