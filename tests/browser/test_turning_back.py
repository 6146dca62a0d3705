"""Releases that must not stay: turned back by themselves or by people, and the page says why."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Begin
from tests.browser.pages import Person
from tests.flows.traffic import Traffic
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(begin: Begin) -> Stack:
    """Its 500s would be found by the smoke check of "/" before any visitor meets them."""
    return begin(checks=["/healthz"], canary_bake_seconds=10, scale_up_timeout_seconds=8)


def test_a_release_that_answers_500_is_taken_back_by_itself(stack: Stack, manager: Person) -> None:
    with Traffic(stack.listener(8082)) as traffic:
        manager.deploy("1.2.0", "staging")
        manager.remember_page()
        manager.sees_status("Rolled back")

    manager.sees_headline(re.compile("5xx|in ALARM"))
    manager.sees(re.compile("1.0.0 serves all production traffic"))
    manager.sees("The way back")
    expect(manager.stage("Shift traffic to 10 %")).to_have_class(re.compile("tg-step-failed"))
    expect(manager.page.locator("#failure .tg-log")).to_contain_text("500")
    manager.page.get_by_role("link", name="What went wrong").click()
    expect(manager.page.locator("#failure-title")).to_be_in_viewport()
    assert manager.is_still_there()
    assert (traffic.lost, traffic.statuses[500] > 0) == (0, True)
    manager.picture("rolled-back")


def test_a_release_that_never_gets_healthy_shows_code_and_log(manager: Person) -> None:
    manager.deploy("1.3.0", "staging")

    manager.sees_status("Rolled back")

    failure = manager.page.get_by_role("region", name="What was seen when it failed")
    expect(failure).to_contain_text("503")
    expect(failure.locator(".tg-log")).to_contain_text("health")
    manager.open_board()
    expect(manager.cell("staging")).to_contain_text("Rolled back 1.3.0")


def test_an_arm64_image_cannot_be_confirmed(manager: Person) -> None:
    manager.open_board()
    manager.say("prod dep 1.4.0")

    manager.sees("linux/arm64")
    manager.sees("Preflight found errors; put them right first.")
    expect(manager.page.get_by_role("button", name="Deploy 1.4.0 to production")).to_be_disabled()


def test_a_rejection_needs_a_comment_and_rolls_back(manager: Person, approver: Person) -> None:
    manager.deploy("1.1.0", "production")
    manager.sees_status("Waiting for approval")

    approver.open_gate_from_board()
    approver.press("Reject")
    approver.sees("Who decides")  # the browser asks for the comment first
    approver.reject("Not on a Friday")

    manager.sees_status("Rolled back")
    manager.sees_headline("Not on a Friday")


def test_stop_while_tasks_start(manager: Person) -> None:
    manager.deploy("1.3.0", "staging", reason="Stop it half way")
    expect(manager.stage("Start")).to_have_class(re.compile("tg-step-running"))

    manager.ask("Stop", Reason="Wrong ticket")

    manager.sees_status("Rolled back")
    manager.sees_headline("Stop asked for by manager: Wrong ticket")
    expect(manager.stage("Shift traffic to 10 %")).to_contain_text("skipped")


def test_one_click_rolls_back_while_the_previous_release_is_warm(stack: Stack, manager: Person) -> None:
    with Traffic(stack.listener(8082)) as traffic:
        manager.deploy("1.1.0", "staging", "BLUE_GREEN")
        manager.sees_status("Live, previous release kept warm")
        manager.sees("1.0.0 is kept warm: roll back is one write.")

        manager.ask("Roll back")
        manager.sees_status("Rolled back")
        expect(manager.page.get_by_text("Roll back asked for.")).to_have_count(0)

    manager.sees(re.compile("1.0.0 serves all production traffic."))
    assert traffic.lost == 0
