"""Somebody else deploys to the servers: before ours, after it, and before the way back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import CreateDeployment
from deployments.aws.codedeploy_values import Bundle, CodeDeployment, DeploymentGroup, LastDeployment
from deployments.swaps.code_deploy.facts import Installed, Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, GateState, Note, Wait
from deployments.swaps.facts import sure
from deployments.vocabulary import GateStatus, Stage
from tests.fakes.aws import FakeGateway
from tests.swaps import cases
from tests.swaps.cases import NOON, seconds, wants_approval
from tests.swaps.code_deploy_cases import learnt
from tests.swaps.server_cases import BUNDLE, CONTROLLER, INSTALL, at, decide, deployment, instance, seen
from tests.swaps.test_code_deploy_server_before import account

OLD = {**BUNDLE, "key": "reports-1.0.0.zip", "eTag": "old"}
HOTFIX = {"type": "S3", "bucket": "bundles", "key": "9.9.9.zip", "bundleType": "zip"}
INSTALLED = Installed(bundle=OLD, by="d-0", at=NOON, newest="d-0", file_exists="OVERWRITE")
BEFORE = {"installed": INSTALLED}


def last(number: str, status: str = "Succeeded") -> LastDeployment:
    return LastDeployment(id=number, status=status, created_at=NOON, ended_at=NOON)


def group(bundle: Mapping[str, str] | None = OLD, good: str = "d-0", newest: str = "") -> DeploymentGroup:
    return DeploymentGroup(
        application="reports", name="web", platform="Server", config="own", tag_filters=1, bundle=bundle,
        last_successful=last(good), last_attempted=last(newest or good),
    )  # fmt: skip


def theirs(status: str = "Succeeded", bundle: Mapping[str, str] = HOTFIX, **changes: Any) -> CodeDeployment:
    usual = {"id": "d-9", "bundle": bundle, "creator": "user", "description": "hotfix by jane", "completed_at": NOON}
    return deployment(status, **usual | changes)


def preparing(**facts: Any) -> Snapshot:
    return at(INSTALL, done=(), facts=BEFORE | facts)


def test_what_was_there_is_noted_before_anything_is_written() -> None:
    gateway = account()
    gateway.codedeploy["d-0"] = deployment("Succeeded", id="d-0", bundle=OLD, completed_at=NOON, file_exists="RETAIN")
    gateway.bundles["bundles", "reports-1.0.0.zip"] = Bundle(etag="old")
    snapshot = at(Stage.RECONCILE_SERVICE, done=())

    decision = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))

    assert sure(learnt(decision).installed) == Installed(
        bundle=OLD, by="d-0", at=NOON, newest="d-0", file_exists="RETAIN"
    )


def test_a_hotfix_that_came_while_the_gate_was_open_is_not_overwritten() -> None:
    hotfix = Observed(group=group(HOTFIX, "d-9"), newest=(theirs(), deployment("Succeeded", id="d-0")))

    decision = decide(preparing(), hotfix)

    assert isinstance(decision, Fail)
    assert decision.reason == (
        "The servers of web have s3://bundles/9.9.9.zip since 2026-03-02 12:00:00 UTC, by d-9 (created by user: hotfix "
        "by jane), which is not s3://bundles/reports-1.0.0.zip?versionId=v1 (by d-0). It was changed outside Tealgate. "
        "It was not overwritten: deploy 1.1.0 again if it is to replace that."
    )


def test_it_ends_while_the_gate_is_open_before_anybody_clicks() -> None:
    waits = GateState(status=GateStatus.AWAITING_ACTION, expires_at=NOON + seconds(3600), timeout_action="ROLLBACK")
    gated = wants_approval(Stage.PRE_SCALE_UP)
    snapshot = at(Stage.PRE_SCALE_UP, done=(), facts=BEFORE, environment=gated, gate=waits)
    gateway = account()
    gateway.codedeploy["d-0"] = deployment("Succeeded", id="d-0", bundle=OLD)

    quiet = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))
    assert isinstance(quiet, Wait)
    assert quiet.until == NOON + seconds(30)
    assert sum(gateway.calls.values()) == 1, gateway.calls

    gateway.codedeploy["d-9"] = theirs()
    decision = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))
    assert isinstance(decision, Fail)
    assert "It was not overwritten" in decision.reason


@pytest.mark.parametrize(
    ("mode", "words"),
    [("", "installed the same bundle there again"), ("RESTART", "restarted the application there")],
)
def test_the_same_bundle_brought_anew_changes_nothing_and_is_said(mode: str, words: str) -> None:
    same = Observed(group=group(OLD, "d-9"), newest=(theirs(bundle=OLD, mode=mode),))

    decision = decide(preparing(), same)

    assert isinstance(decision, Act)
    assert f"meanwhile d-9 (created by user: hotfix by jane) {words}" in decision.reason


def test_files_in_the_way_are_treated_as_the_last_good_deployment_did_unless_somebody_chose() -> None:
    for chosen, sent in (("", "OVERWRITE"), ("RETAIN", "RETAIN")):
        snapshot = at(INSTALL, done=(), facts=BEFORE, environment={"file_exists": chosen})

        act = decide(snapshot, Observed(group=group()))

        assert isinstance(act, Act)
        assert isinstance(act.action, CreateDeployment)
        assert (act.action.file_exists, act.action.ignore_stop_failures) == (sent, False)


def test_the_deployments_are_listed_only_when_the_group_tells_of_another_one() -> None:
    gateway = account()
    gateway.codedeploy["d-0"] = deployment("Succeeded", id="d-0", bundle=OLD)

    CONTROLLER.observe(preparing(), gateway, NOON)
    assert gateway.calls["newest_code_deployments"] == 0

    gateway.codedeploy["d-9"] = theirs()
    observed = CONTROLLER.observe(preparing(), gateway, NOON)
    assert gateway.calls["newest_code_deployments"] == 1
    assert isinstance(decide(preparing(), observed), Fail)


def look(stage: str, gateway: FakeGateway, **changes: Any) -> tuple[Snapshot, Observed]:
    snapshot = at(stage, facts=BEFORE | {"percent": 100.0}, **changes)
    return snapshot, CONTROLLER.observe(snapshot, gateway, NOON)


@pytest.mark.parametrize("stage", [INSTALL, Stage.BAKE_TIME, Stage.CLEAN_UP])
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Succeeded", "The servers of web have s3://bundles/9.9.9.zip since"),
        (
            "InProgress",
            "Deployment d-9 (created by user: hotfix by jane) installs s3://bundles/9.9.9.zip on the servers of web",
        ),
        ("Failed", "Deployment d-9 (created by user: hotfix by jane) began to install s3://bundles/9.9.9.zip"),
    ],
)
def test_what_somebody_deploys_after_ours_is_never_called_ours(stage: str, status: str, words: str) -> None:
    gateway = account()
    gateway.codedeploy["d-1"] = deployment("Succeeded", bundle=BUNDLE)
    gateway.codedeploy["d-9"] = theirs(status)

    decision = decide(*look(stage, gateway))

    assert isinstance(decision, Fail)
    assert words in decision.reason
    assert "which is not 1.1.0. It was changed outside Tealgate." in decision.reason


def test_a_server_that_auto_scaling_adds_gets_ours_and_that_is_no_change() -> None:
    gateway = account()
    gateway.codedeploy["d-1"] = deployment("Succeeded", bundle=BUNDLE)
    gateway.codedeploy["d-9"] = theirs(bundle=BUNDLE, creator="autoscaling", description="")

    assert isinstance(decide(*look(Stage.BAKE_TIME, gateway)), Wait)
    assert isinstance(decide(*look(Stage.CLEAN_UP, gateway)), Advance)


def test_a_restart_of_the_release_in_its_bake_is_said_and_turns_nothing_back() -> None:
    gateway = account()
    gateway.codedeploy["d-1"] = deployment("Succeeded", bundle=BUNDLE)
    gateway.codedeploy["d-9"] = theirs(bundle=BUNDLE, mode="RESTART")

    decision = decide(*look(Stage.BAKE_TIME, gateway))

    assert isinstance(decision, Wait)
    assert decision.reason == (
        "1.1.0 is installed and watched for 5 min; meanwhile d-9 (created by user: hotfix by jane) restarted the "
        "application there"
    )


def test_the_bake_time_looks_once_at_the_deployment_the_group_and_the_alarms() -> None:
    gateway = account()
    gateway.codedeploy["d-1"] = deployment("Succeeded", bundle=BUNDLE)

    decision = decide(*look(Stage.BAKE_TIME, gateway))

    assert isinstance(decision, Wait)
    assert decision.at_most == NOON - seconds(10) + seconds(300)
    assert "code_deployment_targets" not in gateway.calls
    assert gateway.calls["deployment_group"] == 1


def going_back(**changes: Any) -> Snapshot:
    old = cases.release(version="1.0.0", images={}, platforms={}, references={}, bundle=OLD)
    facts = BEFORE | changes.pop("facts", {})
    return at(INSTALL, back=True, facts=facts, source_artefact=old, **changes)


def test_the_way_back_leaves_alone_what_somebody_brought_since() -> None:
    ours = deployment("Succeeded", bundle=BUNDLE)

    decision = decide(going_back(), seen(deployment=ours, newest=(theirs(), ours)))

    assert isinstance(decision, Fail)
    assert "have s3://bundles/9.9.9.zip since" in decision.reason
    assert "it was left alone. Deploy the release that you want." in decision.reason


def test_somebody_who_went_back_already_is_thanked() -> None:
    ours = deployment("Succeeded", bundle=BUNDLE)

    decision = decide(going_back(), seen(deployment=ours, newest=(theirs(bundle=OLD), ours)))

    assert isinstance(decision, Advance)
    assert "1.0.0 was installed again already, by d-9" in decision.reason


def test_what_was_there_before_us_is_gone_back_to_whatever_the_board_said() -> None:
    ours = deployment("Succeeded", bundle=BUNDLE)
    hotfix_before = {"installed": Installed(bundle=HOTFIX, by="d-8")}
    snapshot = going_back(facts=hotfix_before, done=("create", "overtaken#0"))

    told = decide(going_back(facts=hotfix_before), seen(deployment=ours, newest=(ours,)))
    act = decide(snapshot, seen(deployment=ours, newest=(ours,)))

    assert isinstance(told, Note)
    assert "s3://bundles/9.9.9.zip is deployed again" in told.reason
    assert isinstance(act, Act)
    assert isinstance(act.action, CreateDeployment)
    assert act.action.revision["s3Location"]["key"] == "9.9.9.zip"


def test_somebody_who_goes_back_is_waited_for() -> None:
    ours = deployment("Succeeded", bundle=BUNDLE)
    running = theirs("InProgress", bundle=OLD)

    decision = decide(going_back(), seen(deployment=ours, newest=(running, ours), stranger=running))

    assert isinstance(decision, Wait)
    assert decision.reason == "d-9 (created by user: hotfix by jane) installs 1.0.0 again already; it is waited for"


@pytest.mark.parametrize(
    ("other", "kind", "words"),
    [
        (theirs("InProgress", bundle=OLD), Wait, "installs 1.0.0 again already; it is waited for"),
        (theirs(bundle=OLD), Advance, "1.0.0 was installed again already, by d-9 (created by user: hotfix by jane)"),
        (theirs("InProgress"), Fail, "installs s3://bundles/9.9.9.zip on the servers of web, which is not 1.1.0; it"),
        (theirs("Failed", bundle=OLD), Fail, "*Retry roll back*"),
    ],
)
def test_somebody_who_stopped_ours_and_deploys_is_waited_for_or_named(
    other: CodeDeployment, kind: type[Decision], words: str
) -> None:
    gateway = account()
    gateway.codedeploy["d-1"] = deployment(
        "Stopped", error_code="MANUAL_STOP", bundle=BUNDLE, completed_at=NOON - seconds(60)
    )
    gateway.code_targets["d-1"] = (instance(1, "Succeeded"), instance(2, "Skipped"))
    gateway.codedeploy["d-9"] = replace(other, completed_at=NOON if other.is_over else None)
    snapshot = going_back()

    decision = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))

    assert isinstance(decision, kind), decision
    assert words in decision.reason


def test_what_somebody_brought_after_codedeploy_had_gone_back_is_named() -> None:
    gateway = account()
    gateway.codedeploy["d-1"] = deployment("Stopped", rollback_id="d-2", bundle=BUNDLE, completed_at=NOON)
    gateway.codedeploy["d-2"] = deployment("Succeeded", id="d-2", bundle=OLD, completed_at=NOON)
    gateway.codedeploy["d-9"] = theirs("InProgress", completed_at=None)
    snapshot = going_back()

    decision = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))

    assert isinstance(decision, Advance)
    assert "Since then: Deployment d-9 (created by user: hotfix by jane) installs s3://bundles/9.9.9.zip" in (
        decision.reason
    )
