"""What people do on a phone, by keys and in the dark; how each page looks there is told by tests/admin/addresses."""

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Begin
from tests.browser.pages import CROOKED, SMALL_BUTTONS, Person
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


#: One deployment waits at production's gate, and is told of, to a forge that is away as well. A CI is trusted.
AT_THE_GATE = """
import json
from tests.browser import beginning
beginning.trust_a_ci()
beginning.tell_a_chat()
beginning.tell_a_forge()
told = beginning.tell_a_channel()
asked = beginning.ask("production", "1.1.0", reason="The new checkout, SHOP-412")
print(json.dumps(told | {"deployment": asked.pk}))
"""


TELL = """
from tests.browser import beginning
beginning.tell("admin", {!r})
"""
#: Instead of the desktop's own.
SHOWN = """
window.told = [];
window.Notification = class {
    static permission = "granted";
    static requestPermission() { return Promise.resolve("granted"); }
    constructor(text) { window.told.push(text); }
};
"""


@pytest.fixture(scope="module")
def stack(begin: Begin) -> Stack:
    return begin(gates={"staging": 1, "production": 1}, canary_bake_seconds=4)


@pytest.fixture(scope="module", autouse=True)
def rows(stack: Stack) -> dict[str, int]:
    """Their keys, by what they are: others may have been there before."""
    found: dict[str, int] = json.loads(stack.run(AT_THE_GATE))
    return found


def test_an_approver_decides_on_the_phone_by_a_mail(arrive: Arrive, manager: Person) -> None:
    manager.deploy("1.6.0", "staging", reason="Faster search, SHOP-398")
    approver = arrive("approver", storage_state=None, **PHONE)
    approver.open("/demo/inbox/")
    mail = approver.page.get_by_role("listitem").filter(has_text="approver@example.com").filter(has_text="1.6.0")
    expect(mail).to_be_visible()
    fits(approver)
    approver.picture("demo-inbox")
    mail.get_by_role("link").tap()
    inside = approver.page.frame_locator("iframe")
    expect(inside.get_by_text("Faster search, SHOP-398")).to_be_visible()
    fits(approver)
    for scheme in ("dark", "light"):
        approver.page.emulate_media(color_scheme=scheme)
        approver.picture(f"mail-{scheme}", top=True)

    opened = approver.taps
    approver.follow(inside.get_by_role("link", name="Look and decide"))
    followed = approver.taps
    approver.page.get_by_label("Username").fill("approver")
    approver.page.locator("input[name=password]").fill("demo")
    approver.tap(approver.page.get_by_role("button", name="Sign in"))
    approver.sees("Faster search, SHOP-398")
    signed_in = approver.taps
    has_both_buttons_in_reach(approver)
    approver.picture("phone-gate", top=True)
    approver.comment("From the train")
    approver.tap(approver.page.get_by_role("button", name="Approve"))

    approver.sees("Approved.")
    # From the open message to approved, for whoever is signed in on that phone.
    assert (followed - opened) + (approver.taps - signed_in) == 2
    fits(approver)
    manager.sees("Gate approved by approver")
    manager.sees_status("Live, previous release kept warm")
    approver.open("/deployments/notice/")
    fits(approver)
    approver.picture("phone-inbox")
    approver.open_board()
    fits(approver)
    approver.picture("phone-board")


def has_both_buttons_in_reach(approver: Person) -> None:
    """Wherever one reads on the gate's page, on a small phone, too."""
    page = approver.page
    page.set_viewport_size({"width": 390, "height": 664})
    fits(approver)
    for part in (page.locator(".tg-evidence"), page.get_by_label("Comment")):
        part.scroll_into_view_if_needed()
        for verdict in ("Approve", "Reject"):
            expect(page.get_by_role("button", name=verdict)).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 390, "height": 844})


def test_somebody_lets_their_terminal_sign_in_on_the_phone(arrive: Arrive, stack: Stack) -> None:
    codes = asked(f"{stack.url}/api/v1/device/code", client="tealgate on maya-laptop")
    approver = arrive("approver", **PHONE)
    approver.open(f"/device/?user_code={codes['user_code']}")
    approver.press("Go on")
    approver.sees("tealgate on maya-laptop")
    fits(approver)
    approver.picture("phone-terminal")
    approver.page.get_by_role("button", name="Allow").tap()

    approver.sees("acts as you now")
    made = asked(f"{stack.url}/api/v1/device/token", device_code=codes["device_code"])
    assert made["person"] == "approver"
    approver.open("/device/")
    approver.sees(made["name"])
    fits(approver)
    approver.page.get_by_role("button", name="End it").tap()
    approver.sees("opens nothing any more")


def test_a_link_says_what_it_leads_to_while_it_is_typed(arrive: Arrive) -> None:
    admin = arrive("admin")
    admin.open("/deployments/application/1/")
    admin.page.get_by_role("link", name="Links", exact=True).click()
    admin.page.get_by_role("link", name="Add another Link").click()
    typed = admin.page.locator("[data-link-template]:visible")
    shown = admin.page.locator("[data-link-preview]:visible")

    typed.press_sequentially("https://shop.example.com/browse/{ticket}")
    expect(shown).to_have_text(re.compile("https://shop.example.com/browse/SHOP-[0-9]+"))
    typed.press_sequentially("/{nothing}")

    expect(shown).to_contain_text("There is no {nothing} (at character 42)")


def test_the_whole_way_to_an_approval_by_keyboard(arrive: Arrive) -> None:
    approver = arrive("approver", storage_state=None, color_scheme="dark")
    keyboard = approver.page.keyboard
    approver.open("/login/")
    expect(approver.page.get_by_label("Username")).to_be_focused()
    keyboard.type("approver")
    keyboard.press("Tab")
    keyboard.type("demo")
    keyboard.press("Enter")
    expect(approver.page.locator(".tg-tile", has_text="storefront/production")).to_be_visible()

    approver.tab_to("storefront/production")
    keyboard.press("Enter")
    approver.sees("Who decides")
    approver.picture("dark")
    keyboard.press("a")
    keyboard.type("Without a mouse")
    approver.tab_to("Approve", most=2)
    keyboard.press("Enter")

    approver.sees("approved by approver")
    approver.sees("Without a mouse")


def test_what_somebody_was_told_stands_in_the_tabs_title_until_they_look(arrive: Arrive, stack: Stack) -> None:
    stack.run(TELL.format("Live: storefront 1.1.0 on staging"))
    admin = arrive("admin")
    admin.page.add_init_script(SHOWN)
    admin.open("/deployments/notice/")
    expect(admin.page).to_have_title(re.compile(r"^\(\d+\) Inbox"))
    admin.page.get_by_role("button", name="Tell me in this browser").click()
    admin.sees("while a page of Tealgate is open")

    stack.run(TELL.format("Turned back: storefront 1.2.0 on staging"))
    admin.open("/")
    admin.page.wait_for_function("told.includes('Turned back: storefront 1.2.0 on staging')")
    admin.open("/deployments/notice/")
    admin.page.get_by_role("link", name="Turned back: storefront 1.2.0 on staging").click()
    expect(admin.page.get_by_role("button", name="Mark as read")).to_be_hidden()
    admin.page.get_by_role("link", name="All that I was told").click()
    admin.page.get_by_role("button", name="Mark all as read").click()

    expect(admin.page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    expect(admin.page).to_have_title("Inbox | Tealgate")


def test_why_a_webhook_was_turned_off_stands_on_its_page_and_a_delivery_is_sent_again(arrive: Arrive) -> None:
    admin = arrive("admin")
    admin.open("/deployments/webhooksubscription/1/")
    admin.sees("Turned off. Nothing was delivered for 3 days.")
    admin.picture("webhook")
    admin.page.get_by_role("link", name="gate.opened").click()
    admin.sees("Service unavailable")
    admin.picture("delivery")
    admin.page.get_by_role("button", name="Send it again").click()
    admin.sees("with the same id")


def test_a_test_is_followed_until_something_came_of_it_and_the_readers_zone_is_proposed(
    arrive: Arrive, rows: dict[str, int]
) -> None:
    admin = arrive("admin")
    admin.open("/notifications/")
    expect(admin.page.get_by_label("By the clock of")).to_have_value("Europe/Berlin")
    admin.picture("my-notifications")
    admin.open(f"/deployments/notificationchannel/{rows['channel']}/")
    admin.page.get_by_role("link", name="Teams workflow").first.click()
    admin.press("Send a test")
    told = admin.page.locator("[data-region=messages] li").first
    expect(told).to_contain_text("A test from Tealgate")
    expect(told).to_contain_text("Failed")


def test_settings_that_one_may_only_read_fit_and_so_do_lists_to_choose_from(arrive: Arrive) -> None:
    viewer = arrive("viewer", **PHONE)
    viewer.open("/deployments/environment/2/")
    viewer.sees("arn:aws:elasticloadbalancing")
    fits(viewer)

    admin = arrive("admin", viewport={"width": 1280, "height": 800})
    admin.open("/deployments/environment/2/")
    expect(admin.page.get_by_role("group", name="Deployers")).to_be_visible()
    assert admin.overflow <= 0
    admin.open("/deployments/trust/1/")
    admin.page.get_by_label("The ID token").fill("eyJ")
    admin.press("Try it")
    admin.sees("It is no ID token")
    admin.open("/deployments/trust/1/")
    admin.picture("trust")
    admin.open("/deployments/forge/1/")
    admin.picture("forge")
    admin.open("/deployments/token/add/")
    admin.page.get_by_role("textbox", name="Name").fill("storefront-ci")
    admin.picture("token")


def test_an_administrator_retires_on_the_phone_reads_it_and_brings_it_back(arrive: Arrive) -> None:
    admin = arrive("admin", **PHONE)
    admin.open("/deployments/environment/3/")
    admin.page.get_by_role("link", name="Retire").tap()
    admin.sees("What stays")
    admin.picture("phone-retire")
    admin.page.get_by_label("Why?").fill("The stack was deleted")
    admin.page.get_by_role("button", name="Retire ").tap()

    admin.sees("was retired by admin")
    fits(admin)
    admin.picture("phone-retired")
    expect(admin.page.get_by_role("link", name="Deploy", exact=True)).to_have_count(0)
    admin.open("/deployments/environment/?state=retired")
    expect(admin.page.locator("#result_list tbody tr")).to_have_count(1)
    admin.open("/deployments/environment/3/")
    admin.page.get_by_role("button", name="Bring back").tap()
    admin.sees("Brought back.")


def asked(url: str, **said: str) -> Any:
    request = urllib.request.Request(url, json.dumps(said).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def fits(person: Person) -> None:
    assert person.overflow <= 0, person.page.url
    assert person.page.evaluate(SMALL_BUTTONS) == [], person.page.url
    assert person.page.evaluate(CROOKED) == [], person.page.url
