"""Services that ECS rolls, and servers that CodeDeploy installs on: the same pages, and what they show besides."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Begin
from tests.browser.pages import Person
from tests.stack import Stack, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(begin: Begin, installation: Stack) -> Stack:
    # It ends after the servers answer, and what a group runs since then is what a preview is made of.
    wait_for(installation.codedeploy_rests)
    return begin(scale_up_timeout_seconds=30)


def test_a_bundle_is_installed_and_its_targets_are_followed(stack: Stack, manager: Person) -> None:
    manager.deploy_on("Reports", "1.1.0", "As the deployment group is configured")
    manager.remember_page()

    manager.sees_status("Successful")

    manager.sees_headline("Finished: 1.1.0 is installed.")
    targets = manager.page.get_by_role("region", name="Targets")
    expect(targets).to_contain_text("2 targets, 2 done")
    targets.get_by_text("13 lifecycle events: 13 succeeded").first.click()
    expect(targets.get_by_text("AfterInstall").first).to_be_visible()
    assert manager.is_still_there()
    manager.picture("targets")


def test_a_hook_that_fails_on_a_server_shows_its_script_and_log(manager: Person) -> None:
    manager.deploy_on("Reports", "1.2.0", "As the deployment group is configured")

    manager.sees_status("Rolled back")

    failed = manager.page.locator(".tg-target-failure")
    expect(failed).to_contain_text("AfterInstall failed in scripts/migrate.sh")
    expect(failed.locator(".tg-log")).to_contain_text("could not create unique index")


def test_a_service_that_ecs_rolls_is_deployed_to(manager: Person) -> None:
    manager.deploy_on("Legacy API", "1.1.0", "Rolling")

    manager.sees_status("Successful")
    manager.sees_headline("Finished: 1 of 1 task runs")
    expect(manager.page.get_by_role("region", name="Targets")).to_have_count(0)


def test_a_bundle_that_does_not_exist_is_a_sentence_on_its_field(manager: Person) -> None:
    manager.open("/deployments/release/add/")
    manager.page.locator(".tg-option", has_text="Reports").click()
    manager.page.get_by_label("Version").fill("9.9.9")
    manager.page.get_by_label("Bundle").fill("s3://reports-releases/9.9.9.zip")

    manager.press("Register the release")

    expect(manager.page.locator(".errors")).to_contain_text("s3://reports-releases/9.9.9.zip does not exist.")
    expect(manager.page.get_by_label("Image")).to_have_count(0)


#: Which fields were typed in, over all pages.
COUNT = """document.addEventListener("input", ({ target }) => {
    if (!target.matches("input:not([type=checkbox], [type=radio]), textarea")) return;
    const typed = new Set(JSON.parse(sessionStorage.getItem("typed") || "[]"));
    sessionStorage.setItem("typed", JSON.stringify([...typed.add(target.name)]));
});"""


def retired(admin: Person, name: str) -> str:
    """The address of the environment that is found by this name, whose service is free then."""
    admin.open(f"/deployments/environment/?q={name}")
    admin.page.locator("#result_list tbody a").first.click()
    held = admin.page.url.partition("/change/")[0]
    admin.page.get_by_role("link", name="Retire").click()
    admin.page.get_by_label("Why?").fill("Set up anew")
    admin.press("Retire ")
    admin.sees("was retired by admin")
    return held


def brought_back(admin: Person, held: str) -> None:
    """What was retired, once the environment whose page is open, which took its service, is deleted."""
    admin.page.goto(f"{admin.page.url.partition('/change/')[0]}/delete/")
    admin.page.locator("#content form [type=submit], main form [type=submit]").last.click()
    admin.page.goto(f"{held}/change/")
    admin.press("Bring back")
    admin.sees("Brought back.")


def test_an_environment_is_set_up_by_choosing_and_its_name_is_all_that_is_typed(arrive: Arrive) -> None:
    admin = arrive("admin")
    page = admin.page
    held = retired(admin, "legacy")

    page.add_init_script(COUNT)
    admin.open("/deployments/environment/add/")
    expect(page.get_by_label("Role ARN")).to_be_hidden()
    page.get_by_label("Application").select_option(label="Storefront")
    page.get_by_label("Environment", exact=True).press_sequentially("second")
    admin.press("Look what runs there")
    taken = page.locator(".tg-around li", has_text="storefront-production-blue")
    expect(taken.first).to_contain_text("storefront/production is deployed to the same service")
    admin.picture("what-runs-there")
    page.locator(".tg-around label", has_text="legacy-api").get_by_role("checkbox").check()
    admin.press("See what is found of it")
    expect(page.get_by_role("heading", name="What was found Ready to deploy")).to_be_visible()
    admin.picture("what-was-found")
    admin.press("Add this environment")
    expect(page.get_by_text("second was added")).to_be_visible()

    typed = page.evaluate("JSON.parse(sessionStorage.getItem('typed'))")
    print(f"environment set-up: {len(typed)} typed field ({', '.join(typed)})")
    assert typed == ["name"]
    expect(page.locator("#id_blue_service")).to_be_hidden()
    expect(page.locator("#id_bake_seconds")).to_have_value("5 min")
    admin.picture("environment-form")
    brought_back(admin, held)
