"""Ctrl-K: everything is found and everything begun from one field, by keys, by voice and in any script."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Arrive, Begin
from tests.browser.pages import PASSWORD, Person
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
#: What a platform's Hangul input sends while ㅎ, ㅏ and ㄴ become 한, and for the Enter that ends it.
COMPOSE = """([text]) => {
    const field = document.activeElement;
    const key = (name, composing) => field.dispatchEvent(new KeyboardEvent("keydown", {
        key: name, keyCode: composing ? 229 : 13, isComposing: composing, bubbles: true, cancelable: true,
    }));
    field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }));
    window.compose = key;
}"""

#: Half a second after the list, for whoever does not see it.
HEARD = """() => document.getElementById("palette-heard").textContent
    === `${document.querySelectorAll("#palette [role=option]").length} found`"""


@pytest.fixture(scope="module")
def stack(begin: Begin, installation: Stack) -> Stack:
    begin(gates={"staging": 1, "production": 1})
    installation.run("from tests.browser import beginning; beginning.nobody('stranger')")
    return installation


@pytest.fixture
def at_board(manager: Person) -> Page:
    manager.open_board()
    return manager.page


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search releases")


def chosen(page: Page) -> Locator:
    return page.locator("#palette [aria-selected=true]")


def say(page: Page, words: str) -> None:
    """As people do, and wait for what it answers to these words."""
    if not field(page).is_visible():
        page.keyboard.press("Control+k")
    field(page).fill("")
    page.keyboard.type(words)
    settled(page)


def settled(page: Page) -> None:
    """The list is the one for what was typed."""
    expect(page.locator("#palette-found")).to_have_attribute("aria-busy", "false")


def test_a_manager_says_what_to_deploy_and_opens_its_plan_by_keys(at_board: Page, manager: Person) -> None:
    page = at_board
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()

    page.keyboard.type("deploy 1.1.0 to production", delay=20)
    settled(page)
    options = page.get_by_role("option")
    expect(options.first).to_contain_text(re.compile("Deploy 1.1.0 to .*/production"))
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    for _ in range(options.count()):
        page.keyboard.press("ArrowDown")
        if "1.1.0 to storefront/production" in chosen(page).inner_text():
            break
    page.keyboard.press("Enter")

    manager.sees("Nothing happens before you confirm.")
    assert f"environment={manager.numbers['production']}" in page.url


def test_escape_gives_the_focus_back(at_board: Page, manager: Person) -> None:
    page = at_board
    manager.tab_to("Search")
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()
    say(page, "storefront")

    page.keyboard.press("Escape")

    expect(field(page)).to_be_hidden()
    expect(page.locator("[data-palette-open]")).to_be_focused()


@pytest.mark.parametrize(
    ("said", "title", "place"),
    [
        ("storefront prod", "storefront/production", r"/environment/\d+/change/"),
        ("approver", "approver", r"/user/\d+/change/"),
        ("1.6.0", "Storefront 1.6.0", r"/release/\d+/change/"),
        ("events", "Events", "/event/"),
    ],
)
def test_an_administrator_finds_it_by_its_name(arrive: Arrive, said: str, title: str, place: str) -> None:
    admin = arrive("admin")
    admin.open_board()
    say(admin.page, said)

    named = admin.page.get_by_role("option").filter(has=admin.page.get_by_text(re.compile(rf"^{title}( \(.*)?$")))
    named.first.click()

    expect(admin.page).to_have_url(re.compile(place))


def test_words_that_find_nothing_are_told_what_would(at_board: Page) -> None:
    say(at_board, "nothing is called so")

    said = "Nothing fits “nothing is called so”. You find gates, environments"
    expect(at_board.locator("#palette-note")).to_contain_text(said)
    expect(at_board.locator("#palette-heard")).to_contain_text(said)
    expect(field(at_board)).to_have_attribute("aria-expanded", "false")
    at_board.keyboard.press("Enter")
    expect(field(at_board)).to_be_focused()


def test_a_stranger_finds_pages_alone(arrive: Arrive) -> None:
    stranger = arrive("stranger", storage_state=None)
    stranger.open("/")
    stranger.page.get_by_label("Username").fill("stranger")
    stranger.page.locator("input[name=password]").fill(PASSWORD)
    stranger.page.get_by_role("button", name="Sign in").click()
    stranger.sees("You have no role yet")
    for said in ("deploy 1.1.0 to production", "storefront", "manager"):
        say(stranger.page, said)
        expect(stranger.page.locator("#palette-note")).to_contain_text(f"Nothing fits “{said}”. Here you find")

    say(stranger.page, "board")
    expect(stranger.page.get_by_role("option")).to_have_count(1)


def test_times_are_the_readers(at_board: Page, stack: Stack) -> None:
    stack.run(
        "from deployments.catalog.models import Release; "
        "Release.objects.filter(version='1.5.0').update(created_at='2025-03-02T22:30:00Z')"
    )
    say(at_board, "storefront 1.5.0")

    expect(at_board.get_by_role("option", name="Storefront 1.5.0").first).to_contain_text("2 Mar 2025, 23:30")


def test_the_enter_that_ends_a_syllable_opens_nothing(at_board: Page) -> None:
    page = at_board
    page.keyboard.press("Control+k")
    expect(chosen(page)).to_have_count(1)
    page.evaluate(COMPOSE, ["스토어"])
    page.evaluate("compose('ArrowDown', true)")
    page.evaluate("compose('Enter', true)")
    page.evaluate(
        "document.activeElement.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true })); "
        "compose('Enter', false)"  # as Safari does: after the composition, and as a key of its own
    )

    expect(page.locator("#palette-note")).to_contain_text("Nothing fits “스토어”")
    expect(field(page)).to_have_value("스토어")


def test_escape_takes_back_a_syllable_and_then_the_palette(at_board: Page) -> None:
    page = at_board
    page.keyboard.press("Control+k")
    page.evaluate(COMPOSE, ["하"])

    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()

    page.evaluate("document.activeElement.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }))")
    expect(page.locator("#palette-note")).to_contain_text("Nothing fits “하”")
    page.keyboard.press("Escape")
    expect(field(page)).to_be_hidden()


def hold(page: Page, answers: dict[str, Callable[[], None]]) -> None:
    """Keeps the server's answers by what was asked, each until it is let go."""

    def keep(route: Route) -> None:
        answers[route.request.url.partition("s=")[2]] = route.continue_

    page.route("**/search/?part=1*", keep)


@pytest.fixture
def held(at_board: Page) -> Iterator[dict[str, Callable[[], None]]]:
    """Answers of the server by what was asked, held until they are let go."""
    waiting: dict[str, Callable[[], None]] = {}
    hold(at_board, waiting)
    yield waiting
    at_board.unroute_all()


def test_an_answer_that_comes_late_is_not_shown(at_board: Page, held: dict[str, Callable[[], None]]) -> None:
    page = at_board
    page.keyboard.press("Control+k")
    for said in ("production", "events"):
        field(page).fill(said)
        with page.expect_request(f"**s={said}"):
            pass
    page.wait_for_function("document.getElementById('palette-wait').hidden === false")
    held["events"]()
    expect(chosen(page)).to_contain_text("Events")

    held["production"]()

    expect(page.get_by_role("option", name="storefront/production")).to_have_count(0)
    expect(chosen(page)).to_contain_text("Events")


def test_an_answer_to_fewer_letters_is_not_yet_the_list(arrive: Arrive) -> None:
    person = arrive("manager", color_scheme="dark")  # a window of its own, as its clock stays another one
    person.open_board()
    page = person.page
    answers: dict[str, Callable[[], None]] = {}
    hold(page, answers)
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    with page.expect_request("**s="):
        page.keyboard.press("Control+k")
    page.keyboard.type("events")
    answers[""]()
    expect(chosen(page)).to_have_count(1)
    expect(page.locator("#palette-found")).to_have_attribute("aria-busy", "true")

    page.unroute_all()
    page.clock.run_for(100)
    settled(page)
    expect(chosen(page)).to_contain_text("Events")


def test_enter_waits_for_the_answer_to_what_was_typed(at_board: Page, held: dict[str, Callable[[], None]]) -> None:
    page = at_board
    page.keyboard.press("Control+k")
    page.keyboard.type("events")
    page.keyboard.press("Enter")
    expect(page.locator("#palette-wait")).to_be_visible()
    expect(page.locator("#palette-heard")).to_have_text("Looking…")

    held["events"]()

    expect(page).to_have_url(re.compile("/deployments/event/"))


def test_a_server_that_is_away_is_told_and_asked_again(at_board: Page, manager: Person) -> None:
    page = at_board
    manager.tolerate("ERR_CONNECTION_REFUSED")
    page.route("**/search/?part=1*", lambda route: route.abort("connectionrefused"))
    page.keyboard.press("Control+k")
    page.keyboard.type("events")
    expect(page.locator("#palette-note")).to_contain_text("Tealgate does not answer. What you typed stays")
    page.unroute_all()

    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/deployments/event/"))


def test_ctrl_k_leaves_a_text_that_is_being_written_as_it_is(manager: Person) -> None:
    page = manager.page
    manager.see_plan("1.1.0", "production")
    reason = page.get_by_label("Reason")
    reason.fill("Because of SHOP-1")
    reason.evaluate("element => element.setSelectionRange(7, 7)")

    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Control+k")

    expect(reason).to_be_focused()
    page.keyboard.type("!")
    expect(reason).to_have_value("Because! of SHOP-1")


def test_what_is_found_is_read_aloud(at_board: Page) -> None:
    say(at_board, "storefront")
    options = at_board.get_by_role("option")

    at_board.wait_for_function(HEARD)
    expect(field(at_board)).to_have_attribute("aria-activedescendant", "palette-entry-0")
    at_board.keyboard.press("ArrowUp")
    last = options.count() - 1
    expect(field(at_board)).to_have_attribute("aria-activedescendant", f"palette-entry-{last}")
    expect(options.last).to_have_attribute("aria-posinset", str(last + 1))


def test_a_mouse_that_rests_where_the_list_opens_chooses_nothing(at_board: Page) -> None:
    page = at_board
    third = page.get_by_role("option").nth(2)
    say(page, "storefront")
    page.evaluate("document.fonts.ready")  # rows are as high as they stay
    place = third.bounding_box()
    assert place
    page.keyboard.press("Escape")
    page.mouse.move(place["x"] + 40, place["y"] + 10)

    say(page, "storefront")
    for _ in range(2):  # as browsers send it when something moves under a mouse
        third.dispatch_event("pointermove", {"clientX": place["x"] + 40, "clientY": place["y"] + 10})
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")

    third.hover()
    expect(third).to_have_attribute("aria-selected", "true")


def test_who_comes_back_or_loads_anew_finds_the_page(at_board: Page, manager: Person) -> None:
    page = at_board
    say(page, "events")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")  # it is kept for Back
    expect(field(page)).to_be_hidden()
    say(page, "events")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/deployments/event/"))

    page.go_back()
    manager.sees("What is where")
    expect(field(page)).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    page.reload()

    expect(field(page)).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()


@pytest.mark.parametrize("name", ["n" * 100, "متجر الكتب", "🧑‍🚀 Raketen 🚀", "결제"])
def test_any_name_is_found_and_stays_in_its_place(
    arrive: Arrive, stack: Stack, name: str, request: pytest.FixtureRequest
) -> None:
    named = "from deployments.catalog.models import Application; Application.objects"
    stack.run(f"{named}.create(name={name!a}, slug='named')")
    request.addfinalizer(lambda: stack.run(f"{named}.get(slug='named').delete()"))
    admin = arrive("admin", viewport={"width": 390, "height": 800})
    admin.open_board()
    admin.page.keyboard.press("Control+k")
    field(admin.page).fill(name.split()[0])

    found = admin.page.get_by_role("option", name=name)
    expect(found).to_be_visible()
    assert found.evaluate("element => element.scrollWidth <= element.clientWidth")
    expect(found.locator("bdi").first).to_have_text(name)


def test_half_an_emoji_is_asked_for_as_any_text(at_board: Page) -> None:
    at_board.keyboard.press("Control+k")

    field(at_board).evaluate("element => { element.value = '\\ud83d'; element.dispatchEvent(new Event('input')); }")

    expect(at_board.locator("#palette-note")).to_contain_text("Nothing fits")
