"""What Tealgate does not let happen, and what people are told; also when a part of Tealgate is away."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Begin
from tests.browser.pages import Person
from tests.stack import Stack, answers, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(begin: Begin, installation: Stack) -> Stack:
    """A second approver; staging gets a gate for one of them, production's gate needs both."""
    begin(gates={"staging": 1, "production": 2})
    installation.run("from tests.browser import beginning; beginning.another_approver('anna')")
    return installation


@pytest.fixture
def anna(arrive: Arrive) -> Person:
    """The second approver."""
    return arrive("anna")


def test_a_viewer_looks_and_is_told_why_not_more(arrive: Arrive) -> None:
    viewer = arrive("viewer")
    viewer.open_board()
    expect(viewer.page.get_by_role("link", name="Deploy", exact=True)).to_have_count(0)
    viewer.open_release("1.1.0")
    expect(viewer.page.get_by_role("link", name="Deploy", exact=True)).to_have_count(0)
    viewer.sees("You do not have the right to deploy; ask an administrator for it.")

    viewer.tolerate("status of 403")
    viewer.open("/deployments/deployment/add/")

    viewer.sees("You may not do that")
    viewer.sees("You do not have the right to deploy; ask an administrator for it.")


def test_an_unknown_tag_is_a_sentence_on_the_field(manager: Person) -> None:
    manager.open("/deployments/release/add/")
    manager.page.locator(".tg-option", has_text="Storefront").click()
    manager.page.get_by_label("Version").fill("9.9.9")
    manager.page.get_by_label("Container").fill("web")
    image = manager.page.get_by_label("Image", exact=False).first
    image.fill("123456789012.dkr.ecr.us-east-1.amazonaws.com/storefront:9.9.9")

    manager.press("Register the release")

    expect(manager.page.locator(".errors", has_text="9.9.9")).to_contain_text(re.compile("no image|not found|no tag"))
    expect(manager.page.get_by_label("Version")).to_have_value("9.9.9")


@pytest.fixture
def nothing_runs(stack: Stack) -> Iterator[None]:
    """Both environments are free again afterwards."""
    yield
    stack.run("from tests.browser import beginning; beginning.end_everything()")


@pytest.mark.usefixtures("nothing_runs")
def test_a_busy_environment_takes_no_second_deployment(arrive: Arrive, manager: Person) -> None:
    colleague = arrive("admin")
    colleague.choose("1.6.0", "staging")
    manager.deploy("1.1.0", "staging")

    colleague.confirm("I was first")

    colleague.sees("storefront/staging is busy: 1.1.0 is")
    expect(colleague.page.get_by_label("Reason")).to_have_value("I was first")
    expect(colleague.page.get_by_role("button", name="Deploy 1.6.0 to staging")).to_be_disabled()


@pytest.mark.usefixtures("nothing_runs")
def test_two_approvers_see_each_other_and_what_they_type_stays(manager: Person, approver: Person, anna: Person) -> None:
    manager.deploy("1.1.0", "production")
    manager.sees_status("Waiting for approval")
    anna.open_gate_from_board()
    anna.comment("Half a sentence")

    approver.open_gate_from_board()
    approver.approve("Looks good")

    anna.sees("1 of 2")
    anna.sees("Looks good")
    expect(anna.page.get_by_label("Comment")).to_have_value("Half a sentence")
    expect(anna.page.get_by_label("Comment")).to_be_focused()
    anna.press("Approve")
    manager.sees("Gate approved by approver, anna")


@pytest.mark.usefixtures("nothing_runs")
def test_who_approves_a_moment_too_late_is_told_who_did(manager: Person, approver: Person, anna: Person) -> None:
    manager.deploy("1.1.0", "staging")
    manager.sees_status("Waiting for approval")
    anna.open_gate_from_board()
    anna.page.route("**/live/**", lambda route: route.fulfill(status=204))  # her page hears of it too late
    approver.open_gate_from_board()
    approver.approve()
    approver.sees("Approved.")

    anna.approve("Me too")

    anna.sees("This gate is closed: approved by approver.")


@pytest.mark.usefixtures("nothing_runs")
def test_a_page_is_honest_while_the_server_or_the_worker_is_away(
    stack: Stack, manager: Person, approver: Person
) -> None:
    with away(stack, "worker"):
        manager.deploy("1.1.0", "staging")
        manager.remember_page()
        manager.sees_headline("Waiting for a worker to pick it up.")
        manager.sees_status("Pending")
        expect(manager.page.locator(".tg-step-running")).to_have_count(0)
    manager.sees_status("Waiting for approval")

    for person in (manager, approver):
        person.tolerate("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED")
    with away(stack, "web"):
        manager.sees("Connection lost, last seen")
    expect(manager.page.locator("[data-connection]")).to_be_hidden()

    approver.open_gate_from_board()
    with away(stack, "worker"):
        approver.approve("Nobody is at work")
        manager.sees("Gate approved by approver")
        expect(manager.page.locator("#head")).not_to_contain_text("Waiting for")
    manager.sees_status("Live, previous release kept warm")
    assert manager.is_still_there()


@contextmanager
def away(stack: Stack, name: str) -> Iterator[None]:
    """The worker by kill -9; a web server that dies so would leave children that go on answering."""
    (stack.kill if name == "worker" else stack.stop)(name)
    try:
        yield
    finally:
        stack.start(name)
        wait_for(lambda: answers(f"{stack.url}/healthz") or name == "worker")
