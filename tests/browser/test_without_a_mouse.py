"""From signing in to live, and from an account to its environment, by keys alone."""

import json

import pytest
from playwright.sync_api import expect

from sandbox.account import ACCOUNT
from sandbox.world.names import DEPLOYER, EXTERNAL_ID
from tests.browser.conftest import Arrive, Begin
from tests.browser.keys import Keys
from tests.browser.pages import Person
from tests.browser.test_other_ways import COUNT, brought_back, retired
from tests.stack import KEYS, Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(begin: Begin) -> Stack:
    return begin(gates={"staging": 1})


def signed_in(person: Person) -> Keys:
    keys = Keys(person.page)
    person.open("/login/")
    expect(person.page.get_by_label("Username")).to_be_focused()
    keys.type(person.name)
    keys.press("Tab")
    keys.type("demo")
    keys.press("Enter")
    person.sees("What is where")
    return keys


def test_a_release_goes_live(stack: Stack, arrive: Arrive) -> None:
    manager, approver = (arrive(name, storage_state=None) for name in ("manager", "approver"))
    asking, page = signed_in(manager), manager.page
    asking.skip_the_menu()
    asking.enter(manager.cell("staging").get_by_role("link", name="Deploy", exact=True), "A release leads to its plan")
    asking.skip_the_menu()
    asking.enter(page.locator(".tg-release").get_by_role("link", name="1.1.0", exact=True), "before you confirm.")
    asking.skip_the_menu()
    asking.to(page.get_by_label("Reason"))
    asking.type("Without a mouse")
    asking.enter(page.get_by_role("button", name="Deploy 1.1.0 to staging"), "requested.")
    manager.sees_status("Waiting for approval")
    asking.skip_the_menu()
    asking.to(page.locator("#step-0 summary"))

    deciding = signed_in(approver)
    deciding.skip_the_menu()
    deciding.enter(approver.page.get_by_role("link", name="Look and decide"), "Who decides")
    deciding.skip_the_menu()
    deciding.to(approver.page.get_by_label("Comment"))
    deciding.type("By keys")
    deciding.enter(approver.page.locator("#content").get_by_role("button", name="Approve"), "Approved.")

    manager.sees_status("Live, previous release kept warm")
    expect(page.locator("#step-0 summary")).to_be_focused()  # through all that changed meanwhile
    the_previous_release_is_let_go(manager, asking)
    print(f"By keys from signing in to live: {asking.presses} presses, and {deciding.presses} to approve")


def the_previous_release_is_let_go(manager: Person, keys: Keys) -> None:
    finish = manager.page.locator(".tg-now .tg-button", has_text="Finish now")
    keys.to(finish)
    keys.press("Enter")
    dialog = manager.page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    keys.press("Escape")
    expect(finish).to_be_focused()
    keys.press("Enter")
    keys.to(dialog.get_by_role("button", name="Finish now"))
    keys.press("Enter")
    manager.sees_status("Successful")


def test_an_environment_is_set_up_in_a_new_account_and_three_fields_are_typed(stack: Stack, arrive: Arrive) -> None:
    role = another_role(stack)
    admin = arrive("admin", storage_state=None)
    keys, page = signed_in(admin), admin.page
    held = retired(admin, "legacy")
    page.add_init_script(COUNT)
    admin.open("/deployments/environment/")
    keys.enter(page.get_by_role("link", name="Add environment").first, "Where it runs")
    keys.skip_the_menu()
    keys.pick(page.get_by_label("Application"), "Storefront")
    keys.to(page.get_by_label("Environment", exact=True))
    keys.type("third")
    keys.pick(page.get_by_label("AWS account"), "Another account")
    keys.pick(page.get_by_label("Region"), "us-east-1")
    keys.to(page.get_by_label("Role ARN"))
    keys.type(role)
    keys.to(page.get_by_label("External ID"))
    keys.type(EXTERNAL_ID)
    keys.press("Enter")

    admin.sees("services and deployment groups")  # Tab goes on in the content, where they skipped to
    keys.to(page.locator(".tg-around label", has_text="legacy-api").get_by_role("checkbox"))
    keys.press("Space")
    keys.enter(page.get_by_role("button", name="See what is found of it"), "Ready to deploy")
    keys.enter(page.get_by_role("button", name="Add this environment"), "third was added")

    typed = page.evaluate("JSON.parse(sessionStorage.getItem('typed'))")
    print(
        f"environment set-up in a new account: {len(typed)} typed fields ({', '.join(typed)}), {keys.presses} presses"
    )
    assert typed == ["name", "role_arn", "external_id"]
    brought_back(admin, held)


def another_role(stack: Stack) -> str:
    """Its ARN: no environment is reached by it. It may what the demo's may."""
    import boto3  # as in tests.stack

    iam = boto3.client("iam", "us-east-1", endpoint_url=stack.sandbox_url, **KEYS)
    trust = f"""{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:root"}},
        "Condition": {{"StringEquals": {{"sts:ExternalId": "{EXTERNAL_ID}"}}}}}}]}}"""
    arn: str = iam.create_role(RoleName="tealgate-third", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for name in iam.list_role_policies(RoleName=DEPLOYER)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=DEPLOYER, PolicyName=name)["PolicyDocument"]
        iam.put_role_policy(RoleName="tealgate-third", PolicyName=name, PolicyDocument=json.dumps(document))
    return arn
