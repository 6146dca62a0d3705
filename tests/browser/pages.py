"""What people do on Tealgate's pages, as verbs. Each waits for what it says on the page, never for a time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

PASSWORD = "demo"
#: The window of a phone grows with what sticks out of it; what the page is laid out for does not.
OVERFLOW = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
SMALL_BUTTONS = """
() => [...document.querySelectorAll(".tg button, .tg a.tg-button, .tg input[type=submit]")]
    .filter(e => e.checkVisibility() && !e.matches("[aria-hidden=true]") && e.getBoundingClientRect().height < 40)
    .map(e => `${e.innerText.trim()} is ${Math.round(e.getBoundingClientRect().height)} px high`)
"""

#: What is pressed or followed and cut off by an edge, unless it is scrolled to.
CUT_OFF = """
() => [...document.querySelectorAll("main :is(a, button, summary, input, select, textarea)")]
    .filter(e => e.checkVisibility() && e.tabIndex >= 0 && !e.closest(".overflow-x-auto, .tg-scroll, .tg-board"))
    .map(e => [e.innerText.trim(), e.getBoundingClientRect()])
    .filter(([, at]) => at.width > 1 && (at.left < -1 || at.right > innerWidth + 1))
    .map(([name, at]) => `${name || "A field"} is cut off: ${Math.round(at.left)} to ${Math.round(at.right)} px`)
"""

#: Two in one row whose middles are not at one height.
CROOKED = """
() => [...document.querySelectorAll(".tg-head .tg-buttons, .tg-now")].flatMap(row => {
    const seen = [...row.querySelectorAll(":scope > .tg-button, :scope > * > .tg-button")]
        .filter(e => e.checkVisibility()).map(e => [e.innerText.trim(), e.getBoundingClientRect()]);
    return seen.filter(([, a]) => seen.some(([, b]) => a.top < b.bottom && b.top < a.bottom
        && Math.abs(a.top + a.bottom - b.top - b.bottom) > 1)).map(([name]) => name);
})
"""


#: Of a list, rows that are told as a form is: one line a column.
TALL_ROWS = """
() => [...document.querySelectorAll("#result_list .data-row")]
    .filter(row => row.getBoundingClientRect().height > 190).map(row => row.innerText)
"""


@dataclass
class Person:
    page: Page
    site: str
    name: str
    #: of releases and environments, in addresses
    numbers: Mapping[str, int]
    #: where pictures are kept; None: they are not taken
    pictures: Path | None = None
    #: what the console, scripts and requests complained about
    troubles: list[str] = field(default_factory=list)
    #: parts of complaints that belong to the story, such as the status of a refused page
    tolerated: list[str] = field(default_factory=list)
    #: how often they put a finger on the glass
    taps: int = 0

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._complain(f"script: {error}"))
        self.page.on("requestfailed", self._failed)

    def tap(self, what: Locator) -> None:
        self.taps += 1
        what.tap()

    # Going somewhere

    def sign_in(self) -> None:
        self.open("/")
        self.page.get_by_label("Username").fill(self.name)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.sees("What is where")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.site}{path}")

    def follow(self, link: Locator) -> None:
        """By a link that opens a window of its own, where they go on."""
        with self.page.expect_popup() as opened:
            self.tap(link)
        self.page.close()
        self.page = opened.value
        self.__post_init__()

    def leave(self) -> list[str]:
        """To a page that asks for nothing; what was complained about until then."""
        troubles = [f"{self.name}: {trouble}" for trouble in self.troubles]
        self.page.unroute_all()
        self.open("/healthz")
        self.troubles, self.tolerated = [], []
        return troubles

    def open_board(self) -> None:
        self.open("/")
        self.sees("What is where")

    def open_release(self, version: str) -> None:
        self.open("/deployments/release/")
        row = self.page.get_by_role("row").filter(has=self.page.get_by_text("Storefront", exact=True))
        row.get_by_role("link", name=version, exact=True).click()
        self.sees(f"Storefront {version}")

    # Deploying

    def deploy_on(self, application: str, version: str, strategy: str) -> None:
        """From the application's own releases to its production."""
        self.open("/deployments/deployment/add/")
        self.page.locator(".tg-option", has_text=application).click()
        self.page.locator(".tg-option", has_text=version).click()
        self.page.get_by_role("radio", name=strategy).check()
        self.press("See the plan")
        self.confirm("Try it")
        self.sees(f"Deployment of {version} to ")

    def choose(self, version: str, to: str, strategy: str = "Canary") -> None:
        """From the release to the plan's preview."""
        self.open_release(version)
        self.page.locator(".tg-head").get_by_role("link", name="Deploy").click()
        self.page.locator(".tg-option", has_text=to).click()
        self.page.get_by_role("radio", name=f"{strategy}:").check()
        self.press("See the plan")
        self.sees("Nothing happens before you confirm.")

    def pick(self, version: str, to: str) -> None:
        """From the board to the plan's preview: the place, and the release that goes there."""
        self.cell(to).get_by_role("link", name="Deploy", exact=True).click()
        self.page.locator(".tg-release").get_by_role("link", name=version, exact=True).click()
        self.sees("Nothing happens before you confirm.")

    def confirm(self, reason: str) -> None:
        self.page.get_by_label("Reason").fill(reason)
        self.page.get_by_role("button", name=re.compile("^.*Deploy .* to ")).click()

    def see_plan(self, version: str, to: str, strategy: str = "CANARY") -> None:
        """By the plan's own address."""
        release, environment = self.numbers[version], self.numbers[to]
        self.open(f"/deployments/deployment/preview/?release={release}&environment={environment}&strategy={strategy}")
        self.sees("Nothing happens before you confirm.")

    def deploy(self, version: str, to: str, strategy: str = "CANARY", reason: str = "Try it") -> None:
        self.see_plan(version, to, strategy)
        self.confirm(reason)
        self.sees(f"Deployment of {version} to storefront/{to} requested.")

    # Saying what to do

    def say(self, words: str) -> None:
        """To the palette, without waiting for what it finds."""
        self.page.keyboard.press("Control+k")
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")

    # Deciding

    def open_gate_from_board(self) -> None:
        self.open_board()
        self.page.get_by_role("link", name="Look and decide").click()
        self.sees("Who decides")

    def approve_on_board(self, version: str) -> None:
        """In the list of what waits, which asks once more."""
        self.open_board()
        self.page.locator(".tg-tile", has_text=version).get_by_role("link", name="Approve").click()
        self.press(f"Approve {version}")
        self.sees(re.compile(rf"{version} to .*: Approved\."))

    def comment(self, text: str) -> None:
        self.page.get_by_label("Comment").fill(text)

    def approve(self, comment: str = "") -> None:
        self.comment(comment)
        self.press("Approve")

    def reject(self, comment: str) -> None:
        self.comment(comment)
        self.press("Reject")

    # Turning back and going on; each is a dialog

    def ask(self, button: str, **filled: str) -> None:
        self.offered(button).click()
        dialog = self.page.locator("dialog[open]")
        for label, text in filled.items():
            dialog.get_by_label(label).fill(text)
        dialog.get_by_role("button", name=button).click()

    def offered(self, button: str) -> Locator:
        """In the bar at the bottom, whose menu is opened if it is there."""
        bar = self.page.locator(".tg-now")
        expect(bar.locator(".tg-button", has_text=button)).to_have_count(1)
        found = bar.locator(".tg-button", has_text=button)
        if not found.is_visible():
            bar.get_by_text("More", exact=True).click()
        return found

    def press(self, name: str) -> None:
        """On the page itself: the menu has a button that is named after who is signed in."""
        self.page.locator("#content").get_by_role("button", name=name).click()

    # Counting

    def count_clicks(self) -> None:
        """From now on, over all pages of this window."""
        count = "addEventListener('click', () => { sessionStorage.clicks = Number(sessionStorage.clicks) + 1 }, true)"
        self.page.evaluate("sessionStorage.clicks = 0")
        self.page.evaluate(count)
        self.page.add_init_script(count)

    @property
    def clicks(self) -> int:
        return int(self.page.evaluate("sessionStorage.clicks"))

    # Looking

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def does_not_see(self, text: str) -> None:
        expect(self.page.get_by_text(text)).to_have_count(0)

    def sees_status(self, label: str) -> None:
        # Beside it may stand that it ended well with a warning.
        expect(self.page.locator(".tg-head-title .tg-pill").first).to_have_text(label, timeout=90_000)

    def sees_headline(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator(".tg-head-now")).to_contain_text(text)

    def sees_traffic(self, slot: str, percent: int) -> None:
        box = self.page.locator(f".tg-slotbox-{slot} .tg-slotbox-share")
        expect(box).to_have_text(f"{percent}\u00a0%")
        expect(self.page.locator(".tg-bar")).to_have_attribute("aria-label", re.compile(rf"\b{percent}\u00a0%"))

    def cell(self, environment: str) -> Locator:
        """The board's cell of one environment of the storefront."""
        names = [name.lower() for name in self.page.get_by_role("columnheader").all_inner_texts()]
        row = self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name="Storefront"))
        return row.get_by_role("cell").nth(names.index(environment) - 1)

    def stage(self, title: str) -> Locator:
        return self.page.locator(".tg-step", has=self.page.get_by_text(title, exact=True)).first

    @property
    def region(self) -> Locator:
        return self.page.locator("#content")

    def remember_page(self) -> None:
        """Leave a mark that any reload or navigation would wipe."""
        self.page.evaluate("window.sameDocument = true")

    def is_still_there(self) -> bool:
        return bool(self.page.evaluate("window.sameDocument === true"))

    @property
    def overflow(self) -> int:
        """Pixels that stick out at the right."""
        return int(self.page.evaluate(OVERFLOW))

    @property
    def width(self) -> int:
        """Pixels of the window."""
        return int(self.page.evaluate("window.innerWidth"))

    def tab_to(self, name: str, most: int = 60) -> None:
        """Press Tab until the thing with this name has the focus."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(
                "(e => e.labels?.[0]?.innerText || e.ariaLabel || e.innerText || '')(document.activeElement)"
            )
            if name in focused:
                return
        raise AssertionError(f"Tab does not reach {name!r}")

    def picture(self, name: str, *, top: bool = False) -> None:
        """Kept in the folder that TEALGATE_SCREENSHOTS names, if it does."""
        if self.pictures is None:
            return
        if top:
            self.page.evaluate("scrollTo(0, 0)")
        self.page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        self.page.screenshot(path=self.pictures / f"{name}.png", animations="disabled")

    def film(self, name: str) -> None:
        """Old and new alone, as on a phone, so that three of them stand side by side and can be read."""
        if self.pictures is None:
            return
        desk = self.page.viewport_size
        self.page.set_viewport_size({"width": 420, "height": 1800})  # the bar stands below it
        self.page.evaluate("document.activeElement.blur()")
        self.page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        self.page.locator(".tg-cockpit").screenshot(path=self.pictures / f"{name}.png", animations="disabled")
        self.page.set_viewport_size(desk or {"width": 1440, "height": 900})

    # Complaints

    def tolerate(self, *parts: str) -> None:
        self.tolerated += parts

    def _complain(self, text: str) -> None:
        if not any(part in text for part in self.tolerated):
            self.troubles.append(text)

    def _heard(self, message: ConsoleMessage) -> None:
        # What `leave` leaves to has no icon; of all other pages test_every_page looks for one.
        no_icon = str(message.location.get("url")).endswith("/favicon.ico")
        if message.type in ("error", "warning") and not no_icon:
            self._complain(f"console: {message.text} at {message.location.get('url')}")

    def _failed(self, request: Request) -> None:
        # A page that is left gives up what it still asks for.
        if request.failure != "net::ERR_ABORTED":
            self._complain(f"request: {request.url} {request.failure}")


def fill_screen(page: Page) -> None:
    """Spares the address bar and tabs that Chromium draws around a page, which Playwright keeps at its own size.

    A minimised window would draw still less, but then each click waits seconds for the page to be at rest.
    """
    chromium = page.context.new_cdp_session(page)
    window = chromium.send("Browser.getWindowForTarget")["windowId"]
    chromium.send("Browser.setWindowBounds", {"windowId": window, "bounds": {"windowState": "fullscreen"}})
    chromium.detach()


class Windows:
    """One window for each person and device, as long as Chromium runs: opening one costs more than five pages in it."""

    def __init__(self, chromium: Browser, site: str, numbers: Mapping[str, int]) -> None:
        self._chromium = chromium
        self._site = site
        self._numbers = numbers
        self._open: dict[str, Person] = {}
        #: cookies of whoever signed in once
        self._sessions: dict[str, Any] = {}

    def open(self, name: str, **context: Any) -> Person:
        """The person's window with these options; a new one, signed out, where `storage_state` is None."""
        key = repr((name, sorted(context.items())))
        if "storage_state" in context:
            return self._new(name, context)
        if key not in self._open or self._open[key].page.is_closed():
            person = self._new(name, {"storage_state": self._sessions.get(name), **context})
            if name not in self._sessions:
                person.sign_in()
                self._sessions[name] = person.page.context.storage_state()
            self._open[key] = person
        return self._open[key]

    def _new(self, name: str, context: dict[str, Any]) -> Person:
        page = self._chromium.new_context(**context).new_page()
        fill_screen(page)
        return Person(page, site=self._site, name=name, numbers=self._numbers)
