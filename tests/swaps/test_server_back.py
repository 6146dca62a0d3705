"""The way back on servers where CodeDeploy's own roll back fails: named, tried again, and never without its bundle."""

from dataclasses import replace
from typing import Any

from deployments.aws.actions import CreateDeployment, StopDeployment
from deployments.aws.codedeploy_values import Bundle
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.decisions import Act, Advance, Fail, Note, Wait
from tests.fakes.aws import FakeGateway
from tests.swaps.cases import NOON, seconds
from tests.swaps.code_deploy_cases import learnt
from tests.swaps.server_cases import CONTROLLER, GROUP, INSTALL, at, decide, deployment, instance, seen
from tests.swaps.test_code_deploy_server_before import account
from tests.swaps.test_server_outside import BEFORE, INSTALLED, OLD, going_back

FAILED = deployment("Failed", rollback_id="d-2", error_code="HEALTH_CONSTRAINTS", completed_at=NOON)
UNDOING = deployment("Failed", id="d-2", error_code="HEALTH_CONSTRAINTS", error_message="Too many failed")
STOPPING = (
    instance(1, "Failed", name="ApplicationStop", script="scripts/stop.sh", message="exit code 1"),
    instance(2, "Failed", name="ApplicationStop", script="scripts/stop.sh", message="exit code 1"),
)
ABSENT = (instance(1, "Failed", name="DownloadBundle", message="The specified key does not exist: 1.0.0.zip"),)


def undone_badly(targets: Any = STOPPING, **changes: Any) -> Any:
    return seen("Failed", deployment=FAILED, undoing=UNDOING, undoing_targets=targets, **changes)


def retried(**changes: Any) -> Snapshot:
    return going_back(attempt=1, **changes)


def test_the_server_and_script_on_which_the_roll_back_itself_failed_are_named() -> None:
    decision = decide(going_back(), undone_badly())

    assert isinstance(decision, Fail)
    assert (
        "CodeDeploy could not roll back. CodeDeploy failed d-2: Too many failed. ApplicationStop (scripts/stop.sh) "
        "failed on i-1: exit code 1. i-2 failed too."
    ) in decision.reason
    assert "*Retry roll back* has CodeDeploy install 1.0.0 again and goes past failures of that script" in (
        decision.reason
    )
    assert [each.target for each in learnt(decision).targets] == ["i-1", "i-2"]


def test_its_targets_are_read_only_once_it_has_failed() -> None:
    gateway = account()
    gateway.codedeploy["d-1"], gateway.codedeploy["d-2"] = FAILED, deployment("InProgress", id="d-2")
    assert isinstance(decide(going_back(), CONTROLLER.observe(going_back(), gateway, NOON)), Wait)
    assert gateway.calls["code_deployment_targets"] == 1

    gateway.codedeploy["d-2"], gateway.code_targets["d-2"] = UNDOING, ABSENT
    decision = decide(going_back(), CONTROLLER.observe(going_back(), gateway, NOON))

    assert gateway.calls["code_deployment_targets"] == 3
    assert "DownloadBundle failed on i-1: The specified key does not exist: 1.0.0.zip." in decision.reason


def test_a_retry_makes_a_deployment_of_what_was_there_before() -> None:
    told = decide(retried(), undone_badly())
    assert isinstance(told, Note)
    assert told.reason == "CodeDeploy's own roll back failed. 1.0.0 is deployed again"
    assert told.live is None, "half of them may have the release"

    act = decide(retried(facts=vars(learnt(told)) | BEFORE | {"done": ("create", "overtaken#1")}), undone_badly())

    assert isinstance(act, Act)
    assert isinstance(act.action, CreateDeployment)
    assert act.action.revision["s3Location"]["key"] == "reports-1.0.0.zip"
    assert act.action.description.startswith("[tealgate 7-abc back 1] 1.0.0")
    assert act.action.ignore_stop_failures
    assert "past failing scripts of what is there" in act.reason


def test_a_retry_goes_past_no_script_that_did_not_fail() -> None:
    told = decide(retried(), undone_badly(ABSENT))

    assert not learnt(told).past_stop_failures


def test_a_retry_is_followed_to_its_end() -> None:
    facts = {"done": ("create", "overtaken#1", "again#1"), "again": "d-3"}

    begun = seen(deployment=FAILED, undoing=UNDOING, again=deployment(id="d-3"))
    waiting = decide(retried(facts=facts), begun)
    good = replace(begun, again=deployment("Succeeded", id="d-3"), targets=(instance(1, "Succeeded"),))
    ended = decide(retried(facts=facts), good)

    assert isinstance(waiting, Wait)
    assert isinstance(ended, Advance)
    assert ended.reason == "CodeDeploy could not roll back by itself, so it installed 1.0.0 again by d-3"


def test_an_archive_that_is_gone_is_named_before_anything_is_told() -> None:
    gateway = account()
    gateway.codedeploy["d-1"], gateway.codedeploy["d-2"] = FAILED, UNDOING
    gateway.code_targets["d-2"] = ABSENT
    snapshot = retried(done=("create", "overtaken#1"))

    gone = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))
    gateway.bundles["bundles", "reports-1.0.0.zip"] = Bundle(etag="another")
    replaced = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))
    gateway.bundles["bundles", "reports-1.0.0.zip"] = Bundle(etag=OLD["eTag"])
    there = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))

    assert isinstance(gone, Fail)
    assert "s3://bundles/reports-1.0.0.zip?versionId=v1 does not exist any more, so it cannot be" in gone.reason
    assert isinstance(replaced, Fail)
    assert "was replaced: its ETag was old and is another now, so it cannot be installed again" in replaced.reason
    assert isinstance(there, Act)


def test_where_nothing_was_begun_on_any_server_there_is_nothing_to_go_back_from() -> None:
    nobody = deployment("Failed", error_code="NO_INSTANCES", rollback_id="d-2", completed_at=NOON)
    waiting = instance(1, "Skipped", name="ApplicationStop")

    decision = decide(going_back(), seen(deployment=nobody, undoing=UNDOING, targets=(waiting,)))

    assert isinstance(decision, Advance)
    assert decision.reason == "CodeDeploy had begun nothing on any server, so there is nothing to put back"


def test_a_script_of_what_is_there_that_fails_forward_says_how_to_get_past_it() -> None:
    ours = deployment("Failed", error_code="HEALTH_CONSTRAINTS")

    plain = decide(at(INSTALL, facts=BEFORE), seen(targets=STOPPING, deployment=ours))
    past = decide(
        at(INSTALL, facts=BEFORE, environment={"ignore_stop_failures": True}), seen(targets=STOPPING, deployment=ours)
    )

    assert isinstance(plain, Fail)
    assert "That script is not of 1.1.0 but of what is on the server, s3://bundles/reports-1.0.0.zip" in plain.reason
    assert "*Ignore failures to stop* of the environment" in plain.reason
    assert "Ignore failures to stop" not in past.reason


def test_an_environment_that_ignores_failures_to_stop_has_codedeploy_told_so() -> None:
    act = decide(at(INSTALL, done=(), environment={"ignore_stop_failures": True}), seen(deployment=None))

    assert isinstance(act, Act)
    assert isinstance(act.action, CreateDeployment)
    assert act.action.ignore_stop_failures


def without_its_archive(status: str, **changes: Any) -> FakeGateway:
    gateway = account()
    del gateway.bundles["bundles", "reports-1.1.0.zip"]
    gateway.codedeploy["d-1"] = deployment(status, **changes)
    gateway.code_targets["d-1"] = (instance(1, "Succeeded"), instance(2, "Failed"))
    return gateway


def test_codedeploy_is_not_told_to_roll_back_onto_an_archive_that_is_gone() -> None:
    gateway = without_its_archive("InProgress")
    stop = decide(going_back(), CONTROLLER.observe(going_back(), gateway, NOON))

    assert isinstance(stop, Act)
    assert stop.action == StopDeployment(deployment="d-1", roll_back=False)
    assert "not to roll back: what was there cannot be installed again" in stop.reason

    gateway = without_its_archive("Stopped", completed_at=NOON - seconds(11))
    ended = decide(going_back(), CONTROLLER.observe(going_back(), gateway, NOON))

    assert isinstance(ended, Fail)
    assert ended.reason.startswith(
        "CodeDeploy was kept from rolling back: s3://bundles/reports-1.0.0.zip?versionId=v1 does not exist any more"
    )
    assert "Put that archive back, then *Retry roll back*" in ended.reason


def test_a_roll_back_that_codedeploy_was_kept_from_is_not_waited_for() -> None:
    gone = {"installed": replace(INSTALLED, gone="it does not exist any more")}
    gateway = without_its_archive("Failed", completed_at=NOON)

    assert isinstance(decide(going_back(), CONTROLLER.observe(going_back(), gateway, NOON)), Wait)
    kept = going_back(facts=gone)
    assert isinstance(decide(kept, CONTROLLER.observe(kept, gateway, NOON)), Fail)


def test_in_blue_green_the_originals_need_no_archive() -> None:
    facts = {"group": replace(GROUP, in_place=False)}
    snapshot = going_back(facts=facts)

    stop = decide(snapshot, CONTROLLER.observe(snapshot, without_its_archive("InProgress"), NOON))

    assert isinstance(stop, Act)
    assert stop.action == StopDeployment(deployment="d-1")


def test_a_deployment_from_an_archive_that_is_gone_does_not_undo_itself() -> None:
    gone = {"installed": replace(INSTALLED, gone="s3://bundles/reports-1.0.0.zip does not exist any more")}

    act = decide(at(INSTALL, done=(), facts=gone), seen(deployment=None))
    usual = decide(at(INSTALL, done=(), facts=BEFORE), seen(deployment=None))

    assert isinstance(act, Act)
    assert isinstance(usual, Act)
    assert isinstance(act.action, CreateDeployment)
    assert isinstance(usual.action, CreateDeployment)
    assert (act.action.rollback_events, len(usual.action.rollback_events)) == ((), 3)
    assert "not to roll back by itself: s3://bundles/reports-1.0.0.zip does not exist any more" in act.reason


def test_a_stop_that_is_not_to_roll_back_is_told_apart_from_the_usual_one() -> None:
    assert StopDeployment(deployment="d-1").as_json() == {"operation": "StopDeployment", "deployment": "d-1"}
    assert StopDeployment(deployment="d-1", roll_back=False).as_json()["roll_back"] is False
