"""Two people put a release on production: one asks, the other approves, and no visitor of the shop notices."""

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
    return begin(canary_bake_seconds=8, bake_seconds=2, termination_wait_seconds=60)


def test_a_release_goes_out_and_no_request_is_lost(stack: Stack, manager: Person, approver: Person) -> None:
    with Traffic(stack.listener(8080), rate=30) as traffic:
        the_manager_asks_for_it(manager)
        the_manager_follows_to_the_gate(manager)
        the_approver_lets_it_through(approver)
        traffic_moves(manager)
        the_manager_ends_the_warm_time(manager)
        the_board_says_so(manager)
        after_that_the_way_back_is_a_deployment(manager, approver)

    assert (traffic.lost, {"1.0.0", "1.1.0"} <= set(traffic.versions)) == (0, True), traffic.versions


def the_manager_asks_for_it(manager: Person) -> None:
    manager.open_board()
    for environment in ("staging", "production"):
        expect(manager.cell(environment)).to_contain_text("1.0.0")
        expect(manager.cell(environment)).to_contain_text("blue")
    manager.count_clicks()
    manager.pick("1.1.0", "production")
    plan = manager.page.get_by_role("region", name="Plan")
    for words in ("Start", "Shift traffic to 10 %", "Gate: 1 approval by Approvers", "The way back"):
        expect(plan).to_contain_text(words)
    expect(plan.get_by_role("img")).to_have_attribute("aria-label", re.compile("10\u00a0% for 8 s, then 100\u00a0%"))
    difference = manager.page.get_by_role("region", name="Task definition")
    expect(difference.locator(".tg-diff-gone")).to_contain_text("storefront:1.0.0")
    expect(difference.locator(".tg-diff-add")).to_contain_text("storefront@sha256:")
    expect(manager.page.get_by_role("region", name="Preflight")).to_contain_text("checks fine")
    manager.picture("plan")
    manager.confirm("The new checkout, SHOP-412")
    manager.sees("Deployment of 1.1.0 to storefront/production requested.")
    print(f"From the board to requested: {manager.clicks} clicks")
    assert manager.clicks == 3


def the_manager_follows_to_the_gate(manager: Person) -> None:
    manager.remember_page()
    manager.sees_status("Waiting for approval")
    manager.sees_headline("Waiting for approval: 0 of 1 given.")
    manager.sees("You asked for this deployment, so somebody else has to decide on it.")
    expect(manager.page.get_by_role("button", name="Approve")).to_have_count(0)
    for done in ("Check", "Start", "Open the test address"):
        expect(manager.stage(done)).to_have_class(re.compile("tg-step-done"))
    manager.sees_traffic("green", 0)
    expect(manager.region).not_to_contain_text("UTC")
    manager.film("canary-waits")
    the_axis_names_a_new_day_and_keeps_to_round_hours_when_clocks_are_put_back(manager)
    the_chart_is_read_by_keyboard(manager)


def the_approver_lets_it_through(approver: Person) -> None:
    approver.open_board()
    approver.sees("Waiting for you")
    approver.picture("board")
    approver.open_gate_from_board()
    approver.sees("The new checkout, SHOP-412")
    approver.page.get_by_role("link", name="All of the deployment").click()
    approver.sees("Your decision is needed")
    evidence = approver.page.locator(".tg-evidence")
    for words in ("100 % of traffic", "2 of 2 healthy", "GET / answered 200", "migrate ended with exit code 0", "OK"):
        expect(evidence).to_contain_text(words.replace(" %", "\u00a0%"))
    approver.comment("Clicked through the checkout on the test address")
    approver.picture("deployment", top=True)
    approver.press("Approve")
    approver.sees("Approved.")


def traffic_moves(manager: Person) -> None:
    manager.sees_traffic("green", 10)
    manager.sees("Old 1.0.0 serves 90 % of production traffic, and new 1.1.0 serves 10 %.")
    what_was_looked_at_stays_when_numbers_come(manager)
    expect(manager.page.locator(".tg-head-now")).not_to_contain_text("too few to judge")
    manager.picture("ten-percent", top=True)
    manager.film("canary-shifts")
    manager.sees_traffic("green", 100)
    expect(manager.stage("Try out")).to_contain_text("Clicked through the checkout")


def the_axis_names_a_new_day_and_keeps_to_round_hours_when_clocks_are_put_back(manager: Person) -> None:
    times = "([begins, to, step]) => tealgate.timesOf(Date.parse(begins) / 1000, to, step)"

    midnight = manager.page.evaluate(times, ["2020-11-29T22:55:00Z", 600, 120])
    autumn = manager.page.evaluate(times, ["2020-10-24T22:00:00Z", 43200, 10800])

    assert midnight[1:] == ["23:58", "00:00\n30 Nov", "00:02", "00:04"]
    assert [time[:5] for time in autumn] == ["00:00", "03:00", "06:00", "09:00"]


def the_chart_is_read_by_keyboard(manager: Person) -> None:
    read, keyboard = manager.page.locator("#chart-read"), manager.page.keyboard
    manager.page.locator("#step-0 summary").click()
    manager.page.locator("#chart").focus()
    keyboard.press("End")
    expect(read).to_contain_text("planned 100\u00a0%")
    keyboard.press("Home")
    expect(read).to_contain_text("Traffic to the new one: 0\u00a0%")
    keyboard.press("ArrowRight")
    keyboard.press("+")


def what_was_looked_at_stays_when_numbers_come(manager: Person) -> None:
    chart, read = manager.page.locator("#chart"), manager.page.locator("#chart-read")
    expect(chart.locator("canvas")).to_have_count(4)
    expect(chart).to_be_focused()
    expect(chart).to_have_attribute("data-zoomed", "")
    expect(manager.page.locator("#step-0")).to_have_attribute("open", "")
    expect(read).to_contain_text("Traffic to the new one: 0\u00a0%")
    manager.page.keyboard.press("Escape")
    expect(read).to_be_empty()


def the_manager_ends_the_warm_time(manager: Person) -> None:
    manager.sees_status("Live, previous release kept warm")
    manager.film("canary-live")
    left = manager.page.locator(".tg-meta-warm dd")
    expect(left).to_have_text(re.compile(r"^0:[0-5]\d$"))
    assert manager.is_still_there()
    manager.offered("Extend").click()
    manager.page.get_by_label("15 min").check()
    manager.page.locator("dialog[open]").get_by_role("button", name="Extend").click()
    manager.sees("Kept warm for longer.")
    expect(left).to_have_text(re.compile(r"^1[45]:[0-5]\d$"))
    manager.ask("Finish now")
    manager.sees_status("Successful")


def the_board_says_so(manager: Person) -> None:
    finished = manager.page.url
    manager.open_board()
    assert not manager.is_still_there()  # the board is another page, so the mark works
    expect(manager.cell("production")).to_contain_text("1.1.0")
    expect(manager.cell("production")).to_contain_text("green")
    expect(manager.cell("production")).to_contain_text("manager")
    expect(manager.cell("staging")).to_contain_text("1.0.0")
    manager.page.goto(finished)


def after_that_the_way_back_is_a_deployment(manager: Person, approver: Person) -> None:
    manager.page.get_by_role("link", name="Go back to 1.0.0").click()
    manager.page.get_by_role("radio", name="Blue/green:").check()
    manager.press("See the plan")
    expect(manager.page.get_by_label("Reason")).to_have_value("Back from 1.1.0")
    manager.press("Deploy 1.0.0 to production")
    manager.sees_status("Waiting for approval")
    approver.approve_on_board("1.0.0")
    manager.sees_status("Live, previous release kept warm")
    manager.sees("1.1.0 is kept warm")
