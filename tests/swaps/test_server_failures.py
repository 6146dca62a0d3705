"""Servers that fail while the deployment goes on: each is named, and what it means for its traffic."""

from dataclasses import replace
from typing import Any

from deployments.aws.codedeploy_values import CodeDeployTarget, LifecycleEvent
from deployments.preflight.report import warning
from deployments.swaps.decisions import Advance, Note
from deployments.vocabulary import Stage
from tests.swaps.code_deploy_cases import learnt
from tests.swaps.server_cases import GROUP, INSTALL, at, decide, deployment, instance, seen


def out_of_traffic(number: int, **event: Any) -> CodeDeployTarget:
    blocked = LifecycleEvent(name="BlockTraffic", status="Succeeded")
    failed = LifecycleEvent(**{"name": "AfterInstall", "status": "Failed", **event})
    return CodeDeployTarget(id=f"i-{number}", status="Failed", events=(blocked, failed))


HALF = (instance(1, "Succeeded"), out_of_traffic(2, script="scripts/migrate.sh", message="exit code 1."))
WARNING = (
    "Server i-2 failed and may not have 1.1.0: AfterInstall (scripts/migrate.sh) failed: exit code 1. "
    "It gets no requests until a deployment succeeds there."
)


def test_a_server_that_fails_on_the_way_is_told_at_once() -> None:
    decision = decide(at(INSTALL, facts={"percent": 50.0}), seen(targets=HALF))

    assert isinstance(decision, Note)
    assert decision.reason == "1.1.0 is on 1 of 2 instances; i-2 failed"
    assert learnt(decision).warnings == (WARNING,)


def test_one_that_failed_although_all_went_well_is_named_at_the_end() -> None:
    ended = deployment("Succeeded", overview={"Succeeded": 1, "Failed": 1})

    decision = decide(at(Stage.CLEAN_UP), seen(targets=HALF, deployment=ended))

    assert isinstance(decision, Advance)
    assert "1 failed, which the configuration allows. Server i-2 failed" in decision.reason
    assert learnt(decision).warnings == (WARNING,)


def test_where_all_went_well_nothing_is_warned_of() -> None:
    decision = decide(at(Stage.CLEAN_UP), seen("Succeeded", "Succeeded", deployment=deployment("Succeeded")))

    assert decision.reason == "1.1.0 is installed"
    assert learnt(decision).warnings == ()


def test_a_server_whose_agent_was_lost_fails_without_an_event() -> None:
    lost = CodeDeployTarget(id="i-3", status="Failed")

    decision = decide(at(INSTALL), seen(targets=(instance(1, "Succeeded"), lost)))

    (warning,) = learnt(decision).warnings
    assert warning == (
        "Server i-3 failed and may not have 1.1.0: CodeDeploy says no more than that it failed. See what it serves."
    )


def test_an_original_that_could_not_leave_is_not_called_one_without_the_release() -> None:
    original = instance(4, "Failed", label="Blue", name="AfterBlockTraffic", script="out.sh")

    decision = decide(at(INSTALL), seen(targets=(instance(1, "Succeeded", label="Green"), original)))

    (warning,) = learnt(decision).warnings
    assert warning.startswith("The original server i-4 could not be taken out of traffic well: AfterBlockTraffic (out")


def test_a_server_that_was_passed_over_is_named_once_all_went_well() -> None:
    gone = CodeDeployTarget(id="i-5", status="Unknown")
    original = CodeDeployTarget(id="i-6", status="Skipped", label="Blue")
    targets = (instance(1, "Succeeded", label="Green"), gone, original)

    decision = decide(at(Stage.CLEAN_UP), seen(targets=targets, deployment=deployment("Succeeded")))

    assert learnt(decision).warnings == ("CodeDeploy passed over server i-5 (Unknown): it may not have 1.1.0.",)


def test_alarms_that_measure_what_was_replaced_are_named_at_the_end_of_blue_green() -> None:
    blind = warning("alarms-of-servers", "The alarm busy measures the Auto Scaling group reports.", "Measure another.")
    facts = {"preflight": (blind,), "group": replace(GROUP, in_place=False)}
    ended = seen("Succeeded", deployment=deployment("Succeeded"))

    replaced = decide(at(Stage.CLEAN_UP, facts=facts), ended)
    in_place = decide(at(Stage.CLEAN_UP, facts={"preflight": (blind,)}), ended)

    assert replaced.reason == "1.1.0 is installed"
    assert learnt(replaced).warnings == ("The alarm busy measures the Auto Scaling group reports.",)
    assert learnt(in_place).warnings == ()
